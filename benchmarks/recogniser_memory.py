"""What memory the recogniser takes, in a process of its own that reads a minute in which both channels talk.

Beside it, what Python with numpy takes. Only on Linux, which tells the highest resident memory of a process.
``live_delay`` prints it too. Run: python -m benchmarks.recogniser_memory
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from benchmarks.audio import both_talking, frames, read_samples
from benchmarks.places import AUDIO, ROOT
from benchmarks.recogniser_process import STATUS, highest_memory
from benchmarks.tables import met, table_of
from live_sentiment.transcriber import Samples

SECONDS = 60.0
ASKED = 220.0
"""MiB."""
_BARE = f"import numpy; print(open('{STATUS}').read())"
_MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Memory:
    """Highest resident memory in MiB: Python with numpy, then with the models, then after reading ``words`` words."""

    bare: float
    loaded: float
    highest: float
    words: int


def measure(clips: Sequence[Samples]) -> Memory:
    """Measures with a call in which both say ``clips``."""
    call = b"".join(frame.pcm for frame in frames(both_talking(clips, SECONDS)))
    told = json.loads(_run(["-m", "benchmarks.recogniser_process"], call))
    bare = highest_memory(_run(["-c", _BARE], b""))
    return Memory(bare / _MEBIBYTE, told["loaded"] / _MEBIBYTE, told["highest"] / _MEBIBYTE, told["words"])


def main() -> int:
    """Measures and prints one table."""
    if not STATUS.exists():
        sys.exit("This system does not tell the highest memory of a process as Linux does; nothing was measured.")
    if not AUDIO.is_dir():
        sys.exit(f"There are no recordings in {AUDIO}, so there is nothing to measure.")
    memory = measure([read_samples(clip) for clip in sorted((AUDIO / "speech").glob("*.flac"))])
    table = table_of("The recogniser's memory, both channels", ("highest resident memory", "MiB", "asked", "met"))
    table.add_row("Python with numpy", f"{memory.bare:.0f}", "", "")
    table.add_row("with the models loaded", f"{memory.loaded:.0f}", "", "")
    last = f"after {SECONDS:.0f} s of both talking, {memory.words} words"
    table.add_row(last, f"{memory.highest:.0f}", f"≤ {ASKED:.0f}", met(memory.highest, ASKED))
    Console().print(table)
    return 0


def _run(arguments: Sequence[str], given: bytes) -> str:
    done = subprocess.run([sys.executable, *arguments], input=given, stdout=subprocess.PIPE, cwd=ROOT, check=True)
    return done.stdout.decode()


if __name__ == "__main__":
    sys.exit(main())
