"""A manifest is believed only when it says everything, and nothing that cannot be meant."""

import pytest
import tiny_model as tiny

from onnx_models.classification import EMOTIONS, SIGNALS
from onnx_models.errors import ManifestInvalid
from onnx_models.manifest import Manifest, parse


@pytest.fixture
def text() -> str:
    return tiny.MANIFEST.read_text(encoding="utf-8")


def test_the_shipped_manifest_is_whole(text: str) -> None:
    manifest = parse(text.encode())
    assert manifest.labels.emotion == EMOTIONS
    assert manifest.labels.signals == SIGNALS
    assert manifest.languages == ("nl", "en")
    assert manifest.file.size < 15_000_000
    assert manifest.scores["held_out_nl"]["macro_f1"] > 0.7
    assert manifest.scores["held_out_en"]["macro_f1"] > 0.7


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("format = 1", "format = 2", "format 2"),
        ("format = 1", "format = ", "TOML"),
        ("format = 1", "format = 1\nsurprise = 2", "surprise"),
        ('task = "customer-sentiment"', 'task = "agent-mood"', "agent-mood"),
        ('name = "sentiment.onnx"', 'name = "../sentiment.onnx"', "file.name"),
        ('name = "sentiment.onnx"', 'name = "/etc/passwd"', "file.name"),
        ('"negative", "neutral", "positive"', '"positive", "neutral", "negative"', "labels.sentiment"),
        ('sentiment", dtype = "float", shape = [-1, 3]', 'sentiment", dtype = "float", shape = [-1, 4]', "outputs"),
        ('"frustration"', '"hunger"', "hunger"),
        ("churn = ", "churned = ", "decisions.signals"),
        ("sure = ", "sure = 1", "sure"),
        ('licence = "GPL-3.0-or-later"\n', "", "licence"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, old: str, new: str, words: str) -> None:
    assert old in text
    with pytest.raises(ManifestInvalid) as caught:
        parse(text.replace(old, new, 1).encode(), "here.toml")
    assert "here.toml" in caught.value.what
    assert words.lower() in caught.value.what.lower() or words == "TOML"
    assert caught.value.advice


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"[", b"a = 1"])
def test_what_is_no_manifest_is_refused(raw: bytes) -> None:
    with pytest.raises(ManifestInvalid):
        parse(raw)


@pytest.mark.parametrize("bad", ["abc", "G" * 64, "A" * 64])
def test_a_hash_that_is_none_is_refused(text: str, bad: str) -> None:
    described: Manifest = parse(text.encode())
    with pytest.raises(ManifestInvalid, match="sha256"):
        parse(text.replace(described.file.sha256, bad).encode())


def test_the_licence_of_the_reviews_is_told_as_it_is(text: str) -> None:
    """Wherever they are named: their repository has no licence, only a page of the authors names one."""
    folder = tiny.MANIFEST.parent
    for page in (text, *((folder / name).read_text(encoding="utf-8") for name in ("train/write.py", "README.md"))):
        assert page.count("M-ABSA") == 1
        assert "no LICENSE file in its repository" in page
        assert "Apache-2.0 on the authors' Hugging Face page" in page
        assert "Wu et al. 2025, Apache-2.0" not in page
