"""What Whisper costs on this machine, by size, threads and window: our own reader on random weights of the true shapes.

python -m benchmarks.whisper_shapes [--sizes tiny base small] [--threads 1 2] [--runs N]

Each size is written into a temporary folder and measured in processes of its own, one for each number of threads, so
that the memory is that of one model. About two minutes, and 0.4 GB in the temporary folder.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import cast

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.places import ROOT
from benchmarks.whisper_models import SHAPES, make_model
from live_sentiment.events import SAMPLE_RATE
from live_sentiment.whisper.plan import Plan
from live_sentiment.whisper.reader import WhisperReader
from live_sentiment.whisper.windows import PADDED, WindowConfig

FEW, MANY = 5, 35
"""Tokens: the time for one is told from the difference."""
CONTEXT = 100
"""Tokens of a prompt with names."""
KINDS = {"30 s": 0, "10 s": 0, "5 s": 0, "token": 1, "prompt": 0, "language": 0, "memory": 0}
"""What is told, with how many places: hearing a window of 30, 10 and 5 s, a token read, ``CONTEXT`` tokens of prompt
before a reading, a question about the language."""
_MEBIBYTE = 1 << 20
Costs = dict[str, float]
"""Milliseconds by what was done, and "memory" in MiB."""


def middle(what: Callable[[], object], runs: int) -> float:
    """The median milliseconds of ``what`` over ``runs``, after one that does not count."""
    what()
    spent: list[float] = []
    for _ in range(runs):
        began = time.perf_counter()
        what()
        spent.append((time.perf_counter() - began) * 1000)
    return median(spent)


def measure(folder: Path, threads: int, runs: int) -> Costs:
    """What the model in ``folder`` costs in this process."""
    reader = WhisperReader.load(folder, threads)
    trimmed = WindowConfig()
    speech = (0.1 * np.random.default_rng(2).standard_normal(30 * SAMPLE_RATE)).astype(np.float32)
    audio = {seconds: speech[: round((seconds - trimmed.margin) * SAMPLE_RATE)] for seconds in (5, 10)}
    costs = {f"{seconds} s": middle(lambda s=seconds: reader.hear(audio[s], trimmed), runs) for seconds in audio}
    costs["30 s"] = middle(lambda: reader.hear(audio[5], PADDED), max(2, runs // 3))
    heard = reader.hear(audio[5], trimmed)
    few, many, told = (
        middle(lambda p=plan: reader.read(heard, p), runs)
        for plan in (Plan("nl", FEW), Plan("nl", MANY), Plan("nl", FEW, context=(1000,) * CONTEXT))
    )
    costs |= {"token": (many - few) / (MANY - FEW), "prompt": told - few}
    costs["language"] = middle(lambda: reader.languages(heard), runs)
    costs["memory"] = psutil.Process().memory_info().rss / _MEBIBYTE
    return costs


def measured(name: str, folder: Path, threads: int, runs: int) -> Costs:
    """``measure`` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.whisper_shapes", "--sizes", name, "--threads", str(threads)]
    command += ["--runs", str(runs), "--measure", str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT)
    return cast("Costs", json.loads(done.stdout))


def main() -> None:
    """Measures and prints one table; with ``--measure``, one model's figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", choices=SHAPES, default=list(SHAPES))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--runs", type=int, default=7, help="of which the median counts")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measure(asked.measure, asked.threads[0], asked.runs)))
        return
    table = _table(asked.runs)
    for name in asked.sizes:
        with tempfile.TemporaryDirectory(prefix="spiegel-whisper-") as folder:
            make_model(Path(folder), SHAPES[name])
            for threads in asked.threads:
                costs = measured(name, Path(folder), threads, asked.runs)
                table.add_row(name, str(threads), *(f"{costs[kind]:.{places}f}" for kind, places in KINDS.items()))
    Console().print(table)


def _table(runs: int) -> Table:
    title = f"Whisper in 8 bits, random weights: a window heard, a token read; medians of {runs} runs, ms, and MiB"
    table = Table("size", title=title, title_justify="left")
    for head in ("threads", *KINDS):
        table.add_column(head, justify="right")
    return table


if __name__ == "__main__":
    main()
