"""The customer's mood over a call: single readings in, one calm line out.

Here lives the arithmetic between ``SentimentReading`` and ``SentimentTrend``. How a line of text is read lives in the
model; what is advised because of a mood lives in the cue engine. There is no clock: time is the readings' own ``at``.
"""

from collections import deque
from dataclasses import dataclass

from live_sentiment.events import Direction, Sentiment, SentimentReading, SentimentTrend


@dataclass(frozen=True, slots=True)
class TrendConfig:
    """How quickly the mood believes, and how quickly it forgets.

    ``half_life`` is the call time in seconds after which half of a mood is forgotten. ``step`` is how far a fully
    confident negative or positive reading pulls the mood towards itself (0 to 1), ``neutral_step`` the same for a
    neutral one, ``unsure_share`` the part of a step that an unsure reading keeps. Beyond ``edge`` a mood is called
    negative or positive, and stays so until it comes under ``edge_back``. The direction compares with the mood
    ``look_back`` seconds ago and needs a difference of ``moved``.
    """

    half_life: float = 45.0
    step: float = 0.6
    neutral_step: float = 0.1
    unsure_share: float = 0.15
    edge: float = 0.2
    edge_back: float = 0.12
    look_back: float = 20.0
    moved: float = 0.2


class TrendTracker:
    """Follows the customer's mood through one call. For one thread; the customer's readings only, in call order.

    With ``m`` the mood, ``dt`` the seconds since the last reading and ``P`` the reading's probabilities::

        m <- m * 0.5 ** (dt / half_life)
        m <- m + s * (v - m), but from a named mood at most to the far edge of neutral
        v  = P(positive) - P(negative); in a negative line at most m, in a positive one at least m
        s  = (step, or neutral_step for a neutral line) * confidence * (1, or unsure_share for an unsure one)

    Method: an exponentially weighted average with two ways to move. With time, the mood halves towards neutral every
    ``half_life`` seconds. With each reading it takes a step towards the reading's valence ``v``: a large one for a
    negative or positive line, scaled by its confidence, and a small one for a neutral line. Seven of ten lines in a
    call are neutral (order numbers, "yes", dates) and say little about the mood, so an annoyed customer who spells an
    order number stays annoyed. An unsure reading keeps a small share of its step. Nothing is said before the first sure
    reading. Mild displeasure after anger is no recovery, nor faint praise after joy a fall. One line makes no happy
    customer angry, nor an angry one happy: "nice" may be said by anybody. It takes the mood to neutral, and the second
    one the rest of the way.

    The direction must show twice: against the mood ``look_back`` seconds ago as it was, and against what time alone
    would have left of it. So forgetting never looks like recovery, and repeating a complaint never like falling.
    """

    def __init__(self, config: TrendConfig | None = None) -> None:
        self._config = config or TrendConfig()
        self._mood = 0.0
        self._at = 0.0
        self._readings = 0
        self._known = False
        self._sentiment: Sentiment = "neutral"
        self._past: deque[tuple[float, float]] = deque()

    def accept(self, reading: SentimentReading) -> SentimentTrend:
        """Takes the next reading and answers with the mood after it."""
        at = max(reading.at, self._at)
        mood = self._faded(self._mood, at - self._at)
        valence = reading.probabilities.positive - reading.probabilities.negative
        if reading.sentiment == "negative":
            valence = min(valence, mood)
        elif reading.sentiment == "positive":
            valence = max(valence, mood)
        mood += self._step(reading) * (valence - mood)
        self._mood, self._at = self._bounded(mood), at
        self._readings += 1
        if reading.sure and not self._known:
            self._known = True
            self._past.clear()
        self._remember()
        return self._trend(at)

    def value_at(self, at: float) -> float | None:
        """The mood (-1 to 1) at call time ``at`` in seconds, not before the newest reading; None while unknown."""
        return self._faded(self._mood, at - self._at) if self._known else None

    def _step(self, reading: SentimentReading) -> float:
        config = self._config
        step = config.neutral_step if reading.sentiment == "neutral" else config.step
        return step * reading.confidence * (1.0 if reading.sure else config.unsure_share)

    def _bounded(self, mood: float) -> float:
        """``mood`` from -1 to 1, and not further than neutral if it was called the opposite so far."""
        edge = self._config.edge
        lowest = -edge if self._sentiment == "positive" else -1.0
        highest = edge if self._sentiment == "negative" else 1.0
        return max(lowest, min(highest, mood))

    def _faded(self, mood: float, seconds: float) -> float:
        return mood * 0.5 ** (max(seconds, 0.0) / self._config.half_life)

    def _remember(self) -> None:
        """Keeps the moods of the last ``look_back`` seconds and the newest one before them."""
        self._past.append((self._at, self._mood))
        while len(self._past) > 1 and self._past[1][0] <= self._at - self._config.look_back:
            self._past.popleft()

    def _trend(self, at: float) -> SentimentTrend:
        if not self._known:
            return SentimentTrend(at=at, mood=None, sentiment=None, direction="steady", readings=self._readings)
        self._sentiment = self._named()
        return SentimentTrend(
            at=at, mood=self._mood, sentiment=self._sentiment, direction=self._direction(), readings=self._readings
        )

    def _named(self) -> Sentiment:
        """The mood's name, which it keeps a little longer than it deserves so that it does not flicker."""
        config = self._config
        if self._mood < -(config.edge_back if self._sentiment == "negative" else config.edge):
            return "negative"
        if self._mood > (config.edge_back if self._sentiment == "positive" else config.edge):
            return "positive"
        return "neutral"

    def _direction(self) -> Direction:
        past_at, past = self._past[0]
        then = self._faded(past, self._at - self._config.look_back - past_at)
        since = min(self._config.look_back, self._at - past_at)
        change = self._mood - then
        beyond_forgetting = self._mood - self._faded(then, since)
        if min(change, beyond_forgetting) > self._config.moved:
            return "rising"
        if max(change, beyond_forgetting) < -self._config.moved:
            return "falling"
        return "steady"
