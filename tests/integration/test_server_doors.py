"""Who may come in: token, version, Host, Origin, and how fast; and what the pages say to those who may not."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from server_kit import PATIENCE, TOKEN, running
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from server.protocol import CAPTURE_PATH, OVERLAY_PATH, PROTOCOL_VERSION, Error, Hello, decode_to_overlay, encode
from server.sockets import SocketConfig

WRONG = "wrong"


def hello(**changes: Any) -> str:
    return encode(Hello(**({"version": PROTOCOL_VERSION, "role": "overlay", "token": TOKEN} | changes)))


def refusal(socket: ClientConnection) -> tuple[str, int]:
    """The error code of the last message, and the close code."""
    error = decode_to_overlay(socket.recv(timeout=PATIENCE))
    assert isinstance(error, Error)
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=PATIENCE)
    assert closed.value.rcvd is not None
    return error.code, closed.value.rcvd.code


@pytest.mark.parametrize(
    ("first", "code", "close"),
    [
        (hello(token=WRONG), "bad_token", 4401),
        (hello(token=WRONG + "\u00e9"), "bad_token", 4401),
        (hello(token=""), "bad_token", 4401),
        (hello(version=99), "bad_version", 4400),
        (hello(role="capture"), "bad_version", 4400),
        ("{}", "bad_message", 4400),
        ("no JSON", "bad_message", 4400),
        (b"\x00\x01", "no_hello", 4400),
    ],
)
def test_a_wrong_hello_is_told_and_closed(tmp_path: Path, first: str | bytes, code: str, close: int) -> None:
    with running(tmp_path) as server, server.socket(OVERLAY_PATH) as socket:
        socket.send(first)
        assert refusal(socket) == (code, close)
        assert server.backend.hub.clients == 0


def test_a_hello_that_does_not_come_is_not_waited_for(tmp_path: Path) -> None:
    config = SocketConfig(TOKEN, hello_within=0.05)
    with running(tmp_path, socket=config) as server, server.socket(CAPTURE_PATH) as socket:
        assert refusal(socket) == ("no_hello", 4400)


@pytest.mark.parametrize("message", ["{", '{"type":"Nonsense"}', hello(), b"\x00"])
def test_a_message_that_cannot_be_understood_ends_the_connection(tmp_path: Path, message: str | bytes) -> None:
    with running(tmp_path) as server:
        with server.overlay() as overlay:
            overlay.socket.send(message)
            assert overlay.until(Error).code == "bad_message"
        with server.capture() as capture:
            capture.socket.send(message)
            answer = capture.next()
            assert isinstance(answer, Error)
            assert answer.code == "bad_message"


@pytest.mark.parametrize("path", [CAPTURE_PATH, OVERLAY_PATH])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1"])
def test_a_web_page_cannot_open_a_socket(tmp_path: Path, path: str, origin: str) -> None:
    with running(tmp_path) as server:
        with pytest.raises(InvalidStatus) as refused, server.socket(path, additional_headers={"Origin": origin}):
            pass
        assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("LocalHost:{port}", 200),
        ("[::1]:{port}", 200),
        ("evil.example:{port}", 403),
        ("127.0.0.1", 403),
        ("127.0.0.1:1", 403),
        ("127.0.0.1.evil.example:{port}", 403),
    ],
)
def test_only_the_names_of_this_machine_are_answered(tmp_path: Path, host: str, status: int) -> None:
    with running(tmp_path) as server:
        answer = server.http("GET", "/v1/health", headers={"Host": host.format(port=server.port)})
        assert answer.status_code == status
        if status == 403:
            assert answer.json()["code"] == "bad_host"


def test_an_origin_must_be_the_host_itself(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        own = {"Origin": f"http://127.0.0.1:{server.port}"}
        assert server.http("GET", "/v1/health", headers=own).status_code == 200
        other = {"Origin": f"http://localhost:{server.port}"}
        assert server.http("GET", "/v1/health", headers=other).json()["code"] == "bad_origin"


def test_health_needs_no_token_and_tells_no_secret(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.overlay():
        answer = httpx.get(server.url + "/v1/health", trust_env=False)
        body = answer.json()
        assert (body["store"], body["overlays"], body["call_id"]) == ("ok", 1, None)
        assert TOKEN not in answer.text


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", "Bearer \u00e9"])
@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/feedback"), ("GET", "/v1/feedback"), ("GET", "/v1/calls")])
def test_the_log_needs_the_token(tmp_path: Path, authorization: str, method: str, path: str) -> None:
    with running(tmp_path) as server:
        answer = server.http(method, path, headers={"Authorization": authorization.encode("latin-1")})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["code"] == "bad_token"


def test_unknown_pages_and_calls_are_told_in_json(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        for path in ("/v1/nothing", "/v1/calls/nobody", "/"):
            answer = server.http("GET", path)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert server.http("DELETE", "/v1/feedback").status_code == 405
        assert server.http("GET", "/v1/calls?limit=0").status_code == 400
        schema = server.http("GET", "/v1/schema/openapi.json").json()
        assert "/v1/feedback" in schema["paths"]
