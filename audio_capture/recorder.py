"""One channel of a headset: a thread that reads, resamples, counts, and writes into a ring. No event loop here."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

import numpy as np
import soxr
from numpy.typing import NDArray

from audio_capture.errors import DeviceError
from audio_capture.ring import SampleRing
from audio_capture.sample_clock import SampleClock
from audio_capture.source import frame_index
from live_sentiment.events import FRAME_SAMPLES, SAMPLE_RATE, Channel

RING_SECONDS = 10
JOIN_SECONDS = 2.0
_FULL_SCALE = 32_768


class BlockStream(Protocol):
    """An open device. ``rate`` in Hz."""

    rate: int

    def read(self) -> NDArray[np.float32]:
        """The next samples, mono, -1 to 1; blocks. Raises ``DeviceError`` when it is over."""
        ...


Opener = Callable[[], AbstractContextManager[BlockStream]]
"""Opens the device; called on the recording thread."""


class ChannelRecorder:
    """Reads a device into ``ring`` from ``start`` until ``ask_stop``.

    ``first_index`` is the frame number of the ring's first sample, None until there is one; ``over`` whether nothing
    more will come, and ``failure`` the device's reason, if that ended it. ``at`` is the call's time now; ``notify`` is
    called on the thread whenever there is news, its end included.
    """

    def __init__(
        self,
        channel: Channel,
        opener: Opener,
        at: float,
        notify: Callable[[], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.channel: Channel = channel
        self.ring = SampleRing(RING_SECONDS * SAMPLE_RATE)
        self.first_index: int | None = None
        self.failure: DeviceError | None = None
        self.over = False
        self._opener = opener
        self._at = at
        self._opened = monotonic()
        self._notify = notify
        self._monotonic = monotonic
        self._stop = threading.Event()
        # A daemon, since a device that delivers nothing can hold a reading thread for as long as it likes.
        self._thread = threading.Thread(target=self._record, name=f"record-{channel}", daemon=True)

    def start(self) -> None:
        """Begins to record."""
        self._thread.start()

    def ask_stop(self) -> None:
        """Records nothing more from now on; does not wait."""
        self._stop.set()

    def join(self) -> None:
        """Waits until the device is closed, a little."""
        self._thread.join(JOIN_SECONDS)

    def _record(self) -> None:
        try:
            with self._opener() as stream:
                self._pump(stream)
        except DeviceError as error:
            self.failure = error
        finally:  # whatever it died of, somebody waits for its sound
            self.over = True
            self._notify()

    def _pump(self, stream: BlockStream) -> None:
        resampler = soxr.ResampleStream(stream.rate, SAMPLE_RATE, 1, dtype="float32", quality="HQ")
        clock: SampleClock | None = None
        head = 0
        while not self._stop.is_set():
            block = stream.read()
            now = self._monotonic()
            heard = block.copy() if stream.rate == SAMPLE_RATE else resampler.resample_chunk(block)
            samples = np.clip(np.rint(heard * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
            if clock is None:
                clock, head = self._begin(max(self._opened, now - block.size / stream.rate))
            cut, head = samples[head:], max(0, head - samples.size)
            if not self._stop.is_set():
                self._keep(clock, cut, now)

    def _begin(self, began: float) -> tuple[SampleClock, int]:
        """Where the frames' grid begins, and how many samples lie before it: frames start at multiples of 32 ms."""
        time_of_call = self._at + began - self._opened
        self.first_index = frame_index(time_of_call)
        head = round(self.first_index * FRAME_SAMPLES - time_of_call * SAMPLE_RATE)
        return SampleClock(began + head / SAMPLE_RATE), head

    def _keep(self, clock: SampleClock, samples: NDArray[np.int16], now: float) -> None:
        for piece in clock.arrived(samples, now):
            if isinstance(piece, int):
                self.ring.skip(piece)
            else:
                self.ring.write(piece)
        self._notify()
