"""Numbers, replay, snapshots and conflation, without sockets."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_sentiment.events import (
    AnyEvent,
    CallEnded,
    CallStarted,
    ConversationMetrics,
    Cue,
    CueOutcome,
    SpeechStarted,
    TranscriptPartial,
)
from server.hub import Hub, live_key
from server.outbox import Outbox, OutboxLimits
from server.protocol import Envelope, Presence, ResumeFrom, Snapshot, ToOverlay, Welcome, decode_to_overlay
from server.snapshot import SnapshotMemory


def started() -> CallStarted:
    return CallStarted(at=0.0, call_id="c", started_at=1.0, source="x")


def durable(at: float) -> SpeechStarted:
    return SpeechStarted(at=at, channel="agent", utterance=1)


def partial(at: float, channel: Any = "customer") -> TranscriptPartial:
    return TranscriptPartial(
        at=at, channel=channel, utterance=1, text="a", committed=0, start=0.0, end=at, language="en"
    )


def metrics(at: float) -> ConversationMetrics:
    return ConversationMetrics(
        at=at, agent_talk=0, customer_talk=0, overlap=0, silence=0, talk_ratio=None, dead_air=0, monologue=0, pace=None
    )


def cue(at: float, expires_at: float, cue_id: str = "q", *, shadow: bool = False) -> Cue:
    return Cue(
        at=at,
        cue_id=cue_id,
        rule="r",
        priority=1,
        advice={},
        why={},
        because=(),
        confidence=1,
        expires_at=expires_at,
        shadow=shadow,
    )


def run(what: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(what)


def drain(outbox: Outbox) -> list[ToOverlay]:
    """Everything that waits."""

    async def get() -> list[ToOverlay]:
        found: list[ToOverlay] = []
        while len(outbox):
            text = await outbox.get()
            assert text is not None
            found.append(decode_to_overlay(text))
        return found

    return run(get())


def envelopes(messages: list[ToOverlay]) -> list[Envelope]:
    return [message for message in messages if isinstance(message, Envelope)]


def test_partials_and_metrics_carry_the_number_of_the_last_durable_event() -> None:
    hub = Hub()
    numbers = [hub.publish("c", e) for e in (started(), partial(1), durable(2), metrics(3), partial(4), durable(5))]
    assert numbers == [1, 1, 2, 2, 2, 3]


def test_only_the_newest_of_waiting_partials_is_sent_and_order_is_kept() -> None:
    hub = Hub()
    outbox = hub.join([])
    for event in (started(), partial(1), partial(1, "agent"), metrics(1), durable(2), partial(3), metrics(3)):
        hub.publish("c", event)
    got = [(type(e.event).__name__, e.seq, e.event.at) for e in envelopes(drain(outbox))]
    assert got == [
        ("CallStarted", 1, 0.0),
        ("TranscriptPartial", 1, 1.0),
        ("SpeechStarted", 2, 2.0),
        ("TranscriptPartial", 2, 3.0),
        ("ConversationMetrics", 2, 3.0),
    ]


def test_a_newcomer_is_greeted_first() -> None:
    hub = Hub()
    hub.publish("c", started())
    messages = drain(hub.join([Welcome(version=1, now=1.0), Presence(capture=False)]))
    assert [type(message).__name__ for message in messages] == ["Welcome", "Presence", "Snapshot"]


def test_between_calls_there_is_no_snapshot() -> None:
    hub = Hub()
    hub.publish("c", started())
    hub.publish("c", CallEnded(at=1.0, reason="finished"))
    assert hub.present_call is None
    assert drain(hub.join([])) == []


def test_who_returns_in_the_next_call_gets_the_end_of_the_old_and_a_snapshot_of_the_new() -> None:
    hub = Hub()
    hub.publish("c", started())
    hub.publish("c", CallEnded(at=1.0, reason="finished"))
    hub.publish("d", started())
    old_end, snapshot = drain(hub.join([], ResumeFrom(call_id="c", seq=1)))
    assert isinstance(old_end, Envelope)
    assert isinstance(old_end.event, CallEnded)
    assert isinstance(snapshot, Snapshot)
    assert snapshot.call_id == "d"


@pytest.mark.parametrize("seq", [-1, 4, 99])
def test_a_number_that_never_was_gets_a_snapshot(seq: int) -> None:
    hub = Hub()
    for event in (started(), durable(1), durable(2)):
        hub.publish("c", event)
    (message,) = drain(hub.join([], ResumeFrom(call_id="c", seq=seq)))
    assert isinstance(message, Snapshot)


def test_an_unknown_call_is_not_resumed() -> None:
    hub = Hub()
    assert drain(hub.join([], ResumeFrom(call_id="elsewhere", seq=3))) == []


@pytest.mark.parametrize(("seq", "resumed"), [(1, True), (2, True), (3, False)])
def test_numbers_a_killed_server_may_have_given_are_not_trusted(seq: int, resumed: bool) -> None:
    hub = Hub()
    hub.restore("c", [(1, started()), (2, durable(1))])
    for at in (5.0, 6.0):
        hub.publish("c", durable(at))
    messages = drain(hub.join([], ResumeFrom(call_id="c", seq=seq)))
    if resumed:
        assert [envelope.seq for envelope in envelopes(messages)] == list(range(seq + 1, 5))
    else:
        assert isinstance(messages[0], Snapshot)


def test_numbers_go_on_after_the_last_though_some_are_missing() -> None:
    hub = Hub()
    hub.restore("c", [(1, started()), (2, durable(1)), (5, durable(4))])
    assert hub.publish("c", durable(5.0)) == 6
    resumed = drain(hub.join([], ResumeFrom(call_id="c", seq=4)))
    assert [envelope.seq for envelope in envelopes(resumed)] == [5, 6]
    assert isinstance(drain(hub.join([], ResumeFrom(call_id="c", seq=2)))[0], Snapshot)


def test_a_snapshot_shows_the_present_cue_and_no_other() -> None:
    hub = Hub()
    for event in (started(), cue(1, 9, "a"), CueOutcome(at=2, cue_id="a", outcome="shown")):
        hub.publish("c", event)

    def shown() -> list[str]:
        (message,) = drain(hub.join([]))
        assert isinstance(message, Snapshot)
        return [event.cue_id for event in message.events if isinstance(event, Cue)]

    assert shown() == ["a"]
    hub.publish("c", cue(2, 20, "on trial", shadow=True))
    assert shown() == ["a"]
    hub.publish("c", CueOutcome(at=3, cue_id="a", outcome="helped"))
    assert shown() == []
    hub.publish("c", cue(4, 9, "b"))
    assert shown() == ["b"]
    hub.publish("c", durable(9.0))
    assert shown() == []
    hub.publish("c", cue(10, 30, "c"))
    assert shown() == ["c"]


def test_a_snapshot_of_a_call_that_is_over_has_only_a_cue_that_came_after_its_end() -> None:
    memory = SnapshotMemory()
    for event in (started(), cue(1, 99, "in the call"), CallEnded(at=9, reason="finished")):
        memory.add(event)
    assert not any(isinstance(event, Cue) for event in memory.snapshot("c", 3).events)
    memory.add(cue(9, 20, "after it"))
    assert memory.snapshot("c", 4).events[-1] == cue(9, 20, "after it")


def test_old_calls_are_forgotten_and_the_present_one_is_not() -> None:
    hub = Hub()
    hub.publish("c", started())
    for number in range(10):
        hub.publish(str(number), started())
        hub.publish(str(number), CallEnded(at=1.0, reason="finished"))
    assert hub.seq("c") == 1
    assert hub.seq("9") == 2
    assert hub.seq("0") == 0


def test_an_outbox_past_its_bounds_is_closed_and_costs_nothing() -> None:
    for limits in (OutboxLimits(messages=3), OutboxLimits(characters=30)):
        outbox = Outbox(limits)
        for _ in range(10):
            outbox.put("ten chars.")
        assert outbox.overrun
        assert outbox.characters == len(outbox) == 0
        assert run(outbox.get()) is None


def test_conflation_does_not_count_what_it_replaced() -> None:
    outbox = Outbox(OutboxLimits(messages=2, characters=100))
    for _ in range(50):
        outbox.put("ten chars.", ("same",))
    assert not outbox.overrun
    assert (outbox.characters, len(outbox)) == (10, 1)


Step = tuple[str, int]
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["durable", "partial", "metrics"]), st.integers(1, 4)),
        st.tuples(st.just("read"), st.integers(0, 6)),
        st.tuples(st.just("away"), st.just(0)),
    ),
    max_size=60,
)


@given(steps=steps)
def test_a_client_that_comes_and_goes_misses_nothing_and_sees_nothing_twice(steps: list[Step]) -> None:
    """Within the window: every durable event once, in order, whatever was read when; live ones never out of order."""

    async def play() -> list[Envelope]:
        hub, seen, last = Hub(), list[Envelope](), ResumeFrom(call_id="c", seq=0)
        outbox, at = hub.join([]), 0.0
        hub.publish("c", started())

        async def read(most: int) -> None:
            nonlocal last
            while len(outbox) and most > 0:
                message = decode_to_overlay(await outbox.get() or "")
                assert isinstance(message, Envelope)
                seen.append(message)
                last = ResumeFrom(call_id="c", seq=message.seq)
                most -= 1

        for kind, number in steps:
            if kind == "read":
                await read(number)
            elif kind == "away":
                hub.leave(outbox)
                outbox = hub.join([], last)
            else:
                for _ in range(number):
                    at += 1.0
                    hub.publish("c", {"durable": durable, "partial": partial, "metrics": metrics}[kind](at))
        await read(1000)
        assert hub.seq("c") == last.seq
        return seen

    seen: list[Envelope] = run(play())
    kept = [envelope for envelope in seen if live_key(envelope.event) is None]
    assert [envelope.seq for envelope in kept] == list(range(1, len(kept) + 1))
    times = [event_at(envelope.event) for envelope in seen]
    assert times == sorted(times)
    assert len(set(times)) == len(times)


def event_at(event: AnyEvent) -> float:
    return event.at
