"""Figures of how good a model is: precision, recall and F1 of each class, and whether its probabilities hold."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from onnx_models.classification import SENTIMENTS, SIGNALS

Numbers = NDArray[np.int64]
FEWEST = 10
"""Examples of a signal below which its score says nothing."""


def class_scores(guess: Numbers, truth: Numbers, label: int) -> tuple[float, float, float]:
    """Precision, recall and F1 of the class ``label``; 0 where there is nothing to divide by."""
    hits = float(((guess == label) & (truth == label)).sum())
    claimed, there = float((guess == label).sum()), float((truth == label).sum())
    precision, recall = hits / max(claimed, 1.0), hits / max(there, 1.0)
    return precision, recall, 2 * hits / max(claimed + there, 1.0)


def expected_calibration_error(probabilities: NDArray[np.float32], truth: Numbers, bins: int = 10) -> float:
    """The mean distance of confidence and accuracy over ``bins`` equal bins of confidence (Naeini et al. 2015)."""
    confidence, right = probabilities.max(1), probabilities.argmax(1) == truth
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for number in range(bins):
        inside = place == number
        if inside.any():
            error += float(inside.mean()) * abs(float(confidence[inside].mean()) - float(right[inside].mean()))
    return error


def figures(probabilities: NDArray[np.float32], truth: Numbers) -> dict[str, float]:
    """All figures of a test, by name, rounded to three places."""
    guess = probabilities.argmax(1)
    out: dict[str, float] = {"lines": float(len(truth))}
    f1s: list[float] = []
    for label, name in enumerate(SENTIMENTS):
        precision, recall, f1 = class_scores(guess, truth, label)
        out |= {f"{name}_precision": precision, f"{name}_recall": recall}
        f1s.append(f1)
    out["macro_f1"] = float(np.mean(f1s))
    out["accuracy"] = float((guess == truth).mean())
    out["calibration_error"] = expected_calibration_error(probabilities, truth)
    return {name: round(value, 3) for name, value in out.items()}


def label_figures(probabilities: NDArray[np.float32], truth: Numbers, names: Sequence[str]) -> dict[str, float]:
    """The F1 of each of ``names`` with at least ten examples in the test, and the mean of these."""
    guess = probabilities.argmax(1)
    there = [(i, name) for i, name in enumerate(names) if (truth == i).sum() >= FEWEST]
    out = {name: round(class_scores(guess, truth, i)[2], 3) for i, name in there}
    return out | {"macro_f1": round(float(np.mean(list(out.values()))), 3)} if out else {}


def signal_figures(probabilities: NDArray[np.float32], truth: NDArray[np.float32]) -> dict[str, float]:
    """The F1 of each signal at one half, for signals with at least ten examples in the test."""
    out: dict[str, float] = {}
    for column, name in enumerate(SIGNALS):
        there = truth[:, column].astype(np.int64)
        if there.sum() >= FEWEST:
            guess = (probabilities[:, column] >= 0.5).astype(np.int64)  # noqa: PLR2004 (more likely than not)
            out[name] = round(class_scores(guess, there, 1)[2], 3)
    return out
