"""What the tests of the front door share: the demo call, and a home of their own."""

from pathlib import Path

import pytest

from audio_capture import demo_call as own


@pytest.fixture
def demo_call() -> Path:
    return own.path()


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test of a verb sees or leaves anything in the user's own folders."""
    monkeypatch.setenv("SPIEGEL_HOME", str(tmp_path / "home"))
