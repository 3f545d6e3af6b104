"""What fitted a machine, kept on the disk."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from live_sentiment.assembly import AssemblyConfig
from live_sentiment.engine_family import EngineOptions
from live_sentiment.errors import EngineUnavailable
from live_sentiment.fitting import Fit, Overrule
from server import fit_file
from server.fit_file import Circumstances, circumstances, cores, keep, processor, recall

FIT = Fit("whisper-small", 2, None, 0.4, 0.9, in_time=True, windows="trimmed")
OTHER = Fit("moonshine-tiny-en", 1, 0.2, 0.04, 0.1, in_time=True)
CONFIG = AssemblyConfig(Path("no-models"))


@pytest.fixture
def now() -> Circumstances:
    return circumstances(CONFIG)


def test_what_was_kept_comes_back_in_the_same_circumstances(tmp_path: Path, now: Circumstances) -> None:
    assert keep(tmp_path, now, FIT) == ""
    assert recall(tmp_path, circumstances(CONFIG)) == FIT
    assert [path.name for path in tmp_path.iterdir()] == [fit_file.FILE]


def test_it_tells_the_machine_its_libraries_and_the_models(now: Circumstances) -> None:
    assert now.processor
    assert now.cores == cores() >= 1
    assert all(version[0].isdigit() for version in now.libraries.values())
    assert [name for name, _ in now.models] == ["moonshine-tiny-en"]
    assert now.models[0][1] > 40_000_000


@pytest.mark.parametrize(
    "config",
    [
        replace(CONFIG, language="en"),
        replace(CONFIG, overrule=Overrule(threads=2)),
        replace(CONFIG, options=EngineOptions(languages=("nl",))),
        replace(CONFIG, options=EngineOptions(prompt="about parcels")),
        replace(CONFIG, options=EngineOptions(hotwords=("Anna",))),
    ],
)
def test_settings_that_matter_ask_for_another_measurement(
    config: AssemblyConfig, tmp_path: Path, now: Circumstances
) -> None:
    keep(tmp_path, now, FIT)
    assert recall(tmp_path, circumstances(config)) is None


@pytest.mark.parametrize(
    "change",
    [{"processor": "another"}, {"cores": 99}, {"libraries": {"onnxruntime": "0"}}, {"models": (("moonshine", 1),)}],
)
def test_another_machine_library_or_model_is_measured_again(
    change: dict[str, object], tmp_path: Path, now: Circumstances
) -> None:
    keep(tmp_path, now, FIT)
    assert recall(tmp_path, msgspec.structs.replace(now, **change)) is None


def test_what_changes_nothing_of_the_cost_is_no_other_circumstance(now: Circumstances) -> None:
    assert circumstances(replace(CONFIG, overrule=Overrule(step=0.5), playbook=Path("p"), known=FIT)) == now


def test_how_the_same_models_are_named_is_no_other_circumstance(now: Circumstances) -> None:
    for engine in ("moonshine", "moonshine-tiny-en"):
        assert circumstances(replace(CONFIG, engine=engine)) == now


SEVERAL = (("whisper-small", 480), ("whisper-base", 145), ("moonshine-tiny-en", 60))


@pytest.mark.parametrize(
    ("models", "known"),
    [
        ((("whisper-small", 480),), True),
        ((("whisper-base", 145),), False),  # it is there, but was not measured
        ((("whisper-small", 481),), False),
        (SEVERAL[:2], False),
        ((), False),
    ],
)
def test_what_fitted_among_others_is_known_of_that_model_alone(
    models: tuple[tuple[str, int], ...], known: bool, tmp_path: Path, now: Circumstances
) -> None:
    keep(tmp_path, msgspec.structs.replace(now, models=SEVERAL), FIT)
    alone = msgspec.structs.replace(now, models=models)
    assert recall(tmp_path, alone) == (FIT if known else None)
    assert recall(tmp_path, msgspec.structs.replace(alone, threads=1)) is None
    keep(tmp_path, alone, OTHER)
    assert recall(tmp_path, alone) == OTHER, "its own measurement counts more"


def test_models_in_folders_of_one_name_are_told_apart_by_their_size(tmp_path: Path) -> None:
    found: list[Circumstances] = []
    for place, length in (("a", 100), ("b", 200)):
        folder = tmp_path / place / "small"
        folder.mkdir(parents=True)
        (folder / "model.bin").write_bytes(bytes(length))
        found.append(circumstances(replace(CONFIG, engine=str(folder))))
    assert [one.models for one in found] == [(("whisper-small", 100),), (("whisper-small", 200),)]


def test_a_few_circumstances_are_kept_each_once_the_newest_first(tmp_path: Path, now: Circumstances) -> None:
    several = [msgspec.structs.replace(now, cores=number) for number in range(1, 11)]
    for one in [*several, several[5]]:
        keep(tmp_path, one, OTHER)
    keep(tmp_path, several[5], FIT)
    assert recall(tmp_path, several[5]) == FIT
    assert [recall(tmp_path, one) is not None for one in several] == [False] * 2 + [True] * 8


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"fit": {}}]', "\xff"])
def test_a_broken_file_means_measuring_again_and_is_replaced(text: str, tmp_path: Path, now: Circumstances) -> None:
    (tmp_path / fit_file.FILE).write_text(text, "latin-1")
    assert recall(tmp_path, now) is None
    assert keep(tmp_path, now, FIT) == ""
    assert recall(tmp_path, now) == FIT


def test_a_file_that_cannot_be_written_is_told_and_no_error(tmp_path: Path, now: Circumstances) -> None:
    (tmp_path / "file").write_text("in the way")
    told = keep(tmp_path / "file", now, FIT)
    assert "machine.json cannot be written" in told
    assert recall(tmp_path / "file", now) is None


def test_an_engine_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable):
        circumstances(replace(CONFIG, engine=str(tmp_path / "nowhere")))


def test_the_processor_says_its_name_where_linux_tells_it(tmp_path: Path) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text("processor\t: 0\nmodel name\t: Some Processor 9 @ 2 GHz\nmodel name\t: Some Processor 9 @ 2 GHz\n")
    assert processor(told) == "Some Processor 9 @ 2 GHz"
    assert processor(tmp_path / "nowhere") != ""
