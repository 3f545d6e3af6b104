"""How much the pipeline does when the machine falls behind: fewer partials first, then larger steps; finals always.

Pure: fed with how far behind the work is, in seconds of audio, and answers with the mode to work in.
"""

from dataclasses import dataclass
from typing import Literal

Mode = Literal["full", "slower_partials", "finals_only"]


@dataclass(frozen=True, slots=True)
class SheddingConfig:
    """Seconds of audio.

    ``step`` is the new speech between two partials when all is well, ``slow_step`` when not. Work ``slow_above``
    behind means slower partials, ``finals_above`` no partials; it returns to more only below ``calm_below``.
    """

    step: float = 0.3
    slow_step: float = 0.8
    slow_above: float = 0.7
    finals_above: float = 2.0
    calm_below: float = 0.3


class LoadShedding:
    """Chooses the mode, with hysteresis so that it does not flutter."""

    def __init__(self, config: SheddingConfig) -> None:
        self._config = config
        self.mode: Mode = "full"

    @property
    def step(self) -> float | None:
        """New audio in seconds that is worth a partial now; None for no partials."""
        match self.mode:
            case "full":
                return self._config.step
            case "slower_partials":
                return self._config.slow_step
            case "finals_only":
                return None

    def observe(self, behind: float) -> bool:
        """Takes note that work waited ``behind`` seconds; True when the mode changed."""
        before = self.mode
        if behind > self._config.finals_above:
            self.mode = "finals_only"
        elif behind > self._config.slow_above and self.mode == "full":
            self.mode = "slower_partials"
        elif behind < self._config.calm_below:
            self.mode = "slower_partials" if self.mode == "finals_only" else "full"
        return self.mode != before
