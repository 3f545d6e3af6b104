import asyncio

import pytest

from audio_capture.fake import FakeClock, FakeSource, frames
from audio_capture.pacing import SystemClock, paced
from live_sentiment.events import FRAME_SECONDS


def times(speed: float | None, stall: float = 0.0) -> tuple[list[float], FakeClock]:
    """The clock at each frame, from the call's beginning; the listener stalls once, at the tenth."""

    async def play() -> tuple[list[float], FakeClock]:
        clock = FakeClock()
        source = FakeSource(frames(50))
        await source.open(0.0)
        began = clock.now
        out: list[float] = []
        async for _ in paced(source.stream(), speed, clock, began):
            out.append(clock.now - began)
            clock.now += stall if len(out) == 10 else 0.0
        return out, clock

    return asyncio.run(play())


@pytest.mark.parametrize("speed", [1.0, 2.0, 0.5])
def test_a_frame_comes_when_its_last_sample_would_have_been_said(speed: float) -> None:
    out, _ = times(speed)
    assert out[::2] == pytest.approx([(k + 1) * FRAME_SECONDS / speed for k in range(50)])
    assert out[::2] == pytest.approx(out[1::2])


def test_lateness_does_not_add_up() -> None:
    out, _ = times(1.0, stall=0.5)
    assert out[10] == pytest.approx(5 * FRAME_SECONDS + 0.5)
    assert out[-1] == pytest.approx(50 * FRAME_SECONDS)


def test_as_fast_as_possible_takes_no_time_but_lets_others_run() -> None:
    out, clock = times(None)
    assert out[-1] == 0.0
    assert clock.slept == [0.0]


def test_the_system_clock_goes_on() -> None:
    async def play() -> None:
        clock = SystemClock()
        before = clock.monotonic()
        await clock.sleep(0)
        assert clock.monotonic() >= before
        assert clock.wall() > 1_700_000_000

    asyncio.run(play())
