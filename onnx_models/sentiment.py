"""How a customer's line feels: a loaded model, and what it says of a text, with the words that weighed most.

The model is for the customer's words alone. Nothing here knows of channels; the pipeline never hands it an agent's
words (EU AI Act, art. 5(1)(f)). No state is kept between texts, and one ``SentimentModel`` serves all threads.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from onnx_models import features, foreign, loader, manifest, reasons
from onnx_models.classification import SENTIMENTS, Classification, Sentiment, SignalScore
from onnx_models.errors import ManifestInvalid
from onnx_models.features import Token
from onnx_models.loader import Session
from onnx_models.manifest import Manifest, Port
from onnx_models.reasons import Probabilities

SHIPPED = Path(__file__).parent
"""The folder of the model that comes with Spiegel."""
PRIOR: dict[Sentiment, float] = {"negative": 0.15, "neutral": 0.7, "positive": 0.15}
"""How customers' lines are in general: the answer where there is nothing to read."""
EMOTIONS_OF: dict[Sentiment, frozenset[str]] = {
    "negative": frozenset(
        {"frustration", "anger", "disappointment", "worry", "confusion", "distrust", "sarcasm", "sadness"}
    ),
    "neutral": frozenset({"neutral", "confusion"}),
    "positive": frozenset({"gratitude", "relief", "satisfaction", "delight", "warmth", "hope"}),
}
_INPUTS = (Port("pieces", "int64", (-1, -1)), Port("words", "int64", (-1, -1)))


@dataclass(frozen=True, slots=True)
class _Outputs:
    """Probabilities of the whole text in row 0, and of the text without group ``i`` in row 1 + ``i``."""

    sentiment: Probabilities
    emotion: Probabilities
    signals: Probabilities


class SentimentModel:
    """A loaded model. Made by ``load``; any thread may call ``classify``, several at once too."""

    def __init__(self, session: Session, described: Manifest) -> None:
        self._session = session
        self.manifest = described

    @classmethod
    def load(cls, directory: Path | None = None) -> "SentimentModel":
        """The model in ``directory``, or the one that comes with Spiegel. Takes tens of milliseconds.

        Raises:
            ModelError: the manifest or the model is missing, changed or unfit; the error says which and what to do.
        """
        directory = directory or SHIPPED
        described = manifest.read(directory)
        if described.features != features.SCHEME:
            raise ManifestInvalid(
                f"{directory / manifest.MANIFEST}: features {described.features!r} are not known here",
                f"This version of Spiegel runs models with features {features.SCHEME!r}; choose such a model.",
            )
        if set(described.inputs) != set(_INPUTS):
            raise ManifestInvalid(
                f"{directory / manifest.MANIFEST}: inputs must be pieces and words, int64 of two free dimensions",
                "Export the model with the recipe in onnx_models/train.",
            )
        return cls(loader.load(directory, described), described)

    def classify(self, text: str) -> Classification:
        """The feeling in one utterance, whatever is in it; an empty, unreadable or foreign text is neutral, not sure.

        The reasons come from leaving out one word at a time (``reasons``), in the same run.
        """
        words = features.tokens(text)
        if not any(_readable(word) for word in words):
            return _not_read(language_supported=not any(word.is_word for word in words))
        if foreign.is_foreign(word.key for word in words if word.is_word):
            return _not_read(language_supported=False)
        groups = reasons.groups(words)
        return self._read(self._run(words, groups), reasons.told_by(words, groups))

    def classify_many(self, texts: Iterable[str]) -> list[Classification]:
        """``classify`` of each text, in order."""
        return [self.classify(text) for text in texts]

    def _run(self, words: Sequence[Token], groups: Sequence[range]) -> _Outputs:
        keys = list(dict.fromkeys(word.key for word in words))
        number = {key: i for i, key in enumerate(keys, start=1)}
        row = np.array([number[word.key] for word in words], dtype=np.int64)
        feed = {"pieces": features.table(keys), "words": reasons.left_out(row, groups)}
        return _Outputs(*self._session.run(["sentiment", "emotion", "signals"], feed))

    def _read(self, outputs: _Outputs, names: Sequence[str]) -> Classification:
        probabilities = outputs.sentiment[0]
        best = int(probabilities.argmax())
        sentiment = SENTIMENTS[best]
        confidence = float(probabilities[best])
        return Classification(
            sentiment=sentiment,
            probabilities={name: float(p) for name, p in zip(SENTIMENTS, probabilities, strict=True)},
            emotion=self._emotion(outputs.emotion[0], sentiment),
            confidence=confidence,
            sure=confidence >= self.manifest.decisions.sure,
            signals=self._signals(outputs.signals, names),
            because=() if sentiment == "neutral" else reasons.heaviest(outputs.sentiment[:, best], names),
        )

    def _emotion(self, probabilities: Probabilities, sentiment: Sentiment) -> str:
        """The likeliest of the emotions that go with ``sentiment``."""
        labels = self.manifest.labels.emotion
        fitting = [(float(p), name) for p, name in zip(probabilities, labels, strict=True) if _fits(name, sentiment)]
        return max(fitting, default=(0.0, "neutral"))[1]

    def _signals(self, probabilities: Probabilities, names: Sequence[str]) -> tuple[SignalScore, ...]:
        """The signals over their thresholds, likeliest first."""
        thresholds = self.manifest.decisions.signals
        found = [
            SignalScore(name, float(column[0]), reasons.heaviest(column, names))
            for name, column in zip(self.manifest.labels.signals, probabilities.T, strict=True)
            if column[0] >= thresholds[name]
        ]
        return tuple(sorted(found, key=_probability, reverse=True))


def _readable(word: Token) -> bool:
    """True for a word in Latin letters or digits; the model knows no others."""
    return word.is_word and any(c.isascii() and c.isalnum() for c in word.key)


def _not_read(*, language_supported: bool) -> Classification:
    return Classification(
        sentiment="neutral",
        probabilities=dict(PRIOR),
        emotion="neutral",
        confidence=PRIOR["neutral"],
        sure=False,
        signals=(),
        because=(),
        language_supported=language_supported,
    )


def _fits(emotion: str, sentiment: Sentiment) -> bool:
    return emotion in EMOTIONS_OF[sentiment]


def _probability(score: SignalScore) -> float:
    return score.probability
