"""Whisper as Spiegel finds it: the directories of pulled models. Nothing here loads one."""

from dataclasses import dataclass
from pathlib import Path

from live_sentiment.engine_family import EngineInfo, EngineOptions
from live_sentiment.engines import LARGEST_LIVE_BYTES
from live_sentiment.errors import EngineUnavailable
from live_sentiment.transcriber import Engine
from live_sentiment.whisper import files


@dataclass(frozen=True, slots=True)
class WhisperFamily:
    """Models for Dutch, English and many more, on CTranslate2."""

    name: str = "whisper"

    def models(self, models_dir: Path) -> list[EngineInfo]:
        """Every directory under ``models_dir``/whisper, whole or not; hidden ones are downloads under way."""
        folder = models_dir / files.FOLDER
        found = sorted(folder.iterdir()) if folder.is_dir() else []
        return [self._info(path) for path in found if path.is_dir() and not path.name.startswith(".")]

    def opens(self, directory: Path) -> bool:
        """Whether there is any file of a model for CTranslate2; loading says what is missing."""
        return any((directory / name).is_file() for name in (files.MODEL, files.CONFIG, files.TOKENIZER))

    def load(self, directory: Path | None, options: EngineOptions) -> Engine:
        """Loads the model in ``directory``; see ``WhisperEngine.load``."""
        from live_sentiment.whisper.engine import WhisperEngine  # noqa: PLC0415 - loads CTranslate2

        if directory is None:
            raise EngineUnavailable("Whisper needs a model on the disk; none comes with Spiegel.", files.ADVICE)
        return WhisperEngine.load(directory, options)

    def _info(self, directory: Path) -> EngineInfo:
        """What can be said of one directory."""
        lacking = files.missing(directory)
        english = not lacking and files.is_english_only(directory)
        size = files.size_bytes(directory)
        note = "English." if english else "Dutch, English and many more."
        if size > LARGEST_LIVE_BYTES:
            note += f" Too large to keep up with a call on two cores: taken only by name ({directory.name})."
        return EngineInfo(
            name=f"{self.name}-{directory.name}",
            family=self.name,
            path=directory,
            languages=("en",) if english else (),
            installed=not lacking,
            size_bytes=size,
            note=f"Incomplete: {', '.join(lacking)} missing. {files.advice(directory)}" if lacking else note,
        )


FAMILY = WhisperFamily()
