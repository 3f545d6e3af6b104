"""Where utterances begin, pause and end, from one probability of speech per frame.

Pure logic on capture time: no audio, no model, no clock. Feed ``accept`` frame by frame and follow its decisions: an
``Onset``, any number of ``Pause`` and ``Resume``, an ``Endpoint``, and so on. Utterances never overlap. How long a
silence must be depends on what was said before it: tell by ``expect``, once the words of a ``Pause`` are read. What a
decision leads to (decoding, events) is the business of ``speech_channel``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

_EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class EndpointerConfig:
    """How utterances are cut. Times in seconds, probabilities 0 to 1.

    ``onset_frames`` frames in a row above ``speech`` begin an utterance; below ``silence`` somebody falls silent, and
    speaks again above ``speech`` (a hysteresis). An utterance starts ``pre_roll`` before the sound that led to it, of
    which at most ``lead`` counts. ``pause`` is the silence after which an early final decode pays, ``hangover`` the
    silence that ends the utterance; ``tail`` of it is kept. After a sentence that is complete with a probability of
    ``complete`` or more ``short_hangover`` will do, below ``incomplete`` it takes ``long_hangover``. In the last
    ``split_window`` before ``max_utterance`` a speaker is cut at the first frame under a bar that rises from
    ``silence`` to 1.

    Raises:
        ValueError: the values contradict each other.
    """

    speech: float = 0.5
    silence: float = 0.35
    onset_frames: int = 2
    pre_roll: float = 0.3
    lead: float = 0.5
    pause: float = 0.128
    hangover: float = 0.4
    short_hangover: float = 0.288
    long_hangover: float = 0.544
    complete: float = 0.75
    incomplete: float = 0.3
    tail: float = 0.1
    max_utterance: float = 12.0
    split_window: float = 2.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.silence <= self.speech < 1.0 or self.onset_frames < 1:
            raise ValueError("0 <= silence <= speech < 1 and onset_frames >= 1 must hold")
        silences = (0.0, self.tail, self.pause, self.short_hangover, self.hangover, self.long_hangover)
        if list(silences) != sorted(silences) or min(self.pre_roll, self.lead) < 0.0:
            raise ValueError("0 <= tail <= pause <= the three hangovers, pre_roll >= 0 and lead >= 0 must hold")
        if not 0.0 < 2 * self.split_window <= self.max_utterance - self.pre_roll - self.lead:
            raise ValueError("split_window must be positive, and less than half of what max_utterance leaves")

    def silence_after(self, completeness: float | None) -> float:
        """The silence in seconds that ends an utterance whose sentence is complete with this probability, if known."""
        if completeness is None:
            return self.hangover
        if completeness >= self.complete:
            return self.short_hangover
        return self.long_hangover if completeness < self.incomplete else self.hangover

    @property
    def look_back(self) -> float:
        """How far before the newest frame's start an ``Onset`` may lie, in seconds: the audio to keep at hand."""
        return self.pre_roll + self.lead


@dataclass(frozen=True, slots=True)
class Onset:
    """An utterance began at ``start``, seconds since the call started; see ``EndpointerConfig.look_back``."""

    start: float


@dataclass(frozen=True, slots=True)
class Pause:
    """The speaker has been silent for ``pause`` at capture time ``at``: time for an early final decode."""

    at: float


@dataclass(frozen=True, slots=True)
class Resume:
    """The speaker went on after a ``Pause``, with the frame that starts at ``at``."""

    at: float


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The utterance ended: in silence, by a split in long speech, or by ``flush``.

    ``end`` is the end of the last speech (``speech_end``) plus ``tail``, or where it was split. ``voiced_seconds`` is
    the length of its speech frames, ``mean_probability`` the mean over all frames from the first to the last of them.
    """

    start: float
    end: float
    reason: Literal["silence", "split", "flush"]
    voiced_seconds: float
    mean_probability: float
    speech_end: float


Decision = Onset | Pause | Resume | Endpoint


class _Frame(NamedTuple):
    probability: float
    start: float
    end: float
    voiced: bool


class _Utterance:
    """An open utterance: its frames, and whether its speaker is silent just now."""

    def __init__(self, start: float, frames: Iterable[_Frame], hangover: float) -> None:
        self.start = start
        self.hangover = hangover
        self.frames = list(frames)
        self.speech_end = max((frame.end for frame in self.frames if frame.voiced), default=start)
        self.silent = False
        self.paused = False

    def add(self, frame: _Frame) -> None:
        """Adds the next frame."""
        self.frames.append(frame)
        self.silent = not frame.voiced
        if frame.voiced:
            self.speech_end = frame.end

    def closed(self, end: float, reason: Literal["silence", "split", "flush"]) -> Endpoint:
        """Its end, with what was voiced."""
        seconds = sum(frame.end - frame.start for frame in self.frames if frame.voiced)
        spoken = [frame.probability for frame in self.frames if frame.end <= self.speech_end]
        mean = sum(spoken) / max(1, len(spoken))
        end = max(self.start, end)
        return Endpoint(self.start, end, reason, seconds, mean, min(end, self.speech_end))


class Endpointer:
    """Cuts one channel's speech into utterances. Not safe for two threads at once."""

    def __init__(self, config: EndpointerConfig | None = None) -> None:
        self._config = config or EndpointerConfig()
        self._floor: float | None = None
        self._now = 0.0
        self._leading: list[_Frame] = []
        self._open: _Utterance | None = None

    def accept(self, probability: float, start: float, end: float) -> tuple[Decision, ...]:
        """Takes the next frame: its probability of speech and its bounds in capture time, in seconds.

        Frames come in order. Where more than ``hangover`` is missing between two, an open utterance ends.
        """
        decisions: list[Decision] = []
        if self._floor is None or start - self._now > self._config.hangover:
            decisions += self.flush(self._now)
            self._floor = start
        self._now = end
        if self._open is None:
            decisions += self._listen(probability, start, end)
        else:
            decisions += self._follow(self._open, probability, start, end)
        return tuple(decisions)

    @property
    def voiced(self) -> bool:
        """Whether somebody speaks in the newest frame; the silence before an endpoint is not speech."""
        return self._open is not None and not self._open.silent

    def expect(self, completeness: float | None) -> None:
        """Tells how complete the sentence before the present ``Pause`` is: a probability, None when nobody knows.

        Counts from the next frame on, until the speaker resumes. Outside a pause it changes nothing.
        """
        if self._open is not None and self._open.paused:
            self._open.hangover = self._config.silence_after(completeness)

    def flush(self, at: float) -> tuple[Decision, ...]:
        """Ends an open utterance at capture time ``at`` (the end of the audio); nothing from before is used later."""
        at = max(at, self._now)
        utterance = self._open
        self._leading.clear()
        if utterance is None:
            if self._floor is not None:
                self._floor = max(self._floor, self._now)
            return ()
        closed = utterance.closed(min(at, utterance.speech_end + self._config.tail), "flush")
        self._close(max(closed.end, self._now))
        return (closed,)

    def _listen(self, probability: float, start: float, end: float) -> list[Decision]:
        """Nobody speaks: gathers what may lead to speech, until enough of it is."""
        if probability < self._config.silence:
            self._leading.clear()
            return []
        self._leading.append(_Frame(probability, start, end, voiced=probability > self._config.speech))
        earliest = start - self._config.lead - _EPSILON
        self._leading = [frame for frame in self._leading if frame.start >= earliest]
        newest = self._leading[-self._config.onset_frames :]
        if len(newest) < self._config.onset_frames or not all(frame.voiced for frame in newest):
            return []
        begin = max(self._floor or 0.0, self._leading[0].start - self._config.pre_roll)
        self._open = _Utterance(begin, self._leading, self._config.hangover)
        self._leading = []
        return [Onset(begin)]

    def _follow(self, utterance: _Utterance, probability: float, start: float, end: float) -> list[Decision]:
        """Somebody speaks, or fell silent a moment ago."""
        config = self._config
        voiced = probability > config.speech if utterance.silent else probability >= config.silence
        frame = _Frame(probability, start, end, voiced)
        utterance.add(frame)
        if voiced:
            resumed: list[Decision] = [Resume(start)] if utterance.paused else []
            utterance.paused, utterance.hangover = False, config.hangover
            return resumed + self._split(utterance, frame)
        silence = end - utterance.speech_end
        decisions: list[Decision] = []
        if silence > config.pause - _EPSILON and not utterance.paused:
            utterance.paused = True
            decisions.append(Pause(end))
        if silence > utterance.hangover - _EPSILON:
            closed = utterance.closed(utterance.speech_end + config.tail, "silence")
            self._close(closed.end)
            decisions.append(closed)
        return decisions

    def _split(self, utterance: _Utterance, newest: _Frame) -> list[Decision]:
        """Cuts long speech before the newest frame when it is little enough like speech; the bar rises with time.

        The cut is never further back than that: what lies before has been read, and committed words do not move.
        """
        config = self._config
        over = (newest.end - utterance.start - config.max_utterance) / config.split_window + 1.0
        if over <= 0.0 or newest.probability >= config.silence + over * (1.0 - config.silence):
            return []
        utterance.frames.pop()
        self._open = _Utterance(newest.start, [newest], config.hangover)
        return [utterance.closed(newest.start, "split"), Onset(newest.start)]

    def _close(self, floor: float) -> None:
        self._open = None
        self._floor = floor
