"""The two WebSockets: capture and overlay, from ``Hello`` to the last byte.

Here text and bytes become messages and back; what they mean is decided in ``calls`` and ``hub``.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
import structlog
from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect

from live_sentiment.events import Gap
from server.backend import Backend
from server.connection import abort_of
from server.errors import NotFound, Refused, ServerFault
from server.outbox import Outbox
from server.protocol import (
    CAPTURE_PATH,
    OVERLAY_PATH,
    PROTOCOL_VERSION,
    CallBegin,
    CallControl,
    CallFinish,
    CallNote,
    CaptureControl,
    ChannelLevels,
    CueReply,
    Error,
    FeedbackSeen,
    FromCapture,
    FromOverlay,
    Hello,
    Role,
    Welcome,
    decode_frame,
    decode_from_capture,
    decode_from_overlay,
    encode,
)
from server.token import same_token

BAD_HELLO, BAD_TOKEN, REPLACED, BAD_MESSAGE, TOO_SLOW = 4400, 4401, 4409, 4422, 4408
"""Close codes of our own: 4400 also means a wrong protocol version."""

M = TypeVar("M")
Socket = WebSocket[Any, Any, Any]
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SocketConfig:
    """``token`` opens the door; ``hello_within`` and ``stalled_after`` are seconds."""

    token: str
    hello_within: float = 5.0
    stalled_after: float = 10.0


class Sockets:
    """The handlers of both WebSockets, on one backend."""

    def __init__(self, backend: Callable[[], Backend], config: SocketConfig) -> None:
        self._backend = backend
        self._config = config

    def handlers(self) -> list[Any]:
        """What Litestar routes to."""

        @websocket(CAPTURE_PATH)
        async def capture_socket(socket: Socket) -> None:
            await self._serve(socket, self._capture)

        @websocket(OVERLAY_PATH)
        async def overlay_socket(socket: Socket) -> None:
            await self._serve(socket, self._overlay)

        return [capture_socket, overlay_socket]

    async def _serve(self, socket: Socket, talk: Callable[[Socket], Awaitable[None]]) -> None:
        """Talks until the client goes, or may not go on."""
        await socket.accept()
        try:
            await talk(socket)
        except WebSocketDisconnect:
            return
        except Refused as refused:
            _log.warning("client_refused", reason=refused.reason, why=refused.what)
            await self._turn_away(socket, refused)

    async def _turn_away(self, socket: Socket, refused: Refused) -> None:
        error = Error(code=refused.reason, message=refused.what, retryable=refused.close == TOO_SLOW)
        try:
            async with asyncio.timeout(1):
                await socket.send_text(encode(error))
                await socket.close(refused.close, refused.reason)
        except TimeoutError:
            abort_of(socket.scope)()
        except (WebSocketDisconnect, OSError):
            return

    async def _hello(self, socket: Socket, role: Role) -> Hello:
        """The client's introduction, if it may come in.

        Raises:
            Refused: it came too late, is not one, or shows the wrong token or version.
        """
        try:
            async with asyncio.timeout(self._config.hello_within):
                message = await _receive(socket)
        except TimeoutError as error:
            raise Refused("no_hello", "No Hello came in time.", BAD_HELLO) from error
        if not isinstance(message, str):
            raise Refused("no_hello", "A connection begins with Hello.", BAD_HELLO)
        hello = _decoded(_decode_hello, message, BAD_HELLO)
        if not same_token(hello.token, self._config.token):
            raise Refused("bad_token", "The token is wrong; it is in the server's token file.", BAD_TOKEN)
        if hello.version != PROTOCOL_VERSION or hello.role != role:
            what = f"This is version {PROTOCOL_VERSION} for {role}, not {hello.version} for {hello.role}."
            raise Refused("bad_version", what, BAD_HELLO)
        return hello

    # --- capture

    async def _capture(self, socket: Socket) -> None:
        await self._hello(socket, "capture")
        backend = self._backend()
        link = _CaptureLink()
        link.outbox.put(encode(Welcome(version=PROTOCOL_VERSION, now=time.time(), call_id=backend.hub.present_call)))
        backend.calls.attach(link)
        try:
            await self._both_ways(socket, link.outbox, self._hear_capture(socket, backend, link))
        finally:
            backend.calls.detach(link)

    async def _hear_capture(self, socket: Socket, backend: Backend, link: "_CaptureLink") -> None:
        while True:
            data = await _receive(socket)
            if link.gone:
                raise Refused("replaced", "Another capture has taken over.", REPLACED)
            if isinstance(data, bytes):
                await backend.calls.frame(_decoded(decode_frame, data))
                continue
            error = await _from_capture(backend, _decoded(decode_from_capture, data))
            if error is not None:
                link.outbox.put(encode(error))

    # --- overlay

    async def _overlay(self, socket: Socket) -> None:
        hello = await self._hello(socket, "overlay")
        backend = self._backend()
        outbox = backend.join(hello.resume_from)
        try:
            await self._both_ways(socket, outbox, self._hear_overlay(socket, backend, outbox))
        finally:
            backend.hub.leave(outbox)

    async def _hear_overlay(self, socket: Socket, backend: Backend, outbox: Outbox) -> None:
        while True:
            data = await _receive(socket)
            if isinstance(data, bytes):
                raise Refused("bad_message", "Overlays send text.", BAD_MESSAGE)
            _from_overlay(backend, _decoded(decode_from_overlay, data), outbox)

    # --- both

    async def _both_ways(self, socket: Socket, outbox: Outbox, hearing: Awaitable[None]) -> None:
        """Sends while it hears. What the client said before it went is heard to its end, whatever sending met."""
        sending = asyncio.ensure_future(self._send(socket, outbox))
        try:
            await hearing
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _send(self, socket: Socket, outbox: Outbox) -> None:
        """Sends what waits; cuts a client off that does not read, which ends the hearing too."""
        try:
            while (text := await outbox.get()) is not None:
                async with asyncio.timeout(self._config.stalled_after):
                    await socket.send_text(text)
        except TimeoutError:
            _log.debug("client_stalled")
        except (WebSocketDisconnect, OSError):
            return  # the client is gone, as the hearing will find
        _log.warning("client_cut_off", overrun=outbox.overrun)
        abort_of(socket.scope)()


class _CaptureLink:
    """The way to one capture; see ``capture_link``."""

    def __init__(self) -> None:
        self.outbox = Outbox()
        self.gone = False

    def control(self, message: CaptureControl) -> None:
        self.outbox.put(encode(message))

    def tell(self, error: Error) -> None:
        self.outbox.put(encode(error))

    def replaced(self) -> None:
        self.gone = True
        error = Error(code="replaced", message="Another capture has taken over.", retryable=False)
        self.outbox.put(encode(error))


async def _from_capture(backend: Backend, message: FromCapture) -> Error | None:
    calls = backend.calls
    match message:
        case CallBegin():
            return await calls.begin(message)
        case Gap():
            calls.gap(message)
        case ChannelLevels():
            calls.levels(message)
        case CallFinish():
            calls.finish(message)
        case Hello():
            raise Refused("bad_message", "Hello comes once.", BAD_MESSAGE)
    return None


def _from_overlay(backend: Backend, message: FromOverlay, outbox: Outbox) -> None:
    """Never waits: a Pause behind a note must not wait for the log."""
    match message:
        case CueReply():
            backend.calls.reply(message)
            _answer_when_kept(backend.store.add_outcome(message), outbox)
        case FeedbackSeen():
            backend.seen(message.feedback_id)
        case CallControl():
            error = backend.calls.control(message)
            if error is not None:
                outbox.put(encode(error))
        case CallNote():
            _answer_when_kept(backend.store.add_note(message, time.time()), outbox)
        case Hello():
            raise Refused("bad_message", "Hello comes once.", BAD_MESSAGE)


def _answer_when_kept(future: "Future[Any]", outbox: Outbox) -> None:
    """Sends the overlay an error, should what it said not be kept. Nothing is sent when it was."""
    loop = asyncio.get_running_loop()

    def done(future: "Future[Any]") -> None:
        """In the writing thread, or at once."""
        error = None if future.cancelled() else future.exception()
        if error is not None and not loop.is_closed():
            loop.call_soon_threadsafe(outbox.put, encode(_as_message(error)))

    future.add_done_callback(done)


def _as_message(error: BaseException) -> Error:
    if isinstance(error, NotFound):
        return Error(code="unknown_call", message=error.what, retryable=False)
    if isinstance(error, ServerFault):
        return Error(code=error.code, message=error.sentence, retryable=error.retryable)
    return Error(code="not_kept", message="This could not be kept; the server's log says why.", retryable=False)


async def _receive(socket: Socket) -> str | bytes:
    """The next message, whichever kind.

    Raises:
        WebSocketDisconnect: the client is gone.
    """
    message: Any = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(detail="gone", code=message.get("code", 1005))
    text: str | None = message.get("text")
    return text if text is not None else (message.get("bytes") or b"")


def _decoded(decode: Callable[[Any], M], data: str | bytes, close: int = BAD_MESSAGE) -> M:
    """The message in ``data``.

    Raises:
        Refused: it cannot be understood.
    """
    try:
        return decode(data)
    except (msgspec.DecodeError, ValueError) as error:
        raise Refused("bad_message", f"A message cannot be understood: {error}.", close) from error


_decode_hello = msgspec.json.Decoder(Hello).decode
