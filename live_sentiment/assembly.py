"""Loads what every call needs: the recogniser, the voice detector, the sentiment model and the playbook.

The one place where the parts are chosen and put together. Imports of the heavy libraries happen inside, so that
importing this module costs little.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from live_sentiment.engine_family import EngineOptions
from live_sentiment.errors import EngineUnavailable, PlaybookError
from live_sentiment.pipeline import PipelineParts
from live_sentiment.playbook import Playbook, default_playbook, load_playbook


@dataclass(frozen=True, slots=True)
class AssemblyConfig:
    """What to load.

    ``engine`` is "auto", an installed engine's name or a model directory; ``language`` "auto" or an ISO 639-1 code;
    ``models`` the folder where pulled models live; ``playbook`` a playbook file, None for the default one;
    ``sentiment`` a folder with another sentiment model and its manifest, None for the shipped one; ``options`` how the
    engine is loaded.
    """

    models: Path
    engine: str = "auto"
    language: str = "auto"
    playbook: Path | None = None
    sentiment: Path | None = None
    options: EngineOptions = field(default_factory=EngineOptions)


Progress = Callable[[float, str], None]
"""Called with a share of the work done (0 to 1) and the name of what is being loaded."""


def load_parts(config: AssemblyConfig, progress: Progress = lambda _share, _what: None) -> PipelineParts:
    """The parts that all calls share; takes about a second.

    Raises:
        EngineUnavailable: a speech model is missing or changed.
        PlaybookError: the playbook has a mistake.
        onnx_models.errors.ModelError: the sentiment model is missing, changed or of the wrong shape.
    """
    from live_sentiment.engines import candidates, lacks, load_engine
    from live_sentiment.silero import SileroModel
    from live_sentiment.vad import VadCascade
    from onnx_models.sentiment import SentimentModel

    progress(0.0, "playbook")
    playbook = default_playbook() if config.playbook is None else _playbook(config.playbook)
    progress(0.1, "voice detector")
    silero = SileroModel.load()
    progress(0.2, "sentiment model")
    classifier = SentimentModel.load(config.sentiment)
    progress(0.4, "speech model")
    engine = load_engine(candidates(config.engine, config.language, config.models)[0], config.options)
    if lacks(engine, config.language):
        raise EngineUnavailable(
            "Dutch needs a speech model, and there is none on this machine; the embedded one only knows English.",
            "Fetch one: `spiegel models pull small`. Or add one that is on the disk: `spiegel models add DIR`.",
        )
    progress(1.0, "ready")
    return PipelineParts(engine=engine, new_vad=partial(VadCascade, silero), classifier=classifier, playbook=playbook)


def _playbook(path: Path) -> Playbook:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise PlaybookError(
            f"The playbook {path} cannot be read: {what}.", "Correct playbook in settings.toml."
        ) from error
    return load_playbook(text, str(path))
