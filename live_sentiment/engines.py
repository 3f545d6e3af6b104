"""Which speech engines there are on this machine, and loading the right one for a language.

No engine is named here: families come by the entry points in ``GROUP`` (see ``engine_family``), and load their
libraries only when they load a model, so that asking what there is costs milliseconds.
"""

from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import TypeVar

from live_sentiment.engine_family import EngineFamily, EngineInfo, EngineOptions
from live_sentiment.errors import EngineUnavailable
from live_sentiment.transcriber import Engine

GROUP = "spiegel.engines"
AUTO = "auto"
LARGEST_LIVE_BYTES = 600_000_000
"""What "auto" takes at most: larger models do not keep up with two live channels on two cores. Whisper small is 480 MB,
in 8 bits 250; medium is over 700 in any form."""
ADVICE = (
    "`spiegel models list` shows what is installed. For Dutch: `spiegel models pull small`, or `spiegel models "
    "add DIR`, DIR being the directory of a Whisper model for CTranslate2."
)

Skipped = Callable[[EngineInfo, EngineUnavailable], None]
"""Told of a model that does not load while another one may serve, and why."""
_Loaded = TypeVar("_Loaded")


@cache
def families() -> tuple[EngineFamily, ...]:
    """All kinds of recogniser that are installed, by name."""
    return tuple(point.load() for point in sorted(entry_points(group=GROUP), key=lambda point: point.name))


def list_engines(models_dir: Path) -> list[EngineInfo]:
    """Every model on this machine: embedded ones, then whole ones, then broken ones, by name."""
    found = [info for family in families() for info in family.models(models_dir)]
    return sorted(found, key=lambda info: (not info.embedded, not info.installed, info.name))


def candidates(choice: str, language: str, models_dir: Path) -> list[EngineInfo]:
    """The models that ``choice`` may mean, the best first; at least one.

    ``choice`` is "auto", a family, a name that ``list_engines`` gives (or its last part), or a model's directory.
    "auto" and a family prefer, for a language that the embedded model knows, that one; else the largest whole model
    that knows it and has at most ``LARGEST_LIVE_BYTES``. The embedded model comes last where it does not know the
    language: ``lacks`` then tells that another one is needed.

    Raises:
        EngineUnavailable: there is no such engine; the advice says what to do.
    """
    listed = list_engines(models_dir)
    named = next((info for info in listed if choice in _names(info)), None)
    if named:
        return [named]
    if choice == AUTO or any(choice == family.name for family in families()):
        usable = [info for info in listed if info.installed and choice in (AUTO, info.family)]
        return _by_preference(usable, choice, language)
    directory = Path(choice).expanduser()
    if not directory.is_dir():
        raise EngineUnavailable(f'There is no speech engine "{choice}", and no directory of that name.', ADVICE)
    return [_in(directory)]


def load_engine(info: EngineInfo, options: EngineOptions | None = None) -> Engine:
    """Loads the model that ``info`` tells of.

    Raises:
        EngineUnavailable: it is missing, changed or does not load; its advice says what to do.
    """
    family = next(family for family in families() if family.name == info.family)
    return family.load(None if info.embedded else info.path, options or EngineOptions())


def first_loaded(
    candidates: Sequence[EngineInfo], load: Callable[[EngineInfo], _Loaded], skipped: Skipped
) -> tuple[EngineInfo, _Loaded]:
    """The first of ``candidates`` (at least one) that loads, with what ``load`` makes of it: a damaged one is no end.

    Raises:
        EngineUnavailable: none loads; it is the first one's.
    """
    errors: list[EngineUnavailable] = []
    for info in candidates:
        try:
            return info, load(info)
        except EngineUnavailable as why:
            errors.append(why)
            if len(errors) < len(candidates):
                skipped(info, why)
    raise errors[0]


def lacks(engine: Engine, language: str) -> str:
    """The language that is asked for and that ``engine`` does not know: its ISO 639-1 code, or "" when all is well."""
    return language if language != AUTO and engine.languages and language not in engine.languages else ""


def _by_preference(usable: list[EngineInfo], choice: str, language: str) -> list[EngineInfo]:
    """The models that may serve, the best first."""
    embedded = [info for info in usable if info.embedded]
    pulled = [info for info in usable if not info.embedded and info.size_bytes <= LARGEST_LIVE_BYTES]
    fitting = sorted((i for i in pulled if i.knows(language)), key=lambda info: info.size_bytes, reverse=True)
    found = [*embedded, *fitting] if any(info.knows(language) for info in embedded) else [*fitting, *embedded]
    if not found:
        raise EngineUnavailable(f'There is no model for the speech engine "{choice}" on this machine.', ADVICE)
    return found


def _in(directory: Path) -> EngineInfo:
    """The model in a directory that was named; a family that does not open it says best what is missing."""
    opening = next((family for family in families() if family.opens(directory)), None)
    if opening is None:
        what = f"There is no speech model that Spiegel knows in {directory}."
        raise EngineUnavailable(what, ADVICE)
    return EngineInfo(
        name=f"{opening.name}-{directory.name}",
        family=opening.name,
        path=directory,
        languages=(),
        installed=True,
        size_bytes=sum(path.stat().st_size for path in directory.iterdir() if path.is_file()),
        note="",
    )


def _names(info: EngineInfo) -> tuple[str, ...]:
    """What a model may be called: "whisper-small", or "small" for short."""
    return (info.name, info.name.removeprefix(f"{info.family}-"))
