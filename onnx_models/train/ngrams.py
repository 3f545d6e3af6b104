"""The linear reader: one weight for each hashed piece of a word, and one for each pair of neighbouring words.

Logistic regression over TF-IDF (Sparck Jones 1972, Journal of Documentation 28), fitted by scikit-learn. Pieces and
pairs are each scaled to length one, so that a long line says no more than a short one. A pair is known by the buckets
of its two words; before the first word and behind the last stands nothing, which counts as a word.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from onnx_models.features import BUCKETS
from onnx_models.train.corpus import Corpus
from onnx_models.train.model import HEADS

PAIRS = 1 << 17
"""Rows of the table of pairs; row 0 is for no pair."""
FACTOR = 40503
"""An odd number: a pair's row is (first * FACTOR + second) % PAIRS."""
LEAST = 1e-6
"""Instead of a length of nothing."""
COLUMNS = sum(HEADS.values())
LOOSENESS = {"sentiment": 4.0, "emotion": 20.0, "signals": 20.0}
"""The inverse of the penalty on large weights; labels with few examples need more room."""
MOST_ROUNDS = 300
UNHEARD_OF = -6.0
"""The bias of a label without an example."""

Table = NDArray[np.float32]


class Ngrams(nn.Module):
    """Tables of pieces and rows of words in, logits out, as of a ``Network``.

    ``pieces`` [BUCKETS, COLUMNS + 1] and ``pairs`` [PAIRS, COLUMNS + 1] hold the weights of all heads side by side, in
    the order of ``HEADS``, and in the last column what the piece or pair adds to the square of the length.
    """

    def __init__(self, pieces: Table, pairs: Table, bias: Table) -> None:
        super().__init__()
        self.pieces = nn.Parameter(torch.from_numpy(pieces), requires_grad=False)
        self.pairs = nn.Parameter(torch.from_numpy(pairs), requires_grad=False)
        self.bias = nn.Parameter(torch.from_numpy(bias), requires_grad=False)

    def forward(self, pieces: Tensor, words: Tensor) -> dict[str, Tensor]:
        """``pieces`` int64 [N, S], ``words`` int64 [B, W] -> the logits by head, [B, labels] each."""
        of_words = nn.functional.embedding_bag(pieces, self.pieces, mode="sum", padding_idx=0)
        of_pairs = nn.functional.embedding_bag(_pairs(pieces[:, 0][words]), self.pairs, mode="sum", padding_idx=0)
        total = sum((_to_length_one(part) for part in (of_words[words].sum(1), of_pairs)), self.bias)
        return dict(zip(HEADS, total.split(list(HEADS.values()), 1), strict=True))


def _pairs(firsts: Tensor) -> Tensor:
    """The rows of the pairs in sentences [B, W] of whole words' buckets, 0 where a sentence is over: [B, W + 1]."""
    before, after = (nn.functional.pad(firsts, pad) for pad in ((1, 0), (0, 1)))
    return (before * FACTOR + after) % PAIRS


def _to_length_one(sums: Tensor) -> Tensor:
    return sums[:, :-1] / sums[:, -1:].clamp(min=LEAST).sqrt()


@dataclass(frozen=True, slots=True)
class _Counts:
    """How often each piece or pair is in each text [N, rows of the table], and how telling each is [rows]."""

    counts: csr_matrix
    rarity: Table

    @classmethod
    def of(cls, counts: csr_matrix) -> "_Counts":
        texts = np.bincount(counts.indices, minlength=counts.shape[1])
        rarity = np.log((1 + counts.shape[0]) / (1 + texts)) + 1
        return cls(counts, np.where(texts > 0, rarity, 0.0).astype(np.float32))

    def scaled(self) -> csr_matrix:
        length = np.sqrt(np.maximum(self.counts @ self.rarity**2, LEAST))
        return diags(1 / length) @ self.counts @ diags(self.rarity)

    def table(self, weights: Table) -> Table:
        """The table of ``Ngrams`` for ``weights`` [rows, COLUMNS] of what ``scaled`` gives."""
        return np.column_stack([weights * self.rarity[:, None], self.rarity**2]).astype(np.float32)


def fit(corpus: Corpus, chosen: Sequence[int], targets: dict[str, Tensor], tick: Callable[[], None]) -> Ngrams:
    """The reader for the texts ``chosen`` of ``corpus``; ``targets`` are those of the first texts, by head.

    ``tick`` is called when a head is done.
    """
    rows = [corpus.rows[i] for i in chosen]
    parts = [_Counts.of(_count_pieces(corpus, rows)), _Counts.of(_count_pairs(corpus, rows))]
    texts = hstack([part.scaled() for part in parts]).tocsc()
    there = np.flatnonzero(np.diff(texts.indptr))  # most rows of the tables are of nothing that was ever said
    texts = texts[:, there].tocsr()
    weights, bias = np.zeros((COLUMNS, BUCKETS + PAIRS), np.float32), np.zeros(COLUMNS, np.float32)
    first = 0
    for name, size in HEADS.items():
        head = slice(first, first + size)
        of_head, bias[head] = _regressed(texts, targets[name][list(chosen)].numpy(), size, LOOSENESS[name])
        weights[head, there] = of_head
        first += size
        tick()
    pieces, pairs = (part.table(own) for part, own in zip(parts, np.split(weights.T, [BUCKETS]), strict=True))
    return Ngrams(pieces, pairs, bias)


def _count_pieces(corpus: Corpus, rows: Sequence[Sequence[int]]) -> csr_matrix:
    table = corpus.pieces.numpy()
    words, places = np.nonzero(table)
    of_words = csr_matrix((np.ones(len(words), np.float32), (words, table[words, places])), shape=(len(table), BUCKETS))
    return _counted(rows, len(table)) @ of_words


def _count_pairs(corpus: Corpus, rows: Sequence[Sequence[int]]) -> csr_matrix:
    firsts = corpus.pieces[:, 0]
    return _counted([_pairs(firsts[list(row)].unsqueeze(0))[0].tolist() for row in rows], PAIRS)


def _counted(rows: Sequence[Sequence[int]], size: int) -> csr_matrix:
    """How often each number under ``size`` is in each row; 0 is not counted."""
    ends = np.cumsum([0, *(len(row) for row in rows)])
    numbers = np.concatenate([np.asarray(row, np.int64) for row in rows])
    counts = csr_matrix(((numbers > 0).astype(np.float32), numbers, ends), shape=(len(rows), size))
    counts.sum_duplicates()
    counts.eliminate_zeros()
    return counts


def _regressed(texts: csr_matrix, wanted: NDArray[np.generic], size: int, looseness: float) -> tuple[Table, Table]:
    """Weights [size, features] and bias [size] for labels [N], or for [N, size] yes or no each."""
    if wanted.ndim == 1:
        return _softmax(texts, wanted, size, looseness)
    each = [_softmax(texts, column, 2, looseness) for column in wanted.T]
    return np.stack([w[1] - w[0] for w, _ in each]), np.stack([b[1] - b[0] for _, b in each])


def _softmax(texts: csr_matrix, wanted: NDArray[np.generic], size: int, looseness: float) -> tuple[Table, Table]:
    """As ``_regressed``; a label without an example gets no weights, and a bias that makes it unlikely."""
    weights, bias = np.zeros((size, texts.shape[1]), np.float32), np.full(size, UNHEARD_OF, np.float32)
    known = np.unique(wanted).astype(int)
    if len(known) == 1:
        bias[known] = 0
        return weights, bias
    fitted = LogisticRegression(C=looseness, max_iter=MOST_ROUNDS).fit(texts, wanted)
    found, known_bias = fitted.coef_, fitted.intercept_
    if len(found) == 1:  # of two labels it tells the second one's alone
        found, known_bias = np.vstack([-found, found]) / 2, np.concatenate([-known_bias, known_bias]) / 2
    weights[known], bias[known] = found, known_bias
    return weights, bias
