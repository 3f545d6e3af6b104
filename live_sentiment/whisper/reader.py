"""Whisper's steps on CTranslate2: audio to features, language, tokens, word times.

faster-whisper provides the loading, the features, the tokenizer and the reading of alignments. Its ``transcribe`` is
not used: it runs over several windows, and knows no prefix that counts as said. Here each step is one call over one
window of 30 s, what Whisper was trained with; shorter windows, which would cost less, are not there yet. What to ask
for and when is decided in ``engine``.
"""

import math
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self, cast

import numpy as np
from numpy.typing import NDArray

from live_sentiment.errors import EngineUnavailable
from live_sentiment.transcriber import Samples
from live_sentiment.whisper import files

SHORTEST = 1600
"""Samples; shorter audio is padded with silence, for an alignment needs a few frames."""
PUNCTUATION = ".,?!;:… "


@dataclass(frozen=True, slots=True)
class Heard:
    """Encoded audio: ``features`` belongs to CTranslate2; ``frames`` of it are audio, the rest is padding."""

    features: Any
    frames: int


@dataclass(frozen=True, slots=True)
class Said:
    """What was read: ``tokens`` with the forced ones before, the mean log-probability of the others, and doubts.

    ``probabilities`` are those of the words of ``text``, parted at white space: the geometric mean over a word's
    tokens, forced ones as the model itself would have them; () when it did not say. ``no_speech`` is the probability
    that nobody speaks; ``compression`` how well the text compresses (a loop does well); ``capped`` whether the reading
    was cut off at its longest.
    """

    text: str
    tokens: tuple[int, ...]
    log_probability: float
    no_speech: float
    compression: float
    capped: bool
    probabilities: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Aligned:
    """A word with its bounds in seconds and its probability."""

    text: str
    start: float
    end: float
    probability: float


class Speller(Protocol):
    """What is used of ``faster_whisper.tokenizer.Tokenizer``."""

    eot: int

    def encode(self, text: str) -> list[int]:
        """Text to tokens."""
        ...

    def decode(self, tokens: list[int]) -> str:
        """Tokens to text."""
        ...


class WhisperReader:
    """A loaded model. Holds no state of any utterance; all channels share it, from one thread."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.multilingual: bool = model.model.is_multilingual
        self._spellers: dict[str, Speller] = {}

    @classmethod
    def load(cls, directory: Path, threads: int) -> Self:
        """Loads the model in ``directory`` with int8 weights on the processor, without asking anything of a network.

        Raises:
            EngineUnavailable: the directory is incomplete, or CTranslate2 does not take it.
        """
        files.check(directory)
        os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when faster-whisper is imported, hence not at the top
        from faster_whisper import WhisperModel  # noqa: PLC0415 - takes half a second

        try:
            model = WhisperModel(
                str(directory), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
            )
        except (RuntimeError, ValueError, OSError, KeyError) as error:
            what = f"The speech model in {directory} does not load: {error}"
            raise EngineUnavailable(what, files.ADVICE) from error
        return cls(model)

    def knows(self, language: str) -> bool:
        """Whether the model knows ``language`` (an ISO 639-1 code)."""
        return language in cast("list[str]", self._model.supported_languages)

    def hear(self, samples: Samples) -> Heard:
        """The encoded features of ``samples``, of which the last window's length counts."""
        missing = max(0, SHORTEST - samples.size)
        mel = cast("NDArray[np.float32]", self._model.feature_extractor(np.pad(samples, (0, missing))))
        window = cast("int", self._model.feature_extractor.nb_max_frames)
        mel = mel[:, -window:]
        padded = np.zeros((mel.shape[0], window), np.float32)
        padded[:, : mel.shape[1]] = mel
        return Heard(self._model.encode(padded), mel.shape[1])

    def languages(self, heard: Heard) -> dict[str, float]:
        """The probability of each language the model knows."""
        ranked = cast("list[tuple[str, float]]", self._model.model.detect_language(heard.features)[0])
        return {token.strip("<|>"): probability for token, probability in ranked}

    def read(self, heard: Heard, language: str, prefix: str, most_tokens: int) -> Said:
        """Greedy reading of ``heard`` that goes on after ``prefix``, with at most ``most_tokens`` of its own."""
        speller = self._speller(language)
        most_ever = cast("int", self._model.max_length) // 2  # CTranslate2 lets half of its length come out
        forced = speller.encode(f" {prefix}")[: most_ever - 1] if prefix else []
        opening = cast("list[int]", self._model.get_prompt(speller, [], without_timestamps=True))
        most = min(len(forced) + most_tokens, most_ever)
        result = self._model.model.generate(
            heard.features,
            [[*opening, *forced]],
            beam_size=1,
            max_length=2 * most,
            return_scores=True,
            return_logits_vocab=True,
            return_no_speech_prob=True,
        )[0]
        sequence = cast("list[int]", result.sequences_ids[0])  # begins with the forced tokens
        certain = _log_probabilities(result.logits[0], sequence)
        spoken = [place for place, token in enumerate(sequence) if token < speller.eot]
        tokens = tuple(sequence[place] for place in spoken)
        text = speller.decode(list(tokens)).strip()
        return Said(
            text=text,
            tokens=tokens,
            log_probability=_mean(float(result.scores[0]), len(sequence), len(sequence) - len(forced)),
            no_speech=float(result.no_speech_prob),
            compression=_compression(text),
            capped=len(sequence) >= most,
            probabilities=word_probabilities(speller, tokens, [certain[place] for place in spoken]) if certain else (),
        )

    def align(self, heard: Heard, language: str, tokens: Sequence[int]) -> list[Aligned]:
        """When each word of ``tokens`` is said, by the attention of the decoder; white space parts the words."""
        found = self._model.find_alignment(self._speller(language), [list(tokens)], heard.features, heard.frames)
        words: list[Aligned] = []
        for piece in cast("list[dict[str, Any]]", found[0] if found else []):
            text = str(piece["word"])
            part = Aligned(text.strip(), float(piece["start"]), float(piece["end"]), float(piece["probability"]))
            if words and not text.startswith(" "):
                last = words.pop()
                part = Aligned(last.text + part.text, last.start, part.end, last.probability)
            words.append(part)
        return [word for word in words if word.text]

    def _speller(self, language: str) -> Speller:
        """faster-whisper's tokenizer for ``language``; made once each."""
        from faster_whisper.tokenizer import Tokenizer  # noqa: PLC0415 - loaded with the model

        if language not in self._spellers:
            tokenizer = Tokenizer(self._model.hf_tokenizer, self.multilingual, task="transcribe", language=language)
            self._spellers[language] = cast("Speller", tokenizer)
        return self._spellers[language]


def word_probabilities(speller: Speller, tokens: Sequence[int], logarithms: Sequence[float]) -> tuple[float, ...]:
    """The probability of each word of ``tokens``: the geometric mean over its tokens, given their ``logarithms``.

    A token belongs to the last word of the text that ends with it, so one letter in two tokens is no two words.
    """
    words: list[list[float]] = []
    for place, logarithm in enumerate(logarithms):
        count = len(speller.decode(list(tokens[: place + 1])).split())
        words += [[] for _ in range(count - len(words))]
        if words:
            words[-1].append(logarithm)
    return tuple(math.exp(sum(word) / len(word)) if word else 0.0 for word in words)


def _log_probabilities(logits: Sequence[Any], sequence: Sequence[int]) -> list[float]:
    """The log-probability of each token of ``sequence``; [] when ``logits`` does not cover it."""
    if len(logits) < len(sequence):
        return []
    found: list[float] = []
    for view, token in zip(logits, sequence, strict=False):
        row = np.asarray(view, np.float32)
        highest = row.max()
        found.append(float(row[token] - highest - np.log(np.exp(row - highest).sum())))
    return found


def _mean(score: float, length: int, free: int) -> float:
    """The mean log-probability of the ``free`` tokens and the end; ``score`` is their sum by ``length``."""
    return score * length / (free + 1)


def _compression(text: str) -> float:
    """How many times shorter zlib makes ``text``; 1 for empty text."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 1.0
