"""A Linux without libpulse, which pulsectl loads as it is imported."""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

from audio_capture import main
from audio_capture.check import check_sound
from audio_capture.devices import this_system
from audio_capture.errors import SoundDaemonAway


class WithoutLibpulse:
    """An importer for which pulsectl fails as it does where the library is not installed."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if name == "pulsectl":
            raise OSError("libpulse.so.0: cannot open shared object file: No such file or directory")
        return None


@pytest.fixture(autouse=True)
def no_libpulse(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name == "audio_capture.pulse" or name.split(".")[0] == "pulsectl"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [WithoutLibpulse(), *sys.meta_path])


def test_the_devices_say_what_to_install() -> None:
    with pytest.raises(SoundDaemonAway, match="libpulse is not installed") as caught:
        this_system("linux")
    assert "apt-get install libpulse0" in caught.value.advice


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems are refused before")
def test_the_check_says_what_to_install() -> None:
    (found,) = check_sound()
    assert not found.works
    assert "libpulse" in found.detail
    assert "apt-get install libpulse0" in found.advice


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems are refused before")
def test_the_capture_ends_with_code_1_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(main.CaptureOptions(url="ws://127.0.0.1:9", token="")) == main.EXIT_DEVICES
    said = capsys.readouterr().err
    assert "apt-get install libpulse0" in said
    assert "Traceback" not in said
