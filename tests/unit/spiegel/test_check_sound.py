from dataclasses import dataclass

import pytest

from audio_capture import pulse
from audio_capture.check import check_sound
from audio_capture.errors import SoundDaemonAway


@dataclass(frozen=True)
class Device:
    label: str


def test_both_devices_are_named_with_whose_voice_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = {"agent": Device("Headset mic"), "customer": Device("Headset")}
    monkeypatch.setattr(pulse, "default_pair", lambda: pair)
    assert check_sound("linux") == (True, "you: Headset mic; the customer: Headset", "")


def test_trouble_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise SoundDaemonAway("It is away.", "Start it.")

    monkeypatch.setattr(pulse, "default_pair", away)
    assert check_sound("linux") == (False, "It is away.", "Start it.")


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_hear_what_works_already(platform: str) -> None:
    works, what, advice = check_sound(platform)
    assert not works
    assert "Linux" in what
    assert "spiegel demo" in advice
