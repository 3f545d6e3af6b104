"""A recogniser that another package brings: found, listed, chosen and heard, with nothing changed here."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from live_sentiment.engines import candidates, families, list_engines, load_engine
from live_sentiment.events import SAMPLE_RATE

MODULE = """
from dataclasses import dataclass
from live_sentiment.engine_family import EngineInfo
from live_sentiment.transcriber import ScriptedEngine

@dataclass(frozen=True)
class Family:
    name: str = "mine"

    def models(self, models_dir):
        return [EngineInfo("mine-frisian", "mine", models_dir / "frisian", ("fy",), True, 1000, "Frisian.")]

    def opens(self, directory):
        return (directory / "frisian.bin").is_file()

    def load(self, directory, options):
        return ScriptedEngine([[("goeie", 0.5)]])

FAMILY = Family()
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installed package with a family, as pip would leave it."""
    (tmp_path / "frisian_engine.py").write_text(MODULE)
    metadata = tmp_path / "frisian_engine-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: frisian-engine\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[spiegel.engines]\nmine = frisian_engine:FAMILY\n")
    monkeypatch.syspath_prepend(tmp_path)
    families.cache_clear()
    yield tmp_path
    families.cache_clear()


def test_it_is_listed_beside_our_own(package: Path) -> None:
    del package
    assert [family.name for family in families()] == ["mine", "moonshine", "whisper"]
    assert "mine-frisian" in [info.name for info in list_engines(Path("nothing"))]


@pytest.mark.parametrize("choice", ["mine", "mine-frisian", "frisian", "auto"])
def test_it_is_chosen_by_kind_by_name_or_by_language(package: Path, choice: str) -> None:
    del package
    engine = load_engine(candidates(choice, "fy", Path("nothing"))[0])
    ear = engine.transcriber("fy")
    ear.accept(np.zeros(SAMPLE_RATE, np.float32))
    assert ear.flush().text == "goeie"


def test_it_opens_its_own_directories(package: Path) -> None:
    (package / "frisian.bin").touch()
    assert candidates(str(package), "fy", Path("nothing"))[0].family == "mine"
