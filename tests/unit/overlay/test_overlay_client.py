"""The line, against a real WebSocket server."""

import queue
import threading
import time
from collections.abc import Callable, Iterator

import msgspec
import pytest
from overlay_fake_server import FakeServer, welcome
from websockets.asyncio.client import ClientConnection

from overlay.client import LineSettings, OverlayClient, overlay_address
from overlay.errors import BadAddress
from overlay.scenes import started, trend
from overlay.state.inputs import LinkDown, LinkRefused
from server.protocol import (
    CallControl,
    CallNote,
    Envelope,
    Error,
    FeedbackSeen,
    Hello,
    Presence,
    ResumeFrom,
    Snapshot,
    Welcome,
)

QUICK = LineSettings(first_pause=0.01, longest_pause=0.05, heartbeat=0.2, patience=0.5)


class Ear:
    """Collects what the client says."""

    def __init__(self) -> None:
        self.heard: queue.Queue[msgspec.Struct] = queue.Queue()

    def expect(self, kind: type[msgspec.Struct], timeout: float = 5.0) -> msgspec.Struct:
        deadline = time.monotonic() + timeout
        while True:
            message = self.heard.get(timeout=max(0.01, deadline - time.monotonic()))
            if isinstance(message, kind):
                return message


@pytest.fixture
def server() -> Iterator[FakeServer]:
    fake = FakeServer().start()
    yield fake
    fake.stop()


@pytest.fixture
def ear() -> Ear:
    return Ear()


Connect = Callable[..., OverlayClient]


@pytest.fixture
def connect(server: FakeServer, ear: Ear) -> Iterator[Connect]:
    clients: list[OverlayClient] = []

    def make(url: str | None = None, line: LineSettings = QUICK) -> OverlayClient:
        client = OverlayClient(url or server.url, "secret", ear.heard.put, line)
        clients.append(client)
        client.start()
        return client

    yield make
    for client in clients:
        client.stop()


def test_it_introduces_itself_and_hands_on_what_arrives(server: FakeServer, ear: Ear, connect: Connect) -> None:
    connect()
    hello = server.expect(Hello)
    assert (hello.role, hello.token, hello.version, hello.resume_from) == ("overlay", "secret", 1, None)
    ear.expect(Welcome)
    server.send(Presence(capture=True))
    assert ear.expect(Presence) == Presence(capture=True)


def test_it_reconnects_and_resumes_after_the_last_number(server: FakeServer, ear: Ear, connect: Connect) -> None:
    connect()
    ear.expect(Welcome)
    server.send(Envelope(call_id="c", seq=1, event=started()), Envelope(call_id="c", seq=2, event=trend(1.0, 0.1)))
    ear.expect(Envelope)
    ear.expect(Envelope)
    server.drop()
    down = ear.expect(LinkDown)
    assert down.attempt == 1
    ear.expect(Welcome)
    assert server.hellos[-1].resume_from == ResumeFrom(call_id="c", seq=2)


def test_a_snapshot_counts_for_resuming(server: FakeServer, ear: Ear, connect: Connect) -> None:
    connect()
    ear.expect(Welcome)
    server.send(Snapshot(call_id="c", seq=70, events=(started(),)))
    ear.expect(Snapshot)
    server.drop()
    ear.expect(LinkDown)
    ear.expect(Welcome)
    assert server.hellos[-1].resume_from == ResumeFrom(call_id="c", seq=70)


def test_what_was_said_while_the_server_was_away_arrives_in_order(server: FakeServer, ear: Ear) -> None:
    client = OverlayClient(server.url, "secret", ear.heard.put, LineSettings(first_pause=0.4, longest_pause=0.4))
    client.start()
    ear.expect(Welcome)
    server.drop()
    ear.expect(LinkDown)
    client.send(CallNote(call_id="c", note="first"))
    client.send(FeedbackSeen(feedback_id="f"))
    client.send(CallNote(call_id="c", note="second"))
    client.send(CallControl(action="start"))
    client.retry()
    ear.expect(Welcome)
    assert server.expect(FeedbackSeen) == FeedbackSeen(feedback_id="f")
    assert server.expect(CallNote) == CallNote(call_id="c", note="second")
    client.send(FeedbackSeen(feedback_id="last"))
    rest = server.expect(msgspec.Struct)
    client.stop()
    assert rest == FeedbackSeen(feedback_id="last"), "a call must not be started long after it was asked for"


def test_a_wrong_token_is_not_tried_again_by_itself(server: FakeServer, ear: Ear, connect: Connect) -> None:
    server.greet = lambda _: [Error(code="bad_token", message="unknown token", retryable=False)]
    client = connect()
    assert ear.expect(LinkRefused) == LinkRefused(code="bad_token", message="unknown token")
    server.greet = welcome
    client.retry()
    ear.expect(Welcome)
    assert len(server.hellos) == 2


def test_a_server_that_is_busy_is_tried_again(server: FakeServer, ear: Ear, connect: Connect) -> None:
    answers = [[Error(code="busy", message="later", retryable=True)]]
    server.greet = lambda hello: answers.pop() if answers else welcome(hello)
    connect()
    ear.expect(LinkDown)
    ear.expect(Welcome)


def test_words_of_a_newer_server_are_skipped(server: FakeServer, ear: Ear, connect: Connect) -> None:
    connect()
    ear.expect(Welcome)
    server.send('{"type":"Hologram","x":1}', "not json", Presence(capture=True))
    assert ear.expect(msgspec.Struct) == Presence(capture=True)


def test_no_server_means_growing_pauses(ear: Ear, connect: Connect) -> None:
    client = connect("ws://127.0.0.1:1")
    pauses = [ear.expect(LinkDown) for _ in range(6)]
    client.stop()
    assert [p.attempt for p in pauses] == [2, 3, 4, 5, 6, 7]
    assert all(0 < p.retry_in <= QUICK.longest_pause for p in pauses)
    assert pauses[-1].retry_in > QUICK.longest_pause / 2 - 1e-9


def test_a_silent_server_is_given_up(ear: Ear, connect: Connect, server: FakeServer) -> None:
    server.greet = lambda _: []
    connect()
    ear.expect(LinkDown)


def test_it_stops_at_once_whatever_it_is_doing(server: FakeServer, ear: Ear) -> None:
    for url in (server.url, "ws://127.0.0.1:1"):
        client = OverlayClient(url, "secret", ear.heard.put, LineSettings(first_pause=60.0, longest_pause=60.0))
        client.start()
        ear.expect(Welcome if url == server.url else LinkDown)
        client.stop()
        client.send(FeedbackSeen(feedback_id="too late"))
    assert "overlay-client" not in [t.name for t in threading.enumerate()]


def test_what_is_kept_goes_out_before_it_stops(server: FakeServer, ear: Ear) -> None:
    client = OverlayClient(server.url, "secret", ear.heard.put, LineSettings(first_pause=60.0, longest_pause=60.0))
    client.start()
    ear.expect(Welcome)
    server.drop()
    ear.expect(LinkDown)
    client.send(CallNote(call_id="c", note="the last words"))
    client.stop()
    assert server.expect(CallNote) == CallNote(call_id="c", note="the last words")


def test_a_server_that_stays_away_does_not_hold_it_up(ear: Ear) -> None:
    client = OverlayClient(
        "ws://127.0.0.1:1", "secret", ear.heard.put, LineSettings(first_pause=60.0, longest_pause=60.0, farewell=0.05)
    )
    client.start()
    ear.expect(LinkDown)
    client.send(CallNote(call_id="c", note="n"))
    began = time.monotonic()
    client.stop()
    assert time.monotonic() - began < 5.0


def test_a_bug_in_the_line_is_told_and_can_be_tried_again(
    server: FakeServer, ear: Ear, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    greet = OverlayClient._greet
    bugs = [ValueError("Port out of range 0-65535")]

    async def broken(client: OverlayClient, connection: ClientConnection) -> None:
        if bugs:
            raise bugs.pop()
        await greet(client, connection)

    monkeypatch.setattr(OverlayClient, "_greet", broken)
    client = connect()
    assert ear.expect(LinkRefused) == LinkRefused(code="window", message="ValueError")
    client.retry()
    ear.expect(Welcome)
    assert server.hellos


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("ws://127.0.0.1:8477", "ws://127.0.0.1:8477/v1/overlay"),
        ("127.0.0.1:8477", "ws://127.0.0.1:8477/v1/overlay"),
        ("http://localhost:1/", "ws://localhost:1/v1/overlay"),
        ("ws://[::1]:8477", "ws://[::1]:8477/v1/overlay"),
        ("https://host/else", "wss://host/else"),
    ],
)
def test_addresses(url: str, address: str) -> None:
    assert overlay_address(url) == address


@pytest.mark.parametrize(
    "url", ["", "ftp://host", "ws://", "ws://127.0.0.1:99999", "127.0.0.1:x", "ws://[::1", "ws://host:0"]
)
def test_bad_addresses_are_refused(url: str) -> None:
    with pytest.raises(BadAddress):
        overlay_address(url)
