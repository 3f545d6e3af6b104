import pytest

from audio_capture import check
from audio_capture.check import check_sound
from audio_capture.devices import Device, DeviceChoice
from audio_capture.fake import FakeSystem

MIC = Device(role="microphone", name="mic", label="Headset mic", record="mic", default=True)
OUT = Device(role="output", name="out", label="Headset", record="out.monitor", default=True)
SPEAKER = Device(role="output", name="speaker", label="Speaker", record="speaker.monitor")


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> FakeSystem:
    fake = FakeSystem(MIC, OUT, SPEAKER)
    monkeypatch.setattr(check, "this_system", lambda _: fake)
    return fake


@pytest.mark.usefixtures("system")
def test_both_devices_are_named_with_whose_voice_they_are() -> None:
    assert check_sound() == (True, "you: Headset mic; the customer: Headset", "")


@pytest.mark.usefixtures("system")
def test_the_chosen_ones_are_looked_for() -> None:
    assert check_sound(DeviceChoice(output="Speaker"))[1] == "you: Headset mic; the customer: Speaker"
    works, what, advice = check_sound(DeviceChoice(microphone="Another"))
    assert (works, what) == (False, "Another is not there.")
    assert "spiegel devices" in advice


def test_trouble_is_said_with_what_to_do(system: FakeSystem) -> None:
    system.away = True
    assert check_sound() == (False, "The sound server does not answer.", "Start it.")


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_hear_what_works_already(platform: str) -> None:
    works, what, advice = check_sound(platform=platform)
    assert not works
    assert "yet" in what
    assert "recording" in advice
