"""A bounded, preallocated ring between one recording thread and one reader. Nothing here waits or locks.

The writer never stops: when the reader falls behind by more than the ring holds, the oldest samples are overwritten,
and the reader is told exactly how many it lost. Positions count samples since the beginning.
"""

from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

OVERWRITTEN = "the capture was too slow"
"""The cause of a loss in the ring itself."""


class Missing(NamedTuple):
    """So many ``samples`` are not there, for people's ``cause``."""

    samples: int
    cause: str


class SampleRing:
    """``capacity`` int16 samples. ``write`` and ``skip`` belong to one thread, ``read`` to another."""

    def __init__(self, capacity: int) -> None:
        self._buffer = np.zeros(capacity, dtype=np.int16)
        self._written = 0
        self._read = 0
        self._skips: deque[tuple[int, Missing]] = deque()

    def write(self, samples: NDArray[np.int16]) -> None:
        """Adds ``samples``, shape (n,), n no more than the capacity."""
        capacity = self._buffer.size
        at = self._written % capacity
        first = min(samples.size, capacity - at)
        self._buffer[at : at + first] = samples[:first]
        self._buffer[: samples.size - first] = samples[first:]
        self._written += samples.size  # last, so that the reader never sees what is not there yet

    def skip(self, samples: int, cause: str) -> None:
        """Notes that ``samples`` samples are missing, and why, before what is written next."""
        self._skips.append((self._written, Missing(samples, cause)))

    def read(self, block: int) -> NDArray[np.int16] | Missing | None:
        """The next ``block`` samples; or what is missing at this place; or None when there is no more yet.

        Samples overwritten before they were read are lost in whole blocks.
        """
        overwritten = self._written - self._buffer.size - self._read
        if overwritten > 0:
            return self._lose(-(-overwritten // block) * block)
        if self._skips and self._skips[0][0] <= self._read:
            return self._skips.popleft()[1]
        if self._written - self._read < block:
            return None
        samples = self._copy(block)
        if self._written - self._buffer.size > self._read:
            return self._lose(block)  # the writer came round while we copied
        self._read += block
        return samples

    def _copy(self, block: int) -> NDArray[np.int16]:
        at = self._read % self._buffer.size
        first = min(block, self._buffer.size - at)
        return np.concatenate([self._buffer[at : at + first], self._buffer[: block - first]])

    def _lose(self, samples: int) -> Missing:
        self._read += samples
        while self._skips and self._skips[0][0] <= self._read:
            samples += self._skips.popleft()[1].samples
        return Missing(samples, OVERWRITTEN)
