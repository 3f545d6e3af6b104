"""How well the sentiment model reads customers' lines, beside lexicons and n-grams, and how long each takes.

``python -m benchmarks.sentiment`` prints two tables; nothing is written. The lines are those of
``onnx_models/train/kept_apart.tsv``, which no training sees (though six numbers of the calibration do). The n-grams
learn from the same lines as the model; they and VADER are measured where ``pip install -e .[bench]`` put them, and the
Dutch lexicon of pattern where ``../shared/data`` is. One core.
"""

import os
import re
import shutil
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec

import numpy as np
from rich.console import Console

from benchmarks.read_aloud import recognised
from benchmarks.sentiment_peers import Reader, ngrams, pattern_dutch, vader
from benchmarks.tables import NOTHING, table_of
from onnx_models.classification import SENTIMENTS
from onnx_models.sentiment import SentimentModel
from onnx_models.train.data import LANGUAGES, Line, kept_apart
from onnx_models.train.measure import figures

READ_ALOUD = 150
"""English lines that a voice reads to the embedded recogniser."""
HEADS = ("reader", "lines", "macro-F1", "neg. precision", "neg. recall", "accuracy", "ECE", "p50 ms", "p99 ms")


def main() -> None:
    """Measures and prints."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    console = Console(width=130)
    model = SentimentModel.load()
    readers: dict[str, Callable[[str], Reader | None]] = {
        "Spiegel": lambda _: Spiegel(model),
        "n-grams": ngrams,
        "lexicon": lambda language: pattern_dutch() if language == "nl" else vader(),
    }
    for language in LANGUAGES:
        lines = [line for line in kept_apart() if line.language == language]
        table = table_of(f"Sentiment of {len(lines)} lines kept apart, {language}, one core", HEADS)
        for name, made in readers.items():
            reader = made(language)
            table.add_row(*(row(reader, lines) if reader else [f"{name}: not there", *[NOTHING] * (len(HEADS) - 1)]))
        console.print(table)
    console.print(styles(model))


class Spiegel:
    """The shipped model, from text to answer with its explanation."""

    name = "Spiegel"

    def __init__(self, model: SentimentModel) -> None:
        self._model = model

    def __call__(self, text: str) -> Sequence[float]:
        """The probabilities of negative, neutral, positive."""
        found = self._model.classify(text).probabilities
        return [found[name] for name in SENTIMENTS]


def row(reader: Reader, lines: Sequence[Line], texts: Sequence[str] = ()) -> list[str]:
    """What ``reader`` makes of ``lines``, or of ``texts`` in their place."""
    answers: list[Sequence[float]] = []
    times: list[float] = []
    for text in texts or [line.text for line in lines]:
        start = time.perf_counter()
        answers.append(reader(text))
        times.append((time.perf_counter() - start) * 1000)
    found = figures(np.array(answers, dtype=np.float32), np.array([line.sentiment for line in lines]))
    names = ("macro_f1", "negative_precision", "negative_recall", "accuracy", "calibration_error")
    scores = [f"{found[name]:.3f}" for name in names]
    if all(max(answer) == 1.0 for answer in answers):
        scores[-1] = NOTHING
    return [reader.name, str(len(lines)), *scores, *(f"{np.percentile(times, p):.2f}" for p in (50, 99))]


def styles(model: SentimentModel) -> object:
    """The same lines as a recogniser might write them, and as the embedded one does when they are read to it."""
    table = table_of("The shipped model by style of writing", HEADS)
    for language in LANGUAGES:
        lines = [line for line in kept_apart() if line.language == language]
        for style, change in (("as typed", str), ("lower case, no marks", raw)):
            cells = row(Spiegel(model), lines, [change(line.text) for line in lines])
            table.add_row(f"{language}, {style}", *cells[1:])
    spoken = [line for line in kept_apart() if line.language == "en" and "#" not in line.text][:READ_ALOUD]
    if shutil.which("flite") and find_spec("moonshine_voice"):
        cells = row(Spiegel(model), spoken, recognised([line.text for line in spoken]))
        table.add_row("en, read aloud, as recognised", *cells[1:])
        table.add_row("en, the same lines as typed", *row(Spiegel(model), spoken)[1:])
    return table


def raw(text: str) -> str:
    """``text`` as many recognisers write: lower case, no punctuation."""
    return " ".join(re.sub(r"[^\w'\s]", " ", text.lower()).split())


if __name__ == "__main__":
    main()
