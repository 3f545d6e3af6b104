"""Who is there, for the overlays: the capture, and which channels deliver nothing. Event loop's thread."""

import time
from collections.abc import Callable
from typing import Protocol

from live_sentiment.events import CHANNELS, Channel
from server.protocol import ChannelLevels, Presence

SILENT_BELOW = -70.0
"""dBFS under which a channel is taken to deliver nothing."""
SILENT_AFTER = 5.0
"""Seconds a channel must be that low before anybody is told."""
SILENT_AFTER_SPEECH = 60.0
"""The same once the channel was heard in this call: softphones send digital silence while nobody speaks."""
STALLED_AFTER = 3.0
"""Seconds without a word from the capture, which tells of each second, after which nothing is heard."""


class Timer(Protocol):
    """What ``asyncio.loop.call_later`` returns."""

    def cancel(self) -> None:
        """It must not happen any more."""
        ...


class _NoTimer:
    def cancel(self) -> None:
        """Never happens anyway."""


def _never(seconds: float, action: Callable[[], None]) -> Timer:
    del seconds, action
    return _NoTimer()


class PresenceBoard:
    """Puts ``Presence`` together; ``on_change`` gets it when it becomes another.

    ``later`` does something after so many seconds of ``now``, which is how a capture that stalls is found.
    """

    def __init__(
        self,
        on_change: Callable[[Presence], None],
        now: Callable[[], float] = time.monotonic,
        later: Callable[[float, Callable[[], None]], Timer] = _never,
    ) -> None:
        self._on_change = on_change
        self._now = now
        self._later = later
        self._watch: Timer = _NoTimer()
        self._last_sign = now()
        self._stalled = False
        self._heard: set[Channel] = set()
        self._live = False
        self._quiet_since: dict[Channel, float] = {}
        self._dead: set[Channel] = set()
        self._capture = False
        self._in_call = False
        self._paused = False
        self._last = self.presence

    @property
    def presence(self) -> Presence:
        """The present state."""
        silent = tuple(channel for channel in CHANNELS if self._silent(channel))
        return Presence(
            capture=self._capture,
            silent=silent if self._capture else (),
            paused=self._paused,
            controllable=self._capture and not self._in_call,
        )

    def capture(self, *, there: bool) -> None:
        """The capture came or went."""
        self._capture = there
        self._dead.clear()
        self._afresh()
        self._tell()

    def call(self, *, going: bool, paused: bool = False, live: bool = True) -> None:
        """A call began, ended, was paused or goes on; a ``live`` one cannot be slower than the clock."""
        paused = going and paused
        if going and not self._in_call:
            self._heard.clear()
        changed = (going, paused, live) != (self._in_call, self._paused, self._live)
        self._in_call, self._paused, self._live = going, paused, live
        if changed:
            self._afresh()
        self._tell()

    def levels(self, levels: ChannelLevels) -> None:
        """How loud the last second was."""
        self._last_sign = self._now()
        self._stalled = False
        self._level("agent", levels.agent_dbfs, alive=levels.agent_alive)
        self._level("customer", levels.customer_dbfs, alive=levels.customer_alive)
        self._tell()

    def _level(self, channel: Channel, dbfs: float, *, alive: bool) -> None:
        if alive:
            self._dead.discard(channel)
        else:
            self._dead.add(channel)
        if dbfs < SILENT_BELOW:
            self._quiet_since.setdefault(channel, self._now())
        else:
            self._quiet_since.pop(channel, None)
            self._heard.add(channel)

    def _silent(self, channel: Channel) -> bool:
        since = self._quiet_since.get(channel)
        wait = SILENT_AFTER_SPEECH if channel in self._heard else SILENT_AFTER
        quiet = since is not None and self._now() - since >= wait
        return self._stalled or channel in self._dead or quiet

    def _afresh(self) -> None:
        """What was quiet or missing before a beginning or a pause says nothing about what follows."""
        self._quiet_since.clear()
        self._stalled = False
        self._last_sign = self._now()
        self._watch.cancel()
        if self._capture and self._in_call and self._live and not self._paused:
            self._watch = self._later(STALLED_AFTER, self._look)

    def _look(self) -> None:
        """Looks whether the capture has said anything lately, and looks again."""
        quiet_for = self._now() - self._last_sign
        self._stalled = quiet_for >= STALLED_AFTER
        wait = STALLED_AFTER if self._stalled else STALLED_AFTER - quiet_for
        self._watch = self._later(max(wait, 0.1), self._look)
        self._tell()

    def _tell(self) -> None:
        if self.presence != self._last:
            self._last = self.presence
            self._on_change(self._last)
