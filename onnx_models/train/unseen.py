"""The lines that the measuring networks did not see: what calibrates the model, and what it is worth on them."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from onnx_models.classification import EMOTIONS
from onnx_models.train import calibrate, measure
from onnx_models.train.calibrate import Calibration
from onnx_models.train.data import LANGUAGES, Line
from onnx_models.train.fit import targets
from onnx_models.train.write import Thresholds


@dataclass(frozen=True, slots=True)
class Unseen:
    """The tests by name, each a sequence of lines, and the raw logits of all their lines in order, by head."""

    tests: dict[str, Sequence[Line]]
    raw: dict[str, Tensor]

    @property
    def lines(self) -> list[Line]:
        """The lines of all tests, in order."""
        return [line for lines in self.tests.values() for line in lines]

    def fitted(self) -> Calibration:
        """The calibration on all of them, for the networks that are shipped."""
        return calibrate.calibration(self.raw, targets(self.lines))

    def thresholds(self) -> Thresholds:
        """From where the model's word is taken."""
        wanted, calibrated = targets(self.lines), self.fitted().apply(self.raw)
        return Thresholds(
            sure=calibrate.SURE,
            signals=calibrate.signal_thresholds(calibrated["signals"], wanted["signals"]),
        )

    def scores(self) -> dict[str, dict[str, float]]:
        """The figures of each test and language, and of signals and emotions; no line helped to calibrate its own."""
        wanted = targets(self.lines)
        probabilities = calibrate.crossed(self.raw, wanted)
        scores: dict[str, dict[str, float]] = {}
        for name, which in self._parts().items():
            scores[name] = measure.figures(
                probabilities["sentiment"][which].numpy(), wanted["sentiment"][which].numpy()
            )
            scores[name]["temperature"] = self._temperature(which, wanted)
        scores["signals"] = measure.signal_figures(probabilities["signals"].numpy(), wanted["signals"].numpy())
        scores["emotions"] = measure.label_figures(
            probabilities["emotion"].numpy(), wanted["emotion"].numpy(), EMOTIONS
        )
        return scores

    def _parts(self) -> dict[str, list[int]]:
        """The numbers of the lines of each test and language."""
        parts: dict[str, list[int]] = {}
        first = 0
        for name, lines in self.tests.items():
            for language in LANGUAGES:
                parts[f"{name}_{language}"] = [first + i for i, line in enumerate(lines) if line.language == language]
            first += len(lines)
        return parts

    def _temperature(self, which: Sequence[int], wanted: dict[str, Tensor]) -> float:
        """The temperature that these lines alone would ask for, beside the one that all lines got."""
        chosen = torch.tensor(which)
        alone = calibrate.calibration(
            {name: values[chosen] for name, values in self.raw.items()},
            {name: values[chosen] for name, values in wanted.items()},
        )
        return round(1 / alone.scale["sentiment"], 3)
