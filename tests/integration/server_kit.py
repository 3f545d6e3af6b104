"""A real server on a free loopback port, in a thread, and clients that speak its protocol. For tests only."""

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
from websockets.sync.client import ClientConnection, connect

from live_sentiment.events import (
    FRAME_SAMPLES,
    FRAME_SECONDS,
    AnyEvent,
    AudioFrame,
    CallEnded,
    Channel,
    ConversationMetrics,
    Cue,
    CueOutcome,
    Gap,
    TranscriptFinal,
    TranscriptPartial,
    WrapUp,
)
from server.app import AppConfig, make_app
from server.backend import Backend, BackendConfig, Load
from server.calls import CallsConfig
from server.protocol import (
    CAPTURE_PATH,
    OVERLAY_PATH,
    PROTOCOL_VERSION,
    CallBegin,
    Envelope,
    Hello,
    Message,
    ResumeFrom,
    Snapshot,
    ToOverlay,
    Welcome,
    decode_to_capture,
    decode_to_overlay,
    encode,
    encode_frame,
)
from server.serve import listen, make_server
from server.sockets import SocketConfig

TOKEN = "a-token-of-the-tests-only"  # noqa: S105 - not a secret
PATIENCE = 10.0
M = TypeVar("M", bound=Message)
E = TypeVar("E", bound=AnyEvent)


def final(utterance: int, at: float, text: str = "hello") -> TranscriptFinal:
    return TranscriptFinal(
        at=at,
        channel="customer",
        utterance=utterance,
        text=text,
        start=max(0.0, at - 1),
        end=at,
        language="en",
        confidence=0.9,
        words=(),
    )


def partial(utterance: int, at: float) -> TranscriptPartial:
    return TranscriptPartial(
        at=at, channel="customer", utterance=utterance, text="hel", committed=0, start=0.0, end=at, language="en"
    )


def metrics(at: float) -> ConversationMetrics:
    return ConversationMetrics(
        at=at,
        agent_talk=1.0,
        customer_talk=1.0,
        overlap=0.0,
        silence=0.0,
        talk_ratio=0.5,
        dead_air=0.0,
        monologue=0.0,
        pace=None,
    )


@dataclass
class ScriptedPipeline:
    """A partial for each customer frame, a final for each fifth, one more at the end."""

    every: int = 5
    heard: list[AudioFrame] = field(default_factory=list[AudioFrame])
    outcomes: list[CueOutcome] = field(default_factory=list[CueOutcome])
    pending: list[AnyEvent] = field(default_factory=list[AnyEvent])
    utterance: int = 0
    fail_at: int = 0
    closed: bool = False
    settled: list[float] = field(default_factory=list[float])
    recalled: list[AnyEvent] = field(default_factory=list[AnyEvent])
    after_call: float = 0.0
    wrapped_up: list[AnyEvent | WrapUp] = field(default_factory=list[AnyEvent | WrapUp])
    cues: dict[float, Cue] = field(default_factory=dict[float, Cue])

    def accept(self, frame: AudioFrame) -> list[AnyEvent]:
        self.heard.append(frame)
        if len(self.heard) == self.fail_at:
            raise RuntimeError("scripted to fail")
        if frame.channel == "agent":
            return [metrics(frame.end)]
        if sum(f.channel == "customer" for f in self.heard) % self.every == 0:
            self.utterance += 1
            self.pending.append(final(self.utterance, frame.end))
        return [partial(self.utterance + 1, frame.end)]

    def step(self) -> list[AnyEvent] | None:
        return [self.pending.pop(0)] if self.pending else None

    def gap(self, gap: Gap) -> list[AnyEvent]:
        return [gap]

    def outcome(self, outcome: CueOutcome) -> list[AnyEvent]:
        self.outcomes.append(outcome)
        return []

    def settle(self, at: float) -> list[AnyEvent]:
        self.settled.append(at)
        self.utterance += 1
        return [final(self.utterance, at, "so far")]

    def recall(self, events: Sequence[AnyEvent]) -> None:
        assert not self.heard
        self.recalled += events

    def finish(self, at: float) -> list[AnyEvent]:
        rest, self.pending = self.pending, []
        return [*rest, final(self.utterance + 1, at, "bye")]

    def wrap_up(self, event: CallEnded | WrapUp | CueOutcome) -> list[AnyEvent]:
        assert self.closed
        self.wrapped_up.append(event)
        return [self.cues[event.at]] if event.at in self.cues else []

    def close(self) -> None:
        self.closed = True


class ManualClock:
    """Timers that go off when the test says so, on the event loop's thread."""

    def __init__(self) -> None:
        self.waiting: list[ManualTimer] = []
        self.passed: list[ManualTimer] = []

    def later(self, seconds: float, action: Callable[[], None]) -> "ManualTimer":
        timer = ManualTimer(seconds, action)
        self.waiting.append(timer)
        return timer

    def pass_over(self, server: "Running") -> None:
        """All timers that wait go off."""
        timers = [timer for timer in self.waiting if not timer.cancelled]
        self.waiting.clear()
        assert timers, "nothing waits for the clock"
        self.passed += timers
        for timer in timers:
            server.backend._loop.call_soon_threadsafe(timer.action)

    @property
    def running(self) -> int:
        return sum(not timer.cancelled for timer in self.waiting)


@dataclass
class ManualTimer:
    seconds: float
    action: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


def wait_until(true: Callable[[], bool], what: str = "it") -> None:
    """Waits for something that another thread does."""
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, f"{what} did not happen"
        threading.Event().wait(0.01)


class Overlay:
    """An overlay without a window."""

    def __init__(self, socket: ClientConnection, welcome: Welcome) -> None:
        self.socket = socket
        self.welcome = welcome
        self.seen: list[ToOverlay] = []

    def next(self) -> ToOverlay:
        message = decode_to_overlay(self.socket.recv(timeout=PATIENCE))
        self.seen.append(message)
        return message

    def until(self, kind: type[M], where: Callable[[M], bool] = lambda _: True) -> M:
        """The next message of a kind; those before it are only kept."""
        while True:
            message = self.next()
            if isinstance(message, kind) and where(message):
                return message

    def until_event(self, kind: type[E], where: Callable[[E], bool] = lambda _: True) -> E:
        """The next event of a kind in an envelope."""
        while True:
            message = self.next()
            if isinstance(message, Envelope) and isinstance(message.event, kind) and where(message.event):
                return message.event

    def send(self, message: Message) -> None:
        self.socket.send(encode(message))

    @property
    def envelopes(self) -> list[Envelope]:
        return [message for message in self.seen if isinstance(message, Envelope)]

    @property
    def durable(self) -> list[Envelope]:
        live = (TranscriptPartial, ConversationMetrics)
        return [envelope for envelope in self.envelopes if not isinstance(envelope.event, live)]

    @property
    def snapshots(self) -> list[Snapshot]:
        return [message for message in self.seen if isinstance(message, Snapshot)]


class Capture:
    """A capture without a microphone."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.at = 0.0

    def begin(self, call_id: str = "call-1", *, speed: float | None = 1.0, paused: bool = False) -> None:
        self.send(CallBegin(call_id=call_id, started_at=time.time(), source="a test", speed=speed, paused=paused))

    def frames(self, count: int, channels: tuple[Channel, ...] = ("agent", "customer")) -> None:
        """So many frames of silence on each channel, from where it stands."""
        for _ in range(count):
            for channel in channels:
                frame = AudioFrame(channel=channel, start=self.at, pcm=bytes(2 * FRAME_SAMPLES))
                self.socket.send(encode_frame(frame))
            self.at += FRAME_SECONDS

    def send(self, message: Message | Gap) -> None:
        self.socket.send(encode(message))

    def next(self) -> Any:
        return decode_to_capture(self.socket.recv(timeout=PATIENCE))


@dataclass
class Running:
    """A server that runs, and the pipelines it made."""

    port: int
    pipelines: list[ScriptedPipeline]
    backend: Backend

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def http(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}"} | options.pop("headers", {})
        return httpx.request(method, self.url + path, headers=headers, timeout=PATIENCE, trust_env=False, **options)

    @contextmanager
    def socket(self, path: str, **options: Any) -> Generator[ClientConnection, None, None]:
        with connect(f"ws://127.0.0.1:{self.port}{path}", proxy=None, **options) as socket:
            yield socket

    @contextmanager
    def overlay(self, resume_from: ResumeFrom | None = None) -> Generator[Overlay, None, None]:
        with self.socket(OVERLAY_PATH) as socket:
            hello = Hello(version=PROTOCOL_VERSION, role="overlay", token=TOKEN, resume_from=resume_from)
            socket.send(encode(hello))
            welcome = decode_to_overlay(socket.recv(timeout=PATIENCE))
            assert isinstance(welcome, Welcome)
            yield Overlay(socket, welcome)

    @contextmanager
    def capture(self) -> Generator[Capture, None, None]:
        with self.socket(CAPTURE_PATH) as socket:
            socket.send(encode(Hello(version=PROTOCOL_VERSION, role="capture", token=TOKEN)))
            capture = Capture(socket)
            assert isinstance(capture.next(), Welcome)
            yield capture


@contextmanager
def running(
    folder: Path,
    clock: ManualClock | None = None,
    load: Load | None = None,
    *,
    socket: SocketConfig | None = None,
    backend: BackendConfig | None = None,
    fail_at: int = 0,
) -> Iterator[Running]:
    """A server over ``folder``, with scripted pipelines unless ``load`` says otherwise."""
    pipelines: list[ScriptedPipeline] = []

    def make(begin: CallBegin) -> ScriptedPipeline:
        del begin
        pipelines.append(ScriptedPipeline(fail_at=fail_at))
        return pipelines[-1]

    calls = CallsConfig(later=clock.later if clock else None)
    config = AppConfig(
        database=folder / "log.sqlite3",
        socket=socket or SocketConfig(TOKEN),
        load=load or (lambda _: make),
        backend=backend or BackendConfig(calls=calls),
    )
    made: list[Backend] = []
    app = make_app(config, made.append)
    listener = listen("127.0.0.1", 0)
    server = make_server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="server")
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive(), "the server's start")
        yield Running(listener.getsockname()[1], pipelines, made[0])
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive()
