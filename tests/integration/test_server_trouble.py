"""What goes wrong around a server: it was killed, the log gives trouble, models do not load, a client stops reading."""

import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from server_kit import PATIENCE, PROTOCOL_VERSION, TOKEN, ManualClock, final, metrics, running, wait_until
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from live_sentiment.errors import EngineUnavailable
from live_sentiment.events import FRAME_SECONDS, CallEnded, CallStarted, ConversationMetrics, Gap, TranscriptFinal
from server import backend
from server.backend import BackendConfig
from server.protocol import (
    OVERLAY_PATH,
    CallControl,
    CallFinish,
    CallNote,
    CaptureControl,
    Error,
    FeedbackCard,
    Hello,
    Presence,
    ResumeFrom,
    ServerStatus,
    Snapshot,
    encode,
)
from server.sockets import SocketConfig
from server.store.store import Store
from server.store.writer import WriterConfig
from server.worker import PipelineFactory


def left_by_a_killed_server(folder: Path, ago: float = 0.0) -> None:
    store = Store(folder / "log.sqlite3", lambda _: None)
    store.start()
    store.begin_call(CallStarted(at=0.0, call_id="call-1", started_at=time.time() - ago, source="x"), "auto")
    store.add_event("call-1", 2, final(1, 1.5))
    store.add_event("call-1", 3, final(2, 3.2))
    store.close()


def test_an_unfinished_call_is_closed_as_lost(tmp_path: Path) -> None:
    left_by_a_killed_server(tmp_path)
    clock = ManualClock()
    with running(tmp_path, clock) as server:
        assert server.http("GET", "/v1/calls").json()[0]["reason"] is None
        clock.pass_over(server)
        wait_until(lambda: server.http("GET", "/v1/calls").json()[0]["reason"] == "lost")
        log = server.http("GET", "/v1/calls/call-1").json()
        assert log["events"][-1] == {"type": "CallEnded", "at": 3.2, "reason": "lost"}


def test_a_call_of_yesterday_is_closed_at_once_and_not_shown(tmp_path: Path) -> None:
    left_by_a_killed_server(tmp_path, ago=86_400)
    clock = ManualClock()
    with running(tmp_path, clock) as server:
        assert server.backend.hub.present_call is None
        assert clock.running == 0
        assert server.http("GET", "/v1/calls/call-1").json()["call"]["reason"] == "lost"


def test_who_watched_a_call_that_stays_lost_sees_its_end(tmp_path: Path) -> None:
    left_by_a_killed_server(tmp_path)
    clock = ManualClock()
    with running(tmp_path, clock) as server, server.overlay(ResumeFrom(call_id="call-1", seq=2)) as overlay:
        assert overlay.until_event(TranscriptFinal).utterance == 2
        clock.pass_over(server)
        assert overlay.until_event(CallEnded).reason == "lost"
        assert [envelope.seq for envelope in overlay.durable] == [3, 4]


def test_an_unfinished_call_goes_on_when_its_capture_comes_back(tmp_path: Path) -> None:
    left_by_a_killed_server(tmp_path)
    clock = ManualClock()
    with running(tmp_path, clock) as server, server.overlay(ResumeFrom(call_id="call-1", seq=9)) as overlay:
        with server.capture() as capture:
            capture.at = 5.0
            capture.begin()
            assert overlay.until(Snapshot).seq == 3
            capture.frames(5)
            gap = overlay.until_event(Gap)
            assert (gap.start, gap.end, gap.cause) == (3.2, 5.0, "restart")
            said = overlay.until_event(TranscriptFinal)
            assert said.utterance == 3
            capture.send(CallFinish(at=capture.at))
            assert overlay.until_event(CallEnded).reason == "finished"
        assert [envelope.seq for envelope in overlay.durable] == list(range(4, 4 + len(overlay.durable)))
        log = server.http("GET", "/v1/calls/call-1").json()
        kinds = [event["type"] for event in log["events"]]
        assert kinds.count("CallStarted") == kinds.count("CallEnded") == 1
        with server.overlay(ResumeFrom(call_id="call-1", seq=2)) as old:
            old.until_event(CallEnded)
            assert [envelope.seq for envelope in old.durable] == list(range(3, 1 + len(kinds)))


def test_a_full_disk_is_told_and_the_call_goes_on(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.overlay() as overlay, server.capture() as capture:
        overlay.until(ServerStatus, lambda status: status.state == "ready")
        engine = server.backend.store._engine
        server.backend.store.submit(
            lambda connection: connection.exec_driver_sql("PRAGMA query_only=ON").close()
        ).result(PATIENCE)
        capture.begin(speed=None)
        status = overlay.until(ServerStatus, lambda status: status.state == "degraded")
        assert set(status.detail) == {"nl", "en"}
        assert "log.sqlite3" in status.detail["en"]
        capture.frames(10)
        overlay.until_event(TranscriptFinal)
        engine.dispose()
        overlay.until(ServerStatus, lambda status: status.state == "ready")
        capture.send(CallFinish(at=capture.at))
        overlay.until_event(CallEnded)
        wait_until(lambda: server.http("GET", "/v1/calls").json()[0]["reason"] == "finished")


def test_a_damaged_log_is_told_and_the_call_goes_on(tmp_path: Path) -> None:
    (tmp_path / "log.sqlite3").write_bytes(b"this is not a database, whatever its name says" * 50)
    with running(tmp_path) as server, server.overlay() as overlay, server.capture() as capture:
        status = overlay.until(ServerStatus, lambda status: status.state == "degraded")
        assert "beschadigd" in status.detail["nl"]
        capture.begin(speed=None)
        capture.frames(10)
        overlay.until_event(TranscriptFinal)
        capture.send(CallFinish(at=capture.at))
        overlay.until_event(CallEnded)
        assert server.http("GET", "/v1/health").json()["store"] == "trouble"
        answer = server.http("GET", "/v1/calls")
        assert (answer.status_code, answer.json()["retryable"]) == (503, True)


@pytest.mark.parametrize(
    ("error", "named"), [(EngineUnavailable("No model.", "Pull one."), "Pull one."), (OSError("gone"), "OSError")]
)
def test_models_that_do_not_load_are_told(tmp_path: Path, error: Exception, named: str) -> None:
    def load(progress: Callable[[float, str], None]) -> PipelineFactory:
        del progress
        raise error

    with running(tmp_path, load=load) as server, server.overlay() as overlay, server.capture() as capture:
        status = overlay.until(ServerStatus, lambda status: status.state == "degraded")
        assert named in status.detail["en"]
        capture.begin()
        capture.frames(3)
        capture.send(CallFinish(at=capture.at))
        assert overlay.until_event(CallEnded).reason == "finished"
        assert server.http("GET", "/v1/health").json()["models"] == "failed"


def read_to_the_end(connection: ClientConnection) -> None:
    while True:
        connection.recv(timeout=PATIENCE)


def test_a_client_that_stops_reading_is_cut_off_and_the_others_are_not(tmp_path: Path) -> None:
    config = SocketConfig(TOKEN, stalled_after=0.2)
    with running(tmp_path, socket=config) as server, server.overlay() as reader:
        narrow = socket.socket()
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        narrow.connect(("127.0.0.1", server.port))
        address = f"ws://127.0.0.1:{server.port}{OVERLAY_PATH}"
        with connect(address, sock=narrow, max_queue=1, proxy=None, ping_interval=None) as stuck:
            stuck.send(encode(Hello(version=PROTOCOL_VERSION, role="overlay", token=TOKEN)))
            wait_until(lambda: server.backend.hub.clients == 2)
            sent = 0
            while server.backend.hub.clients == 2:
                card = FeedbackCard(feedback_id=str(sent), received_at=0.0, comment="x" * 4000)
                server.backend._loop.call_soon_threadsafe(server.backend.hub.broadcast, card)
                reader.until(FeedbackCard, lambda card, wanted=str(sent): card.feedback_id == wanted)
                sent += 1
                assert sent < 5000
            with pytest.raises(ConnectionClosed):
                read_to_the_end(stuck)
        assert server.backend.hub.clients == 1


def test_a_call_that_cannot_be_read_is_closed_and_the_others_are_not(tmp_path: Path) -> None:
    left_by_a_killed_server(tmp_path)
    store = Store(tmp_path / "log.sqlite3", lambda _: None)
    store.start()
    store.begin_call(CallStarted(at=0.0, call_id="odd", started_at=time.time(), source="x"), "auto")
    odd = (
        "INSERT INTO events (call_id, seq, at, type, body) VALUES ('odd', 4, 2.5, 'Unheard', '{\"type\":\"Unheard\"}')"
    )
    store.submit(lambda connection: connection.exec_driver_sql(odd).close()).result(PATIENCE)
    store.close()
    with running(tmp_path, ManualClock()) as server:
        assert server.backend.hub.present_call == "call-1"
        server.backend.store.flush()
        rows = {row["call_id"]: row for row in server.http("GET", "/v1/calls").json()}
        assert (rows["odd"]["reason"], rows["odd"]["length"]) == ("lost", 2.5)
        assert rows["call-1"]["reason"] is None
        answer = server.http("GET", "/v1/calls/odd")
        assert (answer.status_code, answer.json()["code"]) == (500, "unreadable")


def test_a_call_with_a_hole_in_the_log_goes_on_after_its_last_number(tmp_path: Path) -> None:
    left_by_a_killed_server(tmp_path)
    store = Store(tmp_path / "log.sqlite3", lambda _: None)
    store.start()
    store.add_event("call-1", 6, final(3, 3.5))
    store.close()
    with running(tmp_path, ManualClock()) as server, server.overlay() as overlay, server.capture() as capture:
        capture.begin()
        capture.send(CallFinish(at=4.0))
        overlay.until_event(CallEnded)
        assert overlay.durable[0].seq == 7
        log = server.http("GET", "/v1/calls/call-1").json()
        assert log["numbers"][:5] == [1, 2, 3, 6, 7]
        assert log["call"]["reason"] == "finished"
        assert server.http("GET", "/v1/health").json()["store"] == "ok"


def test_a_restarted_server_recalls_the_call_and_its_pause(tmp_path: Path) -> None:
    left_by_a_killed_server(tmp_path)
    store = Store(tmp_path / "log.sqlite3", lambda _: None)
    store.start()
    store.keep_metrics("call-1", metrics(3.0))
    store.close()
    with running(tmp_path, ManualClock()) as server, server.overlay() as overlay, server.capture() as capture:
        capture.at = 5.0
        capture.begin(paused=True)
        assert overlay.until(Presence, lambda presence: presence.capture and not presence.controllable).paused
        capture.frames(2)
        capture.send(CallFinish(at=6.0))
        overlay.until_event(CallEnded)
        (pipeline,) = server.pipelines
        assert [type(event) for event in pipeline.recalled] == [
            CallStarted,
            TranscriptFinal,
            TranscriptFinal,
            ConversationMetrics,
        ]
        assert not pipeline.heard
        gaps = [envelope.event for envelope in overlay.durable if isinstance(envelope.event, Gap)]
        assert {(gap.start, gap.end, gap.cause) for gap in gaps} == {(3.2, 6.0, "paused")}


def no_answer(*done: object) -> None:
    """What was done is all that matters."""
    del done


def test_the_numbers_of_a_call_are_kept_while_it_goes_on(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.capture() as capture:
        capture.begin(speed=None)
        capture.frames(round(11 / FRAME_SECONDS))
        wait_until(lambda: bool(server.pipelines) and len(server.pipelines[0].heard) == 2 * round(11 / FRAME_SECONDS))
        wait_until(lambda: server.http("GET", "/v1/calls/call-1").json()["metrics"] is not None)
        log = server.http("GET", "/v1/calls/call-1").json()
        assert log["metrics"]["at"] == pytest.approx(10.0, abs=FRAME_SECONDS)
        assert log["call"]["reason"] is None


def test_a_pause_does_not_wait_for_the_log(tmp_path: Path) -> None:
    gate = threading.Event()
    with running(tmp_path) as server, server.overlay() as overlay, server.capture() as capture:
        capture.begin()
        overlay.until_event(CallStarted)
        server.backend.store.submit(lambda _: no_answer(gate.wait(2 * PATIENCE)))
        try:
            for _ in range(12):
                overlay.send(CallNote(call_id="call-1", note="busy"))
            overlay.send(CallControl(action="pause"))
            assert capture.next() == CaptureControl(action="pause")
        finally:
            gate.set()


def test_a_log_that_takes_nothing_more_costs_no_connection(tmp_path: Path) -> None:
    gate = threading.Event()
    config = BackendConfig(writer=WriterConfig(queue=2))
    with running(tmp_path, backend=config) as server:
        server.backend.store.submit(lambda _: no_answer(gate.wait(2 * PATIENCE)))
        try:
            with server.overlay() as overlay:
                for _ in range(8):
                    overlay.send(CallNote(call_id="call-1", note="x"))
                assert overlay.until(Error).code == "store_unavailable"
                overlay.send(CallControl(action="start"))
                overlay.until(Error, lambda error: error.code == "no_capture")
        finally:
            gate.set()


def test_feedback_that_is_kept_late_is_shown_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "_FEEDBACK_WAIT", 0.5)
    options = {"json": {"stars": 5}, "headers": {"Idempotency-Key": "k"}}
    with running(tmp_path) as server, server.overlay() as overlay:
        other = sqlite3.connect(tmp_path / "log.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            assert server.http("POST", "/v1/feedback", **options).status_code == 503
        finally:
            other.execute("ROLLBACK")
            other.close()
        card = overlay.until(FeedbackCard)
        again = server.http("POST", "/v1/feedback", **options)
        assert (again.status_code, again.json()["feedback_id"]) == (200, card.feedback_id)
        assert len(server.http("GET", "/v1/feedback").json()) == 1
        assert sum(isinstance(message, FeedbackCard) for message in overlay.seen) == 1
