"""The capture as a process of its own: exit codes, messages, signals; no traceback, whatever happens."""

import asyncio
import signal
import sys

import pytest
from capture_fake_server import TOKEN, FakeServer

from audio_capture import demo_call
from audio_capture.fake import until
from audio_capture.recording import open_recording
from live_sentiment.events import AudioFrame
from server.protocol import CallFinish

CODE = """
import sys
from pathlib import Path
from audio_capture.main import CaptureOptions, run
url, token, path, speed = sys.argv[1:]
sys.exit(run(CaptureOptions(url=url, token=token, recording=Path(path), speed=float(speed) or None, patience=1.0)))
"""


async def started(url: str, path: str, speed: float, token: str = TOKEN) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", CODE, url, token, path, str(speed), stderr=asyncio.subprocess.PIPE
    )


def test_the_demo_call_is_played_and_the_process_ends_by_itself() -> None:
    async def run() -> None:
        async with FakeServer() as server:
            process = await started(server.url, str(demo_call.path()), 0)
            _, said = await process.communicate()
            assert process.returncode == 0, said
            assert b"Traceback" not in said
            sent = list(open_recording(demo_call.path()).frames())
            assert len(server.frames()) == len(sent)
            assert server.received[-1] == CallFinish(at=pytest.approx(sent[-1].end), reason="finished")

    asyncio.run(run())


def test_in_real_time_it_is_neither_early_nor_late() -> None:
    async def run() -> None:
        async with FakeServer() as server:
            process = await started(server.url, str(demo_call.path()), 1)
            loop = asyncio.get_running_loop()
            await until(lambda: len(server.frames()) > 20)
            first, at = len(server.frames()), loop.time()
            await until(lambda: loop.time() > at + 2)
            heard, waited = (len(server.frames()) - first) / 2 * 0.032, loop.time() - at
            process.send_signal(signal.SIGTERM)
            await process.communicate()
            assert heard == pytest.approx(waited, abs=0.3)

    asyncio.run(run())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_call_properly(number: signal.Signals) -> None:
    async def run() -> None:
        async with FakeServer() as server:
            process = await started(server.url, str(demo_call.path()), 1)
            await until(lambda: server.got(AudioFrame) > 10)
            process.send_signal(number)
            _, said = await process.communicate()
            assert process.returncode == 0
            assert b"Traceback" not in said
            last = server.received[-1]
            assert isinstance(last, CallFinish)
            assert last.reason == "stopped"
            assert last.at == pytest.approx(max(frame.end for frame in server.frames()))
            assert server.closed_well == [True]

    asyncio.run(run())


def test_nobody_answers_is_code_3_with_advice() -> None:
    async def run() -> None:
        process = await started("ws://127.0.0.1:9", str(demo_call.path()), 1)
        _, said = await process.communicate()
        assert process.returncode == 3
        assert b"Start the server" in said
        assert b"Traceback" not in said

    asyncio.run(run())
