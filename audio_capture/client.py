"""The connection to the server: says hello, empties the outbox of the call, hands on what the agent wants.

Comes back by itself when the connection is lost, and goes on with the same call where the server surely left off: every
second of audio is followed by a ping, and what its pong has not confirmed is sent again. A frame may therefore arrive
twice around a lost connection, never out of order within one; the start time tells.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from audio_capture.call import Call
from audio_capture.errors import Replaced, ServerAway, ServerError, ServerRefused
from audio_capture.outbox import Item
from audio_capture.pacing import Clock
from live_sentiment.events import AudioFrame
from server.protocol import (
    CAPTURE_PATH,
    PROTOCOL_VERSION,
    CaptureControl,
    Error,
    Hello,
    Welcome,
    decode_to_capture,
    encode,
    encode_frame,
)

FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 2.0
ANSWER_SECONDS = 10.0
REPLACED = "replaced"
"""The server's code when another capture has taken over."""
CALL_OVER = "call_over"
"""The server's code for a call that it had to end, as when the connection was lost for too long."""
CALL_STOPPED = "call_stopped"
"""The server's code for a call that has ended as somebody wished: nothing goes on."""
_CONTROLS = 32
_REFUSALS = (401, 403)
_MESSAGE_BYTES = 64 * 1024

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientConfig:
    """Where the server is. ``patience`` is how many seconds it may be away before giving up; None for ever."""

    url: str
    token: str
    patience: float | None = None


class CaptureClient:
    """Stays connected while ``serve`` runs. All on the event loop's thread.

    ``controls`` holds what the agent wants, in order; ``welcomed`` is set while the server listens.
    """

    def __init__(self, config: ClientConfig, clock: Clock) -> None:
        self.controls: asyncio.Queue[CaptureControl] = asyncio.Queue(_CONTROLS)
        self.welcomed = asyncio.Event()
        self._config = config
        self._address = capture_address(config.url)
        self._clock = clock
        self._calls: asyncio.Queue[Call] = asyncio.Queue(1)
        self._call: Call | None = None
        self._away_since = clock.monotonic()

    async def deliver(self, call: Call) -> None:
        """Hands over a call; returns when the server surely has all of it."""
        await self._calls.put(call)
        await call.outbox.until_flushed()

    async def serve(self) -> None:
        """Connects, and again, until cancelled; a cancelled connection is closed with a handshake.

        Raises:
            ServerRefused: the server does not want this capture.
            ServerAway: nobody answered for longer than the patience.
        """
        wait = FIRST_WAIT_SECONDS
        self._away_since = self._clock.monotonic()
        while True:
            try:
                await self._connection()
            except ServerAway as error:
                if self.welcomed.is_set():
                    self._lost(error)
                    wait = FIRST_WAIT_SECONDS
                self._check_patience(error)
            await self._clock.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)

    def _lost(self, error: ServerAway) -> None:
        self.welcomed.clear()
        self._away_since = self._clock.monotonic()
        _log.warning("connection lost", what=error.what)

    def _check_patience(self, error: ServerAway) -> None:
        patience = self._config.patience
        if patience is not None and self._clock.monotonic() - self._away_since >= patience:
            raise ServerAway(
                f"The server at {self._config.url} did not answer for {patience:.0f} seconds.", error.advice
            ) from error

    async def _connection(self) -> None:
        """One connection, from hello to its loss, which is the only way out."""
        try:
            async with connect(
                self._address, compression=None, proxy=None, max_size=_MESSAGE_BYTES, open_timeout=ANSWER_SECONDS
            ) as socket:
                await self._greet(socket)
                self.welcomed.set()
                _log.info("connected", server=self._config.url)
                try:
                    await self._talk(socket)
                except asyncio.CancelledError:
                    await socket.close()  # with a handshake: the server has then read everything before it
                    raise
        except InvalidStatus as error:
            raise _from_status(error, self._config.url) from error
        except InvalidURI as error:
            raise ServerRefused(f"{self._config.url} is not an address.", "Write it as ws://127.0.0.1:8477") from error
        except (OSError, TimeoutError, ConnectionClosed, InvalidHandshake) as error:
            raise _away(self._config.url) from error

    async def _greet(self, socket: ClientConnection) -> None:
        hello = Hello(version=PROTOCOL_VERSION, role="capture", token=self._config.token)
        await socket.send(encode(hello))
        async with asyncio.timeout(ANSWER_SECONDS):
            answer = _decoded(await socket.recv())
        if isinstance(answer, Error):
            raise _from_error(answer)
        if not isinstance(answer, Welcome):
            raise ServerRefused("What answers there is not Spiegel's server.", "Check the address and the port.")

    async def _talk(self, socket: ClientConnection) -> None:
        """Sends and receives until either fails; its error comes out."""
        tasks = {asyncio.create_task(self._receive(socket)), asyncio.create_task(self._send_calls(socket))}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _receive(self, socket: ClientConnection) -> None:
        while True:
            message = _decoded(await socket.recv())
            if isinstance(message, CaptureControl):
                await self.controls.put(message)
            elif isinstance(message, Error):
                _log.warning("the server says", code=message.code, message=message.message)
                await self._take_to_heart(message)

    async def _take_to_heart(self, error: Error) -> None:
        """A call that the server has ended meanwhile is given up; any other final error ends the capture."""
        if error.code in (CALL_OVER, CALL_STOPPED):
            if self._call is not None:
                await self._call.abandon(wanted=error.code == CALL_STOPPED)
        elif not error.retryable:
            raise _from_error(error)

    async def _send_calls(self, socket: ClientConnection) -> None:
        while True:
            if self._call is None:
                self._call = await self._calls.get()
            await self._send_call(socket, self._call)
            self._call = None

    async def _send_call(self, socket: ClientConnection, call: Call) -> None:
        """The whole call, or the rest of it after a lost connection."""
        outbox = call.outbox
        outbox.rewind()
        await socket.send(encode(call.begin))
        while (item := await outbox.take()) is not None:
            await socket.send(_on_wire(item))
            if not isinstance(item, AudioFrame):
                pong = asyncio.ensure_future(await socket.ping())
                pong.add_done_callback(_confirming(call, outbox.taken))


def capture_address(url: str) -> str:
    """The capture's WebSocket at the server ``url``, which may be ws, wss, http or https, with or without the path."""
    address = url.rstrip("/")
    for web, socket in (("http://", "ws://"), ("https://", "wss://")):
        if address.startswith(web):
            address = socket + address.removeprefix(web)
    return address if address.endswith(CAPTURE_PATH) else address + CAPTURE_PATH


def _confirming(call: Call, taken: int) -> Callable[[asyncio.Future[float]], None]:
    """When the pong comes, everything sent before its ping has arrived."""

    def on_pong(pong: asyncio.Future[float]) -> None:
        if not pong.cancelled() and pong.exception() is None:
            call.outbox.confirm_through(taken)

    return on_pong


def _on_wire(item: Item) -> str | bytes:
    return encode_frame(item) if isinstance(item, AudioFrame) else encode(item)


def _decoded(data: str | bytes) -> Welcome | Error | CaptureControl:
    try:
        return decode_to_capture(data)
    except msgspec.MsgspecError as error:
        raise ServerRefused(
            f"The server said something this version does not know: {error}.",
            "Run the same version of Spiegel on both ends.",
        ) from error


def _from_error(error: Error) -> ServerError:
    if error.retryable:
        return ServerAway(error.message, "Wait a moment; Spiegel tries again by itself.")
    if error.code == REPLACED:
        return Replaced(error.message, "Only one capture can listen at a time; this one ends.")
    return ServerRefused(error.message, "Start the capture with `spiegel run`, which knows the right token.")


def _from_status(error: InvalidStatus, url: str) -> ServerError:
    status = error.response.status_code
    if status in _REFUSALS:
        return ServerRefused(
            f"The server at {url} does not let this capture in (HTTP {status}).",
            "Start the capture with `spiegel run`, which knows the right token.",
        )
    return _away(url)


def _away(url: str) -> ServerAway:
    return ServerAway(
        f"Nobody answers at {url}.", "Start the server with `spiegel server`, or everything: `spiegel run`."
    )
