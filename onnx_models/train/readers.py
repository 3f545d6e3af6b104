"""All that reads a line, and what they say together: networks, which know order, and n-grams, which know words.

The two kinds err differently, and together err less than either.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from onnx_models.train.corpus import Corpus
from onnx_models.train.model import HEADS, Network
from onnx_models.train.ngrams import Ngrams

_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Readers:
    """The mean of ``networks``, added to ``ngrams``."""

    networks: Sequence[Network]
    ngrams: Ngrams

    def logits(self, corpus: Corpus, numbers: Sequence[int]) -> dict[str, Tensor]:
        """The logits for the texts ``numbers`` of ``corpus``, by head."""
        parts: dict[str, list[Tensor]] = {name: [] for name in HEADS}
        with torch.no_grad():
            for start in range(0, len(numbers), _AT_ONCE):
                batch = corpus.batch([corpus.rows[i] for i in numbers[start : start + _AT_ONCE]])
                each, counted = [network(*batch) for network in self.networks], self.ngrams(*batch)
                for name, collected in parts.items():
                    collected.append(torch.stack([out[name] for out in each]).mean(0) + counted[name])
        return {name: torch.cat(collected) for name, collected in parts.items()}
