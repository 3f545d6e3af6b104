"""One channel of a headset: a thread that reads its device, and opens it again whenever it was lost.

Whatever becomes of the device, each moment of the call is told once: as samples, or as missing with the reason. No
event loop here.
"""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import structlog

from audio_capture.devices import BlockStream
from audio_capture.errors import DeviceError
from audio_capture.feed import LOST, Feed
from audio_capture.lane import FrameLane
from audio_capture.pacing import monotonic
from live_sentiment.events import Channel

JOIN_SECONDS = 2.0
RETRY_SECONDS = 0.25
OPENING = "the devices were being opened"
ASLEEP = "the computer was asleep"
_ASLEEP_SECONDS = 1.0
_log = structlog.get_logger()

Opener = Callable[[], AbstractContextManager[BlockStream]]
"""Opens the device that is meant now; called on the recording thread, again after each loss."""


@dataclass(frozen=True, slots=True)
class Times:
    """How time passes, in seconds: ``now`` goes on while the computer sleeps, ``awake`` does not.

    ``rest`` waits so long; None waits until the recorder is stopped, but not longer.
    """

    now: Callable[[], float] = monotonic
    awake: Callable[[], float] = time.monotonic
    rest: Callable[[float], object] | None = None


class ChannelRecorder:
    """Reads a device into ``lane`` from ``start`` until ``ask_stop``, and opens it again whenever it was lost.

    ``at`` is the call's time now; ``notify`` is called on the thread whenever there is news. ``over`` says that nothing
    more will come, and ``failure`` the reason, if it is one that waiting does not mend.
    """

    def __init__(
        self, channel: Channel, opener: Opener, at: float, notify: Callable[[], None], times: Times | None = None
    ) -> None:
        self._times = times or Times()
        self.channel: Channel = channel
        self.lane = FrameLane(at, self._times.now())
        self.failure: DeviceError | None = None
        self.over = False
        self._opener = opener
        self._notify = notify
        self._slept = self._times.now() - self._times.awake()
        self._stop = threading.Event()
        self._why_reopen: str | None = None
        self._cause = OPENING
        # A daemon, since a system that does not answer can hold a thread for as long as it likes.
        self._thread = threading.Thread(target=self._record, name=f"record-{channel}", daemon=True)

    def start(self) -> None:
        """Begins to record."""
        self._thread.start()

    def reopen(self, why: str) -> None:
        """Closes the device and asks the opener for the one that is meant now; from any thread."""
        self._why_reopen = why

    def ask_stop(self) -> None:
        """Records nothing more from now on; does not wait."""
        self._stop.set()

    def join(self) -> None:
        """Waits until the device is closed, a little."""
        self._thread.join(JOIN_SECONDS)

    def _record(self) -> None:
        try:
            while self.failure is None and not self._stop.is_set():
                self._listen()
        finally:  # whatever it died of, somebody waits for its sound
            self.over = True
            self._notify()

    def _listen(self) -> None:
        """From the opening of a device to its loss."""
        self._why_reopen = None
        try:
            with self._opener() as stream:
                _log.debug("device open", channel=self.channel)
                self._pump(stream)
        except DeviceError as error:
            if error.retryable:
                self._lost(error)
            else:
                self.failure = error
        else:
            self._cause = self._why_reopen or self._cause

    def _pump(self, stream: BlockStream) -> None:
        feed = Feed(self.lane, stream.rate, self._cause, self._times.now())
        try:
            while self._why_reopen is None and not self._stop.is_set():
                block = stream.read()
                if not self._stop.is_set() and feed.accept(block, self._times.now(), self._hint(stream)):
                    self._notify()
                if block.size:
                    self._cause = LOST
        finally:
            _log.info("device closed", channel=self.channel, drift_ms=round(feed.drift_seconds * 1000, 1))

    def _hint(self, stream: BlockStream) -> str | None:
        """Why sound may be missing here."""
        slept, self._slept = self._slept, self._times.now() - self._times.awake()
        return ASLEEP if self._slept - slept > _ASLEEP_SECONDS else stream.hole

    def _lost(self, error: DeviceError) -> None:
        """Says so once, tells what is missing so far, and waits a moment."""
        if error.what != self._cause:
            _log.warning("device away", channel=self.channel, what=error.what, advice=error.advice)
        self._cause = error.what
        if self.lane.away(self._times.now(), self._cause):
            self._notify()
        (self._times.rest or self._stop.wait)(RETRY_SECONDS)
