"""From the decoder's numbers to how sure it is: of each token, each word and the whole. Pure."""

import math
import zlib
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np


class Speller(Protocol):
    """What is used of ``faster_whisper.tokenizer.Tokenizer``."""

    eot: int

    def encode(self, text: str) -> list[int]:
        """Text to tokens."""
        ...

    def decode(self, tokens: list[int]) -> str:
        """Tokens to text."""
        ...


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


def log_probabilities(logits: Sequence[Any], sequence: Sequence[int]) -> list[float]:
    """The log-probability of each token of ``sequence``; [] when ``logits`` does not cover it."""
    if len(logits) < len(sequence):
        return []
    found: list[float] = []
    for view, token in zip(logits, sequence, strict=False):
        row = np.asarray(view, np.float32)
        highest = row.max()
        found.append(float(row[token] - highest - np.log(np.exp(row - highest).sum())))
    return found


def mean(score: float, length: int, free: int) -> float:
    """The mean log-probability of the ``free`` tokens and the end; ``score`` is their sum by ``length``."""
    return score * length / (free + 1)


def compression(text: str) -> float:
    """How many times shorter zlib makes ``text``; 1 for empty text."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 1.0
