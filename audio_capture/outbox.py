"""What of one call still has to reach the server, in order: bounded, with an exact account of what it had to drop.

Items wait, then are in flight until the other end confirms them; a lost connection puts those in flight back in front.
So a reconnect loses nothing that fits in here. What does not fit (a server away for longer than ``seconds``) is dropped
from the old end, and a ``Gap`` with its exact bounds takes its place. No socket is known here. One thread at a time.
"""

import asyncio
from collections import deque

from live_sentiment.events import CHANNELS, FRAME_SECONDS, AudioFrame, Channel, Gap
from server.protocol import CallFinish, ChannelLevels

Item = AudioFrame | Gap | ChannelLevels | CallFinish
"""What a call consists of on the wire."""

BUFFER_SECONDS = 30.0
FLIGHT_SECONDS = 8.0
"""How much unconfirmed audio may be on its way; beyond it the sender waits."""


class Outbox:
    """The items of one call on their way; holds at most ``seconds`` of waiting audio.

    ``taken`` counts the items ever taken, less those taken back; ``dropped_frames`` those that did not fit.
    """

    def __init__(self, seconds: float = BUFFER_SECONDS, flight_seconds: float = FLIGHT_SECONDS) -> None:
        self._limit = seconds
        self._flight_limit = flight_seconds
        self._waiting: deque[Item] = deque()
        self._flight: deque[Item] = deque()
        self._waiting_frames = 0
        self._flying_frames = 0
        self._dropped: dict[Channel, tuple[float, float]] = {}
        self._changed = asyncio.Event()
        self._done = False
        self._abandoned = False
        self.taken = 0
        self.dropped_frames = 0

    @property
    def waiting_seconds(self) -> float:
        """How much audio of two channels waits to be sent; pauses and gaps take no room."""
        return self._waiting_frames * FRAME_SECONDS / len(CHANNELS)

    @property
    def flushed(self) -> bool:
        """Whether ``CallFinish`` and everything before it has been confirmed."""
        return self._done and not self._waiting and not self._flight and not self._dropped

    def put(self, item: Item) -> None:
        """Adds an item at once; drops the oldest waiting audio when there is too much of it."""
        self._add(item)
        while isinstance(item, AudioFrame) and self.waiting_seconds > self._limit:
            self._drop_oldest()

    async def put_patiently(self, item: Item) -> None:
        """Adds an item once there is room, for sources that can wait; drops nothing."""
        while self.waiting_seconds >= self._limit:
            await self._wait()
        self._add(item)

    async def take(self) -> Item | None:
        """The next item to send; from now on it is in flight. None once the whole call is confirmed.

        Waits for an item, and while too much is in flight.
        """
        while not self.flushed:
            if self._dropped:
                item: Item = self._next_gap()
                break
            if self._waiting and self._flying_frames * FRAME_SECONDS / len(CHANNELS) < self._flight_limit:
                item = self._waiting.popleft()
                self._waiting_frames -= isinstance(item, AudioFrame)
                break
            await self._wait()
        else:
            return None
        self._flight.append(item)
        self._flying_frames += isinstance(item, AudioFrame)
        self.taken += 1
        return item

    def confirm_through(self, taken: int) -> None:
        """The other end surely has the first ``taken`` items ever taken (see ``taken``)."""
        while self._flight and self.taken - len(self._flight) < taken:
            self._flying_frames -= isinstance(self._flight.popleft(), AudioFrame)
        self._notify()

    def rewind(self) -> None:
        """The connection was lost: everything unconfirmed is to be sent again, in the same order."""
        self.taken -= len(self._flight)
        self._waiting.extendleft(reversed(self._flight))
        self._flight.clear()
        self._waiting_frames += self._flying_frames
        self._flying_frames = 0
        self._notify()

    def abandon(self) -> None:
        """Nobody wants this call any more: forgets everything, now and later, and counts as flushed."""
        self._abandoned = True
        self._done = True
        for items in (self._waiting, self._flight, self._dropped):
            items.clear()
        self._waiting_frames = self._flying_frames = 0
        self._notify()

    async def until_flushed(self) -> None:
        """Waits until the whole call has been confirmed."""
        while not self.flushed:
            await self._wait()

    def _add(self, item: Item) -> None:
        if self._abandoned:
            return
        if isinstance(item, ChannelLevels) and self._waiting and isinstance(self._waiting[-1], ChannelLevels):
            self._waiting.pop()  # with devices and server away nothing else comes, and only the newest level matters
        self._waiting.append(item)
        self._waiting_frames += isinstance(item, AudioFrame)
        self._done = self._done or isinstance(item, CallFinish)
        self._notify()

    def _drop_oldest(self) -> None:
        """Drops the oldest waiting frame; waiting gaps before it become part of what is dropped."""
        kept: list[Item] = []
        while self._waiting:
            item = self._waiting.popleft()
            if isinstance(item, AudioFrame):
                self._extend(item.channel, item.start, item.end)
                self._waiting_frames -= 1
                self.dropped_frames += 1
                break
            if isinstance(item, Gap):
                for channel in CHANNELS if item.channel is None else (item.channel,):
                    self._extend(channel, item.start, item.end)
            elif isinstance(item, CallFinish):
                kept.append(item)
        self._waiting.extendleft(reversed(kept))

    def _extend(self, channel: Channel, start: float, end: float) -> None:
        before = self._dropped.get(channel, (start, end))
        self._dropped[channel] = (min(before[0], start), round(max(before[1], end), 6))

    def _next_gap(self) -> Gap:
        """One gap for both channels when they lost the same, else one each."""
        bounds = set(self._dropped.values())
        channel = None if len(self._dropped) == len(CHANNELS) and len(bounds) == 1 else next(iter(self._dropped))
        start, end = self._dropped.pop(channel) if channel is not None else bounds.pop()
        if channel is None:
            self._dropped.clear()
        return Gap(at=end, start=start, end=end, cause="the server was away too long", channel=channel)

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _wait(self) -> None:
        await self._changed.wait()
