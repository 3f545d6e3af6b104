"""The training itself: first on public texts with heads of their own, then on our lines; one seed, one network.

The two languages of a row are always in one batch, and their encodings are pulled together, so that what is learnt from
English public texts serves the Dutch lines too.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor
from torch.nn import functional

from onnx_models.classification import SIGNALS
from onnx_models.train.corpus import Corpus, Noise
from onnx_models.train.data import Auxiliary, Line
from onnx_models.train.model import Network, Shape

Tick = Callable[[], None]
"""Called after every step of a training, for a progress bar."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides about a training, but the data and the seed.

    ``epochs`` run over our lines in batches of ``pairs`` rows (two languages each), after ``early_epochs`` over the
    public texts in batches of ``early_batch``. ``piece_loss`` is the share of word pieces hidden in a step.
    A signal that is there weighs ``rarity`` times one that is not, and its head learns at ``signal_rate``.
    """

    shape: Shape = field(default_factory=Shape)
    noise: Noise = field(default_factory=Noise)
    epochs: int = 10
    pairs: int = 64
    early_epochs: int = 2
    early_batch: int = 256
    rate: float = 2e-3
    decay: float = 1e-4
    dropout: float = 0.3
    piece_loss: float = 0.1
    smoothing: float = 0.05
    alignment: float = 0.5
    emotion_weight: float = 0.5
    signal_weight: float = 10.0
    signal_rate: float = 1e-2
    rarity: float = 4.0


class Trainer:
    """Trains networks on ``lines``, helped by ``others``; ``corpus`` holds the texts of both, in this order."""

    def __init__(self, recipe: Recipe, corpus: Corpus, lines: Sequence[Line], others: Sequence[Auxiliary]) -> None:
        self.recipe = recipe
        self.corpus = corpus
        self.lines = lines
        self.others = others
        self.targets = targets(lines)
        self.tasks: dict[str, list[int]] = {}
        for number, other in enumerate(others):
            self.tasks.setdefault(other.task, []).append(number)
        self.sizes = {t: 1 + max(label for i in of for label in others[i].labels) for t, of in self.tasks.items()}

    def steps(self, chosen: Sequence[int]) -> int:
        """The number of steps of ``fit`` on the lines ``chosen``."""
        early = self.recipe.early_epochs * len(self.others) // self.recipe.early_batch
        return early + self.recipe.epochs * (len(chosen) // 2 // self.recipe.pairs)

    def fit(self, chosen: Sequence[int], seed: int, tick: Tick) -> Network:
        """A network trained on the lines ``chosen``, which are whole rows: both languages of each."""
        torch.manual_seed(seed)
        random = np.random.default_rng(seed)
        network = Network(self.recipe.shape, self.recipe.dropout, self.sizes)
        optimiser = self._optimiser(network)
        total = self.steps(chosen)
        rates = [self.recipe.rate, self.recipe.signal_rate]
        pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, rates, total_steps=total + 1, pct_start=0.1)
        network.train()
        for loss in self._losses(network, chosen, random):
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            pace.step()
            tick()
        return network.eval()

    def _optimiser(self, network: Network) -> torch.optim.Optimizer:
        quick = list(network.heads["signals"].parameters())
        slow = [p for p in network.parameters() if all(p is not q for q in quick)]
        return torch.optim.AdamW(
            [{"params": slow}, {"params": quick}], lr=self.recipe.rate, weight_decay=self.recipe.decay
        )

    def _losses(self, network: Network, chosen: Sequence[int], random: Generator) -> Iterator[Tensor]:
        recipe = self.recipe
        for _ in range(recipe.early_epochs * len(self.others) // recipe.early_batch):
            yield self._early_loss(network, random)
        first = np.array(sorted(number for number in chosen if number % 2 == 0))
        for _ in range(recipe.epochs):
            random.shuffle(first)
            for start in range(0, len(first) - recipe.pairs + 1, recipe.pairs):
                nl = first[start : start + recipe.pairs]
                yield self._loss(network, np.concatenate([nl, nl + 1]), random)

    def _loss(self, network: Network, numbers: np.ndarray, random: Generator) -> Tensor:
        recipe = self.recipe
        rows = [self.corpus.noisy(self.corpus.rows[i], self.lines[i].language, recipe.noise, random) for i in numbers]
        pooled = self._pool(network, rows)
        encoded = network.encode(pooled)
        out = network.read(pooled, encoded)
        wanted = {name: target[numbers] for name, target in self.targets.items()}
        nl, en = encoded.chunk(2)
        apart = (1 - functional.cosine_similarity(nl, en)).mean()
        smooth = recipe.smoothing
        feeling = functional.cross_entropy(out["sentiment"], wanted["sentiment"], label_smoothing=smooth)
        emotion = functional.cross_entropy(out["emotion"], wanted["emotion"], label_smoothing=smooth)
        rare = torch.tensor(recipe.rarity)
        signals = functional.binary_cross_entropy_with_logits(out["signals"], wanted["signals"], pos_weight=rare)
        return feeling + recipe.emotion_weight * emotion + recipe.signal_weight * signals + recipe.alignment * apart

    def _early_loss(self, network: Network, random: Generator) -> Tensor:
        """The loss of one batch of one public set; the sets take turns by their sizes."""
        shares = np.array([len(numbers) for numbers in self.tasks.values()]) / len(self.others)
        task = list(self.tasks)[int(random.choice(len(self.tasks), p=shares))]
        chosen = random.choice(self.tasks[task], self.recipe.early_batch)
        rows = [self.corpus.noisy(self.corpus.rows[len(self.lines) + i], "", self.recipe.noise, random) for i in chosen]
        out = network.heads[task](network.dropout(network.encode(self._pool(network, rows))))
        size = self.sizes[task]
        wanted = _hot([self.others[i].labels for i in chosen], size)
        # the sum over labels is about as large as a cross entropy when divided by four
        return functional.binary_cross_entropy_with_logits(out, wanted) * size / 4

    def _pool(self, network: Network, rows: Sequence[Sequence[int]]) -> Tensor:
        pieces, words = self.corpus.batch(rows)
        seen = torch.rand(pieces.shape) > self.recipe.piece_loss
        return network.pool(pieces * seen, words)


def targets(lines: Sequence[Line]) -> dict[str, Tensor]:
    """What the heads should say of ``lines``: sentiment and emotion [N], signals [N, 14]."""
    return {
        "sentiment": torch.tensor([line.sentiment for line in lines]),
        "emotion": torch.tensor([line.emotion for line in lines]),
        "signals": _hot([line.signals for line in lines], len(SIGNALS)),
    }


def _hot(labels: Sequence[tuple[int, ...]], size: int) -> Tensor:
    out = torch.zeros(len(labels), size)
    for row, columns in enumerate(labels):
        out[row, list(columns)] = 1
    return out
