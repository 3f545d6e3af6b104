"""Which speech engines there are on this machine, and loading the right one for a language.

The engines are imported only when they are loaded, so that asking what there is costs milliseconds.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from live_sentiment.errors import EngineUnavailable
from live_sentiment.moonshine import files as moonshine_files
from live_sentiment.transcriber import Engine
from live_sentiment.whisper import files as whisper_files

AUTO = "auto"
MOONSHINE = "moonshine-tiny-en"
MOONSHINE_LANGUAGES = ("en",)
WHISPER_FOLDER = "whisper"
LARGEST_LIVE_BYTES = 600_000_000
"""What "auto" takes at most: larger models do not keep up with two live channels on two cores. Whisper small is 480 MB,
in 8 bits 250; medium is over 700 in any form."""
ADVICE = (
    "`spiegel models list` shows what is installed. For Dutch, copy the directory of a Whisper model for CTranslate2 "
    "into whisper/ in the models folder, or name that directory."
)


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """A speech engine as far as can be told without loading it.

    ``languages`` are ISO 639-1 codes, () for many; ``note`` says to people what it is good for, or what is wrong.
    """

    name: str
    kind: Literal["moonshine", "whisper"]
    path: Path | None
    languages: tuple[str, ...]
    installed: bool
    size_bytes: int
    note: str


def list_engines(models_dir: Path) -> list[EngineInfo]:
    """The embedded engine, then every Whisper model under ``models_dir``/whisper: the whole ones first, by name."""
    folder = models_dir / WHISPER_FOLDER
    found = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    models = [_whisper_info(path) for path in found]
    return [_moonshine_info(), *sorted(models, key=lambda info: not info.installed)]


def load_engine(choice: str, *, language: str, models_dir: Path, threads: int = 1) -> Engine:
    """Loads an engine. ``choice`` is "auto", a name that ``list_engines`` gives, or a Whisper model's directory.

    "auto" takes an installed Whisper model for any language but English: the largest that is whole and of at most
    ``LARGEST_LIVE_BYTES``. A larger one is taken by name only. Without such a model it is the embedded English engine;
    ``lacks`` then tells that another language needs a model.

    Raises:
        EngineUnavailable: there is no such engine, or it does not load; its advice says what to do.
    """
    if choice == AUTO:
        return _load_auto(language, models_dir, threads)
    if choice in (MOONSHINE, "moonshine"):
        return _load_moonshine(threads)
    named = next((info.path for info in list_engines(models_dir) if info.path and choice in _names(info)), None)
    directory = named or Path(choice)
    if not directory.is_dir():
        raise EngineUnavailable(f'There is no speech engine "{choice}", and no directory of that name.', ADVICE)
    return _load_whisper(directory, threads)


def lacks(engine: Engine, language: str) -> str:
    """The language that is asked for and that ``engine`` does not know: its ISO 639-1 code, or "" when all is well."""
    return language if language != AUTO and engine.languages and language not in engine.languages else ""


def _load_auto(language: str, models_dir: Path, threads: int) -> Engine:
    """The best engine for ``language``."""
    if language == "en":
        return _load_moonshine(threads)
    usable = [info for info in list_engines(models_dir) if info.kind == "whisper" and info.installed]
    fitting = [info for info in usable if not info.languages and info.size_bytes <= LARGEST_LIVE_BYTES]
    if not fitting:
        return _load_moonshine(threads)
    largest = max(fitting, key=lambda info: info.size_bytes)
    return _load_whisper(largest.path or models_dir, threads)


def _load_moonshine(threads: int) -> Engine:
    from live_sentiment.moonshine.engine import MoonshineEngine  # noqa: PLC0415 - loads onnxruntime

    return MoonshineEngine.load(threads)


def _load_whisper(directory: Path, threads: int) -> Engine:
    from live_sentiment.whisper.engine import WhisperEngine  # noqa: PLC0415 - loads CTranslate2

    return WhisperEngine.load(directory, threads=threads)


def _names(info: EngineInfo) -> tuple[str, ...]:
    """What an engine may be called: "whisper-small", or "small" for short."""
    return (info.name, info.path.name) if info.kind == "whisper" and info.path else (info.name,)


def _moonshine_info() -> EngineInfo:
    """The embedded engine, or why it is not there."""
    note = "English; comes with Spiegel, needs no download."
    try:
        folder = moonshine_files.installed_folder()
    except EngineUnavailable as error:
        return EngineInfo(MOONSHINE, "moonshine", None, MOONSHINE_LANGUAGES, False, 0, f"{error.what} {error.advice}")
    sizes = [path.stat().st_size for name in moonshine_files.SHA256 if (path := folder / name).is_file()]
    whole = len(sizes) == len(moonshine_files.SHA256) and find_spec("onnxruntime") is not None
    note = note if whole else f"Incomplete. {moonshine_files.ADVICE}"
    return EngineInfo(MOONSHINE, "moonshine", folder, MOONSHINE_LANGUAGES, whole, sum(sizes), note)


def _whisper_info(directory: Path) -> EngineInfo:
    """A directory under models/whisper, whole or not."""
    lacking = whisper_files.missing(directory)
    english = not lacking and whisper_files.is_english_only(directory)
    size = whisper_files.size_bytes(directory)
    whole_note = "English." if english else "Dutch, English and many more."
    if size > LARGEST_LIVE_BYTES:
        whole_note += f" Too large to keep up with a call on two cores: taken only by name ({directory.name})."
    return EngineInfo(
        name=f"whisper-{directory.name}",
        kind="whisper",
        path=directory,
        languages=("en",) if english else (),
        installed=not lacking,
        size_bytes=size,
        note=f"Incomplete: {', '.join(lacking)} missing. {whisper_files.ADVICE}" if lacking else whole_note,
    )
