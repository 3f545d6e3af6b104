"""Loads what every call needs: the recogniser, the voice detector, the sentiment model and the playbook.

The one place where the parts are chosen and put together. What fits the machine is measured in ``fitting``. Imports of
the heavy libraries happen inside, so that importing this module costs little.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from live_sentiment.engine_family import EngineInfo, EngineOptions
from live_sentiment.engines import (
    AUTO,
    LARGEST_LIVE_BYTES,
    Skipped,
    candidates,
    first_loaded,
    lacks,
    list_engines,
    load_engine,
)
from live_sentiment.errors import EngineUnavailable
from live_sentiment.fitting import Ask, Fit, Machine, Overrule, fit
from live_sentiment.pipeline import PipelineParts
from live_sentiment.playbook import default_playbook
from live_sentiment.playbook_file import read_playbook
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


def _untold(_share: float, _what: str) -> None:
    """Nobody follows the progress."""


def _unsaid(_info: EngineInfo, _why: EngineUnavailable) -> None:
    """Nobody asks what was skipped."""


def choices(config: AssemblyConfig) -> list[EngineInfo]:
    """The models that may serve, the best first; at least one.

    One that does not know the language is none, however quick it is, unless there is no other.

    Raises:
        EngineUnavailable: there is no such engine; the advice says what to do.
    """
    found = candidates(config.engine, config.language, config.models)
    return [info for info in found if info.knows(config.language)] or found


def load_parts(config: AssemblyConfig, progress: Progress = _untold, skipped: Skipped = _unsaid) -> PipelineParts:
    """The parts that all calls share, with the model known to fit or else the best; takes about a second.

    Of several models that may serve, those that do not load are ``skipped``.

    Raises:
        EngineUnavailable: a speech model is missing or changed, and no other may serve.
        PlaybookError: the playbook has a mistake.
        onnx_models.errors.ModelError: the sentiment model is missing, changed or of the wrong shape.
    """
    join = _joiner(config, progress)
    progress(0.4, "speech model")
    found = choices(config)
    engine = _known(config, found)
    if engine is None:
        options = replace(config.options, threads=config.overrule.threads or 1)
        everyone = [*found, *_spare(config, found)]
        _, engine = first_loaded(everyone, lambda info: _load(info, options, config), skipped)
    progress(1.0, "ready")
    return join(engine)


def load_fitting(
    config: AssemblyConfig, machine: Machine, progress: Progress = _untold, skipped: Skipped = _unsaid
) -> tuple[PipelineParts, Fit]:
    """The same, with the model that fits ``machine`` best, and what was measured; nothing is, when it is known.

    The fit is without the user's ``overrule`` of the step. Raises what ``load_parts`` does.
    """
    found = choices(config)
    join = _joiner(config, progress)
    progress(0.4, "speech model")
    if config.known and (engine := _known(config, found)):
        progress(1.0, "ready")
        return join(engine), config.known

    def load(info: EngineInfo, options: EngineOptions) -> Engine:
        engine = _load(info, options, config)
        progress(0.7, "measuring this machine")
        return engine

    ask = Ask(config.language, config.overrule.threads, config.options, _spare(config, found))
    engine, best = fit(found, load, ask, machine, skipped)
    progress(1.0, "ready")
    return join(engine), best


def _known(config: AssemblyConfig, found: list[EngineInfo]) -> Engine | None:
    """The model that is known to fit, as it was measured; None when none is, or it does not load any more."""
    known = config.known
    info = next((info for info in found if known and info.name == known.model), None)
    if known is None or info is None:
        return None
    options = replace(config.options, threads=known.threads, windows=known.windows or config.options.windows)
    try:
        return _load(info, options, config)
    except EngineUnavailable:  # loading the others says it, or none is left and it is raised
        return None


def _spare(config: AssemblyConfig, found: list[EngineInfo]) -> tuple[EngineInfo, ...]:
    """What may serve when nothing that was ``found`` loads: a model for one language, where any may be spoken."""
    if config.language != AUTO:
        return ()
    return tuple(info for info in candidates(config.engine, AUTO, config.models) if info not in found)


def _joiner(config: AssemblyConfig, progress: Progress) -> Callable[[Engine], PipelineParts]:
    """Loads all but the engine, and answers with what puts the parts together."""
    from live_sentiment.silero import SileroModel
    from live_sentiment.vad import VadCascade
    from onnx_models.sentiment import SentimentModel

    progress(0.0, "playbook")
    playbook = default_playbook() if config.playbook is None else read_playbook(config.playbook)
    progress(0.1, "voice detector")
    silero = SileroModel.load()
    progress(0.2, "sentiment model")
    classifier = SentimentModel.load(config.sentiment)
    return partial(PipelineParts, new_vad=partial(VadCascade, silero), classifier=classifier, playbook=playbook)


def _load(info: EngineInfo, options: EngineOptions, config: AssemblyConfig) -> Engine:
    engine = load_engine(info, options)
    if lacks(engine, config.language):
        raise _knows_no_dutch(info, engine, config)
    return engine


def _knows_no_dutch(info: EngineInfo, engine: Engine, config: AssemblyConfig) -> EngineUnavailable:
    """Says which model would know it: one that is here and was not asked for, or one that is to be fetched."""
    other = next((one for one in _whole(config) if one.name != info.name and one.knows(config.language)), None)
    if other is None:
        return EngineUnavailable(
            f"Dutch needs a speech model, and there is none on this machine; {engine.name} only knows English.",
            "Fetch one: `spiegel models pull small`. Or add one that is on the disk: `spiegel models add DIR`.",
        )
    best = ', or engine = "auto" for the best that fits' if other.size_bytes <= LARGEST_LIVE_BYTES else ""
    return EngineUnavailable(
        f'{engine.name} knows no Dutch. {other.name} may, and is here, but engine "{config.engine}" leaves it out.',
        f'Set engine = "{other.name}" in settings.toml{best}; and no whisper_model.',
    )


def _whole(config: AssemblyConfig) -> list[EngineInfo]:
    """The models on this machine that may load, the largest that a call can bear first."""
    whole = [info for info in list_engines(config.models) if info.installed]
    return sorted(whole, key=lambda info: (info.size_bytes > LARGEST_LIVE_BYTES, -info.size_bytes))
