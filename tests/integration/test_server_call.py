"""A call over a real server: from the capture's first frame to the overlay's last event and the log."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from server_kit import TOKEN, ManualClock, Overlay, ScriptedPipeline, running, wait_until

from live_sentiment.events import (
    FRAME_SECONDS,
    AnyEvent,
    AudioFrame,
    CallEnded,
    CallStarted,
    CueOutcome,
    Gap,
    TranscriptFinal,
)
from server.backend import BackendConfig
from server.calls import CallsConfig
from server.protocol import (
    CallControl,
    CallFinish,
    CallNote,
    CaptureControl,
    ChannelLevels,
    CueReply,
    Error,
    FeedbackCard,
    FeedbackSeen,
    Presence,
    ResumeFrom,
    ServerStatus,
    Snapshot,
    Today,
)
from server.worker import PipelineFactory


def numbered_without_holes(overlay: Overlay, first: int = 1) -> None:
    numbers = [envelope.seq for envelope in overlay.durable]
    assert numbers == list(range(first, first + len(numbers)))
    every = [envelope.seq for envelope in overlay.envelopes]
    assert every == sorted(every)


def test_a_whole_call_is_shown_and_kept(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        with server.overlay() as overlay, server.capture() as capture:
            capture.begin(speed=None)
            capture.frames(20)
            capture.send(CallFinish(at=capture.at))
            ended = overlay.until_event(CallEnded)
            assert ended.reason == "finished"
            numbered_without_holes(overlay)
            assert isinstance(overlay.durable[0].event, CallStarted)
            finals = [e.event.text for e in overlay.durable if isinstance(e.event, TranscriptFinal)]
            assert finals == ["hello"] * 4 + ["bye"]
            assert overlay.until(Today, lambda today: today.calls == 1)
            shown = [envelope.event for envelope in overlay.durable]
        assert server.pipelines[0].closed
        assert len(server.pipelines[0].heard) == 40
        log = server.http("GET", "/v1/calls/call-1").json()
        assert [event["type"] for event in log["events"]] == [type(event).__name__ for event in shown]
        assert log["call"]["reason"] == "finished"
        assert log["metrics"]["talk_ratio"] == 0.5
        assert [call["call_id"] for call in server.http("GET", "/v1/calls").json()] == ["call-1"]


def test_an_overlay_that_comes_back_gets_exactly_what_it_missed(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.capture() as capture:
        capture.begin(speed=None)
        with server.overlay() as overlay:
            capture.frames(10)
            overlay.until_event(TranscriptFinal, lambda event: event.utterance == 2)
            last = overlay.envelopes[-1].seq
        capture.frames(20)
        capture.send(CallFinish(at=capture.at))
        wait_until(lambda: server.backend.hub.present_call is None)
        with server.overlay(ResumeFrom(call_id="call-1", seq=last)) as overlay:
            overlay.until_event(CallEnded)
            numbered_without_holes(overlay, last + 1)
            assert not overlay.snapshots


def test_a_newcomer_in_the_middle_of_a_call_gets_a_snapshot(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.capture() as capture:
        capture.begin(speed=None)
        capture.frames(10)
        wait_until(lambda: server.backend.hub.seq("call-1") == 3)
        with server.overlay() as overlay:
            assert overlay.welcome.call_id == "call-1"
            snapshot = overlay.until(Snapshot)
            assert isinstance(snapshot.events[0], CallStarted)
            assert snapshot.seq == 3
            capture.frames(5)
            overlay.until_event(TranscriptFinal)
            numbered_without_holes(overlay, 4)


def test_past_the_window_a_client_gets_a_snapshot(tmp_path: Path) -> None:
    with running(tmp_path, backend=BackendConfig(window=2)) as server, server.capture() as capture:
        capture.begin(speed=None)
        capture.frames(40)
        wait_until(lambda: server.backend.hub.seq("call-1") == 9)
        with server.overlay(ResumeFrom(call_id="call-1", seq=3)) as overlay:
            assert overlay.until(Snapshot).seq == 9
        with server.overlay(ResumeFrom(call_id="call-1", seq=8)) as overlay:
            overlay.until_event(TranscriptFinal)
            assert [envelope.seq for envelope in overlay.durable] == [9]


def test_a_capture_that_comes_back_goes_on_with_an_exact_gap(tmp_path: Path) -> None:
    clock = ManualClock()
    with running(tmp_path, clock) as server, server.overlay() as overlay:
        with server.capture() as capture:
            capture.begin()
            capture.frames(5)
            overlay.until_event(TranscriptFinal)
            lost_at = capture.at
        overlay.until(Presence, lambda presence: not presence.capture)
        assert clock.running == 2
        with server.capture() as capture:
            capture.at = lost_at + 1.0
            capture.begin()
            capture.frames(5)
            gaps = [overlay.until_event(Gap), overlay.until_event(Gap)]
            assert {gap.channel for gap in gaps} == {"agent", "customer"}
            for gap in gaps:
                assert (gap.start, gap.end) == pytest.approx((lost_at, lost_at + 1.0))
            assert clock.running == 0
            capture.send(CallFinish(at=capture.at))
            assert overlay.until_event(CallEnded).reason == "finished"
        numbered_without_holes(overlay)


def test_a_capture_that_stays_away_ends_the_call_as_lost(tmp_path: Path) -> None:
    clock = ManualClock()
    with running(tmp_path, clock) as server, server.overlay() as overlay:
        with server.capture() as capture:
            capture.begin()
            capture.frames(6)
            overlay.until_event(TranscriptFinal)
        overlay.until(Presence, lambda presence: not presence.capture)
        clock.pass_over(server)
        assert overlay.until_event(CallEnded).reason == "lost"
        assert isinstance(overlay.durable[-2].event, TranscriptFinal)
        with server.capture() as capture:
            capture.begin()
            answer = capture.next()
            assert isinstance(answer, Error)
            assert answer.code == "call_over"


def test_a_newer_capture_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.overlay() as overlay, server.capture() as old:
        old.begin()
        old.frames(5)
        overlay.until_event(TranscriptFinal)
        with server.capture() as new:
            answer = old.next()
            assert isinstance(answer, Error)
            assert answer.code == "replaced"
            new.at = old.at
            new.begin()
            new.frames(5)
            new.send(CallFinish(at=new.at))
            assert overlay.until_event(CallEnded).at == pytest.approx(new.at)
        assert len(server.pipelines) == 1


def test_nothing_is_heard_while_paused(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.overlay() as overlay, server.capture() as capture:
        capture.begin()
        capture.frames(5)
        overlay.until_event(TranscriptFinal)
        overlay.send(CallControl(action="pause"))
        assert capture.next() == CaptureControl(action="pause")
        assert overlay.until(Presence, lambda presence: presence.paused).capture
        paused_at = capture.at
        capture.frames(10)
        capture.send(ChannelLevels(agent_dbfs=-20, customer_dbfs=-20, agent_alive=False))
        overlay.until(Presence, lambda presence: presence.silent == ("agent",))
        overlay.send(CallControl(action="resume"))
        assert capture.next() == CaptureControl(action="resume")
        capture.frames(5)
        gap = overlay.until_event(Gap)
        assert gap.cause == "paused"
        assert (gap.start, gap.end) == pytest.approx((paused_at, paused_at + 10 * FRAME_SECONDS))
        capture.send(CallFinish(at=capture.at))
        overlay.until_event(CallEnded)
        assert len(server.pipelines[0].heard) == 20


def test_start_and_stop_are_relayed_to_the_capture(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.overlay() as overlay:
        overlay.send(CallControl(action="start"))
        assert overlay.until(Error).code == "no_capture"
        with server.capture() as capture:
            assert overlay.until(Presence, lambda presence: presence.controllable).capture
            for action in ("start", "stop"):
                overlay.send(CallControl(action=action))
                assert capture.next().action == action


def test_a_call_without_its_capture_can_be_stopped(tmp_path: Path) -> None:
    clock = ManualClock()
    with running(tmp_path, clock) as server, server.overlay() as overlay:
        with server.capture() as capture:
            capture.begin()
            capture.frames(1)
            overlay.until_event(CallStarted)
        overlay.until(Presence, lambda presence: not presence.capture)
        overlay.send(CallControl(action="stop"))
        assert overlay.until_event(CallEnded).reason == "stopped"


def test_what_became_of_a_cue_is_an_event_once(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.overlay() as overlay, server.capture() as capture:
        capture.begin(speed=None)
        overlay.until_event(CallStarted)
        for _ in range(2):
            overlay.send(CueReply(call_id="call-1", cue_id="c1", outcome="helped", shown_at=5.0))
        overlay.send(CallNote(call_id="call-1", note="done <b>", solved="yes"))
        overlay.send(CallNote(call_id="nobody's", note="?"))
        assert overlay.until(Error).code == "unknown_call"
        capture.send(CallFinish(at=1.0))
        overlay.until_event(CallEnded)
        assert sum(isinstance(envelope.event, CueOutcome) for envelope in overlay.durable) == 1
        wait_until(lambda: len(server.pipelines[0].outcomes) == 1)
        log = server.http("GET", "/v1/calls/call-1").json()
        assert log["outcomes"] == [{"cue_id": "c1", "outcome": "helped", "shown_at": 5.0}]
        assert log["note"]["note"] == "done <b>"


def test_a_call_that_begins_while_the_models_load_is_heard_from_its_start(tmp_path: Path) -> None:
    gate = threading.Event()
    pipeline = ScriptedPipeline()

    def load(progress: Callable[[float, str], None]) -> PipelineFactory:
        progress(0.5, "whisper")
        assert gate.wait(10)
        return lambda _: pipeline

    with running(tmp_path, load=load) as server, server.overlay() as overlay, server.capture() as capture:
        loading = overlay.until(ServerStatus)
        assert loading.state == "loading"
        capture.begin()
        overlay.until_event(CallStarted)
        capture.frames(10)
        capture.send(CallFinish(at=capture.at))
        gate.set()
        overlay.until(ServerStatus, lambda status: status.state == "ready")
        overlay.until_event(CallEnded)
        assert len(pipeline.heard) == 20


class GatedPipeline(ScriptedPipeline):
    """Hears nothing until its gate opens."""

    def __init__(self, gate: threading.Event) -> None:
        super().__init__()
        self.gate = gate

    def accept(self, frame: AudioFrame) -> list[AnyEvent]:
        assert self.gate.wait(10)
        return super().accept(frame)


def test_a_recording_that_can_wait_loses_nothing(tmp_path: Path) -> None:
    with running(tmp_path, backend=BackendConfig(queue_seconds=0.2)) as server:
        with server.overlay() as overlay, server.capture() as capture:
            capture.begin(speed=None)
            capture.frames(300)
            capture.send(CallFinish(at=capture.at))
            overlay.until_event(CallEnded)
            assert not any(isinstance(envelope.event, Gap) for envelope in overlay.durable)
        assert len(server.pipelines[0].heard) == 600


def test_what_a_capture_said_before_it_left_is_heard(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.overlay() as overlay:
        with server.capture() as capture:
            capture.begin(speed=None)
            overlay.until_event(CallStarted)
            capture.frames(200)
            overlay.send(CallControl(action="stop"))  # something to send to a capture that may be gone
            capture.send(CallFinish(at=capture.at))
        ended = overlay.until_event(CallEnded)
        assert (ended.reason, ended.at) == ("finished", pytest.approx(200 * FRAME_SECONDS))
        assert len(server.pipelines[0].heard) == 400


def test_a_live_call_that_the_machine_cannot_follow_tells_what_it_left_out(tmp_path: Path) -> None:
    gate = threading.Event()
    pipeline = GatedPipeline(gate)
    config = BackendConfig(queue_seconds=10 * FRAME_SECONDS)
    with running(tmp_path, load=lambda _: lambda _: pipeline, backend=config) as server, server.overlay() as overlay:
        with server.capture() as capture:
            capture.begin()
            capture.frames(100)
            capture.send(ChannelLevels(agent_dbfs=-20, customer_dbfs=-20, agent_alive=False))
            overlay.until(Presence, lambda presence: presence.silent == ("agent",))
            gate.set()
            capture.send(CallFinish(at=capture.at))
            overlay.until_event(CallEnded)
        gaps = [envelope.event for envelope in overlay.durable if isinstance(envelope.event, Gap)]
        lost = sum(gap.end - gap.start for gap in gaps)
        assert lost > 0
        assert lost + len(pipeline.heard) * FRAME_SECONDS == pytest.approx(200 * FRAME_SECONDS)


def test_a_pipeline_that_fails_ends_its_call_and_nothing_else(tmp_path: Path) -> None:
    with running(tmp_path, fail_at=3) as server, server.overlay() as overlay, server.capture() as capture:
        capture.begin()
        capture.frames(5)
        assert overlay.until_event(CallEnded).reason == "lost"
        assert server.http("GET", "/v1/health").status_code == 200


def test_feedback_is_shown_at_once_and_to_those_who_come_later(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        with server.overlay() as overlay:
            answer = server.http("POST", "/v1/feedback", json={"stars": 5, "solved": True, "comment": "<b>top</b>"})
            assert answer.status_code == 201
            card = overlay.until(FeedbackCard)
            assert card.comment == "<b>top</b>"
            today = overlay.until(Today, lambda today: today.answers == 1)
            assert (today.stars, today.solved_yes, today.solved_said) == (5.0, 1, 1)
            overlay.send(FeedbackSeen(feedback_id=card.feedback_id))
            wait_until(lambda: server.http("GET", "/v1/feedback").json()[0]["seen"])
        with server.overlay() as overlay:
            assert overlay.until(FeedbackCard).seen
    with running(tmp_path) as server, server.overlay() as overlay:
        assert overlay.until(FeedbackCard).feedback_id == card.feedback_id
    assert TOKEN not in (tmp_path / "log.sqlite3").read_bytes().decode("latin-1")


def test_the_servers_end_ends_the_call_in_the_log(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.overlay() as overlay, server.capture() as capture:
        capture.begin()
        capture.frames(5)
        overlay.until_event(TranscriptFinal)
    with running(tmp_path) as server:
        log = server.http("GET", "/v1/calls/call-1").json()
        assert log["call"]["reason"] == "lost"
        assert log["events"][-1]["type"] == "CallEnded"
        assert log["events"][-2]["text"] == "bye"


def test_calls_config_has_ten_seconds_of_grace() -> None:
    assert CallsConfig().grace == 10.0
