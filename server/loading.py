"""From the settings to what a call needs: which models to load, and a new pipeline for each call."""

from collections.abc import Callable
from pathlib import Path

from live_sentiment.assembly import AssemblyConfig, Progress, load_parts
from live_sentiment.engine_family import EngineOptions
from live_sentiment.pipeline import CallPipeline, PipelineConfig
from server.places import Places
from server.protocol import CallBegin
from server.settings import Settings


def assembly_config(settings: Settings, places: Places) -> AssemblyConfig:
    """What the settings say to load."""
    return AssemblyConfig(
        models=models_folder(settings, places),
        engine=settings.whisper_model or settings.engine,
        language=settings.language,
        options=EngineOptions(
            threads=settings.threads or 1,
            languages=settings.languages,
            prompt=settings.prompt,
            hotwords=settings.hotwords,
        ),
        playbook=Path(settings.playbook).expanduser() if settings.playbook else None,
        sentiment=Path(settings.sentiment_model).expanduser() if settings.sentiment_model else None,
    )


def models_folder(settings: Settings, places: Places) -> Path:
    """Where pulled models live."""
    return Path(settings.models).expanduser() if settings.models else places.models


def load_pipelines(settings: Settings, places: Places, progress: Progress) -> Callable[[CallBegin], CallPipeline]:
    """Loads the models (about a second) and answers with what makes a pipeline for a call.

    Raises:
        EngineUnavailable, PlaybookError, onnx_models.errors.ModelError: as ``load_parts`` says.
    """
    parts = load_parts(assembly_config(settings, places), progress)
    return lambda begin: CallPipeline(parts, PipelineConfig(language=begin.language))
