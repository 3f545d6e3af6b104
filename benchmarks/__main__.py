"""All benchmarks, one after the other: ``make bench``. Leave the machine alone meanwhile.

Takes about twenty-seven minutes: sentiment and cues three, whisper_shapes two, accuracy six, live_delay eight, capture
two, the others three together. ``recogniser_memory`` is not among them, as ``live_delay`` measures it too.
"""

import subprocess
import sys
from collections.abc import Sequence

from benchmarks.places import ROOT

ALL = (
    "sentiment_speed",
    "sentiment",
    "cues",
    "analyze_speed",
    "whisper_shapes",
    "batching",
    "endpointing",
    "accuracy",
    "live_delay",
    "capture",
)


def main(names: Sequence[str] = ALL) -> int:
    """Runs each in a process of its own, also after one that failed; 1 when any did, else 0."""
    failed: list[str] = []
    for name in names:
        print(f"\n== python -m benchmarks.{name}", flush=True)
        code = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=ROOT, check=False).returncode
        if code:
            failed.append(f"{name} (code {code})")
    if failed:
        print(f"\nFailed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
