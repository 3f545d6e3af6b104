"""One channel's samples on the call's grid of frames: what is heard and what is missing, in whole frames, exactly.

Frames start at multiples of 32 ms of the call. However a device begins, breaks off and begins again, only whole frames
reach the ring; a piece of a frame next to a hole belongs to the hole. Belongs to the recording thread.
"""

import numpy as np
from numpy.typing import NDArray

from audio_capture.ring import SampleRing
from audio_capture.source import frame_index, frame_start
from live_sentiment.events import FRAME_SAMPLES, SAMPLE_RATE

RING_SECONDS = 10
FIRST_PIECE_SECONDS = 0.5
LONGEST_PIECE_SECONDS = 5.0
_NOTHING = np.zeros(0, dtype=np.int16)


class FrameLane:
    """Fills ``ring``, whose first sample is that of the call's frame ``first_index``.

    ``at`` is the call's time in seconds when the clock says ``now``; all times below are that clock's.
    """

    def __init__(self, at: float, now: float) -> None:
        self.ring = SampleRing(RING_SECONDS * SAMPLE_RATE)
        self.first_index = frame_index(at)
        self._zero = now + frame_start(self.first_index) - at
        self._told = 0
        self._rest = _NOTHING
        self._cut = 0
        self._piece = FIRST_PIECE_SECONDS

    def begin(self, captured: float, cause: str) -> None:
        """Samples follow, the first of which was captured at ``captured``; before it all is missing for ``cause``.

        Samples from before what was told already are cut off.
        """
        first = round((captured - self._zero) * SAMPLE_RATE)
        self._rest = _NOTHING
        self._skip(max(0, -(-(first - self._told) // FRAME_SAMPLES)), cause)
        self._cut = self._told - first
        self._piece = FIRST_PIECE_SECONDS

    def write(self, samples: NDArray[np.int16]) -> None:
        """The next ``samples``, shape (n,)."""
        cut = min(self._cut, samples.size)
        self._cut -= cut
        joined = np.concatenate([self._rest, samples[cut:]])
        whole = joined.size - joined.size % FRAME_SAMPLES
        self.ring.write(joined[:whole])
        self._told += whole
        self._rest = joined[whole:]

    def miss(self, samples: int, cause: str) -> None:
        """The next ``samples`` samples are missing."""
        first = self._told + self._rest.size - self._cut + samples
        self._rest = _NOTHING
        self._skip(max(0, -(-(first - self._told) // FRAME_SAMPLES)), cause)
        self._cut = self._told - first

    def away(self, now: float, cause: str) -> bool:
        """Nothing is heard at the moment: tells what is missing so far, in pieces that grow. Whether it told any."""
        behind = now - self._zero - self._told / SAMPLE_RATE
        if behind < self._piece:
            return False
        self._rest = _NOTHING
        self._skip(int(behind * SAMPLE_RATE) // FRAME_SAMPLES, cause)
        self._piece = min(2 * self._piece, LONGEST_PIECE_SECONDS)
        return True

    def _skip(self, frames: int, cause: str) -> None:
        if frames:
            self.ring.skip(frames * FRAME_SAMPLES, cause)
            self._told += frames * FRAME_SAMPLES
