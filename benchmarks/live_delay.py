"""How long after a word was spoken it stands on the overlay, live, and what the three processes cost meanwhile.

Runs the demo's own processes over a recording in real time, and reads the overlay's trace.

    python -m benchmarks.live_delay [RECORDING]
"""

import argparse
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.places import CALL
from live_sentiment.events import Delay, Gap
from server.commands.delays import Trace, delay_rows, read_trace

_MEBIBYTE = 1 << 20
_EVERY = 1.0


@dataclass(slots=True)
class Usage:
    """What the processes used: the highest sum of resident memory in bytes, and processor seconds, by name."""

    peak: int = 0
    peaks: Counter[str] = field(default_factory=Counter[str])
    processor: dict[str, float] = field(default_factory=dict[str, float])


def watch(process: psutil.Process, usage: Usage, stop: threading.Event) -> None:
    """Looks at the children of ``process`` once a second until ``stop``; it may end at any time."""
    while not stop.wait(_EVERY):
        total = 0
        try:
            children = process.children(recursive=True)
        except psutil.Error:
            continue
        for child in children:
            try:
                words = child.cmdline()
                name = next((w for w in ("server", "overlay", "capture") if w in words), "")
                if not name:
                    continue
                memory, times = child.memory_info().rss, child.cpu_times()
            except psutil.Error:
                continue
            total += memory
            usage.peaks[name] = max(usage.peaks[name], memory)
            usage.processor[name] = times.user + times.system
        usage.peak = max(usage.peak, total)


def live(recording: Path, out: Path) -> tuple[Trace, Usage]:
    """Plays ``recording`` through the three processes in real time."""
    usage, stop = Usage(), threading.Event()
    command = [sys.executable, "-m", "spiegel", "demo", "--call", str(recording), "--out", str(out)]
    demo = psutil.Popen(command, stdout=subprocess.DEVNULL)
    watcher = threading.Thread(target=watch, args=(demo, usage, stop))
    watcher.start()
    code = demo.wait()
    stop.set()
    watcher.join()
    if code:
        sys.exit(f"the demo ended with code {code}; see {out}/session/runtime/logs")
    return read_trace(out / "trace.jsonl"), usage


def main() -> None:
    """Measures and prints one table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("recording", nargs="?", type=Path, default=CALL)
    recording: Path = parser.parse_args().recording
    if not recording.exists():
        sys.exit(f"{recording} is not here; name a recording: python -m benchmarks.live_delay FILE")
    with tempfile.TemporaryDirectory() as folder:
        trace, usage = live(recording, Path(folder))
    Console().print(_table(recording, trace, usage))


def _table(recording: Path, trace: Trace, usage: Usage) -> Table:
    length = max(one.event.at for one in trace.painted)
    table = Table(title=f"{recording.name}, {length:.0f} s, both channels, real time", title_justify="left")
    for name in ("what", "p50", "p95", "n"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for row in delay_rows(trace):
        p50, p95 = (f"{value * 1000:.0f} ms" if value is not None else "-" for value in (row.p50, row.p95))
        table.add_row(row.name, p50, p95, str(row.count))
    for name, seconds in sorted(usage.processor.items()):
        table.add_row(f"{name}: processor, of one core", f"{seconds / length:.0%}", "", "")
    for name, peak in sorted(usage.peaks.items()):
        table.add_row(f"{name}: resident memory, highest", f"{peak / _MEBIBYTE:.0f} MiB", "", "")
    table.add_row("together, highest", f"{usage.peak / _MEBIBYTE:.0f} MiB", "", "")
    events = [one.event for one in trace.painted]
    table.add_row("gaps (audio lost)", "", "", str(sum(isinstance(event, Gap) for event in events)))
    table.add_row("times it fell behind", "", "", str(sum(isinstance(event, Delay) for event in events)))
    return table


if __name__ == "__main__":
    main()
