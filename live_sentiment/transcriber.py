"""The interface between the pipeline and a speech recogniser, and a scripted one for tests.

An ``Engine`` holds a loaded model and is shared by all channels; a ``Transcriber`` is one channel's ear, and knows the
audio of one utterance at a time. The engines themselves live in ``moonshine`` and ``whisper``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from live_sentiment.events import SAMPLE_RATE, Word

Samples = NDArray[np.float32]
"""Mono samples at ``SAMPLE_RATE``, float32, -1 to 1, shape (n,)."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What an engine reads in the audio of one utterance.

    Word times are seconds from the utterance's first accepted sample. ``average_log_probability`` is the mean over
    tokens (0 is certain); ``suspicious`` is the reason why the engine itself does not trust the text (a loop, no
    speech, too many words for the time), or "". ``completeness`` is the probability that a sentence ends with these
    words (0 to 1), None when the engine does not tell.
    """

    words: tuple[Word, ...] = ()
    language: str = ""
    average_log_probability: float = 0.0
    suspicious: str = ""
    completeness: float | None = None

    @property
    def text(self) -> str:
        """The words joined by single spaces."""
        return " ".join(word.text for word in self.words)


class Transcriber(Protocol):
    """One channel's ear. Not safe for two threads at once; all calls come from the inference thread.

    The order is: ``accept`` any number of times, ``decode`` whenever there is time, ``flush`` at the utterance's end
    (which forgets the audio), then from the start again; ``close`` once, at the end of the call.
    """

    def accept(self, samples: Samples) -> None:
        """Adds audio to the present utterance; costs next to nothing."""
        ...

    def decode(self, committed: Sequence[str] = ()) -> Hypothesis:
        """Reads all audio accepted so far. The answer begins with the ``committed`` words, to the letter."""
        ...

    def flush(self, committed: Sequence[str] = ()) -> Hypothesis:
        """The last reading of the utterance; reuses the last ``decode`` when no audio came since. Forgets the audio."""
        ...

    def close(self) -> None:
        """Gives back what the transcriber holds; only the engine lives on."""
        ...


class Engine(Protocol):
    """A loaded recogniser.

    ``name`` is for people and logs; ``languages`` the ISO 639-1 codes it knows, () for many.
    """

    @property
    def name(self) -> str:
        """For example "moonshine-tiny-en"."""
        ...

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes, () when it knows dozens."""
        ...

    def transcriber(self, language: str = "auto") -> Transcriber:
        """A new ear for one channel; ``language`` is an ISO 639-1 code or "auto"."""
        ...


@dataclass(slots=True)
class ScriptedTranscriber:
    """Says what a script says: word ``i`` of an utterance once the audio is past its end. For tests.

    ``script`` holds one list of (word, end in seconds from the utterance's start) per utterance, in order.
    """

    script: list[list[tuple[str, float]]]
    heard: float = 0.0
    utterance: int = 0
    decodes: int = field(default=0)

    probability: ClassVar[float] = 0.9
    """Every word's."""

    def accept(self, samples: Samples) -> None:
        """Counts the seconds."""
        self.heard += samples.size / SAMPLE_RATE

    def decode(self, committed: Sequence[str] = ()) -> Hypothesis:
        """The words whose end has been heard."""
        self.decodes += 1
        lines = self.script[self.utterance] if self.utterance < len(self.script) else []
        starts = [0.0, *(end for _, end in lines)]
        words = [
            Word(text=word, start=start, end=end, probability=self.probability)
            for (word, end), start in zip(lines, starts, strict=False)
            if end <= self.heard
        ]
        kept = [structs.replace(word, text=text) for word, text in zip(words, committed, strict=False)]
        return Hypothesis(
            words=(*kept, *words[len(kept) :]),
            language="en",
            average_log_probability=-0.1,
        )

    def flush(self, committed: Sequence[str] = ()) -> Hypothesis:
        """All words of this utterance that were heard; the next utterance comes next."""
        hypothesis = self.decode(committed)
        self.utterance += 1
        self.heard = 0.0
        return hypothesis

    def close(self) -> None:
        """Nothing to give back."""


@dataclass(frozen=True, slots=True)
class ScriptedEngine:
    """An engine whose every transcriber says ``script``. For tests."""

    script: list[list[tuple[str, float]]]

    @property
    def name(self) -> str:
        """Its name in logs."""
        return "scripted"

    @property
    def languages(self) -> tuple[str, ...]:
        """It only pretends to know English."""
        return ("en",)

    def transcriber(self, language: str = "auto") -> Transcriber:
        """A new ear with the whole script before it."""
        del language
        return ScriptedTranscriber([list(lines) for lines in self.script])
