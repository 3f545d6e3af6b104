"""Two devices as one source: each goes its own way. The devices are fake; threads and time are real, but brief."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import replace

import numpy as np
import pytest

from audio_capture import headset
from audio_capture.devices import Device, DeviceChoice
from audio_capture.errors import DeviceError, PlatformNotYet
from audio_capture.fake import FakeSystem, until
from audio_capture.headset import HeadsetSource
from audio_capture.source import Heard
from live_sentiment.events import FRAME_SAMPLES, AudioFrame, Gap

MIC = Device(role="microphone", name="mic", label="Headset mic", record="mic", default=True)
OUT = Device(role="output", name="out", label="Headset", record="out.monitor", default=True)
SPEAKER = Device(role="output", name="speaker", label="Speaker", record="speaker.monitor")
VOICE = {"mic": 0.1, "out": 0.2, "speaker": 0.3}


class Listener:
    """A source being listened to: ``heard`` grows."""

    def __init__(self, source: HeadsetSource) -> None:
        self.source = source
        self.heard: list[Heard] = []

    async def run(self) -> None:
        async for item in self.source.stream():
            self.heard.append(item)

    def frames(self, channel: str) -> list[AudioFrame]:
        return [item for item in self.heard if isinstance(item, AudioFrame) and item.channel == channel]

    def gaps(self, channel: str) -> list[Gap]:
        return [item for item in self.heard if isinstance(item, Gap) and item.channel == channel]

    def voices(self, channel: str) -> set[float]:
        """Whose sound the channel had."""
        levels = {float(np.frombuffer(frame.pcm, dtype="<i2")[256]) / 32_768 for frame in self.frames(channel)}
        return {round(level, 1) for level in levels}


def play(system: FakeSystem, name: str, frames: int = 10) -> None:
    """The first block of a stream says when it began; what follows may come early."""
    for _ in range(frames):
        system.newest(name).play(np.full(FRAME_SAMPLES, VOICE[name], dtype=np.float32))


def listening(
    system: FakeSystem, act: Callable[[Listener], Coroutine[None, None, None]], choice: DeviceChoice | None = None
) -> Listener:
    async def run() -> Listener:
        listener = Listener(HeadsetSource(system, lambda: choice or DeviceChoice()))
        await listener.source.open(0.0)
        task = asyncio.create_task(listener.run())
        try:
            await act(listener)
        finally:
            await listener.source.close()
            await task
        return listener

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headset, "LOOK_SECONDS", 0.01)


def names(system: FakeSystem) -> list[str]:
    return [name for name, _ in system.opened]


def test_each_device_is_its_own_channel() -> None:
    system = FakeSystem(MIC, OUT)

    async def act(listener: Listener) -> None:
        await until(lambda: len(system.opened) == 2)
        for name in ("mic", "out"):
            play(system, name)
        await until(lambda: bool(listener.frames("agent")) and bool(listener.frames("customer")))

    listener = listening(system, act)
    assert listener.voices("agent") == {0.1}
    assert listener.voices("customer") == {0.2}
    assert listener.source.name == "Headset mic + Headset"


def test_one_that_is_lost_does_not_stop_the_other_and_comes_back_by_itself() -> None:
    system = FakeSystem(MIC, OUT)

    async def act(listener: Listener) -> None:
        await until(lambda: len(system.opened) == 2)
        play(system, "out")
        await until(lambda: bool(listener.frames("customer")))
        system.plugged = [MIC]
        system.newest("out").lose()
        play(system, "mic", 20)
        await until(
            lambda: any(
                "Headset is gone" in gap.cause or "no headset" in gap.cause for gap in listener.gaps("customer")
            )
        )
        await until(lambda: bool(listener.frames("agent")))
        system.plugged = [MIC, OUT]
        await until(lambda: names(system).count("out") == 2)
        before = len(listener.frames("customer"))
        play(system, "out")
        await until(lambda: len(listener.frames("customer")) > before)

    listener = listening(system, act)
    assert listener.voices("customer") == {0.2}
    assert names(system).count("mic") == 1


def test_the_default_is_followed_when_it_changes() -> None:
    system = FakeSystem(MIC, OUT, SPEAKER)

    async def act(listener: Listener) -> None:
        await until(lambda: len(system.opened) == 2)
        play(system, "out")
        await until(lambda: bool(listener.frames("customer")))
        system.plugged = [MIC, replace(OUT, default=False), replace(SPEAKER, default=True)]
        await until(lambda: "speaker" in names(system))
        play(system, "speaker", 60)  # those that come before their time is over are cut off
        await until(lambda: listener.voices("customer") == {0.2, 0.3})

    listener = listening(system, act)
    assert names(system) in (["mic", "out", "speaker"], ["out", "mic", "speaker"])
    assert listener.source.name == "Headset mic + Speaker"


def test_a_chosen_device_is_kept_whatever_the_default_is() -> None:
    system = FakeSystem(MIC, OUT, SPEAKER)

    async def act(listener: Listener) -> None:
        await until(lambda: len(system.opened) == 2)
        system.plugged = [MIC, SPEAKER]  # even when it goes
        system.newest("speaker").lose()
        await until(lambda: names(system).count("speaker") == 2)
        system.plugged = [MIC]
        system.newest("speaker").lose()
        await until(lambda: any(gap.cause == "Speaker is not there." for gap in listener.gaps("customer")))

    listening(system, act, DeviceChoice(output=SPEAKER.name))
    assert set(names(system)) == {"mic", "speaker"}


def test_a_call_begins_though_the_microphone_is_not_there_yet() -> None:
    system = FakeSystem(OUT)

    async def act(listener: Listener) -> None:
        await until(lambda: len(system.opened) == 1)
        play(system, "out", 20)
        await until(lambda: bool(listener.frames("customer")))
        system.plugged = [MIC, OUT]
        await until(lambda: "mic" in names(system))

    listener = listening(system, act)
    assert listener.frames("agent") == []


def test_the_whole_daemon_may_go_and_come_back() -> None:
    system = FakeSystem(MIC, OUT)

    async def act(listener: Listener) -> None:
        await until(lambda: len(system.opened) == 2)
        system.away = True
        for name in ("mic", "out"):
            system.newest(name).lose()
        await until(
            lambda: (
                all("does not answer" in listener.gaps(c)[-1].cause for c in ("agent", "customer") if listener.gaps(c))
                and bool(listener.gaps("agent"))
                and bool(listener.gaps("customer"))
            )
        )
        system.away = False
        await until(lambda: len(system.opened) == 4)

    listening(system, act)


def test_suspended_it_hears_nothing_and_closes_its_devices() -> None:
    async def run() -> None:
        system = FakeSystem(MIC, OUT)
        source = HeadsetSource(system)
        assert await drained(source.stream()) == []
        await source.open(1.0)
        await until(lambda: len(system.opened) == 2)
        await source.suspend()
        assert await drained(source.stream()) == []
        await source.open(2.0)
        await until(lambda: len(system.opened) == 4)
        await source.close()
        await source.close()

    asyncio.run(run())


async def drained(stream: AsyncGenerator[Heard]) -> list[Heard]:
    return [item async for item in stream]


def test_what_waiting_does_not_mend_ends_the_stream() -> None:
    class Nowhere(FakeSystem):
        def devices(self) -> list[Device]:
            raise PlatformNotYet("Not here.", "Elsewhere.")

    async def run() -> None:
        source = HeadsetSource(Nowhere())
        await source.open(0.0)
        with pytest.raises(DeviceError, match="Not here"):
            await drained(source.stream())
        await source.close()

    asyncio.run(run())


def test_a_consumer_that_stalls_three_seconds_loses_nothing() -> None:
    system = FakeSystem(MIC, OUT)

    async def act(listener: Listener) -> None:
        await until(lambda: len(system.opened) == 2)
        for name in ("mic", "out"):
            play(system, name, 94)
            while system.newest(name).unread:  # the event loop is busy with this; the recording thread is not
                pass
        await until(lambda: len(listener.frames("agent")) >= 92 and len(listener.frames("customer")) >= 92)

    listener = listening(system, act)
    for channel in ("agent", "customer"):
        starts = [frame.start for frame in listener.frames(channel)]
        assert np.diff(starts) == pytest.approx(0.032)
