"""The list of models, for people and for programs."""

import json
from pathlib import Path

import pytest

from server.commands.models_list import list_models
from server.models import record
from server.places import Places
from server.settings import Settings


def listed(capsys: pytest.CaptureFixture[str], tmp_path: Path, **settings: str) -> dict[str, dict[str, object]]:
    assert list_models(Places.below(tmp_path), Settings(**settings), as_json=True) == 0
    return {row["name"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}


def test_what_ships_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = listed(capsys, tmp_path)
    assert {row["kind"] for row in rows.values()} == {"speech", "sentiment"}
    assert rows["moonshine-tiny-en"]["installed"]
    assert "files" not in rows["moonshine-tiny-en"]
    assert int(str(rows["spiegel-sentiment"]["size_bytes"])) > 100_000
    assert list_models(Places.below(tmp_path), as_json=False) == 0
    assert "moonshine-tiny-en" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == [], "looking makes nothing"


def test_a_model_that_is_not_whole_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "whisper" / "small").mkdir(parents=True)
    (tmp_path / "whisper" / ".pulling-base").mkdir()
    (tmp_path / "whisper" / ".pulling-base" / "config.json").write_text("{}")
    rows = listed(capsys, tmp_path, models=str(tmp_path))
    assert "model.bin" in str(rows["whisper-small"]["note"])
    assert not rows["whisper-small"]["installed"]
    assert "spiegel models pull base" in str(rows["whisper-base"]["note"])
    assert rows["whisper-base"]["size_bytes"] == 2


def test_a_broken_record_is_damage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = make_model(tmp_path / "whisper" / "small")
    (model / "installed.json").write_text("{")
    assert list_models(Places.below(tmp_path), Settings(models=str(tmp_path)), verify=True, as_json=True) == 1
    rows = {row["name"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert rows["whisper-small"]["files"] == "damaged: installed.json"


def test_a_model_whose_weights_are_gone_is_damage_and_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make_model(tmp_path / "whisper" / "small")
    known = record.Record(source="/ours", files=(record.record_of(model / "model.bin"),))
    record.write(model, known)
    (model / "model.bin").unlink()
    assert list_models(Places.below(tmp_path), Settings(models=str(tmp_path)), verify=True, as_json=True) == 1
    rows = {row["name"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert rows["whisper-small"]["files"] == "damaged: model.bin"
    assert "spiegel models add /ours" in rows["whisper-small"]["note"]
    assert (rows["moonshine-tiny-en"]["files"], rows["spiegel-sentiment"]["files"]) == ("whole", "whole")


def make_model(folder: Path) -> Path:
    """A folder that looks like a model."""
    folder.mkdir(parents=True)
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.json"):
        (folder / name).write_text("{}")
    return folder
