"""The pinned files of the embedded engine."""

import shutil
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from live_sentiment.errors import EngineUnavailable
from live_sentiment.moonshine import files
from live_sentiment.moonshine.engine import MoonshineEngine


def test_the_installed_files_are_the_pinned_ones() -> None:
    assert files.find().encoder.name == files.ENCODER
    assert "moonshine_voice" not in sys.modules, "its package loads 40 MB of native code"


def test_a_missing_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"encoder_model\.ort cannot be read") as caught:
        files.find(tmp_path)
    assert "pip install" in caught.value.advice


def test_one_changed_byte_is_refused(tmp_path: Path) -> None:
    for name in files.SHA256:
        shutil.copy(files.installed_folder() / name, tmp_path)
    path = tmp_path / files.TOKENIZER
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(EngineUnavailable, match=r"tokenizer\.bin has changed"):
        MoonshineEngine.load(folder=tmp_path)


def test_without_the_wheel_the_advice_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(files, "distribution", missing)
    with pytest.raises(EngineUnavailable, match="not installed") as caught:
        files.find()
    assert "moonshine-voice==0.1.0" in caught.value.advice
