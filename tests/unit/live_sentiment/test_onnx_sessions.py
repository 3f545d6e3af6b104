"""Opening networks: whatever is wrong with a file, it is one of the errors that the callers catch."""

from pathlib import Path

import pytest

from live_sentiment.errors import EngineUnavailable
from live_sentiment.moonshine.files import MoonshineFiles, find
from live_sentiment.moonshine.model import MoonshineModel
from live_sentiment.onnx_sessions import LOAD_ERRORS, open_session


def damaged(folder: Path) -> list[Path]:
    """Files that are no networks, each wrong in another way: the middle one begins as Moonshine's does."""
    whole = find().decoder.read_bytes()
    contents = (b"", b"not a network " * 50, whole[: len(whole) // 2], b"\x08\x08\x3a\x04\x0a\x02\x08\x01")
    paths = [folder / f"{number}.onnx" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return [*paths, folder / "absent.onnx", folder]


def test_no_damage_escapes_the_errors_that_are_caught(tmp_path: Path) -> None:
    for path in damaged(tmp_path):
        with pytest.raises(LOAD_ERRORS):
            open_session(path)


@pytest.mark.parametrize("number", range(6))
def test_a_damaged_speech_model_says_what_to_do(tmp_path: Path, number: int) -> None:
    good, bad = find(), damaged(tmp_path)[number]
    for files in (MoonshineFiles(bad, good.decoder, good.tokenizer), MoonshineFiles(good.encoder, bad, good.tokenizer)):
        with pytest.raises(EngineUnavailable, match="does not load the speech model") as caught:
            MoonshineModel.load(files)
        assert "pip install" in caught.value.advice
