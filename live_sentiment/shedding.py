"""How much the pipeline does when the machine falls behind: fewer partials first, then none; finals always.

Pure: fed with how far behind the work is, in seconds of audio, and answers with the step to work in.
"""

from dataclasses import dataclass
from typing import Literal

Mode = Literal["full", "slower_partials", "finals_only"]

STEPS = (0.2, 0.3, 0.5, 1.0)
"""The new speech in seconds between two partials, from best to worst; after the last there are none."""


@dataclass(frozen=True, slots=True)
class SheddingConfig:
    """Seconds of audio.

    ``step`` is the new speech between two partials when all is well. Work that waits more than ``slow_above``, and
    longer than at the last look, stretches it to the next of ``STEPS``; more than ``finals_above`` means no partials.
    After ``calm_looks`` in a row below ``calm_below`` it shrinks again, one step at a time.
    """

    step: float = STEPS[0]
    slow_above: float = 0.7
    finals_above: float = 2.0
    calm_below: float = 0.3
    calm_looks: int = 2


class LoadShedding:
    """Chooses the step, with hysteresis so that it does not flutter."""

    def __init__(self, config: SheddingConfig) -> None:
        self._config = config
        self._ladder = (config.step, *(step for step in STEPS if step > config.step), None)
        self._rung = 0
        self._calm = 0
        self._behind = 0.0

    @property
    def step(self) -> float | None:
        """New audio in seconds that is worth a partial now; None for no partials."""
        return self._ladder[self._rung]

    @property
    def mode(self) -> Mode:
        """What is left out now, for people."""
        if self.step is None:
            return "finals_only"
        return "slower_partials" if self._rung else "full"

    def observe(self, behind: float) -> bool:
        """Takes note that work waited ``behind`` seconds; True when the mode changed."""
        before, config = self.mode, self._config
        self._calm = self._calm + 1 if behind < config.calm_below else 0
        if behind > config.finals_above:
            self._rung = len(self._ladder) - 1
        elif behind > config.slow_above and behind > self._behind:
            self._rung = min(self._rung + 1, len(self._ladder) - 1)
        elif self._calm >= config.calm_looks:
            self._rung, self._calm = max(0, self._rung - 1), 0
        self._behind = behind
        return self.mode != before
