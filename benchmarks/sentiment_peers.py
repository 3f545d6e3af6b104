"""Other ways to read a feeling: two lexicons, and n-grams that learn from our lines."""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

from benchmarks.places import ROOT
from onnx_models.features import tokens
from onnx_models.train import data

SHARED = ROOT.parent / "shared" / "data"
EDGE = 0.05
"""Where VADER's authors draw the line (Hutto and Gilbert 2014)."""
EDGE_PATTERN = 0.1
"""Where pattern's authors do."""
NOT = frozenset({"niet", "geen", "nooit", "niks"})


class Reader(Protocol):
    """Reads a text: the probabilities of negative, neutral, positive; a reader without probabilities says 0 and 1."""

    name: str

    def __call__(self, text: str) -> Sequence[float]:
        """See the class."""
        ...


class Scored:
    """A reader that gives one score from -1 to 1, cut at ``edge`` on both sides."""

    def __init__(self, name: str, score: Callable[[str], float], edge: float) -> None:
        self.name = name
        self._score = score
        self._edge = edge

    def __call__(self, text: str) -> Sequence[float]:
        """All on one class."""
        score = self._score(text)
        return (float(score < -self._edge), float(-self._edge <= score <= self._edge), float(score > self._edge))


class Ngrams:
    """Logistic regression over words, pairs of words and runs of letters."""

    name = "n-grams"

    def __init__(self, model: Any) -> None:
        self._model = model

    def __call__(self, text: str) -> Sequence[float]:
        """The probabilities."""
        return list(self._model.predict_proba([text])[0])


def vader() -> Reader | None:
    """VADER, for English; None where it is not installed."""
    if find_spec("vaderSentiment") is None:
        return None
    analyzer = import_module("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer()

    def score(text: str) -> float:
        return analyzer.polarity_scores(text)["compound"]

    return Scored("VADER", score, EDGE)


def pattern_dutch() -> Reader | None:
    """The polarity of the words in pattern's Dutch lexicon, averaged; a denial in the two words before turns it."""
    path = SHARED / "lexicons" / "pattern-nl-sentiment.xml"
    if not path.exists():
        return None
    senses: dict[str, list[float]] = {}
    for word in ET.parse(path).iter("word"):  # noqa: S314 (a file of ours)
        senses.setdefault(word.attrib["form"].lower(), []).append(float(word.attrib["polarity"]))
    polarity = {form: sum(values) / len(values) for form, values in senses.items()}

    def score(text: str) -> float:
        words = [token.key for token in tokens(text)]
        found = [
            polarity[word] * (-0.5 if NOT.intersection(words[max(0, i - 2) : i]) else 1.0)
            for i, word in enumerate(words)
            if word in polarity
        ]
        return sum(found) / len(found) if found else 0.0

    return Scored("pattern's lexicon", score, EDGE_PATTERN)


def ngrams(language: str) -> Reader | None:
    """n-grams that learnt from the same lines as the model; None without scikit-learn or the lines."""
    if find_spec("sklearn") is None or not SHARED.exists():
        return None
    vectorizer = import_module("sklearn.feature_extraction.text").TfidfVectorizer
    pipeline = import_module("sklearn.pipeline")
    regression = import_module("sklearn.linear_model").LogisticRegression
    lines = [line for line in data.lines(SHARED) if line.language == language]
    words = vectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"[\w']+|[?!]")  # noqa: S106 (no password)
    letters = vectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    model = pipeline.make_pipeline(pipeline.make_union(words, letters), regression(C=4.0, max_iter=1000))
    return Ngrams(model.fit([line.text for line in lines], [line.sentiment for line in lines]))
