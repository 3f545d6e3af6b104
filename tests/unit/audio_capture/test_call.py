import asyncio
from collections.abc import Sequence

import pytest

from audio_capture.call import PAUSED, STOPPED, Call, CallPlan
from audio_capture.errors import BrokenSamples, DeviceLost, SoundDaemonAway
from audio_capture.fake import FakeClock, FakeSource, frames, until
from audio_capture.outbox import Item
from audio_capture.source import Heard
from live_sentiment.events import FRAME_SECONDS, AudioFrame, Gap
from server.protocol import CallFinish, ChannelLevels

SECOND = 31.25


async def delivered(call: Call) -> list[Item]:
    out: list[Item] = []
    while (item := await call.outbox.take()) is not None:
        out.append(item)
        call.outbox.confirm_through(call.outbox.taken)
    return out


def a_call(
    items: Sequence[Heard | Exception],
    *,
    live: bool = False,
    speed: float | None = 1.0,
    failures: Sequence[Exception] = (),
) -> tuple[Call, FakeSource, FakeClock]:
    source, clock = FakeSource(items, live=live, failures=failures), FakeClock()
    return Call(CallPlan(call_id="c", speed=speed), source, clock), source, clock


def audio(items: Sequence[Item]) -> list[AudioFrame]:
    return [item for item in items if isinstance(item, AudioFrame)]


def gaps(items: Sequence[Item]) -> list[Gap]:
    return [item for item in items if isinstance(item, Gap)]


@pytest.mark.parametrize("speed", [1.0, 4.0, None])
def test_a_recording_is_delivered_whole_with_levels_and_its_end(speed: float | None) -> None:
    async def play() -> None:
        call, source, _ = a_call(frames(100), speed=speed)
        _, out = await asyncio.gather(call.run(), delivered(call))
        assert audio(out) == frames(100)
        assert len([item for item in out if isinstance(item, ChannelLevels)]) == 3
        assert out[-1] == CallFinish(at=100 * FRAME_SECONDS, reason="finished")
        assert not gaps(out)
        assert call.begin.speed == speed
        assert not source.listening

    asyncio.run(play())


def test_a_hole_in_the_source_becomes_a_gap_of_both() -> None:
    async def play() -> None:
        call, _, _ = a_call([*frames(10), *frames(10, first=30)])
        await call.run()
        assert gaps(await delivered(call)) == [
            Gap(at=30 * 0.032, start=10 * 0.032, end=30 * 0.032, cause="audio was missing", channel=None)
        ]

    asyncio.run(play())


def test_a_gap_that_the_source_tells_is_told_once() -> None:
    async def play() -> None:
        told = [
            Gap(at=0.64, start=0.32, end=0.64, cause="x", channel="agent"),
            Gap(at=0.64, start=0.32, end=0.64, cause="x", channel="customer"),
        ]
        call, _, _ = a_call([*frames(10), *told, *frames(10, first=20)])
        await call.run()
        assert gaps(await delivered(call)) == told

    asyncio.run(play())


def test_a_channel_that_ends_early_has_a_gap_at_the_end() -> None:
    async def play() -> None:
        rest = [frame for frame in frames(10, first=10) if frame.channel == "agent"]
        call, _, _ = a_call([*frames(10), *rest])
        await call.run()
        (gap,) = gaps(await delivered(call))
        assert (gap.channel, gap.start, gap.end) == ("customer", pytest.approx(0.32), pytest.approx(0.64))

    asyncio.run(play())


def test_while_paused_nothing_is_captured_and_the_gap_says_so() -> None:
    async def play() -> None:
        call, source, clock = a_call(frames(10), live=True)
        running = asyncio.create_task(call.run())
        await until(lambda: min(call._heard_until.values()) > 0.31)
        await call.pause()
        await call.pause()
        assert not source.listening
        clock.now += 60
        source._items += frames(2000)
        await call.resume()
        await until(lambda: len(source.opened) == 2 and call.position > 60.5)
        await call.stop()
        await running
        out = await delivered(call)
        (gap,) = gaps(out)
        after = [frame for frame in audio(out) if frame.start > 1]
        assert gap.cause == PAUSED
        assert gap.end == after[0].start
        assert gap.end >= 60
        assert source.opened[1] == pytest.approx(60.32, abs=0.01)

    asyncio.run(play())


def test_stopped_while_paused_the_pause_counts() -> None:
    async def play() -> None:
        call, _, clock = a_call(frames(10), live=True)
        running = asyncio.create_task(call.run())
        await until(lambda: min(call._heard_until.values()) > 0.31)
        await call.pause()
        clock.now += 5
        await call.stop()
        await running
        out = await delivered(call)
        assert [gap.cause for gap in gaps(out)] == [PAUSED, PAUSED]
        assert out[-1] == CallFinish(at=pytest.approx(5.32), reason="stopped")

    asyncio.run(play())


def test_a_recording_as_fast_as_possible_goes_on_where_it_was_paused() -> None:
    async def play() -> None:
        call, source, _ = a_call(frames(3000), speed=None)
        running = asyncio.create_task(call.run())
        taking = asyncio.create_task(delivered(call))
        await until(lambda: call.position > 0)
        await call.pause()
        for _ in range(20):
            await asyncio.sleep(0)
        await call.resume()
        await running
        assert len(gaps(await taking)) <= 1
        assert len(source.opened) == 2
        assert source.opened[1] < 3000 * FRAME_SECONDS

    asyncio.run(play())


def test_a_headset_that_goes_away_comes_back_with_an_exact_gap() -> None:
    async def play() -> None:
        away = DeviceLost("The headset is gone", "Plug it in")
        call, source, clock = a_call([*frames(10), away, *frames(100)], live=True)
        running = asyncio.create_task(call.run())
        await until(lambda: len(source.opened) == 2 and call.position > 3)
        await call.stop()
        await running
        out = await delivered(call)
        (gap,) = gaps(out)
        assert gap.cause == "The headset is gone"
        assert gap.start == pytest.approx(0.32)
        assert gap.end == next(frame.start for frame in audio(out) if frame.start > gap.start)
        assert ChannelLevels(agent_dbfs=-120, customer_dbfs=-120, agent_alive=False, customer_alive=False) in out
        assert 0.5 in clock.slept

    asyncio.run(play())


def test_a_missing_daemon_is_tried_again() -> None:
    async def play() -> None:
        failures = [SoundDaemonAway("No daemon", "Start it")] * 3
        call, source, _ = a_call(frames(200), failures=failures)
        await call.run()
        out = await delivered(call)
        assert len(source.opened) == 1
        assert gaps(out)[0].cause == "No daemon"
        assert gaps(out)[0].end >= 1.5

    asyncio.run(play())


def test_a_broken_recording_is_finished_and_the_error_comes_out() -> None:
    async def play() -> None:
        call, _, _ = a_call([*frames(10), BrokenSamples("broken", "again")])
        with pytest.raises(BrokenSamples):
            await call.run()
        out = await delivered(call)
        assert isinstance(out[-1], CallFinish)
        assert len(audio(out)) == 20

    asyncio.run(play())


def test_a_source_is_told_whether_the_call_begins_or_goes_on() -> None:
    async def play() -> None:
        failures = [SoundDaemonAway("No daemon", "Start it")]
        call, source, clock = a_call(frames(10), live=True, failures=failures)
        running = asyncio.create_task(call.run())
        await until(lambda: source.listening)
        await call.pause()
        clock.now += 1
        await call.resume()
        await until(lambda: len(source.opened) == 2)
        await call.stop()
        await running
        assert source.resumed == [False, True], "what could not be opened has not begun"

    asyncio.run(play())


def test_a_call_says_on_a_new_connection_whether_it_is_paused() -> None:
    async def play() -> None:
        call, _, _ = a_call(frames(100), live=True)
        assert not call.begin.paused
        await call.pause()
        assert call.begin.paused
        await call.resume()
        assert not call.begin.paused

    asyncio.run(play())


@pytest.mark.parametrize(
    ("stopped", "wanted", "unfinished"), [(False, False, True), (False, True, False), (True, False, False)]
)
def test_only_a_call_that_nobody_ended_is_unfinished(stopped: bool, wanted: bool, unfinished: bool) -> None:
    async def play() -> None:
        call, _, _ = a_call(frames(100), live=True)
        if stopped:
            await call.stop()
        await call.abandon(wanted=wanted)
        assert (call.abandoned, call.unfinished) == (True, unfinished)

    asyncio.run(play())


def test_a_channel_that_is_away_at_the_end_keeps_its_reason_and_one_that_was_behind_is_not_lost() -> None:
    async def play(heard: list[Heard]) -> dict[str | None, str]:
        call, source, _ = a_call(heard, live=True)
        running = asyncio.create_task(call.run())
        await until(lambda: source.listening and source._next == len(heard))
        await call.stop()
        _, out = await asyncio.gather(running, delivered(call))
        return {gap.channel: gap.cause for gap in gaps(out)}

    agent = [frame for frame in frames(20) if frame.channel == "agent"]
    away: list[Heard] = [Gap(at=0.32, start=0.0, end=0.32, cause="unplugged", channel="customer"), *agent]
    assert asyncio.run(play(away)) == {"customer": "unplugged"}
    behind: list[Heard] = [*frames(10), *agent[10:]]
    assert asyncio.run(play(behind)) == {"customer": STOPPED}
