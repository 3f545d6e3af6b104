"""The inbox, the timeline and the worker: order, exact gaps, and what is never lost."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_sentiment.events import FRAME_SAMPLES, FRAME_SECONDS, AnyEvent, AudioFrame, Channel, CueOutcome, Gap
from server.inbox import OVERLOAD, Finish, Inbox, Recall, Settle
from server.protocol import CallBegin
from server.timeline import Timeline
from server.worker import DeafPipeline, Pipeline, PipelineFactory, Worker

BEGIN = CallBegin(call_id="c", started_at=0.0, source="x")


def frame(number: int, channel: Channel = "agent") -> AudioFrame:
    return AudioFrame(channel=channel, start=number * FRAME_SECONDS, pcm=bytes(2 * FRAME_SAMPLES))


def outcome(number: int) -> CueOutcome:
    return CueOutcome(at=0.0, cue_id=str(number), outcome="shown")


def test_what_fits_comes_out_as_it_went_in() -> None:
    inbox = Inbox()
    items = [frame(0), outcome(1), frame(0, "customer"), Gap(at=1, start=0, end=1, cause="x"), Finish(2.0)]
    for item in items:
        inbox.put(item)
    assert list(inbox.take(block=True)) == items
    assert list(inbox.take(block=False)) == []


def test_the_oldest_frames_become_one_gap_per_channel() -> None:
    inbox = Inbox(seconds=4 * FRAME_SECONDS)
    for number in range(10):
        inbox.put(frame(number))
        inbox.put(frame(number, "customer"))
    items = list(inbox.take(block=True))
    gaps = [item for item in items if isinstance(item, Gap)]
    assert {gap.channel: (gap.start, gap.end) for gap in gaps} == {
        "agent": (0.0, pytest.approx(6 * FRAME_SECONDS)),
        "customer": (0.0, pytest.approx(6 * FRAME_SECONDS)),
    }
    assert items[2:] == [frame(n, c) for n in range(6, 10) for c in ("agent", "customer")]


@given(
    seconds=st.integers(1, 8),
    kinds=st.lists(st.sampled_from(["agent", "customer", "outcome", "take"]), max_size=120),
)
def test_every_frame_is_heard_or_in_a_gap_exactly_once(seconds: int, kinds: list[str]) -> None:
    inbox = Inbox(seconds=seconds * FRAME_SECONDS)
    sent: dict[str, int] = {"agent": 0, "customer": 0}
    outcomes, out = 0, []
    for kind in kinds:
        if kind == "take":
            out += inbox.take(block=False)
        elif kind == "outcome":
            outcomes += 1
            inbox.put(outcome(outcomes))
        else:
            inbox.put(frame(sent[kind], "agent" if kind == "agent" else "customer"))
            sent[kind] += 1
    out += inbox.take(block=False)
    assert [item.cue_id for item in out if isinstance(item, CueOutcome)] == [str(n + 1) for n in range(outcomes)]
    for channel, count in sent.items():
        at = 0.0
        for item in out:
            if isinstance(item, AudioFrame | Gap) and item.channel == channel:
                assert item.start == pytest.approx(at)
                at = item.end
        assert at == pytest.approx(count * FRAME_SECONDS)
    assert all(item.cause == OVERLOAD for item in out if isinstance(item, Gap))


def test_a_crowded_inbox_says_when_there_is_room_again() -> None:
    told: list[bool] = []
    inbox = Inbox(seconds=2 * FRAME_SECONDS, on_room=lambda: told.append(True))
    inbox.put(frame(0))
    inbox.take(block=True)
    assert not told
    for number in range(3):
        inbox.put(frame(number))
    assert inbox.crowded
    inbox.take(block=True)
    assert told == [True]


def test_the_first_frame_after_an_interruption_tells_what_is_missing() -> None:
    timeline = Timeline()
    assert timeline.admit(frame(0)) == (True, None)
    timeline.interrupted("paused")
    new, gap = timeline.admit(frame(5))
    assert new
    assert gap == Gap(at=frame(5).start, start=FRAME_SECONDS, end=frame(5).start, cause="paused", channel="agent")
    assert timeline.admit(frame(6)) == (True, None)


def test_what_the_capture_tells_itself_is_not_told_twice() -> None:
    timeline = Timeline()
    timeline.admit(frame(0))
    timeline.interrupted("connection")
    timeline.told(Gap(at=1, start=FRAME_SECONDS, end=frame(5).start, cause="device"))
    assert timeline.admit(frame(5)) == (True, None)


def test_of_a_gap_only_what_is_new_is_told() -> None:
    timeline = Timeline()
    for number in range(4):
        timeline.admit(frame(number))
    heard = 4 * FRAME_SECONDS
    both = Gap(at=1.0, start=0.0, end=1.0, cause="device")
    assert timeline.told(Gap(at=heard, start=0.0, end=heard, cause="device", channel="agent")) is None
    assert timeline.told(both) == both
    assert timeline.told(both) is None
    assert timeline.told(Gap(at=2.0, start=0.5, end=2.0, cause="device", channel="agent")) == Gap(
        at=2.0, start=1.0, end=2.0, cause="device", channel="agent"
    )
    assert timeline.told(Gap(at=2.0, start=0.5, end=2.0, cause="device")) == Gap(
        at=2.0, start=1.0, end=2.0, cause="device", channel="customer"
    )


def test_a_frame_that_came_before_is_not_heard_again() -> None:
    timeline = Timeline()
    timeline.admit(frame(3))
    assert timeline.admit(frame(3)) == (False, None)
    assert timeline.admit(frame(2)) == (False, None)
    assert timeline.admit(frame(4)) == (True, None)
    assert timeline.newest == pytest.approx(5 * FRAME_SECONDS)


def test_a_call_that_ends_interrupted_tells_so() -> None:
    timeline = Timeline()
    timeline.admit(frame(0))
    timeline.interrupted("paused")
    assert {gap.channel for gap in timeline.close(9.0)} == {"agent", "customer"}
    assert Timeline().close(9.0) == []


class Recording(DeafPipeline):
    """Writes down in which order it was used."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.steps = 0
        self.threads: set[str] = set()

    def accept(self, frame: AudioFrame) -> list[AnyEvent]:
        self.threads.add(threading.current_thread().name)
        self.said.append(f"accept {round(frame.start / FRAME_SECONDS)}")
        self.steps += 1
        return []

    def step(self) -> list[AnyEvent] | None:
        if self.steps == 0:
            return None
        self.steps = 0
        self.said.append("step")
        return []

    def settle(self, at: float) -> list[AnyEvent]:
        self.said.append(f"settle {at}")
        self.steps += 1
        return []

    def recall(self, events: Sequence[AnyEvent]) -> None:
        self.said.append(f"recall {len(events)}")

    def finish(self, at: float) -> list[AnyEvent]:
        self.said.append(f"finish {at}")
        return []

    def close(self) -> None:
        self.said.append("close")


def work(pipeline: Pipeline, inbox: Inbox) -> bool:
    """Runs a worker to its end; whether the pipeline came to its own."""
    factory: Future[PipelineFactory] = Future()
    ends: Future[bool] = Future()
    worker = Worker(BEGIN, factory, inbox, lambda _: None, ends.set_result)
    worker.start()
    factory.set_result(lambda _: pipeline)
    assert worker.join(5)
    return ends.result(5)


def test_all_that_waits_is_heard_before_one_decode() -> None:
    inbox, pipeline = Inbox(), Recording()
    for number in range(3):
        inbox.put(frame(number))
    inbox.put(Finish(9.0))
    assert work(pipeline, inbox)
    assert pipeline.said == ["accept 0", "accept 1", "accept 2", "finish 9.0", "close"]
    assert pipeline.threads == {"call-c"}


def test_what_was_is_recalled_before_all_and_a_settled_call_is_decoded() -> None:
    settled = threading.Event()

    class Settling(Recording):
        def step(self) -> list[AnyEvent] | None:
            done = super().step()
            if done is not None:
                settled.set()
            return done

    inbox, pipeline = Inbox(), Settling()
    inbox.put(Recall((outcome(1),)))
    inbox.put(Settle(1.5))

    def finish() -> None:
        settled.wait(5)
        inbox.put(Finish(9.0))

    finisher = threading.Thread(target=finish)
    finisher.start()
    assert work(pipeline, inbox)
    finisher.join()
    assert pipeline.said == ["recall 1", "settle 1.5", "step", "finish 9.0", "close"]


def test_a_pipeline_that_fails_is_closed_and_told() -> None:
    class Failing(Recording):
        def accept(self, frame: AudioFrame) -> list[AnyEvent]:
            raise ValueError(frame.start)

    inbox, pipeline = Inbox(), Failing()
    inbox.put(frame(0))
    assert not work(pipeline, inbox)
    assert pipeline.said == ["close"]
