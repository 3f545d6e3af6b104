"""From the settings to what a call needs: which models fit and are loaded, and a new pipeline for each call."""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import structlog
from msgspec import structs

from live_sentiment.assembly import AssemblyConfig, Progress, load_fitting
from live_sentiment.engine_family import EngineInfo, EngineOptions
from live_sentiment.errors import EngineUnavailable
from live_sentiment.fitting import Fit, Machine, Overrule
from live_sentiment.pipeline import CallPipeline, PipelineConfig, PipelineParts
from live_sentiment.shedding import SheddingConfig
from live_sentiment.speech_channel import ChannelConfig
from server import fit_file
from server.places import Places
from server.playbook_watch import PlaybookSource
from server.protocol import CallBegin
from server.settings import Settings

_AUTO = "auto"
_log = structlog.get_logger(__name__)


class Loaded(NamedTuple):
    """The models, and how they fit this machine, with what the user overruled. ``found`` is said of the model.

    ``trouble`` is why the measurement could not be kept, or ""; ``skipped`` are better models that do not load, each
    with what is wrong and what to do.
    """

    parts: PipelineParts
    fit: Fit
    found: str
    trouble: str
    skipped: tuple[str, ...] = ()


def assembly_config(settings: Settings, places: Places) -> AssemblyConfig:
    """What the settings say to load, and what is known to fit this machine."""
    engine = settings.whisper_model or settings.engine
    config = AssemblyConfig(
        models=models_folder(settings, places),
        engine=engine,
        language=settings.language,
        options=EngineOptions(
            languages=settings.languages,
            prompt=settings.prompt,
            hotwords=settings.hotwords,
        ),
        overrule=Overrule(model=engine != _AUTO, threads=settings.threads, step=settings.partial_every),
        playbook=Path(settings.playbook).expanduser() if settings.playbook else None,
        sentiment=Path(settings.sentiment_model).expanduser() if settings.sentiment_model else None,
    )
    try:
        return replace(config, known=fit_file.recall(places.data, fit_file.circumstances(config)))
    except EngineUnavailable:  # loading says it again, to whom it concerns
        return config


def models_folder(settings: Settings, places: Places) -> Path:
    """Where pulled models live."""
    return Path(settings.models).expanduser() if settings.models else places.models


def load_here(
    settings: Settings,
    places: Places,
    progress: Progress = lambda _share, _what: None,
    *,
    anew: bool = False,
) -> Loaded:
    """Loads the models that fit this machine.

    What fits is measured the first time, which takes some seconds more, or ``anew``; and kept, if the data folder is
    there. It is not kept beside a damaged model: that one is tried again at each start, until it is whole.

    Raises:
        EngineUnavailable, PlaybookError, onnx_models.errors.ModelError: as ``load_parts`` says.
    """
    config = assembly_config(settings, places)
    if anew:
        config = replace(config, known=None)
    machine = Machine(time.perf_counter, fit_file.cores())
    skipped: list[str] = []
    parts, fit = load_fitting(config, machine, progress, lambda info, why: skipped.append(said_of_skipped(info, why)))
    trouble = ""
    if config.known is None and not skipped and places.data.is_dir():
        trouble = fit_file.keep(places.data, fit_file.circumstances(config), fit)
    found = getattr(parts.engine, "note", "")  # only engines that choose something themselves have one
    return Loaded(parts, config.overrule.over(fit), found, trouble, tuple(skipped))


def load_pipelines(
    settings: Settings, places: Places, progress: Progress, source: PlaybookSource
) -> Callable[[CallBegin], CallPipeline]:
    """Loads the models (``load_here``), logs what was chosen, and answers with what makes a pipeline for a call.

    Each call takes the playbook that ``source`` has when it begins; one that is wrong stops nothing.

    Raises:
        EngineUnavailable, onnx_models.errors.ModelError: as ``load_parts`` says.
    """
    loaded = load_here(structs.replace(settings, playbook=""), places, progress)
    _tell(loaded)

    def pipeline(begin: CallBegin) -> CallPipeline:
        parts = replace(loaded.parts, playbook=source.playbook)
        return CallPipeline(parts, call_config(begin.language, loaded.fit.step))

    return pipeline


def call_config(language: str, step: float | None) -> PipelineConfig:
    """How a call is worked: with partials every ``step`` seconds of new speech; None for text at pauses only."""
    if step is None:
        return PipelineConfig(language=language, channel=ChannelConfig(first_partial=math.inf))
    return PipelineConfig(language=language, shedding=SheddingConfig(step=step))


def said_of_skipped(info: EngineInfo, why: EngineUnavailable) -> str:
    """What is wrong with a model that another one stands in for, and what to do; for people."""
    return f"{info.name} does not load, so another model is taken: {why.what} {why.advice}"


def _tell(loaded: Loaded) -> None:
    fit = loaded.fit
    said = {
        "model": fit.model,
        "threads": fit.threads,
        "step": "none" if fit.step is None else fit.step,
        "update_seconds": round(fit.update_seconds, 3),
        "final_seconds": round(fit.final_seconds, 3),
        "windows": fit.windows,
        "set_by_user": ", ".join(fit.overruled),
        "found": loaded.found,
    }
    _log.info("fits_this_machine", **{name: value for name, value in said.items() if value != ""})
    for why in loaded.skipped:
        _log.warning("model_skipped", why=why)
    if not fit.keeps_up:
        _log.warning("falls_behind", see="spiegel check")
    if loaded.trouble:
        _log.warning("measurement_not_kept", why=loaded.trouble)
