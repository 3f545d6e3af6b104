"""Whether the recogniser can follow a channel at all, from how sure it is of its words.

A recogniser that hears another language than it knows, or a very bad line, still writes words, and a mood read from
those would be a lie. Its own probabilities give it away: measured with the embedded English engine, the mean
probability of a word is 0.84 to 0.95 on English calls and clips, 0.68 and 0.73 on two noisy customers, and 0.41 to 0.67
on Dutch speech. Pure; counts words, no clock.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from live_sentiment.events import Word


@dataclass(frozen=True, slots=True)
class ReliabilityConfig:
    """The mean is over the last ``window`` words, of which there must be ``fewest``; probabilities 0 to 1.

    Below ``lost`` the words are not relied upon any more, above ``found`` they are again (a hysteresis). Meanwhile an
    utterance of ``fewest_alone`` words or more that reaches ``clear_alone`` by itself still counts.
    """

    window: int = 24
    fewest: int = 8
    fewest_alone: int = 3
    clear_alone: float = 0.68
    lost: float = 0.63
    found: float = 0.72


class ReliabilityTracker:
    """Follows one channel; ``reliable`` until the words say otherwise. Not safe for two threads at once."""

    def __init__(self, config: ReliabilityConfig | None = None) -> None:
        self._config = config or ReliabilityConfig()
        self._recent: deque[float] = deque(maxlen=self._config.window)
        self.reliable = True

    @property
    def confidence(self) -> float:
        """The mean probability of the last words; 1 before there were any."""
        return sum(self._recent) / len(self._recent) if self._recent else 1.0

    def trusts(self, words: Sequence[Word]) -> bool:
        """Whether these words can be relied upon: on a channel that can, or when they are clear by themselves."""
        if self.reliable:
            return True
        clear = sum(word.probability for word in words) >= self._config.clear_alone * len(words)
        return clear and len(words) >= self._config.fewest_alone

    def accept(self, words: Sequence[Word]) -> bool:
        """Takes the words of a final; True when the answer of ``reliable`` changed."""
        self._recent.extend(word.probability for word in words)
        before = self.reliable
        if len(self._recent) >= self._config.fewest:
            bar = self._config.lost if self.reliable else self._config.found
            self.reliable = self.confidence >= bar
        return self.reliable != before
