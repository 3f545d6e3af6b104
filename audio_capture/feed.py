"""From one open device into its channel's lane: resamples, counts against the clock, and finds what is missing.

Pure: it is told the time. Belongs to the recording thread.
"""

import numpy as np
import soxr
from numpy.typing import NDArray

from audio_capture.lane import FrameLane
from audio_capture.sample_clock import SampleClock
from live_sentiment.events import SAMPLE_RATE

QUIET_SECONDS = 2.0
"""After so long without any sample, not even silence, what is missing is told while it lasts."""
LOST = "the sound server lost audio"
_HINT_SECONDS = 3.0
"""How long a reason that the system gave counts for a hole found later."""
_FULL_SCALE = 32_768


class Feed:
    """Fills ``lane`` with what a device of ``rate`` Hz delivers from ``now`` (seconds) on.

    What is missing before its first sample is missing for ``cause``.
    """

    def __init__(self, lane: FrameLane, rate: int, cause: str, now: float) -> None:
        self._lane = lane
        self._rate = rate
        self._cause = cause
        self._hinted = (LOST, -_HINT_SECONDS)
        self._last_sample = now
        self._clock: SampleClock | None = None
        self._resampler = self._new_resampler()

    @property
    def drift_seconds(self) -> float:
        """How much later (positive) or earlier the samples come than their number says, for the device's own clock."""
        return self._clock.drift_seconds if self._clock else 0.0

    def accept(self, block: NDArray[np.float32], now: float, hint: str | None = None) -> bool:
        """Takes ``block``, shape (n,), -1 to 1, which came at ``now``; empty when none came. Whether there is news.

        ``hint`` is why nothing comes, or came since the last time, where that is known.
        """
        if hint is not None:
            self._hinted = (hint, now)
        if not block.size:
            return self._nothing(now)
        self._last_sample = now
        if self._clock is None:
            captured = now - block.size / self._rate
            self._lane.begin(captured, self._cause)
            self._clock = SampleClock(captured)
            self._resampler = self._new_resampler()
        heard = block.copy() if self._rate == SAMPLE_RATE else self._resampler.resample_chunk(block)
        samples = np.clip(np.rint(heard * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
        for piece in self._clock.arrived(samples, now):
            if isinstance(piece, int):
                self._lane.miss(piece, self._reason(now))
            else:
                self._lane.write(piece)
        return True

    def _nothing(self, now: float) -> bool:
        if self._clock is not None and now - self._last_sample >= QUIET_SECONDS:
            self._clock = None  # it is counted anew from the next sample
            self._cause = self._reason(now)
        return self._clock is None and self._lane.away(now, self._cause)

    def _reason(self, now: float) -> str:
        reason, at = self._hinted
        return reason if now - at < _HINT_SECONDS else LOST

    def _new_resampler(self) -> soxr.ResampleStream:
        return soxr.ResampleStream(self._rate, SAMPLE_RATE, 1, dtype="float32", quality="HQ")
