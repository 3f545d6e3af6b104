"""Moonshine as Spiegel finds it: one embedded model, in an installed wheel. Nothing here loads it."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from live_sentiment.engine_family import EngineInfo, EngineOptions
from live_sentiment.errors import EngineUnavailable
from live_sentiment.moonshine import files
from live_sentiment.transcriber import Engine

MODEL = "moonshine-tiny-en"
LANGUAGES = ("en",)


@dataclass(frozen=True, slots=True)
class MoonshineFamily:
    """The English recogniser that comes with Spiegel."""

    name: str = "moonshine"

    def models(self, models_dir: Path) -> list[EngineInfo]:
        """The embedded model, or why it is not there."""
        del models_dir
        try:
            folder = files.installed_folder()
        except EngineUnavailable as error:
            return [self._info(None, f"{error.what} {error.advice}")]
        sizes = [path.stat().st_size for name in files.SHA256 if (path := folder / name).is_file()]
        whole = len(sizes) == len(files.SHA256) and find_spec("onnxruntime") is not None
        note = "English; comes with Spiegel, needs no download." if whole else f"Incomplete. {files.ADVICE}"
        return [self._info(folder, note, size=sum(sizes), whole=whole)]

    def opens(self, directory: Path) -> bool:
        """Whether the three files of a Moonshine model are there."""
        return all((directory / name).is_file() for name in files.SHA256)

    def load(self, directory: Path | None, options: EngineOptions) -> Engine:
        """Loads it; see ``MoonshineEngine.load``. Of the options only the threads mean anything to it."""
        from live_sentiment.moonshine.engine import MoonshineEngine  # noqa: PLC0415 - loads onnxruntime

        return MoonshineEngine.load(options.threads, directory)

    def _info(self, folder: Path | None, note: str, *, size: int = 0, whole: bool = False) -> EngineInfo:
        return EngineInfo(MODEL, self.name, folder, LANGUAGES, whole, size, note, embedded=True)


FAMILY = MoonshineFamily()
