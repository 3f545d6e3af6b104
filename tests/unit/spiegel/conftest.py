"""What the tests of the front door share: the demo call, and a home of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from audio_capture import demo_call as own


@pytest.fixture
def demo_call() -> Path:
    return own.path()


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test of a verb sees or leaves anything in the user's own folders, nor logs into a stream that is closed."""
    monkeypatch.setenv("SPIEGEL_HOME", str(tmp_path / "home"))
    yield
    structlog.reset_defaults()
