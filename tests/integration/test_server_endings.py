"""How calls end that nobody ended in the usual way, and what a capture is told then."""

from pathlib import Path

import pytest
from server_kit import ManualClock, running, wait_until

from live_sentiment.events import FRAME_SECONDS, CallEnded, CallStarted, Gap, TranscriptFinal
from server.protocol import CallControl, CallFinish, CaptureControl, Error, Presence, ServerStatus

TEN_SECONDS = round(10 / FRAME_SECONDS)


def test_a_pipeline_that_fails_lets_the_agent_begin_again(tmp_path: Path) -> None:
    with running(tmp_path, fail_at=3) as server, server.overlay() as overlay, server.capture() as capture:
        overlay.until(ServerStatus, lambda status: status.state == "ready")
        capture.begin()
        capture.frames(2)
        assert overlay.until_event(CallEnded).reason == "lost"
        answer = capture.next()
        assert isinstance(answer, Error)
        assert answer.code == "call_stopped"
        told = overlay.until(ServerStatus, lambda status: status.state == "degraded")
        assert set(told.detail) == {"nl", "en"}
        assert server.backend.presence.presence.controllable
        capture.begin("call-2")
        overlay.until(ServerStatus, lambda status: status.state == "ready")


def test_a_long_call_whose_pipeline_fails_may_go_on_as_another(tmp_path: Path) -> None:
    with running(tmp_path, fail_at=2 * TEN_SECONDS + 20) as server, server.capture() as capture:
        capture.begin(speed=None)
        capture.frames(TEN_SECONDS + 20)
        answer = capture.next()
        assert isinstance(answer, Error)
        assert answer.code == "call_over"


def test_no_timer_of_an_earlier_loss_outlives_the_return(tmp_path: Path) -> None:
    clock = ManualClock()
    with running(tmp_path, clock) as server, server.overlay() as overlay, server.capture() as first:
        first.begin()
        overlay.until_event(CallStarted)
        with server.capture():
            assert isinstance(first.next(), Error)
        overlay.until(Presence, lambda presence: not presence.capture)
        with server.capture() as third:
            third.begin()
            third.frames(5)
            overlay.until_event(TranscriptFinal)
            assert clock.running == 0


def test_what_was_said_before_a_pause_is_final_at_once(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.overlay() as overlay, server.capture() as capture:
        capture.begin()
        capture.frames(3)
        wait_until(lambda: bool(server.pipelines) and len(server.pipelines[0].heard) == 6)
        overlay.send(CallControl(action="pause"))
        said = overlay.until_event(TranscriptFinal)
        assert (said.text, said.at) == ("so far", pytest.approx(capture.at))


def test_what_was_said_before_the_capture_was_lost_is_final_soon(tmp_path: Path) -> None:
    clock = ManualClock()
    with running(tmp_path, clock) as server, server.overlay() as overlay:
        with server.capture() as capture:
            capture.begin()
            capture.frames(3)
            overlay.until_event(CallStarted)
        overlay.until(Presence, lambda presence: not presence.capture)
        clock.pass_over(server)
        assert overlay.until_event(TranscriptFinal).text == "so far"
        assert overlay.until_event(CallEnded).reason == "lost"
        assert [timer.seconds for timer in clock.passed] == [1.0, 10.0]


def test_listening_does_not_begin_again_after_the_agent_ended_it(tmp_path: Path) -> None:
    clock = ManualClock()
    with running(tmp_path, clock) as server, server.overlay() as overlay:
        with server.capture() as capture:
            capture.begin()
            overlay.until_event(CallStarted)
        overlay.until(Presence, lambda presence: not presence.capture)
        overlay.send(CallControl(action="stop"))
        overlay.until_event(CallEnded)
        with server.capture() as capture:
            capture.begin()
            assert capture.next().code == "call_stopped"


@pytest.mark.parametrize("restart", [False, True])
def test_an_end_whose_receipt_was_lost_is_an_end(tmp_path: Path, restart: bool) -> None:
    with running(tmp_path) as server, server.overlay() as overlay, server.capture() as capture:
        capture.begin()
        capture.send(CallFinish(at=1.0, reason="stopped"))
        overlay.until_event(CallEnded)
        if not restart:
            capture.begin()
            assert capture.next().code == "call_stopped"
    if restart:
        with running(tmp_path) as server, server.capture() as capture:
            capture.begin()
            assert capture.next().code == "call_stopped"


def test_a_capture_that_does_not_stop_is_not_waited_for(tmp_path: Path) -> None:
    clock = ManualClock()
    with running(tmp_path, clock) as server, server.overlay() as overlay, server.capture() as capture:
        capture.begin()
        overlay.until_event(CallStarted)
        overlay.send(CallControl(action="stop"))
        assert capture.next() == CaptureControl(action="stop")
        clock.pass_over(server)
        assert overlay.until_event(CallEnded).reason == "stopped"
        assert capture.next().code == "call_stopped"
        assert [timer.seconds for timer in clock.passed] == [5.0]


def test_a_stop_that_the_capture_did_not_hear_is_said_again(tmp_path: Path) -> None:
    clock = ManualClock()
    with running(tmp_path, clock) as server, server.overlay() as overlay:
        with server.capture() as capture:
            capture.begin()
            overlay.until_event(CallStarted)
            overlay.send(CallControl(action="stop"))
            assert capture.next() == CaptureControl(action="stop")
        overlay.until(Presence, lambda presence: not presence.capture)
        with server.capture() as capture:
            capture.begin()
            assert capture.next() == CaptureControl(action="stop")
            capture.send(CallFinish(at=1.0, reason="stopped"))
            assert overlay.until_event(CallEnded).reason == "stopped"


def test_a_resume_that_the_capture_did_not_hear_is_said_again(tmp_path: Path) -> None:
    with running(tmp_path, ManualClock()) as server, server.overlay() as overlay:
        with server.capture() as capture:
            capture.begin()
            overlay.until_event(CallStarted)
        overlay.until(Presence, lambda presence: not presence.capture)
        with server.capture() as capture:
            capture.begin(paused=True)
            assert capture.next() == CaptureControl(action="resume")


def test_a_gap_that_comes_again_is_told_once(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.overlay() as overlay, server.capture() as capture:
        capture.begin()
        capture.frames(2)
        lost = Gap(at=1.0, start=capture.at, end=1.0, cause="device")
        capture.send(lost)
        capture.at = 1.0
        capture.frames(2)
        capture.send(lost)
        capture.send(CallFinish(at=capture.at))
        overlay.until_event(CallEnded)
        assert [envelope.event for envelope in overlay.durable if isinstance(envelope.event, Gap)] == [lost]
