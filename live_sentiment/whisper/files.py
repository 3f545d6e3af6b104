"""What a Whisper model's directory must hold before it is given to CTranslate2. Nothing here loads a model.

The looking matters for privacy too: faster-whisper would ask a hub on the internet for what is missing.
"""

import json
from pathlib import Path
from typing import cast

from live_sentiment.errors import EngineUnavailable

FOLDER = "whisper"
"""Under the models folder; each directory in it is a model."""
MODEL = "model.bin"
CONFIG = "config.json"
TOKENIZER = "tokenizer.json"
PREPROCESSOR = "preprocessor_config.json"
"""Only models that hear other features than the first ones need it: 128 bands instead of 80."""
VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
ADVICE = (
    "Name the whole folder of a Whisper model for CTranslate2: model.bin, config.json, tokenizer.json, "
    "vocabulary.json or .txt, and preprocessor_config.json where its source has one. Or fetch one: "
    "`spiegel models pull small`."
)


def advice(directory: Path) -> str:
    """What to do about a broken model in ``directory``: one in Spiegel's own folder can be had again by its name."""
    if directory.parent.name != FOLDER:
        return ADVICE
    name = directory.name
    return (
        f"Get it again with `spiegel models pull {name} --force`; if it was added from a folder, with `spiegel models "
        f"remove {name}` and then `spiegel models add DIR`, DIR being the whole folder."
    )


def missing(directory: Path) -> list[str]:
    """The names of the files that ``directory`` lacks to be a Whisper model; [] when it is complete."""
    lacking = [name for name in (MODEL, CONFIG, TOKENIZER) if not (directory / name).is_file()]
    if not any((directory / name).is_file() for name in VOCABULARIES):
        lacking.append(VOCABULARIES[0])
    return lacking


def is_model(directory: Path) -> bool:
    """Whether ``directory`` looks like a complete Whisper model."""
    return directory.is_dir() and not missing(directory)


def check(directory: Path) -> None:
    """Looks whether ``directory`` holds a complete Whisper model with readable settings.

    Raises:
        EngineUnavailable: it does not; the message names what is missing or broken.
    """
    if not directory.is_dir():
        raise EngineUnavailable(f"There is no speech model in {directory}: it is not a directory.", ADVICE)
    if lacking := missing(directory):
        what = f"The speech model in {directory} is incomplete: {', '.join(lacking)} missing."
        raise EngineUnavailable(what, advice(directory))
    for name in (CONFIG, TOKENIZER):
        _check_json(directory / name)


def is_english_only(directory: Path) -> bool:
    """Whether the model knows one language: its tokenizer then has no language to choose.

    Says what the files say; a broken tokenizer counts as knowing many.
    """
    try:
        text = (directory / TOKENIZER).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    # English-only vocabularies list the languages as well, but lack the empty token of the others.
    try:
        vocabulary = cast("dict[str, dict[str, dict[str, int]]]", json.loads(text))["model"]["vocab"]
    except (ValueError, KeyError, TypeError):
        return False
    return "" not in vocabulary


def has_alignment_heads(directory: Path) -> bool:
    """Whether the settings name the attention heads that tell word times; without, CTranslate2 does not align.

    Says what the file says; broken settings name none.
    """
    try:
        settings: object = json.loads((directory / CONFIG).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(settings, dict) and bool(cast("dict[str, object]", settings).get("alignment_heads"))


def size_bytes(directory: Path) -> int:
    """What the directory takes on the disk, in bytes."""
    return sum(path.stat().st_size for path in directory.iterdir() if path.is_file())


def _check_json(path: Path) -> None:
    """Raises ``EngineUnavailable`` unless ``path`` is JSON: a broken download often ends early."""
    try:
        json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        what = f"The speech model is broken: {path} cannot be read ({error})."
        raise EngineUnavailable(what, advice(path.parent)) from error
