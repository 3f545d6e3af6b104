"""Counts samples against the clock, and so finds out what a sound library does not tell: that samples are missing.

Sound arrives late by a delay that varies but has a floor. When the floor of the delay rises for good, samples were lost
between; when it creeps, the sound card's clock runs a little off. Pure: it is told the time. One thread at a time.
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from live_sentiment.events import FRAME_SAMPLES, SAMPLE_RATE

Samples = NDArray[np.int16]

WINDOW_SECONDS = 1.0
STALL_SECONDS = 0.4
"""After a silence of the library this long, what comes is held back a moment, to see whether it is a late burst."""
SETTLE_SECONDS = 0.1
MISSING_SECONDS = 0.1
"""A rise of the delay below this is taken for jitter."""
DRIFT = 0.001
"""How fast the floor may creep, as a share of the time: far more than a sound card is off."""


class SampleClock:
    """One channel's count. ``began`` is the clock's time (seconds) of the channel's first sample.

    ``drift_seconds`` is how much later (positive) or earlier the samples now come than their number says.
    """

    def __init__(self, began: float) -> None:
        self._began = began
        self._counted = 0
        self._floor: float | None = None
        self._window_low = math.inf
        self._window_end = math.inf
        self._last = began
        self._held: list[Samples] = []
        self._held_until = 0.0
        self.missing = 0
        self.drift_seconds = 0.0

    def arrived(self, samples: Samples, now: float) -> Iterator[Samples | int]:
        """What follows in the channel: samples, and numbers of missing samples (whole frames) at their place."""
        if now - self._last > STALL_SECONDS and not self._held:
            self._held_until = now + SETTLE_SECONDS
        self._last = now
        self._held.append(samples)
        late = self._late(now)
        if now < self._held_until:
            return
        if self._held_until:
            self._held_until = 0.0
            self._window_end = now + WINDOW_SECONDS
            self._window_low = late
            yield from self._missing(late)
        elif self._floor is None:
            self._floor, self._window_end = late, now + WINDOW_SECONDS
        else:
            self._window_low = min(self._window_low, late)
            if now >= self._window_end:
                yield from self._close_window(now)
        yield from self._let_go()

    def _late(self, now: float) -> float:
        """How much later than their number says the samples come, those held back included."""
        held = sum(samples.size for samples in self._held)
        return now - self._began - (self._counted + held) / SAMPLE_RATE

    def _let_go(self) -> Iterator[Samples]:
        for samples in self._held:
            self._counted += samples.size
            yield samples
        self._held = []

    def _close_window(self, now: float) -> Iterator[int]:
        low = self._window_low
        self._window_low = math.inf
        self._window_end = now + WINDOW_SECONDS
        found = list(self._missing(low))
        if not found and self._floor is not None:
            creep = min(max(low - self._floor, -DRIFT * WINDOW_SECONDS), DRIFT * WINDOW_SECONDS)
            self._floor += creep
            self.drift_seconds += creep
        yield from found

    def _missing(self, late: float) -> Iterator[int]:
        floor = 0.0 if self._floor is None else self._floor
        if late - floor < MISSING_SECONDS:
            return
        frames = round((late - floor) * SAMPLE_RATE / FRAME_SAMPLES)
        self._counted += frames * FRAME_SAMPLES
        self.missing += frames * FRAME_SAMPLES
        yield frames * FRAME_SAMPLES
