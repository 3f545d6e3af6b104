"""Whisper as an ``Engine``: Dutch, English and many more, when a model is on the disk.

Every reading is of the whole utterance so far, greedy, with the committed words as prefix and nothing carried over
from utterance to utterance. While an utterance grows, word times are estimates; the last reading is aligned.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from live_sentiment.engine_family import EngineOptions
from live_sentiment.errors import EngineUnavailable
from live_sentiment.events import SAMPLE_RATE, Word
from live_sentiment.guards import LOOP, NO_SPEECH, TOO_FAST, UNSURE, repeats_itself
from live_sentiment.transcriber import Hypothesis, Samples
from live_sentiment.utterance_audio import UtteranceAudio
from live_sentiment.whisper.language import LanguageChoice
from live_sentiment.whisper.reader import PUNCTUATION, Aligned, Heard, Said, WhisperReader
from live_sentiment.word_times import spread

LONGEST_SECONDS = 29.5
TOKENS_PER_SECOND = 8.0
SPARE_TOKENS = 10
"""Dutch takes more tokens for a word than English."""
NO_SPEECH_PROBABILITY = 0.6
LOWEST_LOG_PROBABILITY = -1.0
HIGHEST_COMPRESSION = 2.4
"""The three limits of Whisper's own decoding (Radford et al. 2022, section 4.5)."""


@dataclass(frozen=True, slots=True)
class WhisperEngine:
    """A Whisper model on faster-whisper and CTranslate2. Make it with ``load``; all channels share it."""

    directory: Path
    reader: WhisperReader
    language_choices: tuple[str, ...]

    @classmethod
    def load(cls, directory: Path, options: EngineOptions) -> Self:
        """Loads the model in ``directory``; "auto" will mean one of the languages in ``options``.

        Raises:
            EngineUnavailable: the directory is incomplete, or CTranslate2 does not take it.
        """
        return cls(directory, WhisperReader.load(directory, options.threads), options.languages)

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
            return WhisperTranscriber(self.reader, LanguageChoice(("en",)))
        if language != "auto" and not self.reader.knows(language):
            advice = "Choose auto, nl, en, or another two-letter code that Whisper knows."
            raise EngineUnavailable(f'The speech model {self.name} knows no language "{language}".', advice)
        return WhisperTranscriber(
            self.reader, LanguageChoice(self.language_choices if language == "auto" else (language,))
        )


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read, of which audio, in which language, with which committed words."""

    heard: Heard
    said: Said
    language: str
    hypothesis: Hypothesis


class WhisperTranscriber:
    """One channel's ear on a ``WhisperEngine``; see ``Transcriber`` for the order of the calls."""

    def __init__(self, reader: WhisperReader, language: LanguageChoice) -> None:
        self._reader = reader
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
        hypothesis = self._aligned(reading) if reading else _unheard(committed)
        if hypothesis.suspicious:
            self._language.drop()  # music or a murmur says nothing of the language of the call
        else:
            self._language.settle()
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
        """A fresh reading; ``language`` when committed words bind it, None to ask the audio."""
        samples = self._audio.samples()
        heard = self._reader.hear(samples)
        language = language or self._listen(heard)
        most = math.ceil(samples.size / SAMPLE_RATE * TOKENS_PER_SECOND) + SPARE_TOKENS
        said = self._reader.read(heard, language, " ".join(committed).rstrip(PUNCTUATION), most)
        texts = [*committed, *said.text.split()[len(committed) :]]
        words = tuple(
            Word(text=text, start=start + self._audio.offset, end=end + self._audio.offset, probability=probability)
            for text, probability, (start, end) in zip(
                texts, _certainties(said, len(texts)), spread(texts, samples), strict=True
            )
        )
        hypothesis = Hypothesis(words, language, said.log_probability, _doubt(said) if words else "")
        return _Reading(heard, said, language, hypothesis)

    def _listen(self, heard: Heard) -> str:
        """The language of the utterance, asked of the model when there is a choice."""
        if len(self._language.choices) > 1:
            self._language.hear(self._reader.languages(heard))
        return self._language.best

    def _aligned(self, reading: _Reading) -> Hypothesis:
        """The reading with word times and probabilities by alignment, as long as that has the same words."""
        hypothesis = reading.hypothesis
        if not reading.said.tokens:
            return hypothesis
        aligned = self._reader.align(reading.heard, reading.language, reading.said.tokens)
        if len(aligned) != len(hypothesis.words):
            return hypothesis
        offset, limit = self._audio.offset, self._audio.size / SAMPLE_RATE
        words = tuple(_timed(word.text, by, offset, limit) for word, by in zip(hypothesis.words, aligned, strict=True))
        return Hypothesis(words, hypothesis.language, hypothesis.average_log_probability, hypothesis.suspicious)


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


def _doubt(said: Said) -> str:
    """Why the reading itself is not to be trusted, or ""."""
    unsure = said.log_probability < LOWEST_LOG_PROBABILITY
    reasons = (
        (unsure and said.no_speech > NO_SPEECH_PROBABILITY, NO_SPEECH),
        (said.compression > HIGHEST_COMPRESSION or repeats_itself(said.text.split()), LOOP),
        (said.capped, TOO_FAST),
        (unsure, UNSURE),
    )
    return next((reason for holds, reason in reasons if holds), "")
