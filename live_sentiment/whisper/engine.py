"""Whisper as an ``Engine``: Dutch, English and many more, when a model is on the disk.

Every reading is of the whole utterance so far, greedy, with the committed words as prefix and nothing carried over from
utterance to utterance but the language. While an utterance grows, word times are estimates; the last reading is
aligned, where the model can. A last reading that got stuck is tried once more, the way Whisper was trained; a partial
one is not, since what is doubted is not shown. How long a window is (``windows``), which language is spoken
(``language``) and what is doubted (``doubts``) is decided elsewhere.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

from live_sentiment.engine_family import EngineOptions
from live_sentiment.errors import EngineUnavailable
from live_sentiment.events import SAMPLE_RATE, Word
from live_sentiment.transcriber import Hypothesis, Samples
from live_sentiment.utterance_audio import UtteranceAudio
from live_sentiment.whisper.context import NOTHING, Context
from live_sentiment.whisper.doubts import doubt, most_tokens
from live_sentiment.whisper.language import LanguageChoice
from live_sentiment.whisper.plan import Aligned, Heard, Plan, Said
from live_sentiment.whisper.reader import PUNCTUATION, WhisperReader
from live_sentiment.whisper.windows import PADDED, WindowConfig, choose
from live_sentiment.word_times import spread

LONGEST_SECONDS = 29.5
ADVICE = "Choose auto, nl, en, or another two-letter code that Whisper knows."


@dataclass(frozen=True, slots=True)
class WhisperEngine:
    """A Whisper model on faster-whisper and CTranslate2. Make it with ``load``; all channels share it.

    ``context`` are the tokens of ``told``; ``note`` says to people what was found when the model was loaded.
    """

    directory: Path
    reader: WhisperReader
    language_choices: tuple[str, ...]
    window: WindowConfig = PADDED
    told: Context = NOTHING
    context: tuple[int, ...] = ()
    note: str = ""

    @classmethod
    def load(cls, directory: Path, options: EngineOptions, window: WindowConfig | None = None) -> Self:
        """Loads the model in ``directory``; "auto" will mean one of the languages in ``options``.

        Its windows are as long as the speech (``window``), if ``options.windows`` says so or a check finds that it
        bears that. The check reads a clip of four seconds twice, once in 30 s.

        Raises:
            EngineUnavailable: the directory is incomplete, CTranslate2 does not take it, or it knows no language of
                those in ``options``.
        """
        reader = WhisperReader.load(directory, options.threads)
        known = tuple(code for code in options.languages if reader.knows(code))
        if reader.multilingual and not known:
            what = f"The speech model in {directory} knows none of the languages {', '.join(options.languages)}."
            raise EngineUnavailable(what, ADVICE)
        choice = choose(reader, options.windows, window or WindowConfig())
        told = reader.fitting(Context(options.prompt, options.hotwords))
        note = choice.why + _left_out(len(options.hotwords), len(told.hotwords))
        return cls(directory, reader, known, choice.window, told, reader.spell(told), note)

    @property
    def windows(self) -> Literal["trimmed", "padded"]:
        """Whether it hears windows as long as the speech, or always 30 s; worth keeping for ``EngineOptions``."""
        return "padded" if self.window.padded else "trimmed"

    @property
    def name(self) -> str:
        """For example "whisper-small"."""
        return f"whisper-{self.directory.name}"

    @property
    def languages(self) -> tuple[str, ...]:
        """() for many, ("en",) for a model that knows English only."""
        return () if self.reader.multilingual else ("en",)

    def transcriber(self, language: str = "auto") -> "WhisperTranscriber":
        """A new ear; a model for English only hears English whatever is asked.

        Raises:
            EngineUnavailable: Whisper knows no such language.
        """
        if not self.reader.multilingual:
            return WhisperTranscriber(self, LanguageChoice(("en",)))
        if language != "auto" and not self.reader.knows(language):
            raise EngineUnavailable(f'The speech model {self.name} knows no language "{language}".', ADVICE)
        return WhisperTranscriber(self, LanguageChoice(self.language_choices if language == "auto" else (language,)))


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read, of which audio, in which language, and what that makes."""

    heard: Heard
    said: Said
    language: str
    hypothesis: Hypothesis


class WhisperTranscriber:
    """One channel's ear on a ``WhisperEngine``; see ``Transcriber`` for the order of the calls."""

    def __init__(self, engine: WhisperEngine, language: LanguageChoice) -> None:
        self._engine = engine
        self._language = language
        self._audio = UtteranceAudio(LONGEST_SECONDS)
        self._last: _Reading | None = None
        self._read_version = self._audio.version

    def accept(self, samples: Samples) -> None:
        """Adds audio to the present utterance.

        Raises:
            UnsupportedAudio: not float32, or not of shape (n,).
        """
        self._audio.append(samples)

    def decode(self, committed: Sequence[str] = ()) -> Hypothesis:
        """Reads all audio of the utterance; the answer begins with the ``committed`` words, to the letter."""
        reading = self._reading(committed)
        return reading.hypothesis if reading else _unheard(committed)

    def flush(self, committed: Sequence[str] = ()) -> Hypothesis:
        """The last reading, with aligned word times; reads again only when audio came since. Forgets the audio."""
        reading = self._reading(committed)
        if reading and (reading.said.looped or reading.said.capped):
            reading = self._another_try(reading, committed)
        hypothesis = self._aligned(reading) if reading else _unheard(committed)
        if hypothesis.suspicious:
            self._language.drop()  # music or a murmur says nothing of the language of the call
        else:
            self._language.settle(len(hypothesis.words), hypothesis.average_log_probability)
        self._forget()
        return hypothesis

    def close(self) -> None:
        """Forgets the audio; the engine lives on."""
        self._forget()

    def _forget(self) -> None:
        """Makes ready for the next utterance."""
        self._audio.clear()
        self._last, self._read_version = None, self._audio.version

    def _reading(self, committed: Sequence[str]) -> _Reading | None:
        """The reading of all audio; the last one when nothing changed. None without audio."""
        if not self._audio.size:
            return None
        if self._last is None or self._read_version != self._audio.version or not _begins(self._last, committed):
            self._last = self._read(committed, self._last.language if self._last and committed else None)
            self._read_version = self._audio.version
        return self._last

    def _read(self, committed: Sequence[str], language: str | None) -> _Reading:
        """A fresh reading; ``language`` when committed words bind it, None when it is open."""
        heard = self._engine.reader.hear(self._audio.samples(), self._engine.window)
        seconds = self._audio.size / SAMPLE_RATE
        if self._language.wants(seconds, bound=language is not None):
            self._language.hear(self._engine.reader.languages(heard), seconds)
        return self._made(heard, self._plan(language or self._language.best, committed), committed)

    def _another_try(self, stuck: _Reading, committed: Sequence[str]) -> _Reading:
        """A reading in 30 s with nothing said before; ``stuck`` when that is what it was, or is doubtful as well."""
        if self._engine.window.padded and not self._engine.context:
            return stuck
        heard = self._engine.reader.hear(self._audio.samples(), PADDED)
        again = self._made(heard, replace(self._plan(stuck.language, committed), context=()), committed)
        return again if again.said.text and not again.hypothesis.suspicious else stuck

    def _plan(self, language: str, committed: Sequence[str]) -> Plan:
        """How to read what there is of the utterance, after the ``committed`` words."""
        most = most_tokens(self._audio.size / SAMPLE_RATE)
        return Plan(language, most, " ".join(committed).rstrip(PUNCTUATION), self._engine.context)

    def _made(self, heard: Heard, plan: Plan, committed: Sequence[str]) -> _Reading:
        """What ``plan`` reads in ``heard``, as words with estimated times."""
        said = self._engine.reader.read(heard, plan)
        texts = [*committed, *said.text.split()[len(committed) :]]
        offset = self._audio.offset
        words = tuple(
            Word(text=text, start=start + offset, end=end + offset, probability=probability)
            for text, probability, (start, end) in zip(
                texts, _certainties(said, len(texts)), spread(texts, self._audio.samples()), strict=True
            )
        )
        why = doubt(said, None if committed else self._engine.told) if words else ""
        return _Reading(heard, said, plan.language, Hypothesis(words, plan.language, said.log_probability, why))

    def _aligned(self, reading: _Reading) -> Hypothesis:
        """The reading with word times and probabilities by alignment, if the model can and finds the same words."""
        hypothesis = reading.hypothesis
        if not (self._engine.reader.aligns and reading.said.tokens):
            return hypothesis
        aligned = self._engine.reader.align(reading.heard, reading.language, reading.said.tokens)
        if len(aligned) != len(hypothesis.words):
            return hypothesis
        offset, limit = self._audio.offset, self._audio.size / SAMPLE_RATE
        words = tuple(_timed(word.text, by, offset, limit) for word, by in zip(hypothesis.words, aligned, strict=True))
        return replace(hypothesis, words=words)


def _left_out(given: int, kept: int) -> str:
    """What to say of hotwords that were too many."""
    return "" if kept == given else f" Only the first {kept} of {given} hotwords are listened for: more do not fit."


def _certainties(said: Said, words: int) -> list[float]:
    """The probability of each of ``words`` words; that of the whole reading where they are not the words read."""
    if len(said.probabilities) == words:
        return list(said.probabilities)
    return [math.exp(said.log_probability)] * words


def _timed(text: str, by: Aligned, offset: float, limit: float) -> Word:
    """A word with the bounds of ``by``, within the audio."""
    start, end = min(by.start, limit), min(by.end, limit)
    return Word(text=text, start=offset + start, end=offset + max(start, end), probability=by.probability)


def _begins(reading: _Reading, committed: Sequence[str]) -> bool:
    """Whether ``reading`` begins with ``committed``."""
    return tuple(word.text for word in reading.hypothesis.words[: len(committed)]) == tuple(committed)


def _unheard(committed: Sequence[str]) -> Hypothesis:
    """The answer without any audio."""
    return Hypothesis(tuple(Word(text=word, start=0.0, end=0.0, probability=0.0) for word in committed))
