"""Which language a channel speaks, gathered over its utterances. Pure; the probabilities come from the model.

Each channel has its own evidence, though a call mostly has one language: an engine is asked for ears and knows no
calls, and two utterances that overlap would overwrite what is thought of each other. So the channel that speaks less
settles later.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

MEMORY = 0.5
"""How much of the evidence of past utterances weighs in the next one: an English greeting can be outvoted."""
LOWEST = 1e-4
"""No single utterance may rule a language out."""


@dataclass(slots=True)
class LanguageChoice:
    """The language of one channel among ``choices`` (ISO 639-1 codes); a single choice needs no evidence."""

    choices: tuple[str, ...]
    _past: dict[str, float] = field(default_factory=dict[str, float])
    _present: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def best(self) -> str:
        """The likeliest language by now; the first choice while nothing was heard."""
        return max(self.choices, key=lambda code: MEMORY * self._past.get(code, 0.0) + self._present.get(code, 0.0))

    def hear(self, probabilities: Mapping[str, float]) -> None:
        """What the model says of the present utterance so far; replaces what it said of it before."""
        known = {code: max(probabilities.get(code, 0.0), LOWEST) for code in self.choices}
        total = sum(known.values())
        self._present = {code: math.log(probability / total) for code, probability in known.items()}

    def settle(self) -> None:
        """The utterance is over: what was heard of it becomes the past."""
        if self._present:
            self._past = {code: MEMORY * self._past.get(code, 0.0) + self._present[code] for code in self.choices}
        self.drop()

    def drop(self) -> None:
        """The utterance is over, and what was heard of it is not to be believed."""
        self._present = {}
