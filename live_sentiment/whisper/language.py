"""Which language a channel speaks, gathered over its utterances. Pure; the probabilities come from the model.

Until a final was read with confidence, the model is asked at every reading. Then the language stands, and the model is
asked once an utterance, as soon as that is long enough to tell; while it contradicts, it is asked again. So an English
greeting binds nobody, a loanword changes nothing, and a real switch is followed in the second utterance at the latest.

Each channel of each call has its own evidence, though a call mostly has one language: two utterances that overlap would
overwrite what is thought of each other. So the channel that speaks less settles later.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

MEMORY = 0.5
"""How much of the evidence of past utterances weighs in the next one: an English greeting can be outvoted."""
LOWEST = 0.02
"""No single utterance says more than 50 to 1, so two that clearly speak another language outvote any past."""
LONG_ENOUGH = 1.5
"""Seconds of audio from which the model's word on the language is worth a run of its decoder."""
FEWEST_WORDS = 3
SURE_LOG_PROBABILITY = -0.5
"""A final of so many words, read at least so surely (mean over tokens), counts as confident; speech is read at -0.48 or
better in its own language."""


@dataclass(slots=True)
class LanguageChoice:
    """The language of one channel among ``choices`` (ISO 639-1 codes); a single choice needs no evidence.

    For each reading: ``wants``, then perhaps ``hear``, then ``best``; at the utterance's end ``settle`` or ``drop``.
    """

    choices: tuple[str, ...]
    settled: bool = False
    _past: dict[str, float] = field(default_factory=dict[str, float])
    _present: dict[str, float] = field(default_factory=dict[str, float])
    _heard_long: bool = False

    @property
    def best(self) -> str:
        """The likeliest language by now; the first choice while nothing was heard."""
        return max(self.choices, key=lambda code: MEMORY * self._past.get(code, 0.0) + self._present.get(code, 0.0))

    def wants(self, seconds: float, *, bound: bool) -> bool:
        """Whether to ask the model about an utterance of ``seconds`` so far.

        ``bound``: its language cannot change any more, for words are committed; what is heard then serves the next.
        """
        if len(self.choices) < 2:  # noqa: PLR2004 - nothing to choose
            return False
        if seconds >= LONG_ENOUGH and not self._heard_long:
            return True
        return not bound and (not self.settled or self._disputed)

    def hear(self, probabilities: Mapping[str, float], seconds: float) -> None:
        """What the model says of the present utterance, ``seconds`` so far; replaces what it said of it before.

        What it gives to languages that are no choice (it hears them in music) is shared out, and so says little.
        """
        self._heard_long = seconds >= LONG_ENOUGH
        known = {code: probabilities.get(code, 0.0) for code in self.choices}
        share = max(0.0, 1.0 - sum(known.values())) / len(known)
        self._present = {code: math.log(max(probability + share, LOWEST)) for code, probability in known.items()}

    def settle(self, words: int, log_probability: float) -> None:
        """The utterance is over and believed: what was heard of it becomes the past, if it had words.

        Once the language stands, only a confident final may move it: of ``FEWEST_WORDS`` or more words, whose mean
        ``log_probability`` reaches ``SURE_LOG_PROBABILITY``.
        """
        confident = words >= FEWEST_WORDS and log_probability >= SURE_LOG_PROBABILITY
        if self._present and words and (confident or not self.settled):
            self._past = {code: MEMORY * self._past.get(code, 0.0) + self._present[code] for code in self.choices}
            self.settled = self.settled or confident
        self.drop()

    def drop(self) -> None:
        """The utterance is over, and what was heard of it is not to be believed."""
        self._present = {}
        self._heard_long = False

    @property
    def _disputed(self) -> bool:
        """Whether the present utterance, by itself, speaks another language than the past."""
        return bool(self._present) and max(self.choices, key=self._present.__getitem__) != max(
            self.choices, key=lambda code: self._past.get(code, 0.0)
        )
