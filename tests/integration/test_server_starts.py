"""Calls begun and ended over HTTP, as a softphone does, and by the agent's button: never two for one conversation."""

from pathlib import Path
from typing import Any

from server_kit import TOKEN, Capture, ManualClock, Running, running

from live_sentiment.events import CallEnded, CallStarted
from server.protocol import CallControl, CallFinish, CaptureControl, Presence


def start(server: Running, external_id: str = "", key: str = "", token: str = TOKEN) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
    answer = server.http("POST", "/v1/calls", json={"external_id": external_id}, headers=headers)
    return answer.status_code, answer.json()


def end(server: Running, call_id: str) -> tuple[int, dict[str, Any]]:
    answer = server.http("POST", f"/v1/calls/{call_id}/end", headers={"Authorization": f"Bearer {TOKEN}"})
    return answer.status_code, answer.json()


def begun(capture: Capture) -> str:
    """Does as a capture does that is told to begin; the call's id."""
    control = capture.next()
    assert control.action == "start"
    assert control.call_id
    capture.begin(control.call_id)
    capture.frames(5)
    return control.call_id


def test_a_softphone_begins_and_ends_a_call_under_its_own_id(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.overlay() as overlay, server.capture() as capture:
        status, asked = start(server, "sip-77", "k1")
        assert (status, asked["state"], asked["external_id"]) == (201, "starting", "sip-77")
        assert begun(capture) == asked["call_id"]
        assert overlay.until_event(CallStarted).call_id == asked["call_id"]
        assert start(server, "sip-77") == (200, asked | {"state": "going"})
        assert start(server, "sip-78", "k1") == (200, asked | {"state": "going"})  # the key says it is the same wish
        status, ending = end(server, "sip-77")
        assert (status, ending["state"], ending["call_id"]) == (200, "ending", asked["call_id"])
        assert capture.next() == CaptureControl(action="stop")
        capture.send(CallFinish(at=capture.at, reason="stopped"))
        assert overlay.until_event(CallEnded).reason == "stopped"
        for name in ("sip-77", asked["call_id"]):
            assert end(server, name)[1]["state"] == "over"
        assert start(server, "sip-77", "k1")[1]["state"] == "over"


def test_the_button_and_the_softphone_together_make_one_call(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.overlay() as overlay, server.capture() as capture:
        overlay.until(Presence, lambda presence: presence.controllable)
        overlay.send(CallControl(action="start"))
        call_id = begun(capture)
        overlay.until_event(CallStarted)
        assert start(server, "sip-1") == (200, {"call_id": call_id, "external_id": "sip-1", "state": "going"})
        overlay.send(CallControl(action="start"))
        status, refused = start(server, "sip-2")
        assert (status, refused["code"]) == (409, "call_going")
        assert end(server, "sip-1")[1]["state"] == "ending"
        assert capture.next() == CaptureControl(action="stop")  # and no second start before it


def test_asked_twice_before_it_begins_it_is_begun_once_and_may_be_ended_by_then(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.capture() as capture:
        first, again = start(server, "sip-1"), start(server, "sip-1")
        assert (first[0], again[0]) == (201, 200)
        assert first[1] == again[1]
        assert end(server, "sip-1")[1]["state"] == "ending"
        begun(capture)
        assert capture.next() == CaptureControl(action="stop")


def test_a_call_that_does_not_begin_is_forgotten(tmp_path: Path) -> None:
    clock = ManualClock()
    with running(tmp_path, clock) as server, server.capture() as capture:
        _, asked = start(server, "sip-1", "k1")
        assert capture.next().call_id == asked["call_id"]
        clock.pass_over(server)
        status, again = start(server, "sip-1", "k1")
        assert status == 201
        assert again["call_id"] != asked["call_id"]


def test_without_a_capture_a_token_or_such_a_call_it_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        status, refused = start(server, "sip-1", "k1")
        assert (status, refused["code"], refused["retryable"]) == (503, "no_capture", True)
        assert start(server, token="wrong")[0] == 401  # noqa: S106 - that is the point
        assert end(server, "nobody")[0] == 404
        with server.capture() as capture:  # the same key again, when there is one
            assert start(server, "sip-1", "k1")[0] == 201
            begun(capture)
