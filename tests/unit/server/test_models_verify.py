"""Whether models are what they were: the ones on the disk, and the ones that came with Spiegel."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from live_sentiment.moonshine import files as moonshine
from live_sentiment.moonshine.family import FAMILY as MOONSHINE
from live_sentiment.whisper import files
from live_sentiment.whisper.family import FAMILY as WHISPER
from onnx_models import manifest as manifests
from onnx_models.sentiment import SHIPPED
from server.models import record, verify

NAMES = ("model.bin", "config.json", "tokenizer.json", "vocabulary.json")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder that looks like a pulled model."""
    folder = tmp_path / files.FOLDER / "small"
    folder.mkdir(parents=True)
    for name in NAMES:
        (folder / name).write_text("{}")
    return folder


def write_record(model: Path, repository: str = "Systran/faster-whisper-small", source: str = "https://x") -> None:
    made = tuple(record.record_of(model / name) for name in NAMES)
    record.write(model, record.Record(source=source, repository=repository, files=made))


def verdict(model: Path) -> verify.Verdict:
    (engine,) = WHISPER.models(model.parents[1])
    return verify.speech(engine)


def test_whole_files_need_no_advice(model: Path) -> None:
    write_record(model)
    assert verdict(model) == (verify.WHOLE, "")


def test_files_without_a_record_are_not_known(model: Path) -> None:
    assert verdict(model) == (verify.UNKNOWN, "")
    (model / "model.bin").unlink()
    found = verdict(model)
    assert found.files == "damaged: model.bin"
    assert "spiegel models pull small --force" in found.advice


@pytest.mark.parametrize("change", [Path.unlink, lambda path: path.write_text("[]")])
@pytest.mark.parametrize(
    ("repository", "source", "told"),
    [
        ("Systran/faster-whisper-small", "https://x", "spiegel models pull small --force"),
        ("us/faster-whisper-small", "https://x", "spiegel models pull us/faster-whisper-small --force"),
        ("us/ours", "https://x", "spiegel models pull us/ours --name small --force"),
        ("", "/my models", "spiegel models remove small, then spiegel models add '/my models' --name small"),
    ],
)
def test_a_damaged_model_is_had_again_from_where_it_came(
    model: Path, change: Callable[[Path], object], repository: str, source: str, told: str
) -> None:
    write_record(model, repository, source)
    change(model / "model.bin")
    found = verdict(model)
    assert found.files == "damaged: model.bin"
    assert found.advice.endswith(told)


def test_a_broken_record_is_damage(model: Path) -> None:
    (model / record.FILE).write_text("{")
    found = verdict(model)
    assert found.files == f"damaged: {record.FILE}"
    assert "spiegel models pull small --force" in found.advice


def test_the_embedded_recogniser_is_compared_with_the_hashes_in_the_code(tmp_path: Path) -> None:
    (engine,) = MOONSHINE.models(tmp_path)
    assert verify.speech(engine) == (verify.WHOLE, "")
    for name in (moonshine.ENCODER, moonshine.DECODER):
        (tmp_path / name).symlink_to(moonshine.installed_folder() / name)
    data = (moonshine.installed_folder() / moonshine.TOKENIZER).read_bytes()
    (tmp_path / moonshine.TOKENIZER).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    found = verify.speech(replace(engine, path=tmp_path))
    assert found.files == verify.DAMAGED
    assert moonshine.TOKENIZER in found.advice
    assert "pip install" in found.advice
    assert verify.speech(replace(engine, path=None)) == ("", "")


def test_the_sentiment_model_is_compared_with_its_manifest() -> None:
    manifest = manifests.read(SHIPPED)
    assert verify.sentiment(manifest) == (verify.WHOLE, "")
    other = structs.replace(manifest, file=structs.replace(manifest.file, sha256="0" * 64))
    found = verify.sentiment(other)
    assert found.files == "damaged: sentiment.onnx"
    assert "reinstall" in found.advice
