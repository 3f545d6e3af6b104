"""Where the Moonshine weights lie on the disk, and whether they are the ones this code was measured with.

The weights come inside the wheel ``moonshine-voice``. Its Python package is never imported (that would load 40 MB of
native code that is not used here); only the installed distribution's folder is asked for. Nothing here reads a model.
"""

import hashlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from live_sentiment.errors import EngineUnavailable

DISTRIBUTION = "moonshine-voice"
VERSION = "0.1.0"
FOLDER = "moonshine_voice/assets/tiny-en"
ENCODER = "encoder_model.ort"
DECODER = "decoder_model_merged.ort"
TOKENIZER = "tokenizer.bin"
SHA256 = {
    ENCODER: "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221",
    DECODER: "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0",
    TOKENIZER: "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d",
}
ADVICE = f"Install the wheel again: pip install --force-reinstall --no-deps {DISTRIBUTION}=={VERSION}"


@dataclass(frozen=True, slots=True)
class MoonshineFiles:
    """The three files of the model, all present and unchanged."""

    encoder: Path
    decoder: Path
    tokenizer: Path


def installed_folder() -> Path:
    """The folder in which the installed wheel keeps the weights; whether they are there is not looked at.

    Raises:
        EngineUnavailable: the wheel is not installed.
    """
    try:
        wheel = distribution(DISTRIBUTION)
    except PackageNotFoundError as error:
        what = f"The speech model for English is not here: {DISTRIBUTION} is not installed."
        raise EngineUnavailable(what, ADVICE) from error
    return Path(str(wheel.locate_file(FOLDER)))


def find(folder: Path | None = None) -> MoonshineFiles:
    """The model's files in ``folder`` (default: the installed wheel's), after comparing their SHA-256.

    Raises:
        EngineUnavailable: the wheel or a file of it is missing, unreadable or changed.
    """
    place = installed_folder() if folder is None else folder
    for name, expected in SHA256.items():
        _check(place / name, expected)
    return MoonshineFiles(place / ENCODER, place / DECODER, place / TOKENIZER)


def _check(path: Path, expected: str) -> None:
    """Raises ``EngineUnavailable`` unless the file's SHA-256 is ``expected``."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        what = f"The speech model for English is incomplete: {path} cannot be read ({error.strerror})."
        raise EngineUnavailable(what, ADVICE) from error
    if digest != expected:
        what = f"The speech model for English is not the one tested: {path} has changed (SHA-256 {digest[:12]}...)."
        raise EngineUnavailable(what, ADVICE)
