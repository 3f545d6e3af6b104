"""Finding the engines of a machine, and loading the right one."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from tiny_whisper import make_tiny_whisper

from live_sentiment.engines import LARGEST_LIVE_BYTES, candidates, lacks, list_engines, load_engine
from live_sentiment.errors import EngineUnavailable
from live_sentiment.moonshine import files as moonshine_files
from live_sentiment.moonshine.family import MODEL as MOONSHINE
from live_sentiment.transcriber import Engine, ScriptedEngine


def load(choice: str, *, language: str, models_dir: Path) -> Engine:
    return load_engine(candidates(choice, language, models_dir)[0])


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two Whisper models, the larger one called "big", and a download that broke off."""
    folder = tmp_path_factory.mktemp("models")
    make_tiny_whisper(folder / "whisper" / "atiny")
    (make_tiny_whisper(folder / "whisper" / "big") / "notes.txt").write_text("x" * 1000)
    broken = make_tiny_whisper(folder / "whisper" / "aborted")
    (broken / "model.bin").unlink()
    return folder


def test_without_models_there_is_the_embedded_engine(tmp_path: Path) -> None:
    (only,) = list_engines(tmp_path / "nothing here")
    assert (only.name, only.installed, only.languages) == (MOONSHINE, True, ("en",))
    assert only.size_bytes > 40_000_000


def test_whisper_models_are_listed_the_whole_ones_first(models: Path) -> None:
    listed = list_engines(models)
    assert [info.name for info in listed] == [MOONSHINE, "whisper-atiny", "whisper-big", "whisper-aborted"]
    assert [info.installed for info in listed] == [True, True, True, False]
    assert "model.bin missing" in listed[3].note
    assert listed[1].languages == ()


@pytest.mark.parametrize("language", ["nl", "auto"])
def test_auto_takes_the_largest_whole_whisper_when_it_may_be_dutch(models: Path, language: str) -> None:
    assert load("auto", language=language, models_dir=models).name == "whisper-big"


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A folder with one model that is too large for a live call; the size is a hole in the file."""
    model = make_tiny_whisper(tmp_path / "whisper" / "huge")
    with (model / "more.bin").open("wb") as file:
        file.truncate(LARGEST_LIVE_BYTES)
    return tmp_path


def test_auto_passes_over_what_is_too_large_for_a_live_call(large: Path) -> None:
    assert load("auto", language="nl", models_dir=large).name == MOONSHINE
    make_tiny_whisper(large / "whisper" / "little")
    assert load("auto", language="nl", models_dir=large).name == "whisper-little"


def test_a_large_model_is_taken_by_name_and_its_note_says_so(large: Path) -> None:
    assert load("huge", language="nl", models_dir=large).name == "whisper-huge"
    (note,) = [info.note for info in list_engines(large) if info.name == "whisper-huge"]
    assert "by name (huge)" in note


@dataclass(frozen=True)
class Polyglot(ScriptedEngine):
    """Knows dozens of languages."""

    @property
    def languages(self) -> tuple[str, ...]:
        return ()


@pytest.mark.parametrize(("language", "lacking"), [("nl", "nl"), ("de", "de"), ("en", ""), ("auto", "")])
def test_a_language_that_the_engine_does_not_know_is_named(language: str, lacking: str) -> None:
    assert lacks(ScriptedEngine([]), language) == lacking
    assert lacks(Polyglot([]), language) == ""


def test_auto_takes_the_embedded_engine_for_english(models: Path) -> None:
    assert load("auto", language="en", models_dir=models).name == MOONSHINE


@pytest.mark.parametrize("language", ["nl", "auto"])
def test_without_a_model_the_languages_tell_that_dutch_is_not_known(tmp_path: Path, language: str) -> None:
    assert load("auto", language=language, models_dir=tmp_path).languages == ("en",)


@pytest.mark.parametrize("choice", ["whisper-atiny", "atiny"])
def test_a_model_is_found_by_name(models: Path, choice: str) -> None:
    assert load(choice, language="en", models_dir=models).name == "whisper-atiny"


def test_a_model_is_found_by_directory(models: Path, tmp_path: Path) -> None:
    path = str(models / "whisper" / "atiny")
    assert load(path, language="auto", models_dir=tmp_path).name == "whisper-atiny"
    assert load("moonshine", language="auto", models_dir=models).name == MOONSHINE


def test_what_is_not_there_is_said_with_what_to_do(models: Path) -> None:
    with pytest.raises(EngineUnavailable, match='no speech engine "large"') as caught:
        load("large", language="auto", models_dir=models)
    assert "spiegel models list" in caught.value.advice
    with pytest.raises(EngineUnavailable, match=r"model\.bin missing"):
        load("aborted", language="auto", models_dir=models)


def test_a_missing_wheel_is_a_note_and_no_failure(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> Path:
        raise EngineUnavailable("It is gone.", "Fetch it.")

    monkeypatch.setattr(moonshine_files, "installed_folder", gone)
    first = list_engines(models)[0]
    assert not first.installed
    assert first.note == "It is gone. Fetch it."


def test_asking_what_there_is_loads_no_engine() -> None:
    code = (
        "import sys, pathlib; from live_sentiment import engines; engines.list_engines(pathlib.Path('nothing'));"
        "print([name for name in ('onnxruntime', 'ctranslate2', 'faster_whisper', 'moonshine_voice')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
