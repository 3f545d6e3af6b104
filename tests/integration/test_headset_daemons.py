"""The headset on real sound daemons, PulseAudio and PipeWire, that lose devices, change them and die.

The headset's output plays one tone and the microphone hears another, so that a frame on the wrong channel is heard.
"""

import asyncio
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from capture_fake_server import TOKEN, FakeServer
from numpy.typing import NDArray
from sound_daemons import (
    AGENT_HERTZ,
    CUSTOMER_HERTZ,
    HEADSET,
    MICROPHONE,
    OTHER_HERTZ,
    PipeWire,
    PulseAudio,
    Tone,
    both_sound,
    loudness,
)

from audio_capture import pulse_stream
from audio_capture.call import STOPPED
from audio_capture.devices import Device, DeviceChoice, pick
from audio_capture.errors import DeviceLost, DeviceMissing, SoundDaemonAway
from audio_capture.fake import until
from audio_capture.headset import HeadsetSource
from audio_capture.preshift import judge
from audio_capture.preshift_listen import listen
from audio_capture.pulse import PulseSystem
from audio_capture.pulse_stream import SUSPENDED, PulseStream
from audio_capture.recorder import OPENING
from audio_capture.source import Heard
from live_sentiment.events import CHANNELS, FRAME_SAMPLES, SAMPLE_RATE, AudioFrame, Channel, Gap
from server.protocol import CallBegin, CallFinish

pytestmark = [pytest.mark.pulse, pytest.mark.skipif(sys.platform != "linux", reason="these daemons are Linux's")]

THE_HEADSET = DeviceChoice(microphone="headset_mic", output="headset")
BACK_WITHIN = 2.0
"""Seconds after a daemon's return."""
CLICK = 500
"""A tone that breaks off in a frame has a little of every pitch; the tones themselves are at 8000."""


@pytest.fixture(params=[PulseAudio, PipeWire])
def daemon(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PulseAudio]:
    one = request.param(tmp_path)
    missing = [program for program in one.programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    one.start()
    for name, value in one.environment.items():
        monkeypatch.setenv(name, value)
    yield one
    one.kill()


@pytest.fixture
def tones(daemon: PulseAudio) -> Iterator[dict[str, Tone]]:
    playing = {"room": Tone(daemon, "room", AGENT_HERTZ), "headset": Tone(daemon, "headset", CUSTOMER_HERTZ)}
    yield playing
    for tone in playing.values():
        tone.stop()


class Listening:
    """A source being listened to, and what it said."""

    def __init__(self, source: HeadsetSource) -> None:
        self.source = source
        self.items: list[Heard] = []
        self.began = time.monotonic()

    def of(self, channel: Channel) -> list[Heard]:
        return [item for item in self.items if item.channel == channel]

    def frames(self, channel: Channel, since: float = 0.0) -> list[AudioFrame]:
        return [item for item in self.of(channel) if isinstance(item, AudioFrame) and item.start >= since]

    @property
    def both(self) -> list[AudioFrame]:
        return [item for item in self.items if isinstance(item, AudioFrame)]

    def gap_since(self, channel: Channel, since: float) -> tuple[float, set[str]]:
        """Seconds missing after ``since``, and why."""
        gaps = [item for item in self.of(channel) if isinstance(item, Gap) and item.end > since]
        return sum(gap.end - gap.start for gap in gaps), {gap.cause for gap in gaps}

    def reached(self, channel: Channel) -> float:
        """Up to when the channel is told."""
        mine = self.of(channel)
        return mine[-1].end if mine else 0.0

    def check_continuous(self) -> None:
        """Nothing is told twice or left out, and the time told is the time that went by."""
        for channel in CHANNELS:
            mine = self.of(channel)
            for before, after in pairwise(mine):
                assert after.start == pytest.approx(before.end, abs=1e-6)
        told = max(self.reached(channel) for channel in CHANNELS)
        assert told == pytest.approx(time.monotonic() - self.began, abs=0.5)


@asynccontextmanager
async def listening(choice: DeviceChoice | None = None) -> AsyncIterator[Listening]:
    """Listens to the daemon's devices until the end of the block."""
    one = Listening(HeadsetSource(PulseSystem(), lambda: choice or DeviceChoice()))
    await one.source.open(0.0)

    async def listen() -> None:
        async for item in one.source.stream():
            one.items.append(item)

    task = asyncio.create_task(listen())
    try:
        yield one
        one.check_continuous()
    finally:
        await one.source.close()
        await task


def played(test: Callable[..., Coroutine[None, None, None]]) -> Callable[..., None]:
    """Runs a test that is a coroutine of the daemon and its tones."""

    def run(daemon: PulseAudio, tones: dict[str, Tone]) -> None:
        asyncio.run(test(daemon, tones))

    run.__name__ = test.__name__
    return run


def highest_pitch(frames: list[AudioFrame], hertz: float) -> float:
    """The largest amplitude of a pitch in any single frame."""
    window = np.hanning(FRAME_SAMPLES) / np.hanning(FRAME_SAMPLES).sum()
    wave = 2 * window * np.exp(-2j * np.pi * hertz * np.arange(FRAME_SAMPLES) / SAMPLE_RATE)
    return max((abs(np.dot(np.frombuffer(frame.pcm, dtype="<i2"), wave)) for frame in frames), default=0.0)


def check_voices(one: Listening) -> None:
    """Not one frame of either channel has the other's voice."""
    assert highest_pitch(one.frames("customer"), AGENT_HERTZ) < CLICK
    assert highest_pitch(one.frames("agent"), CUSTOMER_HERTZ) < CLICK


@played
async def test_each_voice_arrives_on_its_own_channel_only(daemon: PulseAudio, tones: dict[str, Tone]) -> None:
    del daemon, tones
    async with listening() as one:
        await until(lambda: both_sound(one.both), 20)
    assert one.items[0].start == 0.0
    check_voices(one)
    assert one.source.name.endswith("Headset")


@played
async def test_unplugged_the_customers_channel_is_never_the_microphone(
    daemon: PulseAudio, tones: dict[str, Tone]
) -> None:
    async with listening(THE_HEADSET) as one:
        await until(lambda: both_sound(one.both), 20)
        tones["headset"].stop()  # the daemon would have moved it into the room
        daemon.unload(HEADSET)
        daemon.make_default(sink="speaker")  # as the daemon moves what plays to what it makes the default
        away = one.reached("customer")
        await until(lambda: one.reached("agent") > away + 2.0)  # the microphone goes on all the while
        assert one.frames("customer", away + 0.3) == []
        assert one.gap_since("agent", away) == (0, set())
        daemon.load(HEADSET.replace("48000", "44100"))  # plugged in again, it runs at another rate
        tones["headset"] = Tone(daemon, "headset", CUSTOMER_HERTZ)
        await until(lambda: loudness(one.frames("customer", away + 2.0), "customer", CUSTOMER_HERTZ) > 3000, 20)
        missing, causes = one.gap_since("customer", away)
    check_voices(one)
    assert missing >= 1.5
    assert all("gone" in cause or "not there" in cause for cause in causes)


@played
async def test_following_the_default_it_goes_where_the_sound_goes(daemon: PulseAudio, tones: dict[str, Tone]) -> None:
    other = Tone(daemon, "speaker", OTHER_HERTZ)
    try:
        async with listening() as one:
            await until(lambda: both_sound(one.both), 20)
            switched = one.reached("customer")
            daemon.make_default(sink="speaker")
            await until(lambda: loudness(one.both, "customer", OTHER_HERTZ) > 3000, 20)
            missing, causes = one.gap_since("customer", switched + 0.1)
            assert missing < 1.0
            assert any("went over to Speaker" in cause for cause in causes)
            assert one.gap_since("agent", switched) == (0, set())
            daemon.unload(HEADSET)  # the one that is not used any more
            daemon.make_default(source="headset_mic")
            await until(lambda: one.reached("customer") > switched + 3.0)
    finally:
        other.stop()
    check_voices(one)
    del tones


@played
async def test_a_microphone_that_is_unplugged_does_not_stop_the_customer(
    daemon: PulseAudio, tones: dict[str, Tone]
) -> None:
    del tones
    async with listening(THE_HEADSET) as one:
        await until(lambda: both_sound(one.both), 20)
        daemon.unload(MICROPHONE)
        away = one.reached("agent")
        await until(lambda: one.reached("customer") > away + 1.5)
        assert one.frames("agent", away + 0.3) == []
        daemon.load(MICROPHONE)
        await until(lambda: loudness(one.frames("agent", away + 1.0), "agent", AGENT_HERTZ) > 3000, 20)
        assert one.gap_since("customer", away) == (0, set())
    check_voices(one)


@played
async def test_a_daemon_that_is_killed_and_comes_back_is_heard_within_two_seconds(
    daemon: PulseAudio, tones: dict[str, Tone]
) -> None:
    async with listening(THE_HEADSET) as one:
        await until(lambda: both_sound(one.both), 20)
        daemon.kill()
        killed = one.reached("customer")
        for tone in tones.values():
            tone.stop()
        await until(lambda: any("sound server" in cause for cause in one.gap_since("customer", killed)[1]))
        await asyncio.to_thread(daemon.start)
        back = time.monotonic() - one.began
        await until(lambda: bool(one.frames("agent", killed + 0.3)) and bool(one.frames("customer", killed + 0.3)))
        for channel in CHANNELS:
            assert one.frames(channel, killed + 0.3)[0].start < back + BACK_WITHIN
        tones |= {"room": Tone(daemon, "room", AGENT_HERTZ), "headset": Tone(daemon, "headset", CUSTOMER_HERTZ)}
        await until(lambda: both_sound(one.both), 20)
    check_voices(one)


@played
async def test_muted_it_is_silent_and_time_goes_on(daemon: PulseAudio, tones: dict[str, Tone]) -> None:
    del tones
    async with listening() as one:
        await until(lambda: both_sound(one.both), 20)
        muted = one.reached("agent")
        daemon.control("set-source-mute", "headset_mic", "1")
        await until(lambda: one.frames("agent", muted + 1.0) != [] and loudness(one.both, "agent", AGENT_HERTZ) < 30)
        daemon.control("set-source-mute", "headset_mic", "0")
        await until(lambda: loudness(one.both, "agent", AGENT_HERTZ) > 3000)
        assert one.gap_since("agent", muted) == (0, set())


@played
async def test_a_stall_of_three_seconds_loses_nothing(daemon: PulseAudio, tones: dict[str, Tone]) -> None:
    del daemon, tones
    async with listening() as one:
        await until(lambda: both_sound(one.both), 20)
        stalled = one.reached("agent")
        time.sleep(3)  # noqa: ASYNC251 - that is the stall
        await until(lambda: min(map(one.reached, CHANNELS)) > stalled + 3.0)
        for channel in CHANNELS:
            assert one.gap_since(channel, stalled) == (0, set())
    check_voices(one)


@pytest.mark.parametrize("daemon", [PulseAudio], indirect=True)  # PipeWire does not suspend what is in use
@pytest.mark.usefixtures("tones")
def test_a_suspended_device_leaves_a_gap_with_its_reason(daemon: PulseAudio) -> None:
    async def run() -> None:
        async with listening() as one:
            await until(lambda: both_sound(one.both), 20)
            suspended = one.reached("agent")
            daemon.control("suspend-source", "headset_mic", "1")
            await until(lambda: one.gap_since("agent", suspended)[0] > 2)
            daemon.control("suspend-source", "headset_mic", "0")
            await until(lambda: loudness(one.frames("agent", suspended + 2), "agent", AGENT_HERTZ) > 3000, 20)
            assert SUSPENDED in one.gap_since("agent", suspended)[1]

    asyncio.run(run())


@pytest.mark.parametrize("daemon", [PulseAudio], indirect=True)  # PipeWire ends the recording of a monitor instead
@pytest.mark.usefixtures("tones")
def test_a_daemon_that_moves_the_stream_anyway_is_noticed_before_anything_of_it_is_heard(
    daemon: PulseAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse_stream, "_DONT_MOVE", 0)
    heard: list[np.ndarray] = []
    with PulseStream("headset.monitor", "Headset", 16_000, FRAME_SAMPLES) as stream:

        def hear(seconds: int) -> None:
            while sum(block.size for block in heard) < seconds * SAMPLE_RATE:
                heard.append(stream.read())

        hear(1)
        (output,) = {
            line.split()[0]
            for line in daemon.control("list", "short", "source-outputs").splitlines()
            if "float32le 1ch 16000Hz" in line
        }
        daemon.control("move-source-output", output, "headset_mic")
        with pytest.raises(DeviceLost, match="Headset is gone"):
            hear(10)
    samples = np.concatenate(heard)
    assert SAMPLE_RATE <= samples.size < 3 * SAMPLE_RATE
    frames = [
        AudioFrame(
            channel="customer", start=0.0, pcm=(samples[at : at + FRAME_SAMPLES] * 32_767).astype("<i2").tobytes()
        )
        for at in range(0, samples.size - FRAME_SAMPLES, FRAME_SAMPLES // 4)
    ]
    assert highest_pitch(frames, AGENT_HERTZ) < CLICK


@pytest.mark.usefixtures("tones")
def test_suspended_by_the_agent_nothing_is_recorded(daemon: PulseAudio) -> None:
    async def run() -> None:
        source = HeadsetSource(PulseSystem())
        for at in (0.0, 60.0):
            await source.open(at)
            stream = source.stream()
            async for item in stream:
                assert item.start >= at
                if isinstance(item, AudioFrame):
                    break
            await source.suspend()
            assert [item async for item in source.stream()] == []
            assert "Spiegel" not in daemon.control("list", "source-outputs")

    asyncio.run(run())


def test_the_check_before_a_shift_hears_its_tone_and_a_muted_microphone(daemon: PulseAudio) -> None:
    daemon.control("set-source-mute", "headset_mic", "1")
    heard = asyncio.run(listen(PulseSystem(), lambda: THE_HEADSET, tone=True, seconds=4.0))
    assert {one.about: one.said.en for one in judge(heard)} == {
        "microphone": "Your microphone is off: it gives silence only.",
        "customer": "What you hear in your headset, Spiegel hears too.",
    }


def test_the_check_before_a_shift_finds_the_wrong_output(daemon: PulseAudio) -> None:
    """The tone sounds in the room, and so in the microphone, but not where the customer is said to be."""

    class Astray(PulseSystem):
        def play(self, device: Device, samples: NDArray[np.float32], rate: int) -> None:
            super().play(replace(device, name="room"), samples, rate)

    del daemon
    heard = asyncio.run(listen(Astray(), lambda: THE_HEADSET, tone=True, seconds=4.0))
    found = {one.about: one for one in judge(heard)}
    assert found["customer"].state == "bad"
    assert "swapped" in found["channels"].said.en


def test_no_daemon_is_said_with_what_to_do(daemon: PulseAudio) -> None:
    daemon.kill()
    with pytest.raises(SoundDaemonAway) as caught:
        PulseSystem().devices()
    assert "systemctl" in caught.value.advice
    assert caught.value.retryable


def test_devices_are_listed_by_role_and_a_monitor_is_never_a_microphone(daemon: PulseAudio) -> None:
    devices = PulseSystem().devices()
    names = {(device.role, device.name) for device in devices}
    assert {("microphone", "headset_mic"), ("output", "headset"), ("output", "room"), ("output", "speaker")} <= names
    assert not any(".monitor" in name for role, name in names if role == "microphone")
    assert (pick(devices, "microphone").name, pick(devices, "output").record) == ("headset_mic", "headset.monitor")
    daemon.make_default(sink="speaker", source="headset.monitor")
    devices = PulseSystem().devices()
    assert pick(devices, "output").label == "Speaker"
    with pytest.raises(DeviceMissing, match="microphone"):
        pick(devices, "microphone")


@pytest.mark.usefixtures("tones")
def test_the_capture_process_delivers_a_headsets_call_and_ends_on_sigterm(daemon: PulseAudio) -> None:
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
            assert highest_pitch([f for f in server.frames() if f.channel == "customer"], AGENT_HERTZ) < CLICK
            assert server.got(CallBegin) == 1
            assert isinstance(server.received[-1], CallFinish)
            assert server.received[-1].reason == "stopped"
            assert {gap.cause for gap in server.received if isinstance(gap, Gap)} <= {OPENING, STOPPED}

    asyncio.run(run())
