"""Levels that move: each device's own, and nothing kept."""

import json
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import structlog

from audio_capture import devices_shown
from audio_capture.devices import Device, DeviceChoice
from audio_capture.devices_shown import show_devices
from audio_capture.fake import FakeSystem
from audio_capture.level_watch import LevelWatch
from live_sentiment.events import FRAME_SAMPLES

MIC = Device(role="microphone", name="mic", label="Headset mic", record="mic", default=True)
OUT = Device(role="output", name="out", label="Headset", record="out.monitor", default=True)


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def play(system: FakeSystem, name: str, level: float) -> None:
    for _ in range(10):
        system.newest(name).play(np.full(FRAME_SAMPLES, level, dtype=np.float32))


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(10_000_000):
        if condition():
            return
    raise AssertionError("it did not happen")


def test_each_device_has_its_own_level_and_one_that_is_silent_another() -> None:
    system = FakeSystem(MIC, OUT)
    with LevelWatch(system, [MIC, OUT]) as watch:
        wait_for(lambda: len(system.opened) == 2)
        play(system, "mic", 0.5)
        wait_for(lambda: not system.newest("mic").unread)
        seen: list[float | None] = []

        def heard() -> bool:
            levels = watch.levels()
            seen.append(levels[OUT])
            return levels[MIC] == pytest.approx(-6.0, abs=0.1)

        wait_for(heard)
        assert set(seen) == {None}


def test_the_table_moves_until_ctrl_c(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    system = FakeSystem(MIC, OUT)
    looks = 0

    def rest(seconds: float) -> None:
        nonlocal looks
        del seconds
        looks += 1
        if looks == 1:
            wait_for(lambda: len(system.opened) == 2)
            play(system, "out", 0.1)
            wait_for(lambda: not system.newest("out").unread)
        elif looks == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(devices_shown.time, "sleep", rest)
    assert show_devices(system, DeviceChoice(), watch=True) == 0
    said = capsys.readouterr().out
    assert "nothing comes" in said
    assert "Ctrl-C ends this" in said


def test_programs_get_the_levels_again_and_again(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    system = FakeSystem(MIC, OUT)
    looks = 0

    def rest(seconds: float) -> None:
        nonlocal looks
        del seconds
        looks += 1
        if looks == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(devices_shown.time, "sleep", rest)
    assert show_devices(system, DeviceChoice(), watch=True, as_json=True) == 0
    rows = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert [row["name"] for row in rows] == ["mic", "out", "mic", "out"]
