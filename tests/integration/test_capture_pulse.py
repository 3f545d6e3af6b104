"""The default devices of a real PulseAudio daemon, started here with null sinks as headset and as room.

The agent's microphone is a source over the room's sink; the customer is what is played into the headset's.
"""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from capture_fake_server import TOKEN, FakeServer

from audio_capture.errors import DeviceMissing, SoundDaemonAway
from audio_capture.fake import until
from audio_capture.pulse import PulseSource, default_pair
from live_sentiment.events import FRAME_SAMPLES, SAMPLE_RATE, AudioFrame, Gap
from server.protocol import CallBegin, CallFinish

pytestmark = [pytest.mark.pulse, pytest.mark.skipif(sys.platform != "linux", reason="PulseAudio is Linux's")]

AGENT_HERTZ, CUSTOMER_HERTZ = 440.0, 1000.0
_MODULES = (
    "module-native-protocol-unix",
    "module-null-sink sink_name=headset rate=48000",
    "module-null-sink sink_name=room rate=44100",
    "module-remap-source master=room.monitor source_name=headset_mic remix=no",
)


class Daemon:
    """A PulseAudio daemon of the test's own, in its own folder."""

    def __init__(self, folder: Path, modules: tuple[str, ...] = _MODULES) -> None:
        self._modules = modules
        self.environment = {
            **os.environ,
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_RUNTIME_PATH": str(folder / "pulse"),
            "PULSE_STATE_PATH": str(folder / "state"),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        loads = [part for module in self._modules for part in ("-L", module)]
        fixed = [
            "-n",
            "--daemonize=no",
            "--exit-idle-time=-1",
            "--system=false",
            "--use-pid-file=no",
            "--log-level=error",
        ]
        self._process = subprocess.Popen(
            ["pulseaudio", *fixed, *loads], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(lambda: self.control("info", check=False) == 0)
        self.control("set-default-sink", "headset", check=False)
        self.control("set-default-source", "headset_mic", check=False)

    def control(self, *words: str, check: bool = True) -> int:
        return subprocess.run(["pactl", *words], env=self.environment, check=check, capture_output=True).returncode

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


class Tone:
    """A sine played into a sink for as long as it is wanted."""

    def __init__(self, daemon: Daemon, sink: str, hertz: float) -> None:
        command = ["pacat", "--playback", f"--device={sink}", "--rate=48000", "--channels=1", "--latency-msec=100"]
        self._player = subprocess.Popen(
            command, env=daemon.environment, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        second = (8000 * np.sin(2 * np.pi * hertz * np.arange(48_000) / 48_000)).astype("<i2").tobytes()
        self._feeder = threading.Thread(target=self._feed, args=(second,), daemon=True)
        self._feeder.start()

    def _feed(self, second: bytes) -> None:
        assert self._player.stdin is not None
        try:
            while True:
                self._player.stdin.write(second)
        except (BrokenPipeError, ValueError):
            return

    def stop(self) -> None:
        self._player.kill()
        self._player.wait()
        self._feeder.join(5)
        assert self._player.stdin is not None
        try:
            self._player.stdin.close()
        except BrokenPipeError:
            return


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    tmp_path.chmod(0o700)
    one = Daemon(tmp_path)
    for name, value in one.environment.items():
        monkeypatch.setenv(name, value)
    one.start()
    yield one
    one.kill()


@pytest.fixture
def tones(daemon: Daemon) -> Iterator[None]:
    both = [Tone(daemon, "room", AGENT_HERTZ), Tone(daemon, "headset", CUSTOMER_HERTZ)]
    yield
    for tone in both:
        tone.stop()


def loudness(frames: list[AudioFrame], channel: str, hertz: float) -> float:
    """The amplitude of one pitch in the last second of a channel."""
    pcm = b"".join([frame.pcm for frame in frames if frame.channel == channel][-31:])
    samples = np.frombuffer(pcm, dtype="<i2").astype(float)
    if samples.size < 31 * FRAME_SAMPLES:
        return 0.0
    wave = np.exp(-2j * np.pi * hertz * np.arange(samples.size) / SAMPLE_RATE)
    return float(2 * abs(np.dot(samples, wave)) / samples.size)


def both_sound(frames: list[AudioFrame]) -> bool:
    """The players may need a while to start."""
    return loudness(frames, "agent", AGENT_HERTZ) > 3000 and loudness(frames, "customer", CUSTOMER_HERTZ) > 3000


def check_channels(frames: list[AudioFrame]) -> None:
    assert both_sound(frames)
    assert loudness(frames, "customer", AGENT_HERTZ) < 30
    assert loudness(frames, "agent", CUSTOMER_HERTZ) < 30


@pytest.mark.usefixtures("tones")
def test_each_voice_arrives_on_its_own_channel_only_and_time_is_continuous() -> None:
    async def run() -> None:
        source = PulseSource()
        await source.open(3.0)
        frames: list[AudioFrame] = []
        async for item in source.stream():
            assert isinstance(item, AudioFrame)
            frames.append(item)
            if len(frames) % 31 == 0 and len(frames) > 200 and both_sound(frames):
                break
        await source.close()
        for channel in ("agent", "customer"):
            starts = [
                round(frame.start * SAMPLE_RATE / FRAME_SAMPLES, 6) for frame in frames if frame.channel == channel
            ]
            assert starts == list(range(int(starts[0]), int(starts[0]) + len(starts)))
            assert starts[0] >= 3.0 * SAMPLE_RATE / FRAME_SAMPLES
        check_channels(frames)

    asyncio.run(run())


@pytest.mark.usefixtures("tones")
def test_suspended_it_hears_nothing_and_opens_again(daemon: Daemon) -> None:
    async def run() -> None:
        source = PulseSource()
        for at in (0.0, 60.0):
            await source.open(at)
            first = await anext(source.stream())
            assert first.start >= at
            await source.suspend()
            assert [item async for item in source.stream()] == []
            assert (
                b"Spiegel"
                not in subprocess.run(  # noqa: ASYNC221 - a short question, and nothing else to do
                    ["pactl", "list", "source-outputs"], env=daemon.environment, check=True, capture_output=True
                ).stdout
            )

    asyncio.run(run())


def test_no_daemon_is_said_with_what_to_do(daemon: Daemon) -> None:
    daemon.kill()
    with pytest.raises(SoundDaemonAway) as caught:
        default_pair()
    assert "systemctl" in caught.value.advice
    assert caught.value.retryable


def test_the_monitor_is_never_taken_for_a_microphone(daemon: Daemon) -> None:
    daemon.control("set-default-source", "headset.monitor")
    with pytest.raises(DeviceMissing, match="microphone"):
        default_pair()


def test_the_defaults_are_the_pair(daemon: Daemon) -> None:
    pair = default_pair()
    assert (pair["agent"].name, pair["customer"].name) == ("headset_mic", "headset.monitor")
    daemon.control("set-default-sink", "room")
    assert default_pair()["customer"].name == "room.monitor"


@pytest.mark.usefixtures("tones")
def test_the_capture_process_delivers_a_headsets_call_and_ends_on_sigterm(daemon: Daemon) -> None:
    code = (
        "import sys; from audio_capture.main import CaptureOptions, run;"
        "sys.exit(run(CaptureOptions(url=sys.argv[1], token=sys.argv[2], start_at_once=True)))"
    )

    async def run() -> None:
        async with FakeServer() as server:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", code, server.url, TOKEN, env=daemon.environment, stderr=asyncio.subprocess.DEVNULL
            )
            await until(lambda: len(server.received) > 200 and both_sound(server.frames()), 30)
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0
            check_channels(server.frames())
            assert server.got(CallBegin) == 1
            assert isinstance(server.received[-1], CallFinish)
            assert server.received[-1].reason == "stopped"
            assert {gap.cause for gap in server.received if isinstance(gap, Gap)} <= {"the devices were being opened"}

    asyncio.run(run())


def test_a_daemon_that_dies_and_comes_back_leaves_one_exact_gap(daemon: Daemon) -> None:
    from audio_capture.call import Call, CallPlan  # noqa: PLC0415 - only here is the whole call needed
    from audio_capture.pacing import SystemClock  # noqa: PLC0415 - likewise

    async def run() -> None:
        call = Call(CallPlan(call_id="c"), PulseSource(), SystemClock())
        running = asyncio.create_task(call.run())
        await until(lambda: min(call._heard_until.values()) > 0, 20)
        daemon.kill()
        died_at = call.position
        await until(lambda: any("away" in cause or "answer" in cause for cause in call._causes.values()), 20)
        daemon.start()
        await until(lambda: min(call._heard_until.values()) > died_at + 0.5, 20)
        await call.stop()
        await running
        items = []
        while (item := await call.outbox.take()) is not None:
            items.append(item)
            call.outbox.confirm_through(call.outbox.taken)
        for channel in ("agent", "customer"):
            at = 0.0
            for item in items:
                if isinstance(item, AudioFrame | Gap) and item.channel in (channel, None):
                    assert item.start == pytest.approx(at, abs=1e-6)
                    at = item.end
            assert at > died_at
        assert any("sound server" in gap.cause for gap in items if isinstance(gap, Gap))

    asyncio.run(run())
