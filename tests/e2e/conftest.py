"""What the end-to-end tests share: a short call, and the three processes around it."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from stage_kit import Raise, Stage, cut_demo_call


@pytest.fixture(scope="session")
def short_call(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """25 s of the demo call: the customer is fed up, and says so until the agent is sorry."""
    return cut_demo_call(tmp_path_factory.mktemp("recordings"), 19.5, 44.5)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def stage(home: Path, short_call: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Raise]:
    """Starts the three processes; ``stage(*options of the overlay, speed=2.0)``."""
    monkeypatch.setenv("SPIEGEL_HOME", str(home))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    with ExitStack() as open_stages:
        yield lambda *overlay, **how: open_stages.enter_context(Stage(home, short_call, *overlay, **how))
