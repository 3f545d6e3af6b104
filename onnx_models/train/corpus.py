"""Texts as numbers, with one table of words for all of them, and the noise of a recogniser laid over them.

The noise works on word numbers: a filler put in, a word lost, a word misheard as any other, a mark dropped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from onnx_models.features import table, tokens

FILLERS = {
    "nl": ("eh", "euh", "uh", "nou", "ja", "nou ja", "zeg maar", "dus", "even", "hoor", "en", "weet je"),
    "en": ("uh", "um", "er", "well", "yeah", "like", "you know", "so", "and", "i mean", "just", "okay"),
}
MARKS = ("?", "!")


@dataclass(frozen=True, slots=True)
class Noise:
    """How often, per word or per text, a recogniser errs."""

    filler: float = 0.25
    lost: float = 0.05
    misheard: float = 0.03
    no_marks: float = 0.6
    cut: float = 0.05
    keep_at_least: int = 5


class Corpus:
    """The words of all texts in one table: ``pieces`` int64 [N, S], and ``rows`` of word numbers, one per text."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.number: dict[str, int] = {}
        for fillers in FILLERS.values():
            self.row(" ".join(fillers))
        self.marks = {self.row(mark)[0] for mark in MARKS}
        self.rows = [self.row(text) for text in texts]
        self.pieces = torch.from_numpy(table(list(self.number)))

    def row(self, text: str) -> list[int]:
        """The word numbers of ``text``, from 1; new words get the next number."""
        return [self.number.setdefault(token.key, len(self.number) + 1) for token in tokens(text)]

    def batch(self, rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """The two inputs of the network for ``rows``: the table of the words that occur, and the rows into it."""
        longest = max(3, *(len(row) for row in rows))
        words = np.zeros((len(rows), longest), dtype=np.int64)
        for i, row in enumerate(rows):
            words[i, : len(row)] = row
        used, inverse = np.unique(np.append(0, words), return_inverse=True)
        return self.table_of(used), torch.from_numpy(inverse[1:].reshape(words.shape))

    def table_of(self, used: np.ndarray) -> Tensor:
        """The rows ``used`` of the table."""
        return self.pieces[torch.from_numpy(used)]

    def noisy(self, row: Sequence[int], language: str, noise: Noise, random: Generator) -> list[int]:
        """``row`` as a recogniser might have written it."""
        drop_marks = random.random() < noise.no_marks
        out: list[int] = []
        for word in row:
            chance = random.random()
            if (drop_marks and word in self.marks) or chance < noise.lost:
                continue
            out.append(int(random.integers(1, len(self.number) + 1)) if chance > 1 - noise.misheard else word)
        if language in FILLERS and random.random() < noise.filler:
            place = int(random.integers(0, len(out) + 1))
            out[place:place] = self.row(str(random.choice(FILLERS[language])))
        if len(out) > noise.keep_at_least and random.random() < noise.cut:
            out = out[: int(random.integers(noise.keep_at_least, len(out)))]
        return out or list(row)
