"""The work after a call: the cue engine's clock goes on, and its cues are shown, kept and answered like others."""

from pathlib import Path

import pytest
from server_kit import ManualClock, Overlay, ScriptedPipeline, running, wait_until

from live_sentiment.events import AnyEvent, CallEnded, CallStarted, Cue, CueOutcome, WrapUp
from server.protocol import CallBegin, CallFinish, CueReply, Envelope, ResumeFrom


def cue(at: float, cue_id: str) -> Cue:
    texts = {"nl": "Rond af.", "en": "Round off."}
    return Cue(
        at=at,
        cue_id=cue_id,
        rule="wrap_up",
        priority=1,
        advice=texts,
        why=texts,
        because=(),
        confidence=1.0,
        expires_at=at + 20,
    )


class Advisor(ScriptedPipeline):
    """Has something to say when the call ends and ten seconds later, and saw a cue acted upon."""

    def __init__(self, begin: CallBegin) -> None:
        del begin
        super().__init__(after_call=20.0, cues={10.0: cue(10, "at the end"), 20.0: cue(20, "later")})

    def finish(self, at: float) -> list[AnyEvent]:
        return [*super().finish(at), CueOutcome(at=at, cue_id="earlier", outcome="acted")]


def ended_call(clock: ManualClock, overlay: Overlay, pipelines: list[Advisor]) -> None:
    """Waits until the call is over and the clock of the work after it runs."""
    assert overlay.until_event(CallEnded).at == 10
    wait_until(lambda: clock.running == 1)
    assert isinstance(pipelines[0].wrapped_up[0], CallEnded)


def test_cues_after_the_call_are_shown_kept_and_answered(tmp_path: Path) -> None:
    clock, made = ManualClock(), list[Advisor]()
    load = lambda _: lambda begin: made.append(Advisor(begin)) or made[-1]  # noqa: E731
    with (
        running(tmp_path, clock, load) as server,
        server.overlay() as overlay,
        server.capture() as capture,
    ):
        capture.begin()
        capture.frames(2)
        capture.send(CallFinish(at=10.0))
        ended_call(clock, overlay, made)
        assert overlay.until_event(Cue).cue_id == "at the end"
        for tick in range(1, 5):
            clock.pass_over(server)
            wait_until(lambda tick=tick: len(made[0].wrapped_up) == 1 + tick)
        assert overlay.until_event(Cue).cue_id == "later"
        assert [event for event in made[0].wrapped_up if isinstance(event, WrapUp)] == [
            WrapUp(at=at, ended_at=10) for at in (15, 20, 25, 30)
        ]
        wait_until(lambda: clock.running == 0)
        overlay.send(CueReply(call_id="call-1", cue_id="later", outcome="dismissed", shown_at=1.0))
        answer = overlay.until_event(CueOutcome)
        assert (answer.cue_id, answer.outcome, answer.at) == ("later", "dismissed", 30)
        wait_until(lambda: answer in made[0].wrapped_up)
        seqs = [envelope.seq for envelope in overlay.durable]
        assert seqs == list(range(1, len(seqs) + 1))
        with server.overlay(ResumeFrom(call_id="call-1", seq=seqs[-2])) as back:
            missed = back.until(Envelope)
            assert missed.event == answer
        log = server.http("GET", "/v1/calls/call-1").json()
        assert log["call"]["length"] == 10
        assert [event["type"] for event in log["events"]][-4:] == ["CallEnded", "Cue", "Cue", "CueOutcome"]
        told = {(outcome["cue_id"], outcome["outcome"]) for outcome in log["outcomes"]}
        assert told == {("earlier", "acted"), ("later", "dismissed")}


@pytest.mark.parametrize("how", ["another call", "the servers end"])
def test_it_is_over_when_another_call_begins_or_the_server_ends(tmp_path: Path, how: str) -> None:
    clock, made = ManualClock(), list[Advisor]()
    load = lambda _: lambda begin: made.append(Advisor(begin)) or made[-1]  # noqa: E731
    with running(tmp_path, clock, load) as server, server.overlay() as overlay, server.capture() as capture:
        capture.begin()
        capture.send(CallFinish(at=10.0))
        ended_call(clock, overlay, made)
        if how == "another call":
            capture.begin("call-2")
            overlay.until_event(CallStarted)
            assert clock.running == 0
            overlay.send(CueReply(call_id="call-1", cue_id="later", outcome="dismissed", shown_at=1.0))
    assert not [timer for timer in clock.waiting if not timer.cancelled]


def test_nobody_works_after_a_recording_that_is_played_as_fast_as_possible(tmp_path: Path) -> None:
    clock, made = ManualClock(), list[Advisor]()
    load = lambda _: lambda begin: made.append(Advisor(begin)) or made[-1]  # noqa: E731
    with running(tmp_path, clock, load) as server, server.overlay() as overlay, server.capture() as capture:
        capture.begin(speed=None)
        capture.send(CallFinish(at=10.0))
        overlay.until_event(CallEnded)
        assert overlay.until_event(Cue).cue_id == "at the end"
        assert clock.running == 0
