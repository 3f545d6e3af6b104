"""uvicorn's WebSocket connection, which can also be cut off when its client no longer reads.

Closing politely waits until everything written has gone out, which never happens then.
"""

from collections.abc import Callable
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_ABORT = "spiegel.abort"


class CuttableConnection(WebSocketsSansIOProtocol):
    """Puts the way to cut the connection off among the ASGI extensions."""

    async def run_asgi(self) -> None:
        """Runs the app for this connection."""
        extensions = cast("dict[str, Any]", self.scope.get("extensions"))
        extensions[_ABORT] = self.transport.abort
        await super().run_asgi()


def abort_of(scope: Any) -> Callable[[], None]:
    """What cuts the connection of an ASGI ``scope`` off; does nothing under another server."""
    abort: Callable[[], None] = scope.get("extensions", {}).get(_ABORT, lambda: None)
    return abort
