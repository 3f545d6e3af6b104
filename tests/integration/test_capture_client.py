"""The client against a server that answers, leaves, refuses, or never comes."""

import asyncio
import socket
import time
from collections.abc import Coroutine
from pathlib import Path

import numpy as np
import pytest
import soundfile
from capture_fake_server import TOKEN, FakeServer

from audio_capture import main
from audio_capture.client import CaptureClient, ClientConfig, capture_address
from audio_capture.errors import ServerAway, ServerRefused
from audio_capture.fake import FakeSource, frames, until
from audio_capture.main import CaptureOptions, capture
from audio_capture.pacing import SystemClock
from audio_capture.recording import open_recording
from audio_capture.session import Session, SessionPlan
from live_sentiment.events import FRAME_SECONDS, AudioFrame, Gap
from server.protocol import CallBegin, CallFinish, ChannelLevels, Error


def play(coroutine: Coroutine[object, object, None], seconds: float = 30.0) -> None:
    async def limited() -> None:
        async with asyncio.timeout(seconds):
            await coroutine

    asyncio.run(limited())


@pytest.fixture
def call(tmp_path: Path) -> Path:
    """Twelve seconds of noise, both channels."""
    noise = np.random.default_rng(5).normal(0, 3000, (12 * 16_000, 2)).astype(np.int16)
    soundfile.write(tmp_path / "call.flac", noise, 16_000, subtype="PCM_16")
    return tmp_path / "call.flac"


def options(url: str, recording: Path | None = None, **more: object) -> CaptureOptions:
    return CaptureOptions(**{"url": url, "token": TOKEN, "recording": recording, "speed": None, **more})


def test_a_recording_arrives_whole_and_in_order(call: Path) -> None:
    async def run() -> None:
        async with FakeServer() as server:
            await capture(options(server.url, call, language="nl"), SystemClock())
            await until(lambda: len(server.closed_well) == 1)
            (messages,) = server.connections
            begin, *rest = messages
            assert isinstance(begin, CallBegin)
            assert (begin.source, begin.language, begin.speed) == ("call.flac", "nl", None)
            assert [m for m in rest if isinstance(m, AudioFrame)] == list(open_recording(call).frames())
            assert rest[-1] == CallFinish(at=12.0, reason="finished")
            assert server.got(ChannelLevels) == 12
            assert server.closed_well == [True]

    play(run())


def test_a_connection_that_breaks_loses_nothing(call: Path) -> None:
    async def run() -> None:
        async with FakeServer(cut_after=151) as server:
            await capture(options(server.url, call), SystemClock())
            assert server.frames() == sorted(open_recording(call).frames(), key=lambda f: (f.start, f.channel))
            assert len(server.connections) == 2
            first, second = (next(m for m in c if isinstance(m, CallBegin)) for c in server.connections)
            assert first == second
            assert server.got(Gap) == 0
            starts = [m.start for m in server.connections[1] if isinstance(m, AudioFrame)]
            assert starts == sorted(starts)

    play(run())


def test_a_server_that_comes_late_is_waited_for(call: Path) -> None:
    async def run() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        capturing = asyncio.create_task(capture(options(f"http://127.0.0.1:{port}", call), SystemClock()))
        await asyncio.wait({capturing}, timeout=0.3)
        assert not capturing.done()
        async with FakeServer(port=port) as server:
            await capturing
            assert len(server.frames()) == 750

    play(run())


def test_what_did_not_fit_while_the_server_was_away_is_a_gap_to_the_frame() -> None:
    """Played 60 times as fast: 30 s of buffer are full in half a second."""

    async def run() -> None:
        source = FakeSource(frames(3000), live=False)
        busy = Error(code="busy", message="Starting.", retryable=True)
        async with FakeServer(cut_after=400, then_answer=busy) as server:
            client = CaptureClient(ClientConfig(url=server.url, token=TOKEN), SystemClock())
            session = Session(SessionPlan(one_call=True, speed=60.0), source, client, SystemClock())
            serving, running = asyncio.create_task(client.serve()), asyncio.create_task(session.run())
            await until(lambda: source._next >= 5000)
            server.answer = None
            await running
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            known = {(f.start, f.channel) for f in server.frames()}
            gaps = [m for m in server.received if isinstance(m, Gap)]
            lost = [f for f in frames(3000) if (f.start, f.channel) not in known]
            assert len(lost) > 1000
            assert all(any(covers(gap, frame) for gap in gaps) for frame in lost)
            gone = sum((g.end - g.start) * (2 if g.channel is None else 1) for g in gaps)
            assert gone == pytest.approx(len(lost) * FRAME_SECONDS, abs=1.1)  # what was in flight counts as lost
            assert isinstance(server.received[-1], CallFinish)

    play(run())


def covers(gap: Gap, frame: AudioFrame) -> bool:
    """Whether ``frame`` lies in ``gap``."""
    inside = gap.start <= frame.start + 1e-6 and frame.end <= gap.end + 1e-6
    return inside and gap.channel in (None, frame.channel)


def test_a_server_that_never_comes_ends_with_code_3(call: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    before = time.monotonic()
    assert main.run(options(f"ws://127.0.0.1:{port}", call, patience=0.5)) == main.EXIT_SERVER
    assert time.monotonic() - before < 10
    said = capsys.readouterr().err
    assert "did not answer" in said
    assert "spiegel server" in said


def test_a_bad_recording_ends_with_code_2_before_anything_is_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(options("ws://127.0.0.1:9", tmp_path / "none.wav")) == main.EXIT_RECORDING
    assert "no file" in capsys.readouterr().err


def test_a_refusal_is_final(call: Path) -> None:
    async def run() -> None:
        refusal = Error(code="token", message="The token is not known.", retryable=False)
        async with FakeServer(answer=refusal) as server:
            with pytest.raises(ServerRefused, match="token"):
                await capture(options(server.url, call), SystemClock())

    play(run())


def test_a_busy_server_is_asked_again_until_patience_ends(call: Path) -> None:
    async def run() -> None:
        busy = Error(code="busy", message="Still starting.", retryable=True)
        async with FakeServer(answer=busy) as server:
            with pytest.raises(ServerAway, match="did not answer"):
                await capture(options(server.url, call, patience=0.4), SystemClock())

    play(run())


def test_a_headset_is_closed_until_the_agent_starts_and_after_the_agent_stops() -> None:
    async def run() -> None:
        async with FakeServer() as server:
            source = FakeSource(frames(20_000), live=True)
            client = CaptureClient(ClientConfig(url=server.url, token=TOKEN), SystemClock())
            session = Session(SessionPlan(one_call=False), source, client, SystemClock())
            tasks = {asyncio.create_task(client.serve()), asyncio.create_task(session.run())}
            await until(client.welcomed.is_set)
            await server.say("stop")
            await server.say("pause")
            assert not source.opened
            for number in (1, 2):
                await server.say("start", f"call-{number}")
                await until(lambda n=number: server.got(CallBegin) == n and source.listening)
                await server.say("start", "another")
                await server.say("pause")
                await until(lambda: not source.listening)
                await server.say("resume")
                await until(lambda: source.listening)
                await server.say("stop")
                await until(lambda n=number: server.got(CallFinish) == n)
                assert not source.listening
            begins = [m for m in server.received if isinstance(m, CallBegin)]
            assert [begin.call_id for begin in begins] == ["call-1", "call-2"]
            assert all(m.reason == "stopped" for m in server.received if isinstance(m, CallFinish))
            await session.stop()
            await until(lambda: source.closed)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    play(run())


def test_a_call_that_the_server_ended_meanwhile_goes_on_as_a_new_one() -> None:
    async def run() -> None:
        async with FakeServer() as server:
            source = FakeSource(frames(20_000), live=True)
            client = CaptureClient(ClientConfig(url=server.url, token=TOKEN), SystemClock())
            session = Session(SessionPlan(one_call=False, start_at_once=True), source, client, SystemClock())
            tasks = {asyncio.create_task(client.serve()), asyncio.create_task(session.run())}
            await until(lambda: server.got(AudioFrame) > 4)
            await server.send(Error(code="call_over", message="This call has ended.", retryable=False))
            await until(lambda: server.got(CallBegin) == 2 and source.listening)
            begins = [m for m in server.received if isinstance(m, CallBegin)]
            assert begins[0].call_id != begins[1].call_id
            assert not any(task.done() for task in tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    play(run())


def test_a_recording_that_the_server_ended_meanwhile_is_code_3(call: Path) -> None:
    async def run() -> None:
        async with FakeServer() as server:
            capturing = asyncio.create_task(capture(options(server.url, call, speed=1.0), SystemClock()))
            await until(lambda: server.got(AudioFrame) > 4)
            await server.send(Error(code="call_over", message="This call has ended.", retryable=False))
            with pytest.raises(ServerRefused, match="ended the call"):
                await capturing

    play(run())


@pytest.mark.parametrize(
    "url", ["ws://127.0.0.1:8477", "http://127.0.0.1:8477/", "ws://127.0.0.1:8477/v1/capture", "ws://127.0.0.1:8477/"]
)
def test_addresses(url: str) -> None:
    assert capture_address(url) == "ws://127.0.0.1:8477/v1/capture"


def test_an_address_that_is_none_is_said(call: Path) -> None:
    with pytest.raises(ServerRefused, match="not an address"):
        play(capture(options("nonsense", call), SystemClock()))


def test_a_recording_on_demand_is_played_whole_each_time(call: Path) -> None:
    async def run() -> None:
        async with FakeServer() as server:
            capturing = asyncio.create_task(capture(options(server.url, call, on_demand=True), SystemClock()))
            await until(lambda: bool(server.connections))
            for number in (1, 2):
                await server.say("start")
                await until(lambda n=number: server.got(CallFinish) == n)
            capturing.cancel()
            await asyncio.gather(capturing, return_exceptions=True)
            whole = list(open_recording(call).frames())
            assert [m for m in server.received if isinstance(m, AudioFrame)] == [*whole, *whole]
            assert [m.reason for m in server.received if isinstance(m, CallFinish)] == ["finished"] * 2

    play(run())


def test_a_call_that_was_ended_on_purpose_does_not_go_on_and_the_agent_can_start_another() -> None:
    async def run() -> None:
        async with FakeServer() as server:
            source = FakeSource(frames(20_000), live=True)
            client = CaptureClient(ClientConfig(url=server.url, token=TOKEN), SystemClock())
            session = Session(SessionPlan(one_call=False, start_at_once=True), source, client, SystemClock())
            tasks = {asyncio.create_task(client.serve()), asyncio.create_task(session.run())}
            await until(lambda: server.got(AudioFrame) > 4)
            stopped = Error(code="call_stopped", message="The agent ended it.", retryable=False)
            await server.send(stopped)
            await until(lambda: not source.listening and session._call is None)
            await server.send(stopped)  # nobody's any more: no harm
            assert not session._wanted.is_set()
            assert server.got(CallBegin) == 1
            await server.say("start")
            await until(lambda: server.got(CallBegin) == 2)
            assert not any(task.done() for task in tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    play(run())
