"""Loading what fits this machine, with real engines. What comes out depends on the machine, and is not asserted."""

from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pytest
from tiny_whisper import make_tiny_whisper

from live_sentiment.assembly import AssemblyConfig, choices, load_fitting, load_parts
from live_sentiment.engines import LARGEST_LIVE_BYTES
from live_sentiment.errors import EngineUnavailable
from live_sentiment.fitting import STEPS, Fit, Machine
from live_sentiment.whisper.engine import WhisperEngine

HERE = Machine(perf_counter, cores=2)


def no_timer() -> float:
    raise AssertionError("nothing is to be measured")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two Whisper models; the larger is called "big"."""
    folder = tmp_path_factory.mktemp("models")
    make_tiny_whisper(folder / "whisper" / "atiny")
    (make_tiny_whisper(folder / "whisper" / "big") / "notes.txt").write_text("x" * 1000)
    return folder


def test_the_embedded_engine_is_measured(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    parts, fit = load_fitting(AssemblyConfig(tmp_path), HERE, lambda share, what: told.append((share, what)))
    assert fit.model == parts.engine.name == "moonshine-tiny-en"
    assert fit.step in (*STEPS, None)
    assert fit.threads in (1, 2)
    assert (fit.windows, fit.overruled) == ("", ())
    assert 0 < fit.update_seconds <= fit.final_seconds
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert [what for _, what in told][-3:-1].count("measuring this machine") >= 1
    assert told[-1] == (1.0, "ready")


def test_what_is_known_is_loaded_without_measuring(models: Path) -> None:
    known = Fit("whisper-atiny", 2, 0.3, 0.1, 0.2, in_time=True, windows="padded")
    config = AssemblyConfig(models, known=known)
    parts, fit = load_fitting(config, Machine(no_timer))
    assert (fit, parts.engine.name) == (known, "whisper-atiny")
    assert isinstance(parts.engine, WhisperEngine)
    assert parts.engine.windows == "padded"
    assert load_parts(config).engine.name == "whisper-atiny"


def test_what_was_known_of_a_model_that_is_gone_is_not_believed(tmp_path: Path) -> None:
    known = Fit("whisper-gone", 2, 0.3, 0.1, 0.2, in_time=True, windows="padded")
    config = AssemblyConfig(tmp_path, known=known)
    assert load_parts(config).engine.name == "moonshine-tiny-en"
    assert load_fitting(config, HERE)[1].model == "moonshine-tiny-en"


def test_what_whisper_finds_of_its_windows_is_part_of_the_fit(models: Path) -> None:
    parts, fit = load_fitting(AssemblyConfig(models, engine="big"), HERE)
    assert isinstance(parts.engine, WhisperEngine)
    assert (fit.model, fit.windows) == ("whisper-big", parts.engine.windows)


@pytest.mark.parametrize(
    ("language", "names"),
    [("nl", ["whisper-big", "whisper-atiny"]), ("auto", ["whisper-big", "whisper-atiny"])],
)
def test_a_model_that_does_not_know_the_language_is_no_way_out_of_slowness(
    language: str, names: list[str], models: Path
) -> None:
    assert [info.name for info in choices(AssemblyConfig(models, language=language))] == names
    english = choices(AssemblyConfig(models, language="en"))
    assert [info.name for info in english] == ["moonshine-tiny-en", *names]


def test_dutch_without_a_model_for_it_is_said_before_anything_is_measured(tmp_path: Path) -> None:
    config = AssemblyConfig(tmp_path, language="nl")
    for load in (load_parts, lambda config: load_fitting(config, Machine(no_timer))):
        with pytest.raises(EngineUnavailable, match="Dutch needs a speech model"):
            load(config)


def loads(config: AssemblyConfig) -> list[tuple[str, list[str]]]:
    """Each way to load: the model that serves, and those that were skipped."""
    told: list[tuple[str, list[str]]] = []
    for load in (load_parts, lambda config, **more: load_fitting(config, HERE, **more)[0]):
        skipped: list[str] = []
        parts = load(config, skipped=lambda info, why, to=skipped: to.append(f"{info.name}: {why.what}"))
        told.append((parts.engine.name, skipped))
    return told


@pytest.fixture
def one_damaged(tmp_path: Path) -> Path:
    """A whole Whisper model, and a larger one whose weights end too soon."""
    make_tiny_whisper(tmp_path / "whisper" / "whole")
    damage(make_tiny_whisper(tmp_path / "whisper" / "cut"))
    return tmp_path


def damage(model: Path) -> None:
    weights = (model / "model.bin").read_bytes()
    (model / "model.bin").write_bytes(weights[: len(weights) // 2])
    (model / "notes.txt").write_text("x" * len(weights))  # so that it is the largest, as it was


@pytest.mark.parametrize("engine", ["auto", "whisper"])
def test_a_damaged_model_leaves_the_call_to_a_good_one_and_it_is_said(engine: str, one_damaged: Path) -> None:
    config = AssemblyConfig(one_damaged, engine=engine)
    assert choices(config)[0].name == "whisper-cut"
    for name, skipped in loads(config):
        assert name == "whisper-whole"
        assert len(skipped) == 1
        assert skipped[0].startswith("whisper-cut: ")


def test_a_damaged_model_that_was_known_to_fit_gives_way_as_well(one_damaged: Path) -> None:
    known = Fit("whisper-cut", 1, 0.3, 0.1, 0.2, in_time=True, windows="padded")
    config = AssemblyConfig(one_damaged, known=known)
    assert [name for name, _ in loads(config)] == ["whisper-whole"] * 2
    assert load_fitting(config, HERE)[1].model == "whisper-whole"


def test_where_any_language_may_be_spoken_the_embedded_one_is_better_than_none(tmp_path: Path) -> None:
    damage(make_tiny_whisper(tmp_path / "whisper" / "cut"))
    config = AssemblyConfig(tmp_path)
    assert [name for name, _ in loads(config)] == ["moonshine-tiny-en"] * 2
    for language, engine in (("nl", "auto"), ("auto", "whisper"), ("auto", "cut")):
        with pytest.raises(EngineUnavailable, match="cut"):
            loads(replace(config, language=language, engine=engine))


def test_a_damaged_model_that_is_named_is_no_other(one_damaged: Path) -> None:
    with pytest.raises(EngineUnavailable, match="cut"):
        loads(AssemblyConfig(one_damaged, engine="cut"))


def test_dutch_that_the_engine_in_the_settings_does_not_know_is_said_with_the_model_that_may(models: Path) -> None:
    with pytest.raises(EngineUnavailable) as caught:
        load_parts(AssemblyConfig(models, engine="moonshine", language="nl"))
    assert "moonshine-tiny-en knows no Dutch. whisper-big may" in caught.value.what
    assert 'engine "moonshine" leaves it out' in caught.value.what
    assert 'engine = "whisper-big"' in caught.value.advice
    assert 'engine = "auto"' in caught.value.advice


def test_dutch_that_only_a_large_model_knows_is_said_with_its_name(tmp_path: Path) -> None:
    huge = make_tiny_whisper(tmp_path / "whisper" / "huge")
    with (huge / "more.bin").open("wb") as file:
        file.truncate(LARGEST_LIVE_BYTES)
    with pytest.raises(EngineUnavailable, match='engine "auto" leaves it out') as caught:
        load_parts(AssemblyConfig(tmp_path, language="nl"))
    assert 'engine = "whisper-huge"' in caught.value.advice
    assert "auto" not in caught.value.advice


def test_the_users_threads_are_taken(models: Path) -> None:
    config = AssemblyConfig(models, engine="moonshine")
    config = replace(config, overrule=replace(config.overrule, threads=1))
    assert load_fitting(config, HERE)[1].threads == 1
