"""What a sentiment model says of one line of text. Plain data, without numpy, so that anyone may import it."""

from typing import Literal

import msgspec

Sentiment = Literal["negative", "neutral", "positive"]
SENTIMENTS: tuple[Sentiment, ...] = ("negative", "neutral", "positive")
EMOTIONS = (
    "neutral",
    "frustration",
    "anger",
    "disappointment",
    "worry",
    "confusion",
    "distrust",
    "sarcasm",
    "sadness",
    "gratitude",
    "relief",
    "satisfaction",
    "delight",
    "warmth",
    "hope",
)
SIGNALS = (
    "repeat_contact",
    "churn",
    "escalation",
    "legal_media",
    "resolved",
    "unresolved",
    "waiting",
    "effort",
    "value_less",
    "buying_interest",
    "praise_agent",
    "vulnerable",
    "hold_ok",
    "closing",
)


class WordWeight(msgspec.Struct, frozen=True):
    """A word of the text, and how much it speaks for the decision, from -1 to 1.

    The hyperbolic tangent of half of what the decision's log odds drop by when it is left out; at 0.5, the odds are a
    third without it.
    """

    word: str
    weight: float


class SignalScore(msgspec.Struct, frozen=True):
    """A signal found in the text, with its probability (0 to 1) and the words that weighed most, heaviest first."""

    signal: str
    probability: float
    because: tuple[WordWeight, ...]


class Classification(msgspec.Struct, frozen=True, kw_only=True):
    """The reading of one line of text.

    ``probabilities`` are calibrated and sum to 1, keyed by ``SENTIMENTS``; ``confidence`` is the highest of them;
    ``sure`` is False when the model should rather be taken to say nothing; ``signals`` are those over their own
    threshold; ``because`` holds the words that weighed most for ``sentiment``, heaviest first, () when neutral.
    ``language_supported`` is False for a text in another alphabet, or plainly in another language than the model's;
    it is then neutral and not sure, without having been read.
    """

    sentiment: Sentiment
    probabilities: dict[Sentiment, float]
    emotion: str
    confidence: float
    sure: bool
    signals: tuple[SignalScore, ...]
    because: tuple[WordWeight, ...]
    language_supported: bool = True
