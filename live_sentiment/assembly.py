"""Loads what every call needs: the recogniser, the voice detector, the sentiment model and the playbook.

The one place where the parts are chosen and put together. What fits the machine is measured in ``fitting``. Imports of
the heavy libraries happen inside, so that importing this module costs little.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from live_sentiment.engine_family import EngineInfo, EngineOptions
from live_sentiment.errors import EngineUnavailable, PlaybookError
from live_sentiment.fitting import Ask, Fit, Machine, Overrule, fit
from live_sentiment.pipeline import PipelineParts
from live_sentiment.playbook import Playbook, default_playbook, load_playbook
from live_sentiment.transcriber import Engine


@dataclass(frozen=True, slots=True)
class AssemblyConfig:
    """What to load.

    ``engine`` is "auto", an installed engine's name or a model directory; ``language`` "auto" or an ISO 639-1 code;
    ``models`` the folder where pulled models live; ``playbook`` a playbook file, None for the default one;
    ``sentiment`` a folder with another sentiment model and its manifest, None for the shipped one; ``options`` how the
    engine is loaded, its threads aside: those are the ones that ``overrule`` names or that fit. ``known`` is what
    fitted this machine before, None when that is not known.
    """

    models: Path
    engine: str = "auto"
    language: str = "auto"
    playbook: Path | None = None
    sentiment: Path | None = None
    options: EngineOptions = field(default_factory=EngineOptions)
    overrule: Overrule = field(default_factory=Overrule)
    known: Fit | None = None


Progress = Callable[[float, str], None]
"""Called with a share of the work done (0 to 1) and the name of what is being loaded."""


def choices(config: AssemblyConfig) -> list[EngineInfo]:
    """The models that may serve, the best first; at least one.

    One that does not know the language is none, however quick it is, unless there is no other.

    Raises:
        EngineUnavailable: there is no such engine; the advice says what to do.
    """
    from live_sentiment.engines import candidates

    found = candidates(config.engine, config.language, config.models)
    return [info for info in found if info.knows(config.language)] or found


def load_parts(config: AssemblyConfig, progress: Progress = lambda _share, _what: None) -> PipelineParts:
    """The parts that all calls share, with the model known to fit or else the best; takes about a second.

    Raises:
        EngineUnavailable: a speech model is missing or changed.
        PlaybookError: the playbook has a mistake.
        onnx_models.errors.ModelError: the sentiment model is missing, changed or of the wrong shape.
    """
    join = _joiner(config, progress)
    progress(0.4, "speech model")
    found = choices(config)
    known = _still_there(config.known, found)
    threads = known.threads if known else config.overrule.threads or 1
    windows = (known.windows if known else "") or config.options.windows
    info = next((info for info in found if known and info.name == known.model), found[0])
    engine = _load(info, replace(config.options, threads=threads, windows=windows), config.language)
    progress(1.0, "ready")
    return join(engine)


def load_fitting(
    config: AssemblyConfig, machine: Machine, progress: Progress = lambda _share, _what: None
) -> tuple[PipelineParts, Fit]:
    """The same, with the model that fits ``machine`` best, and what was measured; nothing is, when it is known.

    The fit is without the user's ``overrule`` of the step. Raises what ``load_parts`` does.
    """
    found = choices(config)
    if known := _still_there(config.known, found):
        return load_parts(config, progress), known
    join = _joiner(config, progress)

    def load(info: EngineInfo, options: EngineOptions) -> Engine:
        engine = _load(info, options, config.language)
        progress(0.7, "measuring this machine")
        return engine

    progress(0.4, "speech model")
    engine, best = fit(found, load, Ask(config.language, config.overrule.threads, config.options), machine)
    progress(1.0, "ready")
    return join(engine), best


def _still_there(known: Fit | None, found: list[EngineInfo]) -> Fit | None:
    return known if known and any(info.name == known.model for info in found) else None


def _joiner(config: AssemblyConfig, progress: Progress) -> Callable[[Engine], PipelineParts]:
    """Loads all but the engine, and answers with what puts the parts together."""
    from live_sentiment.silero import SileroModel
    from live_sentiment.vad import VadCascade
    from onnx_models.sentiment import SentimentModel

    progress(0.0, "playbook")
    playbook = default_playbook() if config.playbook is None else _playbook(config.playbook)
    progress(0.1, "voice detector")
    silero = SileroModel.load()
    progress(0.2, "sentiment model")
    classifier = SentimentModel.load(config.sentiment)
    return partial(PipelineParts, new_vad=partial(VadCascade, silero), classifier=classifier, playbook=playbook)


def _load(info: EngineInfo, options: EngineOptions, language: str) -> Engine:
    from live_sentiment.engines import lacks, load_engine

    engine = load_engine(info, options)
    if lacks(engine, language):
        raise EngineUnavailable(
            "Dutch needs a speech model, and there is none on this machine; the embedded one only knows English.",
            "Fetch one: `spiegel models pull small`. Or add one that is on the disk: `spiegel models add DIR`.",
        )
    return engine


def _playbook(path: Path) -> Playbook:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise PlaybookError(
            f"The playbook {path} cannot be read: {what}.", "Correct playbook in settings.toml."
        ) from error
    return load_playbook(text, str(path))
