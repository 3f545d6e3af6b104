"""A recording on a virtual clock: work takes its time, and what waits is told later."""

from dataclasses import dataclass, field

import pytest

from live_sentiment.events import FRAME_SECONDS, AnyEvent, AudioFrame, Delay
from live_sentiment.rehearsal import rehearse


@dataclass
class Slow:
    """Wants one step for every ``every`` frames, which takes ``seconds`` on ``now``, its own clock."""

    every: int
    seconds: float
    now: float = 0.0
    frames: int = 0
    steps: int = 0
    heard_at_step: list[int] = field(default_factory=list[int])

    def timer(self) -> float:
        return self.now

    def accept(self, frame: AudioFrame) -> list[AnyEvent]:
        self.frames += 1
        return [Delay(at=frame.end, behind=0.0, mode="full")] if frame.start == 0.0 else []

    def step(self) -> list[AnyEvent] | None:
        if self.steps >= self.frames // self.every:
            return None
        self.steps += 1
        self.now += self.seconds
        self.heard_at_step.append(self.frames)
        return [Delay(at=self.steps * self.every * FRAME_SECONDS, behind=1.0, mode="full")]

    def finish(self, at: float) -> list[AnyEvent]:
        self.now += 1.0
        return [Delay(at=at, behind=2.0, mode="full")]


def frames(count: int) -> list[AudioFrame]:
    return [AudioFrame(channel="agent", start=number * FRAME_SECONDS, pcm=b"\0" * 1024) for number in range(count)]


def test_an_event_is_told_when_its_work_is_done() -> None:
    slow = Slow(every=10, seconds=0.01)
    told = list(rehearse(frames(31), slow, slow.timer))
    first, *steps, last = told
    assert first.when == pytest.approx(FRAME_SECONDS)
    assert [one.when - one.event.at for one in steps] == pytest.approx([0.01] * 3)
    assert last.when == pytest.approx(31 * FRAME_SECONDS + 1.0)


def test_work_that_takes_longer_than_it_may_delays_what_follows() -> None:
    slow = Slow(every=10, seconds=0.5)
    told = list(rehearse(frames(30), slow, slow.timer))
    delays = [one.when - one.event.at for one in told if isinstance(one.event, Delay) and one.event.behind == 1.0]
    assert delays == pytest.approx([0.5, 0.5 + (0.5 - 0.32)])
    assert slow.heard_at_step == [10, 25], "all frames that came meanwhile are heard first"
