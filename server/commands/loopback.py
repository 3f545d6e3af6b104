"""Talking to a server on this machine from a program that starts it: health, starting a call, giving feedback."""

import http.client
import json
import os
import socket
import sys
import urllib.error
import urllib.request
from typing import Any

from websockets.sync.client import connect

from server.protocol import OVERLAY_PATH, PROTOCOL_VERSION, CallControl, Hello, encode

_TIMEOUT = 2.0
_NOT_READY = "loading"
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Opens addresses of this machine; a desktop's web proxy has no business between us."""


def free_port() -> int:
    """A port on loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def health(port: int, host: str = "127.0.0.1") -> dict[str, Any] | None:
    """What ``GET /v1/health`` says; None when no server of ours answers. ``host`` as in an address."""
    try:
        with _direct.open(f"http://{host}:{port}/v1/health", timeout=_TIMEOUT) as answer:
            found: dict[str, Any] | None = json.load(answer)
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None  # whatever else may answer there


def is_complete(port: int) -> bool:
    """Whether the server is done loading, an overlay is connected to it, and a capture waits for a call."""
    found = health(port)
    if found is None or found["status"]["state"] == _NOT_READY:
        return False
    return found["overlays"] > 0 and found["presence"]["controllable"]


def start_call(port: int, token: str) -> None:
    """Does what the agent's button does.

    Raises:
        OSError, websockets.exceptions.WebSocketException: no server answers, or it refuses.
    """
    with connect(f"ws://127.0.0.1:{port}{OVERLAY_PATH}", proxy=None) as line:
        line.send(encode(Hello(version=PROTOCOL_VERSION, role="overlay", token=token)))
        line.recv(timeout=_TIMEOUT)
        line.send(encode(CallControl(action="start")))


def give_feedback(port: int, token: str, feedback: dict[str, Any]) -> None:
    """Posts what a customer said.

    Raises:
        urllib.error.URLError: no server answers, or it does not take this.
    """
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/feedback",
        json.dumps(feedback).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with _direct.open(request, timeout=_TIMEOUT):
        pass


def has_display() -> bool:
    """Whether a window can be shown here."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
