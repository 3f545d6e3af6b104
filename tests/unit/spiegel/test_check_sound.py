"""What ``spiegel check`` says of the headset."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import structlog

from audio_capture import check
from audio_capture.check import SoundFinding, check_sound
from audio_capture.devices import Device, DeviceChoice, this_system
from audio_capture.fake import FakeSystem
from live_sentiment.events import FRAME_SAMPLES

MIC = Device(role="microphone", name="mic", label="Headset mic", record="mic", default=True)
OUT = Device(role="output", name="out", label="Headset", record="out.monitor", default=True)
SPEAKER = Device(role="output", name="speaker", label="Speaker", record="speaker.monitor")


@pytest.fixture
def system() -> FakeSystem:
    return FakeSystem(MIC, OUT, SPEAKER)


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_both_devices_are_named_with_whose_voice_they_are(system: FakeSystem) -> None:
    (found,) = check_sound(system=system)
    assert found == SoundFinding("headset", works=True, detail="you: Headset mic; the customer: Headset")


def test_the_chosen_ones_are_looked_for(system: FakeSystem) -> None:
    (found,) = check_sound(lambda: DeviceChoice(output="Speaker"), system=system)
    assert found.detail == "you: Headset mic; the customer: Speaker"
    (found,) = check_sound(lambda: DeviceChoice(microphone="Another"), system=system, listening=True)
    assert (found.works, found.detail) == (False, "Another is not there.")
    assert "spiegel devices" in found.advice


def test_trouble_is_said_with_what_to_do(system: FakeSystem) -> None:
    system.away = True
    assert list(check_sound(system=system)) == [
        SoundFinding("headset", works=False, detail="The sound server does not answer.", advice="Start it.")
    ]


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_hear_what_works_already(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "this_system", lambda: this_system(platform))
    (found,) = check_sound()
    assert not found.works
    assert "yet" in found.detail
    assert "recording" in found.advice


class Busy(FakeSystem):
    """Its devices play without end, as far as they are read: the microphone noise, the output nothing."""

    def devices(self) -> list[Device]:
        for name, stream in self.opened:
            for _ in range(400):
                level = 0.0 if name == "out" else 0.01
                stream.play(np.full(FRAME_SAMPLES, level, dtype=np.float32))
        return super().devices()


def test_it_listens_and_says_in_the_agents_language_what_is_wrong() -> None:
    told: list[str] = []

    @contextmanager
    def progress(title: str, total: float) -> Iterator[Callable[[float], None]]:
        told.append(f"{title} {total}")
        yield lambda _: None

    system = Busy(MIC, OUT)
    headset, *rest = check_sound(system=system, listening=True, tone=True, language="nl", progress=progress)
    assert told == ["Zeg hardop: “Goedemorgen, waar kan ik u mee helpen?” 8.0"]
    assert headset.works
    assert {(one.name, one.detail) for one in rest} >= {
        ("microphone", "Je stem is niet gehoord."),
        ("customer", "De toon is niet gehoord aan de kant van de klant."),
    }
    assert all(one.needed and one.advice for one in rest if not one.works)
    ((name, samples, rate),) = system.played
    assert (name, samples.size, rate) == ("out", 48_000, 48_000)
