import asyncio
from dataclasses import dataclass, field

import numpy as np
import pytest

from audio_capture.errors import DeviceLost
from audio_capture.interleave import LONGEST_WAIT_FRAMES, Interleaver
from audio_capture.ring import SampleRing
from audio_capture.source import Heard
from live_sentiment.events import FRAME_SAMPLES, Channel, Gap


@dataclass
class FakeLane:
    first_index: int = 0
    ring: SampleRing = field(default_factory=lambda: SampleRing(100 * FRAME_SAMPLES))

    def say(self, frames: int) -> None:
        for number in range(frames):
            self.ring.write(np.full(FRAME_SAMPLES, number, dtype=np.int16))


def heard(lanes: dict[Channel, FakeLane], *, failure: Exception | None = None) -> list[Heard]:
    """What comes out of one look at the lanes."""

    async def play() -> list[Heard]:
        out: list[Heard] = []
        interleaver = Interleaver(lanes, asyncio.Event())

        def end() -> None:
            if failure is not None:
                raise failure
            interleaver.close()

        try:
            async for item in interleaver.heard(end):
                out.append(item)  # noqa: PERF401 - what came before a failure counts
        except DeviceLost:
            out.append(Gap(at=0, start=0, end=0, cause="failed"))
        return out

    return asyncio.run(play())


def order(items: list[Heard]) -> list[tuple[str | None, int]]:
    return [(item.channel, round(item.start / 0.032)) for item in items]


def test_both_channels_by_time_the_agent_first() -> None:
    lanes: dict[Channel, FakeLane] = {"agent": FakeLane(), "customer": FakeLane()}
    for lane in lanes.values():
        lane.say(3)
    assert order(heard(lanes)) == [(channel, number) for number in range(3) for channel in ("agent", "customer")]


def test_a_channel_ahead_waits_for_the_other() -> None:
    lanes: dict[Channel, FakeLane] = {"agent": FakeLane(), "customer": FakeLane()}
    lanes["agent"].say(5)
    lanes["customer"].say(2)
    assert order(heard(lanes))[-2:] == [("customer", 1), ("agent", 2)]


def test_but_not_for_ever() -> None:
    lanes: dict[Channel, FakeLane] = {"agent": FakeLane(first_index=7), "customer": FakeLane()}
    lanes["agent"].say(LONGEST_WAIT_FRAMES + 4)
    assert order(heard(lanes)) == [("agent", number) for number in (7, 8, 9, 10)]


def test_missing_samples_become_a_gap_and_time_goes_on_behind_it() -> None:
    lanes: dict[Channel, FakeLane] = {"agent": FakeLane(), "customer": FakeLane()}
    lanes["agent"].say(1)
    lanes["agent"].ring.skip(3 * FRAME_SAMPLES, "unplugged")
    lanes["agent"].say(1)
    lanes["customer"].say(5)
    items = heard(lanes)
    (gap,) = [item for item in items if isinstance(item, Gap)]
    assert (gap.channel, gap.start, gap.end) == ("agent", pytest.approx(0.032), pytest.approx(0.128))
    assert gap.cause == "unplugged"
    assert order(items)[-2:] == [("agent", 4), ("customer", 4)]


def test_what_was_heard_comes_before_the_failure() -> None:
    lanes: dict[Channel, FakeLane] = {"agent": FakeLane(), "customer": FakeLane()}
    for lane in lanes.values():
        lane.say(2)
    items = heard(lanes, failure=DeviceLost("gone", "plug in"))
    assert len(items) == 5
    assert isinstance(items[-1], Gap)
