"""How fast ``spiegel analyze`` goes through a recording, as a whole process with its start, and what memory it takes.

python -m benchmarks.analyze_speed [RECORDING] [--runs N]
"""

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import soundfile
from rich.console import Console
from rich.table import Table

from benchmarks.places import CALL

LEAST = 8.0
"""How many times faster than the call a recording must be read at least."""
_KIBIBYTES_IN_A_MEBIBYTE = 1024


def once(recording: Path) -> float:
    """Seconds of one run, from start to end of the process."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "spiegel", "analyze", "--json", str(recording)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    """Measures and prints one table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("recording", nargs="?", type=Path, default=CALL)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    recording: Path = arguments.recording
    if not recording.exists():
        sys.exit(f"{recording} is not here; name a recording: python -m benchmarks.analyze_speed FILE")
    length = float(soundfile.info(recording).duration)
    seconds = [once(recording) for _ in range(arguments.runs)]
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / _KIBIBYTES_IN_A_MEBIBYTE
    table = Table(title=f"spiegel analyze {recording.name} ({length:.0f} s), {len(seconds)} runs", title_justify="left")
    for name in ("median", "fastest", "slowest", "times real time", "asked", "met", "highest memory"):
        table.add_column(name, justify="right")
    middle = median(seconds)
    table.add_row(
        *(f"{value:.1f} s" for value in (middle, min(seconds), max(seconds))),
        f"{length / middle:.1f}",
        f"{LEAST}",
        "yes" if length / middle >= LEAST else "no",
        f"{memory:.0f} MiB",
    )
    Console().print(table)


if __name__ == "__main__":
    main()
