"""The server's end of the capture protocol, small enough to misbehave on purpose."""

from types import TracebackType
from typing import Self

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from live_sentiment.events import AudioFrame
from server.protocol import (
    CAPTURE_PATH,
    PROTOCOL_VERSION,
    CaptureControl,
    Error,
    FromCapture,
    Hello,
    Welcome,
    decode_frame,
    decode_from_capture,
    encode,
)

TOKEN = "a-secret"  # noqa: S105 - the tests' own


class FakeServer:
    """Listens on loopback. ``connections`` holds, for each connection, everything it received, in order.

    After ``cut_after`` frames the first connection is torn down without a word; ``answer`` replaces the welcome, and
    ``then_answer`` does from the cut on.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        cut_after: int | None = None,
        answer: Error | None = None,
        then_answer: Error | None = None,
    ) -> None:
        self.port = port
        self.connections: list[list[FromCapture | AudioFrame]] = []
        self.closed_well: list[bool] = []
        self._cut_after = cut_after
        self._then_answer = then_answer
        self.answer = answer
        self._server: Server | None = None
        self._sockets: list[ServerConnection] = []

    @property
    def url(self) -> str:
        """Its address."""
        return f"ws://127.0.0.1:{self.port}"

    @property
    def received(self) -> list[FromCapture | AudioFrame]:
        """Everything from all connections."""
        return [message for connection in self.connections for message in connection]

    def frames(self) -> list[AudioFrame]:
        """The frames, each once, by channel and time."""
        unique = {
            (message.start, message.channel): message for message in self.received if isinstance(message, AudioFrame)
        }
        return [unique[key] for key in sorted(unique)]

    def got(self, kind: type[msgspec.Struct]) -> int:
        """How many messages of a kind came."""
        return sum(isinstance(message, kind) for message in self.received)

    async def say(self, action: str, call_id: str = "") -> None:
        """Tells the newest connection what the agent wants."""
        await self._sockets[-1].send(
            encode(msgspec.convert({"type": "CaptureControl", "action": action, "call_id": call_id}, CaptureControl))
        )

    async def send(self, message: msgspec.Struct) -> None:
        """Sends anything over the newest connection."""
        await self._sockets[-1].send(encode(message))

    async def __aenter__(self) -> Self:
        self._server = await serve(self._handle, "127.0.0.1", self.port, compression=None)
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _handle(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        assert socket.request.path == CAPTURE_PATH
        hello = decode_from_capture(await socket.recv())
        assert hello == Hello(version=PROTOCOL_VERSION, role="capture", token=TOKEN)
        if self.answer is not None:
            await socket.send(encode(self.answer))
            return
        await socket.send(encode(Welcome(version=PROTOCOL_VERSION, now=0.0)))
        mine: list[FromCapture | AudioFrame] = []
        self.connections.append(mine)
        self._sockets.append(socket)
        try:
            async for data in socket:
                mine.append(decode_frame(data) if isinstance(data, bytes) else decode_from_capture(data))
                if self._cut_after is not None and sum(isinstance(m, AudioFrame) for m in mine) >= self._cut_after:
                    self._cut_after = None
                    self.answer = self._then_answer
                    socket.transport.abort()
            self.closed_well.append(True)
        except ConnectionClosed:
            self.closed_well.append(False)
