"""A source and devices without sound, and a clock without time: what tests, here and elsewhere, listen to."""

import asyncio
import heapq
import queue
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from audio_capture.devices import Device
from audio_capture.errors import DeviceLost, SoundDaemonAway
from audio_capture.source import Heard, frame_start
from live_sentiment.events import CHANNELS, FRAME_SAMPLES, SAMPLE_RATE, AudioFrame, Channel

_EAGER_TRIES = 1_000
_LOOK_SECONDS = 0.005


def frames(count: int, first: int = 0, level: int = 1000) -> list[AudioFrame]:
    """``count`` frames of each channel from frame number ``first``; the customer is half as loud as the agent."""
    pcm: dict[Channel, bytes] = {
        "agent": level.to_bytes(2, "little", signed=True) * FRAME_SAMPLES,
        "customer": (level // 2).to_bytes(2, "little", signed=True) * FRAME_SAMPLES,
    }
    return [
        AudioFrame(channel=channel, start=frame_start(index), pcm=pcm[channel])
        for index in range(first, first + count)
        for channel in CHANNELS
    ]


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Lets others run until ``condition`` holds.

    Raises:
        TimeoutError: it did not within ``seconds`` of real time.
    """
    async with asyncio.timeout(seconds):
        tries = 0
        while not condition():
            tries += 1
            await asyncio.sleep(0 if tries < _EAGER_TRIES else _LOOK_SECONDS)


class FakeSource:
    """Says ``items`` in order. Remembers when it was opened, in ``opened``, and whether it was closed.

    Like a headset it goes on where it is, whether a call begins or is resumed; ``resumed`` says which, for each time.

    ``failures`` are raised, one each, by the first calls of ``open``; an exception among ``items`` is raised in its
    place by the stream, which goes on behind it when opened again.
    """

    def __init__(
        self,
        items: Sequence[Heard | Exception],
        *,
        live: bool = False,
        failures: Sequence[Exception] = (),
    ) -> None:
        self.name = "fake"
        self.channels: tuple[Channel, ...] = CHANNELS
        self.live = live
        self.opened: list[float] = []
        self.resumed: list[bool] = []
        self.listening = False
        self.closed = False
        self._items = list(items)
        self._failures = list(failures)
        self._next = 0
        self._from = 0.0
        self._stopped = asyncio.Event()

    async def open(self, at: float, *, resuming: bool = False) -> None:
        """Raises the next failure, if one is left."""
        if self._failures:
            raise self._failures.pop(0)
        self.opened.append(at)
        self.resumed.append(resuming)
        self._from = at
        self._stopped.clear()
        self.listening = True

    async def stream(self) -> AsyncGenerator[Heard]:
        """The items; a live source then waits to be suspended, as a headset would."""
        while self.listening and self._next < len(self._items):
            item = self._items[self._next]
            self._next += 1
            if isinstance(item, Exception):
                self.listening = False
                raise item
            if item.start >= self._from:
                yield item
        if self.live and self.listening:
            await self._stopped.wait()

    async def suspend(self) -> None:
        """Ends the stream."""
        self.listening = False
        self._stopped.set()

    async def close(self) -> None:
        """Ends the stream for good."""
        await self.suspend()
        self.closed = True


class FakeClock:
    """Virtual time: it moves when somebody sleeps and nobody else can run, or by ``advance``."""

    def __init__(self, *, by_itself: bool = True) -> None:
        self.now = 100.0
        self.slept: list[float] = []
        self._by_itself = by_itself
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._count = 0

    def monotonic(self) -> float:
        """Virtual seconds."""
        return self.now

    def wall(self) -> float:
        """Virtual Unix time."""
        return 1_700_000_000.0 + self.now

    async def sleep(self, seconds: float) -> None:
        """Moves the time on (``by_itself``), or waits until ``advance`` has come so far."""
        self.slept.append(seconds)
        if self._by_itself:
            self.now += seconds
            await asyncio.sleep(0)
            return
        awake = asyncio.Event()
        self._count += 1
        heapq.heappush(self._sleepers, (self.now + seconds, self._count, awake))
        await awake.wait()

    async def advance(self, seconds: float) -> None:
        """Moves the time on and wakes whoever is due, in order, letting each run."""
        until = self.now + seconds
        while self._sleepers and self._sleepers[0][0] <= until:
            due, _, awake = heapq.heappop(self._sleepers)
            self.now = max(self.now, due)
            awake.set()
            for _ in range(10):
                await asyncio.sleep(0)
        self.now = until
        await asyncio.sleep(0)


class FakeStream:
    """A device being recorded: says what ``play`` was given, until ``lose``."""

    def __init__(self, device: Device, rate: int) -> None:
        self.rate = rate
        self.hole: str | None = None
        self._device = device
        self._blocks: queue.SimpleQueue[NDArray[np.float32]] = queue.SimpleQueue()
        self._lost = False

    def play(self, samples: NDArray[np.float32]) -> None:
        """Lets the next read return ``samples``, shape (n,)."""
        self._blocks.put(samples)

    @property
    def unread(self) -> bool:
        """Whether something that was played is not read yet."""
        return not self._blocks.empty()

    def lose(self) -> None:
        """Takes the device away: once what was played is read, reading fails."""
        self._lost = True

    def read(self) -> NDArray[np.float32]:
        """What was played, or nothing when nothing was for a moment."""
        try:
            return self._blocks.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            if self._lost:
                raise DeviceLost(f"{self._device.label} is gone.", "Plug it in.") from None
            return np.zeros(0, dtype=np.float32)


class FakeSystem:
    """Devices that tests plug in and out: ``plugged`` is what there is, ``away`` that the daemon is not there.

    ``opened`` has every stream that was ever opened, with the device's name, ``played`` what was played on which.
    """

    def __init__(self, *plugged: Device, rate: int = SAMPLE_RATE) -> None:
        self.plugged = list(plugged)
        self.away = False
        self.opened: list[tuple[str, FakeStream]] = []
        self.played: list[tuple[str, NDArray[np.float32], int]] = []
        self._rate = rate

    def devices(self) -> list[Device]:
        """What is plugged in."""
        if self.away:
            raise SoundDaemonAway("The sound server does not answer.", "Start it.")
        return list(self.plugged)

    @contextmanager
    def stream(self, device: Device) -> Generator[FakeStream]:
        """A new stream of ``device``."""
        if device not in self.devices():
            raise DeviceLost(f"{device.label} is gone.", "Plug it in.")
        stream = FakeStream(device, self._rate)
        self.opened.append((device.name, stream))
        yield stream

    def play(self, device: Device, samples: NDArray[np.float32], rate: int) -> None:
        """Remembers it in ``played``."""
        self.played.append((device.name, samples, rate))

    def newest(self, name: str) -> FakeStream:
        """The latest stream of the device ``name``."""
        return next(stream for opened, stream in reversed(self.opened) if opened == name)
