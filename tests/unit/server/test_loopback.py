import json
import sys
import threading
import urllib.error
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest
from websockets.sync.server import ServerConnection, serve

from server.commands import loopback
from server.commands.supervisor import server_healthy
from server.protocol import CallControl, Hello, Welcome, decode_from_overlay, encode


class Answers(BaseHTTPRequestHandler):
    """Answers every GET with ``health``, and keeps what is posted."""

    health: ClassVar[bytes] = b"{}"
    posted: ClassVar[list[tuple[str, str, Any]]] = []
    status: ClassVar[int] = 200

    def do_GET(self) -> None:
        self._answer(self.health)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.posted.append((self.path, self.headers["Authorization"], body))
        self._answer(b"{}")

    def _answer(self, body: bytes) -> None:
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's own name
        pass


@pytest.fixture
def port() -> Iterator[int]:
    Answers.posted, Answers.status, Answers.health = [], 200, b"{}"
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def health(state: str, overlays: int, *, controllable: bool) -> bytes:
    found = {"status": {"state": state}, "overlays": overlays, "presence": {"controllable": controllable}}
    return json.dumps(found).encode()


def test_a_free_port_has_no_server() -> None:
    assert loopback.health(loopback.free_port()) is None


def test_a_health_of_another_process_is_not_ours(port: int) -> None:
    Answers.health = b'{"pid": 41}'
    assert server_healthy(port)
    assert server_healthy(port, pid=41)
    assert not server_healthy(port, pid=42)


def test_a_web_proxy_of_the_desktop_is_not_asked(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert loopback.health(port) == {}


def test_something_else_that_answers_is_no_server_of_ours(port: int) -> None:
    for body in (b"<html>hello</html>", b"[1]"):
        Answers.health = body
        assert loopback.health(port) is None


@pytest.mark.parametrize(
    ("found", "complete"),
    [
        (health("ready", 1, controllable=True), True),
        (health("degraded", 1, controllable=True), True),
        (health("loading", 1, controllable=True), False),
        (health("ready", 0, controllable=True), False),
        (health("ready", 1, controllable=False), False),
    ],
)
def test_the_stage_is_complete_with_models_overlay_and_capture(port: int, found: bytes, *, complete: bool) -> None:
    Answers.health = found
    assert loopback.is_complete(port) is complete


def test_no_server_is_never_complete() -> None:
    assert not loopback.is_complete(loopback.free_port())


def test_feedback_is_posted_with_the_token(port: int) -> None:
    loopback.give_feedback(port, "secret", {"stars": 5, "comment": "fijn, dank u ☺"})
    assert Answers.posted == [("/v1/feedback", "Bearer secret", {"stars": 5, "comment": "fijn, dank u ☺"})]


def test_feedback_that_is_refused_is_an_error(port: int) -> None:
    Answers.status = 401
    with pytest.raises(urllib.error.HTTPError, match="401") as refused:
        loopback.give_feedback(port, "wrong", {"stars": 5})
    refused.value.close()


def test_starting_a_call_says_hello_and_presses_start() -> None:
    heard: list[object] = []

    def overlay_line(line: ServerConnection) -> None:
        heard.append(decode_from_overlay(line.recv()))
        line.send(encode(Welcome(version=1, now=0.0)))
        heard.append(decode_from_overlay(line.recv()))

    with serve(overlay_line, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        loopback.start_call(server.socket.getsockname()[1], "secret")
        server.shutdown()
        thread.join()
    assert heard == [Hello(version=1, role="overlay", token="secret"), CallControl(action="start")]  # noqa: S106 - not a secret


@pytest.mark.parametrize(
    ("platform", "display", "wayland", "shown"),
    [
        ("linux", "", "", False),
        ("linux", ":0", "", True),
        ("linux", "", "wayland-0", True),
        ("darwin", "", "", True),
        ("win32", "", "", True),
    ],
)
def test_a_display_is_there_when_the_desktop_says_so(
    monkeypatch: pytest.MonkeyPatch, platform: str, display: str, wayland: str, *, shown: bool
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.setenv("WAYLAND_DISPLAY", wayland)
    assert loopback.has_display() is shown
