import pytest

from audio_capture.devices import Device, pick, this_system
from audio_capture.errors import DeviceMissing, PlatformNotYet

MIC = Device(role="microphone", name="usb_mic", label="Jabra Evolve", record="usb_mic", default=True)
OUT = Device(role="output", name="usb_out", label="Jabra Evolve", record="usb_out.monitor", default=True)
SPEAKER = Device(role="output", name="pci_out", label="Built-in Speaker", record="pci_out.monitor")
MUSIC = Device(role="output", name="bluez_sink.AA_BB_CC_DD_EE_FF.a2dp_sink", label="Poly", record="m")
CALLS = Device(role="output", name="bluez_output.AA_BB_CC_DD_EE_FF.1", label="Poly (calls)", record="c")


def test_the_default_is_followed_for_each_role() -> None:
    assert pick([SPEAKER, MIC, OUT], "output") is OUT
    assert pick([SPEAKER, OUT, MIC], "microphone") is MIC


@pytest.mark.parametrize("wanted", ["pci_out", "Built-in Speaker", "built-in speaker"])
def test_a_device_is_chosen_by_name_or_label(wanted: str) -> None:
    assert pick([OUT, SPEAKER, MIC], "output", wanted) is SPEAKER


def test_a_label_that_both_roles_have_means_the_role_asked_for() -> None:
    assert pick([MIC, OUT], "output", "Jabra Evolve") is OUT
    assert pick([OUT, MIC], "microphone", "Jabra Evolve") is MIC


def test_a_bluetooth_headset_is_the_same_in_another_profile_and_with_another_daemon() -> None:
    assert pick([SPEAKER, CALLS], "output", MUSIC.name) is CALLS
    assert pick([SPEAKER, MUSIC], "output", "bluez_output.aa:bb:cc:dd:ee:ff.1") is MUSIC
    with pytest.raises(DeviceMissing):
        pick([SPEAKER, MUSIC], "output", "bluez_sink.11_22_33_44_55_66.a2dp_sink")


def test_a_chosen_device_that_is_away_is_not_replaced_by_another() -> None:
    with pytest.raises(DeviceMissing, match="Poly is not there") as caught:
        pick([OUT, SPEAKER, MIC], "output", "Poly")
    assert "spiegel devices" in caught.value.advice


@pytest.mark.parametrize(("role", "said"), [("microphone", "no microphone"), ("output", "no headset or speaker")])
def test_without_a_default_it_says_what_is_missing(role: str, said: str) -> None:
    with pytest.raises(DeviceMissing, match=said):
        pick([SPEAKER], role)  # type: ignore[arg-type]  # a role, as text


@pytest.mark.parametrize(("platform", "name"), [("win32", "Windows"), ("darwin", "macOS"), ("plan9", "plan9")])
def test_other_systems_say_that_they_are_not_ready_and_what_to_do(platform: str, name: str) -> None:
    with pytest.raises(PlatformNotYet, match=name) as caught:
        this_system(platform)
    assert "recording" in caught.value.advice
