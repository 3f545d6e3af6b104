"""The one app of the server: pages and sockets on a backend, behind the Host and Origin check."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import structlog
from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from server.api import Pages
from server.backend import Backend, BackendConfig, Load, version
from server.errors import ServerFault
from server.guard import App, HostGuard
from server.protocol import Error
from server.sockets import SocketConfig, Sockets

_LARGEST_BODY = 64 * 1024
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AppConfig:
    """What an app is made of: its log's file, the clients' token, the model loader, and ``hosts`` besides loopback."""

    database: Path
    socket: SocketConfig
    load: Load
    hosts: tuple[str, ...] = ()
    backend: BackendConfig = field(default_factory=BackendConfig)


def make_app(config: AppConfig, on_backend: Callable[[Backend], None] = lambda _: None) -> HostGuard:
    """The ASGI app. Its backend lives from the app's start-up to its shut-down; ``on_backend`` is shown it."""
    made: list[Backend] = []

    @asynccontextmanager
    async def life(app: Litestar) -> AsyncGenerator[None, None]:
        del app
        backend = Backend(config.database, config.load, config.backend)
        made.append(backend)
        await backend.start()
        on_backend(backend)
        try:
            yield
        finally:
            await backend.close()

    def backend() -> Backend:
        return made[-1]

    handlers = [*Pages(backend, config.socket.token).handlers(), *Sockets(backend, config.socket).handlers()]
    app = Litestar(
        route_handlers=handlers,
        lifespan=[life],
        openapi_config=OpenAPIConfig(
            title="Spiegel", version=version(), path="/v1/schema", render_plugins=[JsonRenderPlugin()]
        ),
        exception_handlers={ServerFault: _fault, HTTPException: _refused, Exception: _bug},
        request_max_body_size=_LARGEST_BODY,
        logging_config=None,
    )
    return HostGuard(cast("App", app), config.hosts)


def _fault(request: Request[Any, Any, Any], fault: ServerFault) -> Response[Error]:
    del request
    error = Error(code=fault.code, message=fault.sentence, retryable=fault.retryable)
    return Response(error, status_code=fault.status)


def _refused(request: Request[Any, Any, Any], error: HTTPException) -> Response[Error]:
    """What Litestar itself refuses: a wrong path, method, body or token."""
    del request
    extra = cast("list[dict[str, str]]", error.extra or [])
    details = [f"{item.get('key', '')}: {item.get('message', '')}".strip(": ") for item in extra]
    message = " ".join([f"{error.detail}.".replace("..", "."), *details])
    status = error.status_code
    code = {400: "invalid", 401: "bad_token", 404: "not_found", 405: "wrong_method", 413: "too_large"}.get(status)
    body = Error(code=code or "refused", message=message, retryable=False)
    return Response(body, status_code=status, headers=error.headers)


def _bug(request: Request[Any, Any, Any], error: Exception) -> Response[Error]:
    _log.error("request_failed", path=request.url.path, error=type(error).__name__, exc_info=error)
    body = Error(code="bug", message="The server made a mistake; its log says which.", retryable=True)
    return Response(body, status_code=500)
