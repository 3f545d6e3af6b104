"""What an engine tells of itself before it is loaded, and how it is loaded: all that the rest knows of an engine.

A family is one kind of recogniser. It is found by the entry point group ``spiegel.engines``, so a new one is a module
with a ``FAMILY`` and a line in its own package's metadata, and nothing else changes. Importing a family costs
milliseconds: the heavy libraries load in ``load``. The engines themselves are behind ``transcriber.Engine``.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from live_sentiment.transcriber import Engine

LANGUAGES = ("nl", "en")
"""What "auto" chooses among, unless the settings say otherwise."""
Windows = Literal["check", "trimmed", "padded"]
"""How much an engine that pads its audio may save: see ``EngineOptions``."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """A model as far as can be told without loading it.

    ``languages`` are ISO 639-1 codes, () for many; ``embedded``: it came with Spiegel; ``path`` is its folder;
    ``note`` says to people what it is good for, or what is wrong.
    """

    name: str
    family: str
    path: Path | None
    languages: tuple[str, ...]
    installed: bool
    size_bytes: int
    note: str
    embedded: bool = False

    def knows(self, language: str) -> bool:
        """Whether it understands ``language``, an ISO 639-1 code or "auto"."""
        return not self.languages or language in self.languages


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How a model is loaded.

    ``threads`` for one decode; ``languages``, ISO 639-1 codes, are what "auto" may choose among. ``prompt`` is what
    calls here are about, and ``hotwords`` are names to listen for: engines that can, lean towards them. ``windows``
    are those of engines that know windows of one length only: "trimmed" to the speech, which costs less, "padded", or
    "check", which tries whether the model bears trimmed ones; others ignore it.
    """

    threads: int = 1
    languages: tuple[str, ...] = LANGUAGES
    prompt: str = ""
    hotwords: tuple[str, ...] = ()
    windows: Windows = "check"


class EngineFamily(Protocol):
    """One kind of recogniser. Any thread."""

    @property
    def name(self) -> str:
        """For settings and people, for example "whisper"."""
        ...

    def models(self, models_dir: Path) -> list[EngineInfo]:
        """Its models on this machine, whole or not; pulled ones lie in ``models_dir``, if that exists."""
        ...

    def opens(self, directory: Path) -> bool:
        """Whether ``directory`` looks like one of its models."""
        ...

    def load(self, directory: Path | None, options: EngineOptions) -> "Engine":
        """Loads the model in ``directory``, None for the embedded one.

        Raises:
            EngineUnavailable: it is missing, changed or does not load; its advice says what to do.
        """
        ...
