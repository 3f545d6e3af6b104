"""``spiegel classify``: lines of text from standard input, and how each sounds."""

import json
import sys
from collections.abc import Iterator
from typing import Any

from onnx_models.classification import Classification
from onnx_models.sentiment import SentimentModel


def classify_lines(*, as_json: bool) -> None:
    """Reads lines on standard input until its end, and says of each how it sounds and why.

    Raises:
        ModelError: the sentiment model cannot be used.
    """
    model = SentimentModel.load()
    if sys.stdin.isatty():
        sys.stderr.write("Type a line and press Enter; Ctrl-D ends.\n")
    for line in _lines_of_stdin():
        reading = model.classify(line)
        said = json.dumps(_as_json(line, reading), ensure_ascii=False) if as_json else _as_text(line, reading)
        sys.stdout.write(said + "\n")
        sys.stdout.flush()  # at once, so that programs can talk with us line by line


def _lines_of_stdin() -> Iterator[str]:
    """Lines as text, whatever bytes come in; the replacement sign stands for what is not UTF-8."""
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def _as_text(line: str, reading: Classification) -> str:
    because = ", ".join(weight.word for weight in reading.because)
    signals = ", ".join(score.signal for score in reading.signals)
    sure = "" if reading.sure else " (not sure)" if reading.language_supported else " (language not supported)"
    shown = "".join(c if c.isprintable() else " " for c in line)  # a terminal obeys control characters
    return (
        f"{reading.sentiment} {reading.confidence:.0%}{sure}  {shown}\n"
        f"    {reading.emotion}; because: {because or '-'}; signals: {signals or '-'}"
    )


def _as_json(line: str, reading: Classification) -> dict[str, Any]:
    return {
        "text": line,
        "sentiment": reading.sentiment,
        "probabilities": reading.probabilities,
        "emotion": reading.emotion,
        "confidence": reading.confidence,
        "sure": reading.sure,
        "language_supported": reading.language_supported,
        "signals": [score.signal for score in reading.signals],
        "because": [{"word": weight.word, "weight": weight.weight} for weight in reading.because],
    }
