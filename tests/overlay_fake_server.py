"""A small server that speaks the overlay's protocol, for the tests of the window and its line."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Coroutine
from typing import TypeVar

import msgspec
import websockets
from websockets.asyncio.server import Server, ServerConnection, serve

from server.protocol import PROTOCOL_VERSION, Hello, Welcome, decode_from_overlay, encode

Kind = TypeVar("Kind", bound=msgspec.Struct)


def welcome(hello: Hello) -> list[msgspec.Struct]:
    """What a server without a call answers."""
    del hello
    return [Welcome(version=PROTOCOL_VERSION, now=time.time())]


class FakeServer:
    """Listens on a free port of the loopback in a thread of its own. Its methods may be called from any thread.

    ``greet`` says what each Hello is answered with; after an Error the line is closed, as the real server does.
    """

    def __init__(self, greet: Callable[[Hello], list[msgspec.Struct]] = welcome) -> None:
        self.greet = greet
        self.hellos: list[Hello] = []
        self.port = 0
        self._got: queue.Queue[msgspec.Struct] = queue.Queue()
        self._lines: set[ServerConnection] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="fake-server")

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"ws://127.0.0.1:{self.port}"

    def start(self) -> "FakeServer":
        """Listen."""
        self._thread.start()
        self._ready.wait(5.0)
        return self

    def stop(self) -> None:
        """Close everything and join the thread."""
        if self._thread.is_alive() and self._loop is not None:
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join()

    def send(self, *messages: msgspec.Struct | str) -> None:
        """Send to every overlay; a str goes out as it is."""
        self._do(self._send([m if isinstance(m, str) else encode(m) for m in messages]))

    def drop(self) -> None:
        """Lose every line at once, without a goodbye."""
        self._do(self._drop())

    def expect(self, kind: type[Kind], timeout: float = 5.0) -> Kind:
        """The next message of a kind, skipping others.

        Raises:
            queue.Empty: none came within ``timeout`` seconds.
        """
        deadline = time.monotonic() + timeout
        while True:
            message = self._got.get(timeout=max(0.01, deadline - time.monotonic()))
            if isinstance(message, kind):
                return message

    def _do(self, work: Coroutine[None, None, None]) -> None:
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(work, self._loop).result(5.0)

    async def _run(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        server: Server = await serve(self._talk, "127.0.0.1", 0)
        self.port = next(iter(server.sockets)).getsockname()[1]
        self._ready.set()
        await self._ended.wait()
        server.close()
        await server.wait_closed()

    async def _talk(self, line: ServerConnection) -> None:
        hello = decode_from_overlay(await line.recv())
        if not isinstance(hello, Hello):
            return
        self.hellos.append(hello)
        self._got.put(hello)
        for answer in self.greet(hello):
            await line.send(encode(answer))
            if type(answer).__name__ == "Error":
                return
        self._lines.add(line)
        try:
            async for data in line:
                self._got.put(decode_from_overlay(data))
        except websockets.ConnectionClosed:
            return
        finally:
            self._lines.discard(line)

    async def _send(self, texts: list[str]) -> None:
        for line in list(self._lines):
            for text in texts:
                await line.send(text)

    async def _drop(self) -> None:
        for line in list(self._lines):
            line.transport.abort()
