"""Moonshine as an ``Engine``: one loaded model, and an ear for each channel.

Every reading is of the whole utterance so far, with the last reading as a draft and the committed words forced (see
``decoding``). What words mean, when to decode and when an utterance ends is the pipeline's business.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from live_sentiment.errors import EngineUnavailable
from live_sentiment.events import SAMPLE_RATE, Word
from live_sentiment.guards import LOOP, TOO_FAST
from live_sentiment.moonshine import files
from live_sentiment.moonshine.decoding import Plan, Reading, decode, probability_of
from live_sentiment.moonshine.family import LANGUAGES, MODEL
from live_sentiment.moonshine.model import MoonshineModel
from live_sentiment.moonshine.tokenizer import BOS, EOS, Tokenizer
from live_sentiment.transcriber import Hypothesis, Samples
from live_sentiment.utterance_audio import UtteranceAudio
from live_sentiment.word_times import spread

TOKENS_PER_SECOND = 6.5
SPARE_TOKENS = 6
"""What an utterance may have on top: short ones are dense."""


@dataclass(frozen=True, slots=True)
class MoonshineEngine:
    """The English recogniser that needs no download. Make it with ``load``; all channels share it."""

    model: MoonshineModel
    tokenizer: Tokenizer
    may_follow: NDArray[np.bool_]
    sentence_ends: NDArray[np.int64]
    speculative: bool = True

    @classmethod
    def load(cls, threads: int = 1, folder: Path | None = None) -> Self:
        """Loads the weights of the installed wheel (or of ``folder``): about half a second, 110 MB.

        Raises:
            EngineUnavailable: a file is missing, changed, or not taken by onnxruntime.
        """
        found = files.find(folder)
        try:
            tokenizer = Tokenizer(found.tokenizer.read_bytes())
        except (OSError, ValueError) as error:
            raise EngineUnavailable(f"The vocabulary of the speech model is broken: {error}.", files.ADVICE) from error
        ends = np.array(tokenizer.sentence_ends)
        return cls(MoonshineModel.load(found, threads), tokenizer, _may_follow_a_word(tokenizer), ends)

    @property
    def name(self) -> str:
        """Its name in logs."""
        return MODEL

    @property
    def languages(self) -> tuple[str, ...]:
        """English only; other languages come out as English-sounding nonsense."""
        return LANGUAGES

    def transcriber(self, language: str = "auto") -> "MoonshineTranscriber":
        """A new ear; ``language`` changes nothing, for the model knows English only."""
        del language
        return MoonshineTranscriber(self)

    def read(self, samples: Samples, draft: Sequence[int] = (), forced: int = 0) -> Reading:
        """The tokens in ``samples``, with the first ``forced`` tokens of ``draft`` taken as given."""
        plan = Plan(
            bos=BOS,
            eos=EOS,
            max_tokens=math.ceil(samples.size / SAMPLE_RATE * TOKENS_PER_SECOND) + SPARE_TOKENS,
            draft=tuple(draft if self.speculative else draft[:forced]),
            forced=forced,
            may_follow=self.may_follow,
        )
        return decode(self.model.network(self.model.encode(samples)), plan)

    def completeness(self, reading: Reading) -> float | None:
        """The probability that a sentence ends after the last word of ``reading``; None when it was cut off.

        Asked of the network's answer at that place, so it is finer than the punctuation mark that was likeliest.
        """
        if reading.end_row is None or reading.last_row is None:
            return None
        marked = self.tokenizer.is_punctuation(reading.tokens[-1])
        return probability_of(reading.last_row if marked else reading.end_row, self.sentence_ends)


class MoonshineTranscriber:
    """One channel's ear on a ``MoonshineEngine``; see ``Transcriber`` for the order of the calls."""

    def __init__(self, engine: MoonshineEngine) -> None:
        self._engine = engine
        self._audio = UtteranceAudio()
        self._tokens: tuple[int, ...] = ()
        self._last = Hypothesis()
        self._read_version = self._audio.version

    def accept(self, samples: Samples) -> None:
        """Adds audio to the present utterance.

        Raises:
            UnsupportedAudio: not float32, or not of shape (n,).
        """
        self._audio.append(samples)

    def decode(self, committed: Sequence[str] = ()) -> Hypothesis:
        """Reads all audio of the utterance; the answer begins with the ``committed`` words, to the letter."""
        if not self._is_read(committed):
            self._last = self._read(committed)
            self._read_version = self._audio.version
        return self._last

    def flush(self, committed: Sequence[str] = ()) -> Hypothesis:
        """The last reading; costs nothing when no audio came since the last ``decode``. Forgets the audio."""
        hypothesis = self.decode(committed)
        self._forget()
        return hypothesis

    def close(self) -> None:
        """Forgets the audio; the engine lives on."""
        self._forget()

    def _forget(self) -> None:
        """Makes ready for the next utterance."""
        self._audio.clear()
        self._tokens, self._last, self._read_version = (), Hypothesis(), self._audio.version

    def _is_read(self, committed: Sequence[str]) -> bool:
        """Whether the last reading covers all audio and begins with ``committed``."""
        return self._read_version == self._audio.version and self._begins_with(committed)

    def _begins_with(self, committed: Sequence[str]) -> bool:
        """Whether the last reading begins with ``committed``."""
        return tuple(word.text for word in self._last.words[: len(committed)]) == tuple(committed)

    def _read(self, committed: Sequence[str]) -> Hypothesis:
        """A fresh reading of all audio."""
        samples = self._audio.samples()
        if not samples.size:
            return Hypothesis(tuple(Word(text=word, start=0.0, end=0.0, probability=0.0) for word in committed), "en")
        forced = self._forced(committed)
        reading = self._engine.read(samples, forced + self._tokens[len(forced) :], len(forced))
        self._tokens = tuple(reading.tokens)
        return self._hypothesis(reading, committed, samples)

    def _forced(self, committed: Sequence[str]) -> tuple[int, ...]:
        """The tokens of the ``committed`` words, without punctuation at the end, which the next words may change.

        The tokens the model itself wrote, when its last reading began with these words; else the usual ones.
        """
        if not committed:
            return ()
        tokenizer = self._engine.tokenizer
        written = tokenizer.words(self._tokens)
        if self._begins_with(committed) and len(written) >= len(committed):
            return tokenizer.without_trailing_punctuation(self._tokens[: written[len(committed) - 1].end])
        return tokenizer.without_trailing_punctuation(tokenizer.encode(" ".join(committed)))

    def _hypothesis(self, reading: Reading, committed: Sequence[str], samples: Samples) -> Hypothesis:
        """``reading`` as words with times and probabilities."""
        read = self._engine.tokenizer.words(reading.tokens)
        texts = [*committed, *(word.text for word in read[len(committed) :])]
        certainty = [_probability(reading.log_probabilities[word.start : word.end]) for word in read]
        certainty += [0.0] * (len(texts) - len(certainty))
        words = tuple(
            Word(text=text, start=start, end=end, probability=probability)
            for text, (start, end), probability in zip(texts, spread(texts, samples), certainty, strict=False)
        )
        hypothesis = Hypothesis(
            words=words,
            language="en",
            average_log_probability=float(np.mean(reading.log_probabilities)) if reading.log_probabilities else 0.0,
            suspicious=LOOP if reading.looped else TOO_FAST if reading.capped else "",
            completeness=self._engine.completeness(reading),
        )
        return _shifted(hypothesis, self._audio.offset)


def _probability(log_probabilities: Sequence[float]) -> float:
    """The probability of a word: the geometric mean over its tokens."""
    return math.exp(sum(log_probabilities) / len(log_probabilities))


def _shifted(hypothesis: Hypothesis, seconds: float) -> Hypothesis:
    """``hypothesis`` with all times ``seconds`` later."""
    if not seconds:
        return hypothesis
    words = (structs.replace(word, start=word.start + seconds, end=word.end + seconds) for word in hypothesis.words)
    return replace(hypothesis, words=tuple(words))


def _may_follow_a_word(tokenizer: Tokenizer) -> NDArray[np.bool_]:
    """Which tokens may follow a committed word: a new word, punctuation or the end, but not more letters of it."""
    allowed = [tokenizer.begins_word(token) or tokenizer.is_punctuation(token) for token in range(len(tokenizer))]
    allowed[EOS] = True
    return np.array(allowed)
