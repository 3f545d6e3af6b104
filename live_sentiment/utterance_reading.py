"""How a whole utterance sounds, from how its sentences sound.

The sentiment model learned from single sentences, and a caller packs a greeting, a fact and a reproach into one breath.
Read as one, the greeting and the fact drown the reproach. So each sentence is read by itself, where the recogniser
wrote sentence ends; what was felt last counts, and every signal does.
"""

import re
from typing import Protocol

from msgspec import structs

from onnx_models.classification import Classification, SignalScore

_SENTENCE_END = re.compile(r"(?<=[.?!…])\s+")
_FEWEST_WORDS = 3
"""Fewer words are no sentence of their own ("Yes." "Mr."); they are read with what follows."""
_TRUST_IN_FEW = 0.85
"""An utterance of so few words is believed from here on: "Done." is no threat to leave, "Ridiculous." is clear."""


class Classifier(Protocol):
    """What is needed of a sentiment model."""

    def classify(self, text: str) -> Classification:
        """The reading of one line of text."""
        ...


def sentences(text: str) -> list[str]:
    """``text`` cut at sentence ends, without pieces of fewer than three words; [] for no text."""
    found: list[str] = []
    pending = ""
    for piece in _SENTENCE_END.split(text.strip()):
        pending = f"{pending} {piece}".strip()
        if len(pending.split()) >= _FEWEST_WORDS:
            found.append(pending)
            pending = ""
    if pending and found:
        found[-1] = f"{found[-1]} {pending}"
    elif pending:
        found.append(pending)
    return found


def read_utterance(classifier: Classifier, text: str) -> Classification:
    """The reading of an utterance: that of its last sentence with a sure feeling, else that of the whole.

    The signals are those of all sentences, each with its highest probability.
    """
    if len(text.split()) < _FEWEST_WORDS:
        return _careful(classifier.classify(text))
    parts = [classifier.classify(sentence) for sentence in sentences(text)]
    if len(parts) == 1:
        return parts[0]
    felt = [part for part in parts if part.sure and part.sentiment != "neutral"]
    reading = felt[-1] if felt else classifier.classify(text)
    strongest: dict[str, SignalScore] = {}
    for score in (score for part in parts for score in part.signals):
        if score.signal not in strongest or score.probability > strongest[score.signal].probability:
            strongest[score.signal] = score
    return structs.replace(reading, signals=tuple(strongest.values()))


def _careful(reading: Classification) -> Classification:
    trusted = tuple(score for score in reading.signals if score.probability >= _TRUST_IN_FEW)
    return structs.replace(reading, signals=trusted, sure=reading.sure and reading.confidence >= _TRUST_IN_FEW)
