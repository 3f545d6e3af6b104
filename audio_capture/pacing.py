"""Time, and playing at the pace of time. Nothing else here knows a clock; tests bring their own."""

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Protocol

from audio_capture.source import Heard

_BREATHS = 64
"""As fast as possible still lets others run after so many frames."""


class Clock(Protocol):
    """The time, and waiting for it."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        ...

    def wall(self) -> float:
        """Unix time in seconds."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Waits; lets others run even for 0 seconds."""
        ...


def monotonic() -> float:
    """Seconds since some fixed moment, the time that the computer sleeps included: a call goes on meanwhile."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)  # counts sleep there, and time.monotonic does not
    return time.monotonic()


class SystemClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment, sleep included."""
        return monotonic()

    def wall(self) -> float:
        """Unix time in seconds."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Waits on the running event loop."""
        await asyncio.sleep(seconds)


async def paced(heard: AsyncIterator[Heard], speed: float | None, clock: Clock, began: float) -> AsyncGenerator[Heard]:
    """Gives out each frame when its last sample would have been captured, were the call played at ``speed``.

    ``began`` is the clock's monotonic time of the call's second 0. Each moment is reckoned from there, so that lateness
    never adds up: after a delay the frames that are due follow at once. With ``speed`` None nothing waits.
    """
    since_breath = 0
    async for item in heard:
        ahead = 0.0 if speed is None else began + item.end / speed - clock.monotonic()
        since_breath += 1
        if ahead > 0 or since_breath >= _BREATHS:
            since_breath = 0
            await clock.sleep(max(0.0, ahead))
        yield item
