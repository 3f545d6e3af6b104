"""Who is there, for the overlays: the capture, and which channels deliver nothing. Event loop's thread."""

import time
from collections.abc import Callable

from live_sentiment.events import CHANNELS, Channel
from server.protocol import ChannelLevels, Presence

SILENT_BELOW = -70.0
"""dBFS under which a channel is taken to deliver nothing."""
SILENT_AFTER = 5.0
"""Seconds a channel must be that low before anybody is told."""


class PresenceBoard:
    """Puts ``Presence`` together; ``on_change`` gets it when it becomes another."""

    def __init__(self, on_change: Callable[[Presence], None], now: Callable[[], float] = time.monotonic) -> None:
        self._on_change = on_change
        self._now = now
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
        self._quiet_since.clear()
        self._dead.clear()
        self._tell()

    def call(self, *, going: bool, paused: bool = False) -> None:
        """A call began, ended, was paused or goes on."""
        self._in_call = going
        self._paused = going and paused
        self._tell()

    def levels(self, levels: ChannelLevels) -> None:
        """How loud the last second was."""
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

    def _silent(self, channel: Channel) -> bool:
        since = self._quiet_since.get(channel)
        return channel in self._dead or (since is not None and self._now() - since >= SILENT_AFTER)

    def _tell(self) -> None:
        if self.presence != self._last:
            self._last = self.presence
            self._on_change(self._last)
