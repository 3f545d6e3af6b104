"""From logits to probabilities one can believe, and the thresholds from which they are acted on.

Temperature scaling follows Guo et al. 2017 (ICML), with a bias per class beside it, because the training lines hold
more anger than real calls do. All of it is fitted on lines that the network did not see, mixed as real calls are.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from onnx_models.classification import SIGNALS

FALLBACK = 0.4
"""A signal's threshold where there are too few examples to choose one."""
LEAN = (0.1, 0.0, 0.0)
"""Added to the log odds of negative, neutral, positive: as much displeasure is then claimed as there is."""
FEWEST_EXAMPLES = 10
LOWEST, HIGHEST = 0.2, 0.8
SURE = 0.5
"""The least confidence to be sure: likelier than all else together. On the kept-apart lines 23 of 32 feelings with a
confidence between 0.5 and 0.6 were right."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Probabilities are softmax (or sigmoid) of ``logits * scale + bias``, per head."""

    scale: dict[str, float]
    bias: dict[str, list[float]]

    def apply(self, logits: dict[str, Tensor]) -> dict[str, Tensor]:
        """The probabilities for ``logits``, by head."""
        out: dict[str, Tensor] = {}
        for name, values in logits.items():
            scaled = values * self.scale[name] + torch.tensor(self.bias[name])
            out[name] = scaled.sigmoid() if name == "signals" else scaled.softmax(1)
        return out


def calibration(logits: dict[str, Tensor], targets: dict[str, Tensor]) -> Calibration:
    """Fits scale and bias of each head; a bias per class only for the sentiment, where there are examples enough.

    The sentiment then leans by ``LEAN`` to what is rare and must be heard.
    """
    scale: dict[str, float] = {}
    bias: dict[str, list[float]] = {}
    for name, values in logits.items():
        per_class = name == "sentiment"
        s, b = _fit(values, targets[name], per_class=per_class, binary=name == "signals")
        scale[name], bias[name] = s, [b + lean for b, lean in zip(b, LEAN, strict=True)] if per_class else b
    return Calibration(scale, bias)


def _fit(values: Tensor, wanted: Tensor, *, per_class: bool, binary: bool) -> tuple[float, list[float]]:
    log_scale = torch.zeros(1, requires_grad=True)
    bias = torch.zeros(values.shape[1] if per_class else 1, requires_grad=True)
    optimiser = torch.optim.LBFGS([log_scale, bias], max_iter=100, line_search_fn="strong_wolfe")
    loss = functional.binary_cross_entropy_with_logits if binary else functional.cross_entropy

    def closure() -> Tensor:
        optimiser.zero_grad()
        value = loss(values * log_scale.exp() + bias, wanted) + 1e-3 * bias.square().sum()
        value.backward()
        return value

    optimiser.step(closure)
    found = bias.detach().expand(values.shape[1])
    return float(log_scale.detach().exp()), [float(b) for b in found]


def signal_thresholds(probabilities: Tensor, wanted: Tensor) -> dict[str, float]:
    """Per signal the threshold with the highest F1 on unseen lines, kept between ``LOWEST`` and ``HIGHEST``."""
    grid = np.round(np.arange(LOWEST, HIGHEST + 0.01, 0.05), 2)
    out: dict[str, float] = {}
    for column, name in enumerate(SIGNALS):
        truth = wanted[:, column].numpy() > 0
        scores = [_f1(probabilities[:, column].numpy() >= threshold, truth) for threshold in grid]
        enough = truth.sum() >= FEWEST_EXAMPLES and max(scores) > 0
        out[name] = float(grid[int(np.argmax(scores))]) if enough else FALLBACK
    return out


def crossed(logits: dict[str, Tensor], targets: dict[str, Tensor], block: int = 40) -> dict[str, Tensor]:
    """Probabilities where each half of the lines is calibrated on the other half.

    Halves are alternating stretches of ``block`` lines, so that neighbours stay together.
    """
    size = len(targets["sentiment"])
    half = (torch.arange(size) // block) % 2
    out = {name: torch.zeros_like(values) for name, values in logits.items()}
    for side in (0, 1):
        here, there = half == side, half != side
        fitted = calibration(_take(logits, there), _take(targets, there))
        for name, values in fitted.apply(_take(logits, here)).items():
            out[name][here] = values
    return out


def _take(tensors: dict[str, Tensor], which: Tensor) -> dict[str, Tensor]:
    return {name: values[which] for name, values in tensors.items()}


def _f1(guess: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    return 2 * float((guess & truth).sum()) / max(1.0, float(guess.sum() + truth.sum()))
