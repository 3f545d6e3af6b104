"""How long after a word was spoken it stands on the overlay, live, and what the three processes cost meanwhile.

Runs the demo's own processes in real time, and reads the overlay's trace (``server.commands.delays`` tells what each
delay means). By default over the English calls beside the project, and over a call made on the spot in which both
channels talk all the time; some eight minutes on a quiet machine. The recogniser's memory is that of
``recogniser_memory``.

    python -m benchmarks.live_delay [--quick] [RECORDING ...]
"""

import argparse
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from msgspec import structs
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks import recogniser_memory
from benchmarks.audio import both_talking, read_samples, write_call
from benchmarks.places import AUDIO, CALL
from benchmarks.recogniser_process import STATUS
from benchmarks.tables import NOTHING, met
from benchmarks.usage import PROCESSES, Usage, watch
from live_sentiment.events import Delay, Gap, TranscriptFinal, TranscriptPartial
from server.commands.delays import DelayRow, Painted, Trace, delay_rows, read_trace, revisions

BOTH_TALKING = "both_talking"
SECONDS = 90.0
DEFAULT = (CALL, AUDIO / "calls" / "lost_card_en.flac")
"""The calls in English, which is what the embedded engine knows."""
ASKED = {
    "word → text on the overlay": (200.0, 700.0),
    "word → committed": (800.0, 1600.0),
    "last word → final": (450.0, 650.0),
}
"""Milliseconds, p50 and p95."""
ASKED_PROCESSOR = 0.5
"""Of one core, by the server while both talk all the time."""
_MEBIBYTE = 1 << 20
_APART = 100_000
"""More than any call has utterances."""


@dataclass(frozen=True, slots=True)
class Played:
    """A recording that was played through the three processes."""

    name: str
    trace: Trace
    usage: Usage

    def share(self, process: str) -> float | None:
        """How much of one core a process used during the call."""
        began = self.trace.started_at or 0.0
        return self.usage.share(process, began, began + max(one.event.at for one in self.trace.painted))


def play(recording: Path, out: Path) -> Played:
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
    return Played(recording.stem.removesuffix("_en"), read_trace(out / "trace.jsonl"), usage)


def together(traces: Sequence[Trace]) -> Trace:
    """All calls as one, in which every call begins at the time 0 and has utterances of its own."""
    joined = Trace(started_at=0.0)
    for number, trace in enumerate(traces):
        for painted, event in ((one.painted - (trace.started_at or 0.0), one.event) for one in trace.painted):
            if isinstance(event, TranscriptPartial | TranscriptFinal):
                own = structs.replace(event, utterance=event.utterance + number * _APART)
                joined.painted.append(Painted(painted, own))
            else:
                joined.painted.append(Painted(painted, event))
    return joined


def main() -> None:
    """Measures and prints one table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("recordings", nargs="*", type=Path, metavar="RECORDING", help="stereo, in English")
    parser.add_argument("--quick", action="store_true", help="only the call in which both talk all the time")
    arguments = parser.parse_args()
    recordings: list[Path] = arguments.recordings
    chosen = recordings or ([] if arguments.quick else list(DEFAULT))
    for recording in chosen or [AUDIO]:
        if not recording.exists():
            sys.exit(f"{recording} is not here; name a recording: python -m benchmarks.live_delay FILE")
    clips = [read_samples(clip) for clip in sorted((AUDIO / "speech").glob("*.flac"))]
    memory = recogniser_memory.measure(clips).highest if clips and STATUS.exists() else None
    with tempfile.TemporaryDirectory() as folder:
        if not recordings:
            chosen.append(Path(folder, f"{BOTH_TALKING}.flac"))
            write_call(chosen[-1], both_talking(clips, SECONDS))
        played = [play(recording, Path(folder, str(number))) for number, recording in enumerate(chosen)]
    Console(width=110).print(table(played, memory))


def table(played: Sequence[Played], recogniser: float | None) -> Table:
    """Each call, all of them together, and what is asked for; ``recogniser`` is its memory in MiB."""
    made = Table(title="Live, in real time; delays in ms, p50 / p95", title_justify="left", box=box.SIMPLE_HEAD)
    for name in ("", *(one.name for one in played), "together", "asked", "met"):
        made.add_column(name, justify="right" if name else "left", overflow="fold")
    for cells in (*_delays(played), *_counts(played), *_processor(played), *_memory(played, recogniser)):
        made.add_row(*cells)
    return made


def _delays(played: Sequence[Played]) -> Iterable[tuple[str, ...]]:
    calls = [delay_rows(one.trace) for one in played]
    for rows in zip(*calls, delay_rows(together([one.trace for one in played])), strict=True):
        name, last = rows[-1].name, rows[-1]
        limits = ASKED.get(name)
        asked = NOTHING if limits is None else "{:.0f} / {:.0f}".format(*limits)
        yield (name.removesuffix(" on the overlay"), *map(_marks, rows), asked, _within(last, limits))
    counts = [str(rows[0].count) for rows in (*calls, delay_rows(together([one.trace for one in played])))]
    yield ("words", *counts, "", "")


def _marks(row: DelayRow) -> str:
    return NOTHING if row.p50 is None or row.p95 is None else f"{row.p50 * 1000:.0f} / {row.p95 * 1000:.0f}"


def _within(row: DelayRow, limits: tuple[float, float] | None) -> str:
    if limits is None or row.p50 is None or row.p95 is None:
        return NOTHING
    return "yes" if row.p50 * 1000 <= limits[0] and row.p95 * 1000 <= limits[1] else "no"


def _counts(played: Sequence[Played]) -> Iterable[tuple[str, ...]]:
    revised = [revisions(one.trace.painted) for one in played]
    yield ("committed words revised", *map(str, (*revised, sum(revised))), "0", met(sum(revised), 0))
    for name, kind in (("gaps (audio lost)", Gap), ("times it fell behind", Delay)):
        counts = [sum(isinstance(p.event, kind) for p in one.trace.painted) for one in played]
        yield (name, *map(str, (*counts, sum(counts))), "", "")


def _processor(played: Sequence[Played]) -> Iterable[tuple[str, ...]]:
    for process in PROCESSES:
        shares = {one.name: one.share(process) for one in played}
        cells = (NOTHING if share is None else f"{share:.0%}" for share in shares.values())
        limit = ASKED_PROCESSOR if process == "server" and BOTH_TALKING in shares else None
        asked = NOTHING if limit is None else f"{limit:.0%}"
        yield (f"{process}, of one core", *cells, "", asked, met(shares.get(BOTH_TALKING), limit))


def _memory(played: Sequence[Played], recogniser: float | None) -> Iterable[tuple[str, ...]]:
    for process in PROCESSES:
        yield (f"{process}, MiB", *_mebibytes([one.usage.memory[process] for one in played]), NOTHING, NOTHING)
    yield ("all three, MiB", *_mebibytes([one.usage.together for one in played]), NOTHING, NOTHING)
    alone = NOTHING if recogniser is None else f"{recogniser:.0f}"
    limit = recogniser_memory.ASKED
    yield ("recogniser alone, MiB", *("" for _ in played), alone, f"{limit:.0f}", met(recogniser, limit))


def _mebibytes(memory: Sequence[int]) -> tuple[str, ...]:
    return tuple(f"{each / _MEBIBYTE:.0f}" for each in (*memory, max(memory)))


if __name__ == "__main__":
    main()
