"""What is looked at before a Whisper directory is given to CTranslate2."""

import json
from pathlib import Path

import pytest

from live_sentiment.errors import EngineUnavailable
from live_sentiment.whisper import files


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "model.bin").write_bytes(b"12345")
    for name in ("config.json", "vocabulary.json"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": {"vocab": {"": 0, "a": 1}}}))
    return tmp_path


def test_a_complete_directory_passes(model: Path) -> None:
    files.check(model)
    assert files.is_model(model)
    assert not files.is_english_only(model)
    assert files.size_bytes(model) > 5


@pytest.mark.parametrize("name", ["model.bin", "config.json", "tokenizer.json", "vocabulary.json"])
def test_what_is_missing_is_named(model: Path, name: str) -> None:
    (model / name).unlink()
    with pytest.raises(EngineUnavailable, match=rf"{name} missing") as caught:
        files.check(model)
    assert caught.value.advice == files.ADVICE
    assert not files.is_model(model)


def test_a_broken_model_of_ours_is_got_again_by_its_name(tmp_path: Path) -> None:
    ours = tmp_path / files.FOLDER / "good"
    ours.mkdir(parents=True)
    with pytest.raises(EngineUnavailable, match="incomplete") as caught:
        files.check(ours)
    assert "`spiegel models pull good --force`" in caught.value.advice
    assert "`spiegel models remove good`" in caught.value.advice


def test_a_folder_elsewhere_is_told_what_it_must_hold(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable) as caught:
        files.check(tmp_path / "nowhere")
    assert "the whole folder" in caught.value.advice
    assert "again" not in caught.value.advice


def test_half_a_download_is_refused(model: Path) -> None:
    (model / "tokenizer.json").write_text('{"model": {"voc')
    with pytest.raises(EngineUnavailable, match="broken"):
        files.check(model)
    assert not files.is_english_only(model)


def test_a_name_that_is_no_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="not a directory"):
        files.check(tmp_path / "small")


def test_a_vocabulary_without_the_empty_token_is_english_only(model: Path) -> None:
    (model / "tokenizer.json").write_text(json.dumps({"model": {"vocab": {"a": 0}}}))
    assert files.is_english_only(model)


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ('{"alignment_heads": [[3, 1], [4, 2]]}', True),
        ('{"alignment_heads": []}', False),
        ('{"alignment_heads": null}', False),
        ("{}", False),
        ("[]", False),
        ("{", False),
    ],
)
def test_alignment_needs_heads_that_are_named(model: Path, settings: str, found: bool) -> None:
    (model / "config.json").write_text(settings)
    assert files.has_alignment_heads(model) is found
