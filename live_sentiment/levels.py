"""How loud a frame is, and how loud sound is turned down before a voice detector hears it."""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from live_sentiment.events import FRAME_SECONDS

_QUIETEST = -100.0
"""dBFS of digital silence, by definition here."""


@dataclass(frozen=True, slots=True)
class LevellerConfig:
    """How sound is turned down; times in seconds of audio.

    ``loudest`` is the level (root mean square, full scale 1) to which louder sound is turned down. A level counts once
    it was reached for ``held`` of the last ``held_within``, so that a beep does not; ``release`` is the share of it
    that is kept from one frame to the next, ``fast_release`` that in a frame ``far_below`` decibels under it.
    """

    loudest: float = 0.02
    held: float = 0.512
    held_within: float = 0.768
    release: float = 0.997
    far_below: float = 20.0
    fast_release: float = 0.93


class Leveller:
    """Turns loud sound down before Silero hears it, slowly, so that a voice stays a voice.

    Measured on a call recorded close to clipping, from a noisy street: without it Silero hears no voice at all in the
    last two minutes of the customer's channel, with it 19 seconds, and no more in noise or music than before. A beep
    turns down itself alone: were its level kept, speech at -41 dBFS behind it would not be heard for 6 seconds and
    more. Of such speech 97 to 100 % is found behind a beep of 0.3 s, and 77 to 100 % behind a full-scale tone of 1 s.
    """

    def __init__(self, config: LevellerConfig) -> None:
        self._config = config
        self._held = frames_in(config.held)
        self._far_below = 10 ** (-config.far_below / 20)
        self.reset()

    def reset(self) -> None:
        """Forgets how loud it was."""
        self._level = 0.0
        self._recent: deque[float] = deque(maxlen=frames_in(self._config.held_within))

    def accept(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """The frame, at ``loudest`` at most."""
        loudness = float(np.sqrt(np.mean(np.square(samples))))
        self._follow(loudness)
        level = max(loudness, self._level)
        if level <= self._config.loudest:
            return samples
        return samples * np.float32(self._config.loudest / level)

    def _follow(self, loudness: float) -> None:
        """Moves the kept level with a frame of ``loudness``."""
        self._recent.append(loudness)
        held = sorted(self._recent)[-self._held] if len(self._recent) >= self._held else 0.0
        far = loudness < self._level * self._far_below
        self._level = max(held, self._level * (self._config.fast_release if far else self._config.release))


def level_of(samples: NDArray[np.float32]) -> float:
    """The level of a frame in dBFS (a full-scale square wave is 0), without its constant part; -100 for none."""
    power = float(np.var(samples))
    return max(_QUIETEST, 10.0 * math.log10(power)) if power > 0.0 else _QUIETEST


def frames_in(seconds: float) -> int:
    """How many whole frames there are in ``seconds``, at least one."""
    return max(1, int(seconds / FRAME_SECONDS + 1e-9))
