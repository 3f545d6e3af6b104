"""The line to the server: one plain thread that runs asyncio, connects, keeps connected, and resumes where it was.

It knows the protocol and nothing of the screen. What arrives is handed to ``on_input`` in this thread; what must go
out is given to ``send`` from any thread. Lost lines are retried for ever, with growing, jittered pauses; only a server
that refuses us for good is left alone until ``retry``.
"""

import asyncio
import logging
import random
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec
import websockets
from websockets.asyncio.client import ClientConnection

from overlay.errors import BadAddress
from overlay.state.inputs import AnyInput, LinkDown, LinkRefused
from overlay.state.model import Outgoing
from server.protocol import (
    OVERLAY_PATH,
    PROTOCOL_VERSION,
    CallControl,
    CallNote,
    Envelope,
    Error,
    Hello,
    ResumeFrom,
    Snapshot,
    Welcome,
    decode_to_overlay,
    encode,
)

log = logging.getLogger(__name__)

REFUSING_STATUS = frozenset({401, 403, 404})
"""HTTP answers to the handshake after which trying again by itself does not help."""
HASTE = frozenset({"no_hello"})
"""Refusals that only say that this machine was too busy at the time."""
MAX_KEPT = 1_000
"""Messages kept for a server that is away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSettings:
    """How the line behaves; all times in seconds. ``max_message`` in bytes: a snapshot of a long call is large.

    ``farewell`` is how long what is kept may still go out once the line must stop.
    """

    first_pause: float = 0.25
    longest_pause: float = 5.0
    heartbeat: float = 5.0
    farewell: float = 1.0
    patience: float = 5.0
    max_message: int = 32 * 1024 * 1024


class Refused(Exception):
    """The server will not have us; carries what to tell the screen."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.told = LinkRefused(code=code, message=message)


def overlay_address(url: str) -> str:
    """The WebSocket address of the overlay's end of a server.

    Raises:
        BadAddress: ``url`` names no host, a port that cannot be, or another scheme than ws, wss, http or https.
    """
    try:
        parts = urlsplit(url if "//" in url else f"ws://{url}")
        wrong = not parts.hostname or parts.port == 0
    except ValueError as error:  # brackets that do not match, a port that is none
        raise _bad_address(url) from error
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    if wrong or scheme not in {"ws", "wss"}:
        raise _bad_address(url)
    path = OVERLAY_PATH if parts.path in {"", "/"} else parts.path
    return urlunsplit((scheme, parts.netloc, path, "", ""))


def _bad_address(url: str) -> BadAddress:
    return BadAddress(f"{url!r} is not a server's address", "Write it like ws://127.0.0.1:8477.")


class OverlayClient:
    """A connection that heals itself. ``start`` and ``stop`` belong to one thread; ``send`` and ``retry`` to any."""

    def __init__(
        self, url: str, token: str, on_input: Callable[[AnyInput], None], line: LineSettings | None = None
    ) -> None:
        self._url = overlay_address(url)
        self._token = token
        self._on_input = on_input
        self._line = line or LineSettings()
        self._kept: deque[Outgoing] = deque(maxlen=MAX_KEPT)
        self._up = self._leaving = False
        self._resume: ResumeFrom | None = None
        self._thread = threading.Thread(target=self._main, name="overlay-client")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._started = threading.Event()

    def start(self) -> None:
        """Start the thread; returns once its loop takes commands."""
        self._thread.start()
        self._started.wait()

    def stop(self) -> None:
        """Let out what is kept, for ``farewell`` seconds at most; then cancel, and join."""
        self._call(self._leave)
        if self._thread.is_alive():
            self._thread.join()

    def send(self, message: Outgoing) -> None:
        """Send ``message``, now or when the server is back; asking for a call is only ever for now."""
        self._call(lambda: self._keep(message))

    def retry(self) -> None:
        """Try to connect now instead of after the pause."""
        self._call(self._again.set)

    def _call(self, command: Callable[[], object]) -> None:
        """Hand a command to the loop; after its end there is nobody to take it."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        try:
            loop.call_soon_threadsafe(command)
        except RuntimeError:
            log.debug("the line has just ended; a last command is dropped")

    # --- in the thread ----------------------------------------------------------------------------------------------

    def _main(self) -> None:
        try:
            asyncio.run(self._run())
        except asyncio.CancelledError:
            log.debug("line closed")

    async def _run(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._loop.set_exception_handler(_report)
        self._again, self._wake = asyncio.Event(), asyncio.Event()
        self._started.set()
        attempt = 0
        while True:
            attempt = 0 if await self._session() else attempt + 1
            await self._pause(attempt)

    async def _session(self) -> bool:
        """One connection from handshake to loss; True when it got as far as a Welcome."""
        try:
            await self._talk()
        except Refused as refused:
            await self._wait_for_retry(refused.told)
        except (OSError, websockets.WebSocketException, msgspec.MsgspecError) as error:
            log.info("no line to the server: %s", error)
        except Exception as error:  # the thread's outermost loop: a bug must not end the line unseen
            log.exception("a bug in the line to the server")
            await self._wait_for_retry(LinkRefused(code="window", message=type(error).__name__))
        was_up, self._up = self._up, False
        for stale in [message for message in self._kept if isinstance(message, CallControl)]:
            self._kept.remove(stale)
        return was_up

    async def _wait_for_retry(self, told: LinkRefused) -> None:
        self._up = False
        self._on_input(told)
        self._again.clear()
        await self._again.wait()

    def _leave(self) -> None:
        """Stop once nothing is kept any more, or when the time for that is over."""
        if self._loop is None or self._task is None:
            return
        self._leaving = True
        if not self._kept:
            self._task.cancel()
            return
        self._again.set()
        self._loop.call_later(self._line.farewell, self._task.cancel)

    async def _pause(self, attempt: int) -> None:
        """Wait before the next attempt: twice as long each time, up to a limit, and never all clients at once."""
        line = self._line
        pause = min(line.longest_pause, line.first_pause * 2 ** min(attempt, 16)) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
        self._on_input(LinkDown(attempt=attempt + 1, retry_in=pause))
        self._again.clear()
        try:
            await asyncio.wait_for(self._again.wait(), pause)
        except TimeoutError:
            log.debug("trying again")

    async def _talk(self) -> None:
        line = self._line
        options: dict[str, Any] = {
            "open_timeout": line.patience,
            "ping_interval": line.heartbeat,
            "ping_timeout": line.patience,
            "close_timeout": 1.0,
            "max_size": line.max_message,
            "proxy": None,  # the server is ours; a desktop's web proxy has no business between us
        }
        try:
            async with websockets.connect(self._url, **options) as connection:
                await self._greet(connection)
                async with asyncio.TaskGroup() as tasks:
                    writer = tasks.create_task(self._write(connection))
                    await self._read(connection)
                    writer.cancel()
        except websockets.InvalidStatus as error:
            status = error.response.status_code
            if status in REFUSING_STATUS:
                raise Refused(f"http-{status}", f"HTTP {status}") from error
            raise
        except ExceptionGroup as group:
            raise group.exceptions[0] from group

    async def _greet(self, connection: ClientConnection) -> None:
        """Hello and Welcome."""
        hello = Hello(version=PROTOCOL_VERSION, role="overlay", token=self._token, resume_from=self._resume)
        await connection.send(encode(hello))
        async with asyncio.timeout(self._line.patience):
            answer = decode_to_overlay(await connection.recv())
        if isinstance(answer, Error):
            if not answer.retryable and answer.code not in HASTE:
                raise Refused(answer.code, answer.message)
            raise websockets.InvalidHandshake(answer.message)
        if not isinstance(answer, Welcome):
            raise websockets.InvalidHandshake(f"expected Welcome, got {type(answer).__name__}")
        self._up = True
        self._on_input(answer)

    async def _read(self, connection: ClientConnection) -> None:
        """Hand on everything that arrives until the line is lost; words of a newer server are skipped."""
        async for data in connection:
            try:
                message = decode_to_overlay(data)
            except msgspec.MsgspecError as error:
                log.warning("skipped a message this overlay does not understand: %s", error)
                continue
            if isinstance(message, Envelope | Snapshot):
                self._resume = ResumeFrom(call_id=message.call_id, seq=message.seq)
            self._on_input(message)
        raise websockets.ConnectionClosedOK(None, None)

    async def _write(self, connection: ClientConnection) -> None:
        """Send what is kept, in order; a message leaves the store only once it is on its way."""
        while True:
            while self._kept:
                message = self._kept[0]
                await connection.send(encode(message))
                if self._kept and self._kept[0] is message:
                    self._kept.popleft()
            if self._leaving and self._task is not None:
                self._task.cancel()
            self._wake.clear()
            await self._wake.wait()

    def _keep(self, message: Outgoing) -> None:
        if isinstance(message, CallControl) and not self._up:
            return
        if isinstance(message, CallNote):
            older = [m for m in self._kept if isinstance(m, CallNote) and m.call_id == message.call_id]
            for note in older:
                self._kept.remove(note)
        self._kept.append(message)
        self._wake.set()


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    del loop
    log.error("in the line's loop: %s", context.get("message"), exc_info=context.get("exception"))
