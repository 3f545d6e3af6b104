"""What is written down of an installed model, and whether its files are still so."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from server.errors import SpeechModelFault
from server.models import record
from server.models.record import Record


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "model.bin").write_bytes(b"weights" * 400_000)
    (tmp_path / "config.json").write_text("{}")
    return tmp_path


def known(model: Path) -> Record:
    files = tuple(record.record_of(model / name) for name in ("model.bin", "config.json"))
    return Record(source="here", files=files)


def test_hashes_are_those_of_sha256sum_and_git(model: Path) -> None:
    told: list[int] = []
    found = record.hashes(model / "model.bin", told.append)
    assert found.sha256 == hashlib.sha256(b"weights" * 400_000).hexdigest()
    git = subprocess.run(["git", "hash-object", model / "model.bin"], capture_output=True, text=True, check=True)
    assert found.git == git.stdout.strip()
    assert told[-1] == 2_800_000
    assert len(told) == 3, "it is read in pieces"


def test_a_record_is_read_as_it_was_written(model: Path) -> None:
    assert record.read(model) is None
    record.write(model, known(model))
    assert record.read(model) == known(model)
    assert known(model).size_bytes == 2_800_002


@pytest.mark.parametrize("text", ["", "{}", "[", '{"source": 1, "files": []}', "\xff"])
def test_a_broken_record_is_said_with_what_to_do(model: Path, text: str) -> None:
    (model / record.FILE).write_text(text, "latin-1")
    with pytest.raises(SpeechModelFault, match="cannot be read") as caught:
        record.read(model)
    assert f"pull {model.name} --force" in caught.value.advice


def test_each_changed_missing_or_lengthened_file_is_named(model: Path) -> None:
    was = known(model)
    assert record.changed(model, was) == []
    with (model / "model.bin").open("r+b") as file:
        file.write(b"W")
    assert record.changed(model, was) == ["model.bin"]
    (model / "config.json").unlink()
    assert record.changed(model, was) == ["model.bin", "config.json"]
