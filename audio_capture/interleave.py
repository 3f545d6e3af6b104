"""Two rings, filled each at its own moment, into one stream of frames and gaps in the order of time."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from typing import Protocol

from audio_capture.ring import Missing, SampleRing
from audio_capture.source import Heard, frame_start
from live_sentiment.events import CHANNELS, FRAME_SAMPLES, AudioFrame, Channel, Gap

LONGEST_WAIT_FRAMES = 8
"""How far (256 ms) one channel may run ahead before it no longer waits for the other."""


class Lane(Protocol):
    """A channel being recorded: its ring, and the number of the ring's first frame."""

    @property
    def ring(self) -> SampleRing:
        """Where its samples are."""
        ...

    @property
    def first_index(self) -> int:
        """The frame number of the first sample."""
        ...


class Interleaver:
    """Reads ``lanes`` whenever ``wake`` is set. On the event loop's thread."""

    def __init__(self, lanes: Mapping[Channel, Lane], wake: asyncio.Event) -> None:
        self._lanes = lanes
        self._wake = wake
        self._index: dict[Channel, int] = {}
        self._ready: dict[Channel, deque[Heard]] = {channel: deque() for channel in CHANNELS}
        self._closed = False

    def close(self) -> None:
        """Ends ``heard``; what was not yet taken is forgotten."""
        self._closed = True
        self._wake.set()

    async def heard(self, check: Callable[[], None]) -> AsyncGenerator[Heard]:
        """Frames and gaps until ``close``. ``check`` may raise what ended a channel; what it had comes first."""
        while not self._closed:
            self._wake.clear()
            for channel in CHANNELS:
                self._ready[channel].extend(self._new(channel))
            for item in self._in_order():
                if self._closed:
                    return
                yield item
            check()
            if not self._closed:
                await self._wake.wait()

    def _new(self, channel: Channel) -> Iterator[Heard]:
        lane = self._lanes[channel]
        index = self._index.get(channel, lane.first_index)
        while (piece := lane.ring.read(FRAME_SAMPLES)) is not None:
            start = frame_start(index)
            if isinstance(piece, Missing):
                index += piece.samples // FRAME_SAMPLES
                end = frame_start(index)
                yield Gap(at=end, start=start, end=end, cause=piece.cause, channel=channel)
            else:
                index += 1
                yield AudioFrame(channel=channel, start=start, pcm=piece.astype("<i2").tobytes())
            self._index[channel] = index

    def _in_order(self) -> Iterator[Heard]:
        """What is due, the earliest first: nothing earlier can come, or the other channel is too far behind."""
        agent, customer = (self._ready[channel] for channel in CHANNELS)
        while agent or customer:
            if agent and customer:
                first = agent if agent[0].start <= customer[0].start else customer
            else:
                first = agent or customer
                if len(first) <= LONGEST_WAIT_FRAMES and not self._nothing_earlier(first):
                    return
            yield first.popleft()

    def _nothing_earlier(self, waiting: deque[Heard]) -> bool:
        """Whether the other channel, of which nothing waits, has been heard beyond the first of ``waiting``."""
        is_agent = waiting is self._ready["agent"]
        reached = self._index.get("customer" if is_agent else "agent")
        if reached is None:
            return False
        start = waiting[0].start
        return frame_start(reached) >= start if is_agent else frame_start(reached) > start
