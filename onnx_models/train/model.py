"""The network: hashed pieces of words, summed to word vectors, read by short convolutions and by recurrent units.

Words are given once in a table, and sentences as rows of numbers into it. So the forty sentences that an explanation
needs (each with a word left out) look every word up once. Convolution over words with the maximum over time follows
Kim 2014 (EMNLP); gated recurrent units that go both ways (Cho et al. 2014, EMNLP) keep the order of all words.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from onnx_models.classification import EMOTIONS, SENTIMENTS, SIGNALS
from onnx_models.features import BUCKETS

HEADS = {"sentiment": len(SENTIMENTS), "emotion": len(EMOTIONS), "signals": len(SIGNALS)}
DIRECT = frozenset({"signals"})
"""Heads that read the pools themselves: the hidden layer keeps little but the feeling, and signals hang on words."""
NOWHERE = -9.0
"""Below what a gated unit can say: the maximum over no words at all."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a network. ``kernels`` are widths in words, ``filters`` their number of each width.

    ``recurrent`` is the number of gated units each way.
    """

    width: int = 48
    kernels: tuple[int, ...] = (1, 2, 3)
    filters: int = 64
    hidden: int = 128
    recurrent: int = 96

    @property
    def pooled(self) -> int:
        """The numbers that a sentence is pooled to."""
        return self.filters * len(self.kernels) + 4 * self.recurrent


class Network(nn.Module):
    """Tables of pieces and rows of words in, logits out.

    ``extra`` names further heads and their sizes, which help the training and are not exported.
    """

    def __init__(self, shape: Shape, dropout: float = 0.4, extra: dict[str, int] | None = None) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(BUCKETS, shape.width, padding_idx=0)
        nn.init.normal_(self.embedding.weight, std=0.1)
        with torch.no_grad():
            self.embedding.weight[0] = 0
        self.convolutions = nn.ModuleList(nn.Conv1d(shape.width, shape.filters, k) for k in shape.kernels)
        self.recurrent = nn.GRU(shape.width, shape.recurrent, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(dropout)
        self.hidden = nn.Linear(shape.pooled, shape.hidden)
        heads = HEADS | (extra or {})
        self.heads = nn.ModuleDict(
            {name: nn.Linear(shape.pooled if name in DIRECT else shape.hidden, size) for name, size in heads.items()}
        )

    def word_vectors(self, pieces: Tensor) -> Tensor:
        """``pieces`` int64 [N, S] -> float [N, width]; row 0 stays zero."""
        total = nn.functional.embedding_bag(pieces, self.embedding.weight, mode="sum", padding_idx=0)
        count = (pieces > 0).sum(1, keepdim=True).clamp(min=1)
        return total / count.sqrt()

    def pool(self, pieces: Tensor, words: Tensor) -> Tensor:
        """``words`` int64 [B, W], 0 where a sentence is over -> float [B, pooled]."""
        vectors = self.dropout(self.word_vectors(pieces))[words]
        across = vectors.transpose(1, 2)
        pools: list[Tensor] = []
        for kernel, convolution in zip(self.shape.kernels, self.convolutions, strict=True):
            padded = nn.functional.pad(across, (kernel - 1, kernel - 1))
            pools.append(torch.relu(convolution(padded)).amax(2))
        return torch.cat([*pools, *self._recur(vectors, words > 0)], 1)

    def _recur(self, vectors: Tensor, there: Tensor) -> list[Tensor]:
        """``vectors`` [B, W, width] -> mean and maximum over the words of what the units say, [B, 2 * recurrent]."""
        count = there.sum(1).clamp(min=1)
        packed = nn.utils.rnn.pack_padded_sequence(vectors, count, batch_first=True, enforce_sorted=False)
        said, _ = nn.utils.rnn.pad_packed_sequence(self.recurrent(packed)[0], True, 0.0, vectors.shape[1])
        said = self.dropout(said)
        mask = there.unsqueeze(2)
        return [(said * mask).sum(1) / count.unsqueeze(1), said.masked_fill(~mask, NOWHERE).amax(1)]

    def encode(self, pooled: Tensor) -> Tensor:
        """What ``pool`` answers -> float [B, hidden]."""
        return torch.relu(self.hidden(self.dropout(pooled)))

    def read(self, pooled: Tensor, encoded: Tensor) -> dict[str, Tensor]:
        """The logits of our three heads, by name, [B, labels] each."""
        return {name: self.heads[name](pooled if name in DIRECT else self.dropout(encoded)) for name in HEADS}

    def forward(self, pieces: Tensor, words: Tensor) -> dict[str, Tensor]:
        """The two inputs of ``pool`` -> the logits of ``read``."""
        pooled = self.pool(pieces, words)
        return self.read(pooled, self.encode(pooled))
