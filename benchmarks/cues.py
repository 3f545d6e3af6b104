"""Which cues the recorded calls get, and that noise and hold music get none.

python -m benchmarks.cues [RECORDING ...] [--playbook FILE] [--engine NAME] [--language CODE] [--around]

``--around`` prints what was said before and after each cue, to be judged as a coach would. Exit code 1 when a recording
got more or fewer cues than wanted.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from audio_capture.demo_call import path as demo_call
from audio_capture.recording import open_recording
from benchmarks.places import AUDIO
from benchmarks.tables import NOTHING
from live_sentiment.analysis import analyze
from live_sentiment.assembly import AssemblyConfig, load_parts
from live_sentiment.backtest import replay
from live_sentiment.events import AnyEvent, Cue, RecognitionQuality, TranscriptFinal
from live_sentiment.pipeline import PipelineParts
from live_sentiment.playbook import Playbook
from server.commands.report import clock
from server.places import Places

FEWEST, MOST = 1, 3
"""How many cues a call should get."""
BEFORE, AFTER = 25.0, 15.0
"""Seconds around a cue that ``--around`` prints."""
_WIDEST = 32
"""Characters of the widest column."""
_HEADS = ("recording", "length", "cues", "wanted", "met", "at", "rule", "because")


@dataclass(frozen=True, slots=True)
class Heard:
    """One recording with its events; a ``call`` is to get cues, other sound none."""

    name: str
    call: bool
    events: Sequence[AnyEvent]

    @property
    def cues(self) -> list[Cue]:
        """Those that the agent would have seen."""
        return [event for event in self.events if isinstance(event, Cue) and not event.shadow]

    @property
    def wanted(self) -> tuple[int, int]:
        """How many there should be, at least and at most."""
        return (FEWEST, MOST) if self.call else (0, 0)

    @property
    def met(self) -> bool:
        """Whether there are as many as wanted."""
        fewest, most = self.wanted
        return fewest <= len(self.cues) <= most

    def held_back(self, playbook: Playbook) -> list[Cue]:
        """Cues that were not shown because the words could not be relied upon."""
        sure = [event for event in self.events if not isinstance(event, RecognitionQuality)]
        given = {cue.rule for cue in self.cues}
        return [cue for cue in replay(sure, playbook) if cue.rule not in given]


def hear(path: Path, parts: PipelineParts, language: str, *, call: bool) -> Heard:
    """Runs the whole pipeline over a recording; what is no call is played as the customer's channel."""
    source = open_recording(path) if call else open_recording(None, customer=path)
    return Heard(path.name, call, analyze(source.frames(), parts, source=path.name, language=language))


def recordings() -> list[tuple[Path, bool]]:
    """Each recording, and whether it is a call: the demo call, and those in the shared folder that are there."""
    calls = [demo_call(), *sorted((AUDIO / "calls").glob("*.flac"))]
    others = [path for folder in ("noise", "music") for path in sorted((AUDIO / folder).glob("*.flac"))]
    return [*((path, True) for path in calls), *((path, False) for path in others)]


def table(heard: Iterable[Heard], playbook: Playbook) -> Table:
    """A row for each cue, and for each recording without."""
    shown = Table(title=f"Cues of the playbook {playbook.name!r}", title_justify="left")
    for head in _HEADS:
        shown.add_column(head, no_wrap=head != "because", overflow="ellipsis", max_width=_WIDEST)
    for one in heard:
        rows = [(clock(cue.at), cue.rule, ", ".join(cue.because)) for cue in one.cues]
        rows += [(clock(cue.at), f"{cue.rule} (held back)", ", ".join(cue.because)) for cue in one.held_back(playbook)]
        for number, row in enumerate(rows or [(NOTHING, NOTHING, NOTHING)]):
            begin = ("",) * 5 if number else _first(one)
            shown.add_row(*map(Text, (*begin, *row)))
    return shown


def _first(one: Heard) -> tuple[str, ...]:
    fewest, most = one.wanted
    wanted = f"{fewest} to {most}" if most else "none"
    length = max((event.at for event in one.events), default=0.0)
    return one.name, clock(length), str(len(one.cues)), wanted, "yes" if one.met else "no"


def around(one: Heard, cue: Cue) -> str:
    """What was said around a cue, with the cue's advice in its place."""
    finals = [event for event in one.events if isinstance(event, TranscriptFinal) and event.text]
    near = [final for final in finals if cue.at - BEFORE <= final.end and final.start <= cue.at + AFTER]
    lines = [(final.start, f"{clock(final.start):>6} {final.channel:9}{final.text}") for final in near]
    advice = (cue.at, f"{clock(cue.at):>6} {'CUE':9}{cue.rule}: {cue.advice['en']}  ({cue.why['en']})")
    return "\n".join([f"\n{one.name}", *(line for _, line in sorted([*lines, advice]))])


def main() -> int:
    """Listens and prints; 1 when a recording is not as wanted, else 0."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("recordings", nargs="*", type=Path, help="calls; left out, all that are here")
    parser.add_argument("--playbook", type=Path, help="another playbook than the one that ships")
    parser.add_argument("--engine", default="moonshine", help='a speech model, or "auto"; left out, the embedded one')
    parser.add_argument("--language", default="auto")
    parser.add_argument("--around", action="store_true", help="print what was said around each cue")
    asked = parser.parse_args()
    if missing := [path for path in asked.recordings if not path.exists()]:
        sys.exit(f"{missing[0]} is not here; name a recording: python -m benchmarks.cues FILE")
    if not asked.recordings and not AUDIO.is_dir():
        print(f"The recordings in {AUDIO} are not here; only the demo call is heard.", file=sys.stderr)
    models = Places.default().models
    parts = load_parts(AssemblyConfig(models, engine=asked.engine, language=asked.language, playbook=asked.playbook))
    chosen = [(path, True) for path in asked.recordings] or recordings()
    heard = [hear(path, parts, asked.language, call=call) for path, call in chosen]
    Console(width=max(120, Console().width)).print(table(heard, parts.playbook))
    if asked.around:
        for one in heard:
            for cue in [*one.cues, *one.held_back(parts.playbook)]:
                print(around(one, cue))
    return 0 if all(one.met for one in heard) else 1


if __name__ == "__main__":
    sys.exit(main())
