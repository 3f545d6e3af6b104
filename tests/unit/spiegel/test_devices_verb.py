"""``spiegel devices``, with devices that tests plug in."""

import json

import pytest
from front_door import refused, spiegel

from audio_capture import devices
from audio_capture.devices import Device
from audio_capture.fake import FakeSystem
from server.places import Places
from server.settings import load_settings

MIC = Device(role="microphone", name="usb_mic", label="Jabra Evolve2 40", record="usb_mic", default=True)
OUT = Device(role="output", name="usb_out", label="Jabra Evolve2 40", record="usb_out.monitor", default=True)
SPEAKER = Device(role="output", name="pci_out", label="Ingebouwde luidspreker", record="pci_out.monitor")


@pytest.fixture(autouse=True)
def system(monkeypatch: pytest.MonkeyPatch) -> FakeSystem:
    fake = FakeSystem(MIC, OUT, SPEAKER)
    monkeypatch.setattr(devices, "this_system", lambda: fake)
    return fake


def test_it_lists_what_a_call_would_listen_to() -> None:
    result = spiegel("devices")
    assert result.exit_code == 0
    used = [line for line in result.stdout.splitlines() if "✓" in line]
    assert len(used) == 2
    assert "you" in used[0]
    assert "the customer" in used[1]
    assert "Ingebouwde luidspreker" in result.stdout


def test_programs_get_a_line_a_device() -> None:
    rows = [json.loads(line) for line in spiegel("devices", "--json").stdout.splitlines()]
    assert [(row["role"], row["name"], row.get("used", False)) for row in rows] == [
        ("microphone", "usb_mic", True),
        ("output", "usb_out", True),
        ("output", "pci_out", False),
    ]


def test_a_choice_is_kept_under_its_name_and_the_rest_of_the_file_as_it_was() -> None:
    settings = Places.default().settings
    settings.parent.mkdir(parents=True)
    settings.write_text('# ours\nlanguage = "nl"  # all calls\n')
    result = spiegel("devices", "--output", "ingebouwde LUIDSPREKER")
    assert "✓  the customer  Ingebouwde luidspreker" in result.stdout
    assert load_settings(settings).output == "pci_out"
    assert '# ours\nlanguage = "nl"  # all calls\n' in settings.read_text()
    spiegel("devices", "--output", "Jabra Evolve2 40", "--microphone", "usb_mic")
    assert (load_settings(settings).microphone, load_settings(settings).output) == ("usb_mic", "usb_out")
    spiegel("devices", "--output", "default", "--microphone", "Default")
    assert (load_settings(settings).microphone, load_settings(settings).output) == ("", "")
    assert load_settings(settings).language == "nl"


def test_what_is_not_there_cannot_be_chosen() -> None:
    said = refused(spiegel("devices", "--microphone", "Poly"))
    assert "Poly is not there" in said
    assert "spiegel devices" in said
    assert not Places.default().settings.exists()


def test_a_chosen_device_that_is_away_is_said(system: FakeSystem) -> None:
    spiegel("devices", "--output", "pci_out")
    system.plugged = [MIC, OUT]
    result = spiegel("devices")
    assert result.exit_code == 1
    assert "pci_out is not there" in result.stdout
    assert [line for line in result.stdout.splitlines() if "✓" in line and "customer" in line] == []


def test_without_any_device_it_says_what_to_do(system: FakeSystem) -> None:
    system.plugged = []
    result = spiegel("devices")
    assert result.exit_code == 1
    assert "Plug in the headset" in result.stdout


def test_no_sound_server_is_an_error_with_advice(system: FakeSystem) -> None:
    system.away = True
    assert "does not answer" in refused(spiegel("devices"))
