"""The work after a call, as long as cues may come from it: the cue engine's clock, and answers to its cues.

Which call was the last, and when the next one begins, is decided in ``calls``; what a call publishes, in
``call_session``. Everything belongs to the event loop's thread.
"""

from collections.abc import Callable
from typing import Protocol

from live_sentiment.events import CallEnded, WrapUp
from server.call_session import CallSession

TICK = 5.0
"""Seconds between two looks at how long the work after a call has lasted."""


class Timer(Protocol):
    """What ``asyncio.loop.call_later`` returns."""

    def cancel(self) -> None:
        """It must not happen any more."""
        ...


Later = Callable[[float, Callable[[], None]], Timer]
"""Does something after so many seconds: ``asyncio.loop.call_later``, or a test's clock."""


class AfterCall:
    """What follows the end of ``session``'s call, until ``stop`` or until no cue can come any more."""

    def __init__(self, session: CallSession, ended: CallEnded, later: Later) -> None:
        self.session = session
        self._ended = ended
        self._later = later
        self._seconds = 0.0
        self._timer: Timer | None = None
        session.wrap_up(ended)
        self._wait()

    def stop(self) -> None:
        """Another call begins, or the server ends."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> None:
        """A recording played as fast as possible has nobody who works after it."""
        live = self.session.begin.speed is not None
        waits = live and self._seconds < self.session.after_call
        self._timer = self._later(TICK, self._tick) if waits else None

    def _tick(self) -> None:
        self._seconds += TICK
        at = self._ended.at + self._seconds * (self.session.begin.speed or 1.0)
        self.session.wrap_up(WrapUp(at=at, ended_at=self._ended.at))
        self._wait()
