"""All benchmarks, one table each: ``make bench``. Takes about ten minutes; leave the machine alone meanwhile."""

import subprocess
import sys

ALL = ("sentiment_speed", "analyze_speed", "accuracy", "live_delay")

for name in ALL:
    print(f"\n== python -m benchmarks.{name}", flush=True)
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False)
