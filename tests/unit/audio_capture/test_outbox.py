import asyncio

import pytest

from audio_capture.fake import frames
from audio_capture.outbox import Item, Outbox
from live_sentiment.events import FRAME_SECONDS, AudioFrame, Gap
from server.protocol import CallFinish, ChannelLevels


async def drained(box: Outbox) -> list[Item]:
    """Everything there is, confirmed as it comes."""
    out: list[Item] = []
    while (item := await box.take()) is not None:
        out.append(item)
        box.confirm_through(box.taken)
    return out


async def drained_without_confirming(box: Outbox) -> None:
    while await box.take() is not None:
        pass


def test_order_is_kept_and_the_end_is_told() -> None:
    async def play() -> None:
        box = Outbox()
        items: list[Item] = [*frames(20), CallFinish(at=20 * FRAME_SECONDS)]
        for item in items:
            box.put(item)
        assert await drained(box) == items
        assert box.flushed

    asyncio.run(play())


def test_unconfirmed_items_come_again_after_a_lost_connection() -> None:
    async def play() -> None:
        box = Outbox()
        items = frames(5)
        for item in items:
            box.put(item)
        taken = [await box.take() for _ in range(6)]
        box.confirm_through(4)
        box.rewind()
        assert [await box.take() for _ in range(6)] == items[4:]
        assert taken == items[:6]

    asyncio.run(play())


def test_a_pong_of_the_old_connection_confirms_nothing_new() -> None:
    async def play() -> None:
        box = Outbox()
        for item in frames(5):
            box.put(item)
        for _ in range(10):
            await box.take()
        box.confirm_through(2)
        box.rewind()
        box.confirm_through(2)
        assert box.taken == 2
        assert await box.take() == frames(5)[2]

    asyncio.run(play())


def test_beyond_the_limit_the_oldest_go_and_an_exact_gap_stands_for_them() -> None:
    async def play() -> None:
        box = Outbox(seconds=1.0, flight_seconds=100)
        for item in frames(100):
            box.put(item)
        box.put(CallFinish(at=3.2))
        out = await drained(box)
        first = out[1]
        assert isinstance(first, AudioFrame)
        assert isinstance(out[0], Gap)
        assert (out[0].start, out[0].end, out[0].channel) == (0.0, first.start, None)
        assert first.start == pytest.approx(3.2 - 1.0, abs=FRAME_SECONDS)
        assert out[1:-1] == frames(100)[-len(out[1:-1]) :]
        assert box.dropped_frames == 200 - len(out[1:-1])

    asyncio.run(play())


def test_gaps_that_waited_are_swallowed_by_the_gap_that_replaces_them() -> None:
    async def play() -> None:
        box = Outbox(seconds=1.0)
        box.put(Gap(at=1.6, start=0.0, end=1.6, cause="paused"))
        for item in frames(100, first=50):
            box.put(item)
        gap = await box.take()
        assert isinstance(gap, Gap)
        assert gap.start == 0.0
        following = await box.take()
        assert isinstance(following, AudioFrame)
        assert gap.end == following.start

    asyncio.run(play())


def test_the_sender_waits_while_too_much_is_in_flight() -> None:
    async def play() -> None:
        box = Outbox(flight_seconds=0.5)
        for item in frames(100):
            box.put(item)
        taking = asyncio.create_task(drained_without_confirming(box))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not taking.done()
        taking.cancel()
        assert box.taken * FRAME_SECONDS / 2 == pytest.approx(0.5, abs=2 * FRAME_SECONDS)
        taken = box.taken
        box.confirm_through(taken)
        assert await box.take() == frames(100)[taken]

    asyncio.run(play())


def test_a_patient_source_waits_for_room_and_loses_nothing() -> None:
    async def play() -> None:
        box = Outbox(seconds=0.5)
        items = frames(200)

        async def produce() -> None:
            for item in items:
                await box.put_patiently(item)
            box.put(CallFinish(at=6.4))

        producing = asyncio.create_task(produce())
        out = await drained(box)
        await producing
        assert out[:-1] == items
        assert box.dropped_frames == 0

    asyncio.run(play())


def level(agent: float) -> ChannelLevels:
    return ChannelLevels(agent_dbfs=agent, customer_dbfs=-120, agent_alive=True, customer_alive=False)


def test_while_nothing_else_comes_only_the_newest_level_waits() -> None:
    async def play() -> None:
        box = Outbox()
        items: list[Item] = [*frames(1), *(level(-100 + each) for each in range(50))]
        for item in items:
            box.put(item)
        assert [await box.take() for _ in range(2)] == items[:2]
        assert await box.take() == level(-51)
        assert len(box._waiting) == 0
        box.put(level(-1))
        box.rewind()
        box.put(CallFinish(at=0.032))
        out = await drained(box)
        assert out == [*items[:2], level(-51), level(-1), CallFinish(at=0.032)], "what is in flight is left alone"

    asyncio.run(play())
