"""Whether a voice that the detector is not sure of stands out from what sounded before it.

Only levels and probabilities of frames (32 ms); no audio and no network. The detector itself is in ``vad``.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from live_sentiment.levels import frames_in


@dataclass(frozen=True, slots=True)
class StandOutConfig:
    """When a middling voice is believed. Times in seconds of audio, levels in decibels, probabilities 0 to 1.

    ``certain``: from here on Silero is believed without more. ``stand_out``: a less certain frame must be so much
    louder than its background, which is the ``background_share`` quantile of the levels of the last ``background``
    seconds; unless speech was believed less than ``trust`` ago. ``known_after``: before so much audio the background
    is not known, and nothing stands out. ``doubted`` is what a doubted frame's probability becomes at most: too little
    to begin an utterance, enough to go on with one. Below ``silent`` there is no voice.

    A level up to ``silence`` is a silent line, out of which everything stands out, music too. While there is one in
    the background, a voice must have lasted ``lasting``, and be ``over_sound`` louder than the middle of what sounded
    in the last ``sound`` seconds without being a voice, once there are ``sound_frames`` of that.

    After a voice of ``steady`` on end that does not stand out, Silero is asked for a second opinion, a mean
    probability, which must be over ``possible``.
    """

    certain: float = 0.9
    possible: float = 0.5
    silent: float = 0.35
    doubted: float = 0.45
    trust: float = 1.0
    stand_out: float = 15.0
    background: float = 1.5
    background_share: float = 0.2
    known_after: float = 1.0
    silence: float = -75.0
    lasting: float = 0.16
    over_sound: float = 12.0
    sound: float = 1.0
    sound_frames: int = 5
    steady: float = 0.448


class _Heard(NamedTuple):
    level: float
    probability: float


class StandOut:
    """Doubts a middling probability of speech where the sound does not stand out from its background.

    Measured on hold music and a murmuring call centre: Silero gives them 0.5 to 0.9 for up to 14 frames on end, at
    12 dB over the background or less. Short answers on a telephone ("yes", "bye") get no more from it, but are 20 to
    60 dB over theirs.

    Args:
        config: see ``StandOutConfig``.
        afresh: Silero's second opinion on what it just heard, a mean probability; asked rarely, for it costs 5 ms.
    """

    def __init__(self, config: StandOutConfig, afresh: Callable[[], float]) -> None:
        self._config = config
        self._afresh = afresh
        self._known_after = frames_in(config.known_after)
        self._sound = frames_in(config.sound)
        self._lasting = frames_in(config.lasting)
        self._steady = frames_in(config.steady)
        self._trust = frames_in(config.trust)
        self.reset()

    def reset(self) -> None:
        """Forgets the background."""
        self._background: deque[_Heard] = deque(maxlen=frames_in(self._config.background))
        self._run = 0
        self._trusted = 0

    def accept(self, probability: float, level: float) -> float:
        """The probability after doubt, for a frame of ``level`` dBFS."""
        possible = probability > self._config.possible
        self._run = self._run + 1 if possible or (self._run and probability >= self._config.silent) else 0
        self._trusted = max(0, self._trusted - 1)
        if possible and (self._trusted or self._convinces(probability, level)):
            self._trusted = self._trust
        elif possible:
            probability = min(probability, self._config.doubted)
        self._background.append(_Heard(level, probability))
        return probability

    def _convinces(self, probability: float, level: float) -> bool:
        return probability >= self._config.certain or self._stands_out(level) or self._insists()

    def _stands_out(self, level: float) -> bool:
        if len(self._background) < self._known_after:
            return False
        levels = sorted(heard.level for heard in self._background)
        if level < levels[int(len(levels) * self._config.background_share)] + self._config.stand_out:
            return False
        return levels[0] > self._config.silence or self._stands_out_of_sound(level)

    def _stands_out_of_sound(self, level: float) -> bool:
        """Whether this is more than the beginning of some sound on a silent line."""
        if self._run < self._lasting:
            return False
        recent = list(self._background)[-self._sound :]
        sound = sorted(
            heard.level
            for heard in recent
            if heard.probability < self._config.silent and heard.level > self._config.silence
        )
        return len(sound) < self._config.sound_frames or level >= sound[len(sound) // 2] + self._config.over_sound

    def _insists(self) -> bool:
        """Whether Silero has heard a voice for long, and does so without its past too.

        A murmuring room is no voice to it (at most 0.02 of all frames) until it has heard a real one, or a silence;
        then it is one for minutes (0.8 of all frames), out of habit.
        """
        if self._run < self._steady or self._run % self._steady:
            return False
        if self._afresh() > self._config.possible:
            return True
        self._run = 0
        return False
