"""How long the sentiment model takes for one utterance with its explanation, on one core.

``python -m benchmarks.sentiment_speed [--model FOLDER]`` prints one table; nothing is written.
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from onnx_models.sentiment import SentimentModel

ROUNDS = 300
BUDGET_P50, BUDGET_P99 = 2.0, 5.0
"""Milliseconds."""
SHORT = ("yes that works for me", "ja dat klopt", "nee nog steeds niet", "okay thank you")
USUAL = (
    "it was supposed to arrive last tuesday and this is the third time i call",
    "ik heb nu drie keer een hele dag thuisgezeten voor een pakket dat gewoon niet komt",
    "could you tell me what the balance on my savings account is please",
    "nou dat is heel fijn dank u wel dan wacht ik de bevestiging even af",
)
LONG = tuple(f"{a} and {b} {c}" for a, b, c in zip(USUAL, USUAL[1:], SHORT, strict=False))


def milliseconds(model: SentimentModel, texts: tuple[str, ...]) -> tuple[list[float], list[float]]:
    """Wall time and processor time of each of ``ROUNDS`` classifications, the first of each text left out.

    On a machine that others use too, the slowest wall times are mostly waiting; the processor times are not.
    """
    model.classify_many(texts)
    wall: list[float] = []
    busy: list[float] = []
    for number in range(ROUNDS):
        start, busy_start = time.perf_counter(), time.thread_time()
        model.classify(texts[number % len(texts)])
        busy.append((time.thread_time() - busy_start) * 1000)
        wall.append((time.perf_counter() - start) * 1000)
    return wall, busy


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=None, help="folder of another model")
    model_folder: Path | None = parser.parse_args().model
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    start = time.perf_counter()
    model = SentimentModel.load(model_folder)
    loading = (time.perf_counter() - start) * 1000
    size = model.manifest.file.size / 1e6
    table = Table(
        *("utterances", "p50 ms", "p99 ms", "p99 ms of processor"),
        title=f"Sentiment with explanation: {size:.1f} MB, loaded in {loading:.0f} ms",
    )
    all_wall: list[float] = []
    all_busy: list[float] = []
    for name, texts in (("3-5 words", SHORT), ("13-15 words", USUAL), ("about 32 words", LONG)):
        wall, busy = milliseconds(model, texts)
        all_wall += wall
        all_busy += busy
        table.add_row(name, *_percentiles(wall, busy))
    table.add_row("all", *_percentiles(all_wall, all_busy))
    table.add_row("budget", f"{BUDGET_P50:.2f}", f"{BUDGET_P99:.2f}", "")
    Console().print(table)


def _percentiles(wall: list[float], busy: list[float]) -> tuple[str, str, str]:
    values = (np.percentile(wall, 50), np.percentile(wall, 99), np.percentile(busy, 99))
    return f"{values[0]:.2f}", f"{values[1]:.2f}", f"{values[2]:.2f}"


if __name__ == "__main__":
    main()
