"""What goes into Whisper's decoder and what comes out: plain types, shared by the modules here. No model."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Heard:
    """Encoded audio: ``features`` belongs to CTranslate2; ``frames`` of it are audio, the rest is padding."""

    features: Any
    frames: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How to read: in ``language``, on after the text ``prefix``, with at most ``most_tokens`` more.

    ``context`` are tokens that the model takes for what was said before.
    """

    language: str
    most_tokens: int
    prefix: str = ""
    context: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What was read: ``tokens`` with the forced ones before, the mean log-probability of the others, and doubts.

    ``probabilities`` are those of the words of ``text``, parted at white space: the geometric mean over a word's
    tokens, forced ones as the model itself would have them; () when it did not say. ``no_speech`` is the probability
    that nobody speaks; ``compression`` how well the text compresses (a loop does well); ``capped`` whether the reading
    was cut off at its longest; ``looped`` whether it ended in a loop, of which ``text`` and ``tokens`` keep three
    repeats.
    """

    text: str
    tokens: tuple[int, ...]
    log_probability: float
    no_speech: float
    compression: float
    capped: bool
    probabilities: tuple[float, ...] = ()
    looped: bool = False


@dataclass(frozen=True, slots=True)
class Aligned:
    """A word with its bounds in seconds and its probability."""

    text: str
    start: float
    end: float
    probability: float
