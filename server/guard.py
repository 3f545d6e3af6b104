"""Loopback is not trust: requests with a foreign Host or Origin are turned away before anything else sees them.

A page in the agent's browser can reach 127.0.0.1, under its own name by DNS rebinding; neither gets past here. Tokens
are checked further in.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec
import structlog

from server.protocol import Error
from server.settings import LOOPBACK_HOSTS

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_FORBIDDEN = 403
_log = structlog.get_logger(__name__)


class HostGuard:
    """An ASGI app around another; ``hosts`` are allowed besides the loopback's own, all with the port listened on."""

    def __init__(self, app: App, hosts: tuple[str, ...] = ()) -> None:
        self._app = app
        self._hosts = tuple(_bracketed(host.lower()) for host in (*LOOPBACK_HOSTS, *hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on what may pass."""
        if scope["type"] in ("http", "websocket"):
            wrong = self._wrong(scope)
            if wrong:
                _log.warning("turned_away", why=wrong, path=scope["path"])
                await _turn_away(scope, receive, send, wrong)
                return
        await self._app(scope, receive, send)

    def _wrong(self, scope: Scope) -> str:
        """What is wrong with a request: "bad_host", "bad_origin" or ""."""
        allowed = {f"{host}:{scope['server'][1]}" for host in self._hosts}
        hosts = _headers(scope, b"host")
        if len(hosts) != 1 or hosts[0] not in allowed:
            return "bad_host"
        origins = _headers(scope, b"origin")
        if origins and origins != [f"http://{hosts[0]}"]:
            return "bad_origin"
        return ""


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _headers(scope: Scope, name: bytes) -> list[str]:
    headers: list[tuple[bytes, bytes]] = list(scope["headers"])
    return [value.decode("latin-1").strip().lower() for key, value in headers if key.lower() == name]


async def _turn_away(scope: Scope, receive: Receive, send: Send, code: str) -> None:
    """403: before the handshake of a WebSocket, or as a page."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    message = "This server answers programs of this machine only."
    body = msgspec.json.encode(Error(code=code, message=message, retryable=False))
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": _FORBIDDEN, "headers": headers})
    await send({"type": "http.response.body", "body": body})
