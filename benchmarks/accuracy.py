"""How well a live call hears the recordings beside the project, beside the streaming of ``moonshine-voice`` itself.

Four tables. Words: each clip of ``speech`` is one call on the customer's channel, with quiet (or the same noise) around
it, and what is counted wrong is wrong in the finals of the real pipeline, with partials, commitment and redaction;
``lost_card_en`` is a call of both channels at once, against its human transcript. No words: lines that ever had text
where nobody speaks. Delays: of both systems from the same ends of words (``benchmarks.shown`` tells how), and what they
cost, quiet included, a channel. Both run on a virtual clock that is charged with their processor time
(``live_sentiment.rehearsal``), so they need no real time. Our channels of a call share that clock; the peer hears each
alone, since its streams disturb each other. Last, one reading of each whole clip and what encoder and decoder cost.

Takes some eight minutes. Run: python -m benchmarks.accuracy [--without-peer]
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import peer
from benchmarks.audio import (
    both_talking,
    in_noise,
    over_telephone,
    read_channels,
    read_samples,
    said_in,
    with_quiet,
    without_quiet,
)
from benchmarks.compared import Compared
from benchmarks.places import AUDIO
from benchmarks.rehearsed import listen, load_embedded
from benchmarks.shown import Listened
from benchmarks.tables import NOTHING, met, table_of
from benchmarks.whole_clips import Measured, read_growing, read_whole
from live_sentiment.events import CHANNELS, Channel
from live_sentiment.moonshine.engine import MoonshineEngine
from live_sentiment.pipeline import PipelineParts
from live_sentiment.transcriber import Samples

LOST_CARD = AUDIO / "calls" / "lost_card_en.flac"
NOISE_DB = 10.0
TALKING = 60.0
"""Seconds of a call in which both talk all the time."""
_WIDTH = 110


@dataclass(frozen=True, slots=True)
class Condition:
    """How clips are heard: with quiet around them already. ``asked`` is the share of wrong words asked for at most."""

    name: str
    hear: Callable[[Samples], Samples]
    asked: float | None = None


@dataclass(slots=True)
class Bench:
    """What all tables need. ``peer`` False leaves the other system out."""

    parts: PipelineParts
    peer: bool
    console: Console = field(default_factory=lambda: Console(width=_WIDTH))

    def hear(self, voices: dict[Channel, Samples]) -> Iterator[tuple[Channel, Listened, Listened | None]]:
        """Both systems on one call, channel by channel: ours with all of them at once, the peer's with each alone."""
        ours = listen(self.parts, voices)
        for name, samples in voices.items():
            yield name, ours[name], peer.listen(samples) if self.peer else None


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--without-peer", action="store_true", help="leave moonshine-voice's own streaming out")
    arguments = parser.parse_args()
    if not AUDIO.is_dir():
        sys.exit(f"There are no recordings in {AUDIO}, so there is nothing to measure.")
    bench = Bench(load_embedded(), peer=not arguments.without_peer)
    listen(bench.parts, {"customer": with_quiet(read_samples(clips()[0]))})  # the first decodes are slower
    measured = dict(by_condition(bench))
    bench.console.print(words_table(measured))
    bench.console.print(silence_table(bench))
    bench.console.print(delays_table({**measured, "both talking all the time, both channels": talking(bench)}))
    bench.console.print(whole_clips_table(bench))
    return 0


def clips() -> list[Path]:
    """The clips of read speech, each with its words in a text of the same name."""
    return sorted((AUDIO / "speech").glob("*.flac"))


def conditions() -> list[Condition]:
    """What the clips are heard through."""

    def noisy(name: str) -> Callable[[Samples], Samples]:
        return partial(in_noise, noise=read_samples(AUDIO / "noise" / f"{name}.flac"), decibels=NOISE_DB)

    return [
        Condition("clean", with_quiet, 0.07),
        Condition("telephone (8 kHz, mu-law)", lambda samples: with_quiet(over_telephone(samples)), 0.08),
        Condition(f"call centre, {NOISE_DB:.0f} dB", noisy("callcenter"), 0.14),
        Condition(f"office, {NOISE_DB:.0f} dB", noisy("office")),
    ]


def by_condition(bench: Bench) -> Iterator[tuple[str, Compared]]:
    """All clips under each condition, then the call's channels."""
    clean: dict[Path, Listened] = {}
    for condition in conditions():
        compared = Compared()
        for clip in clips():
            said = clip.with_suffix(".txt").read_text("utf-8")
            with bench.console.status(f"{condition.name}: {clip.name}"):
                for _, ours, theirs in bench.hear({"customer": condition.hear(read_samples(clip))}):
                    compared.add(said, ours, theirs, clean.setdefault(clip, ours))
        yield condition.name, compared
    said_by = said_in(LOST_CARD.with_suffix(".json"))
    with bench.console.status(LOST_CARD.name):
        columns = read_channels(LOST_CARD)
        voices: dict[Channel, Samples] = {name: columns[:, index] for index, name in enumerate(CHANNELS)}
        for name, ours, theirs in bench.hear(voices):
            compared = Compared()
            compared.add(said_by[name], ours, theirs)
            yield f"{LOST_CARD.stem}, {name}", compared


def talking(bench: Bench) -> Compared:
    """A call in which both talk all the time; what is wrong in it is not counted, as it is cut off at its end."""
    compared = Compared()
    with bench.console.status("both talking all the time"):
        for _, ours, theirs in bench.hear(both_talking([read_samples(clip) for clip in clips()], TALKING)):
            compared.add("", ours, theirs)
    return compared


def words_table(measured: dict[str, Compared]) -> Table:
    """Words wrong, by condition."""
    table = table_of("Words wrong in live finals", ("", "words", "asked", "Spiegel", "met", peer.NAME, "ratio"))
    asked = {condition.name: condition.asked for condition in conditions()}
    for name, compared in measured.items():
        table.add_row(name, *compared.words_row(asked.get(name)))
    revised = sum(compared.ours.revised for compared in measured.values())
    table.add_row("committed words revised", "", "0", str(revised), met(revised, 0), "", "")
    return table


def silence_table(bench: Bench) -> Table:
    """Text where nobody speaks."""
    table = table_of("Lines with text where nobody speaks", ("", "seconds", "asked", "Spiegel", "met", peer.NAME))
    for folder in ("noise", "music"):
        together, files = Compared(), sorted((AUDIO / folder).glob("*.flac"))
        for file in files:
            with bench.console.status(f"{folder}: {file.name}"):
                for _, ours, theirs in bench.hear({"customer": with_quiet(read_samples(file))}):
                    together.add("", ours, theirs)
        ours, theirs = together.ours.lines, str(together.theirs.lines) if bench.peer else NOTHING
        seconds = f"{together.ours.length:.0f}"
        table.add_row(f"{folder}, {len(files)} files", seconds, "0", str(ours), met(ours, 0), theirs)
    return table


def delays_table(measured: dict[str, Compared]) -> Table:
    """Delays, and a channel's share of a core, by condition."""
    table = table_of("Delays (p50 / p95) and cost, on a virtual clock", ("", "Spiegel", peer.NAME, "ratio"))
    for name, compared in measured.items():
        table.add_row(f"{name}: {len(compared.ours.delays.text)} words", style="bold")
        for cells in compared.delay_rows():
            table.add_row(*cells)
        table.add_section()
    return table


def whole_clips_table(bench: Bench) -> Table:
    """One reading of each whole clip, and the cost of reading."""
    heads = ("", "wrong", "wrong, drafted", "encoder ms/s", "decoder ms", "with draft ms")
    table = table_of("Whole clips, without the pipeline", heads)
    engine = MoonshineEngine.load()
    for number, condition in enumerate(conditions()):
        measured = Measured()
        for clip in clips():
            with bench.console.status(f"whole clips, {condition.name}: {clip.name}"):
                heard = without_quiet(condition.hear(read_samples(clip)))
                drafted = None if number else read_growing(engine, heard, measured)
                measured.add(clip.with_suffix(".txt").read_text("utf-8"), read_whole(engine, heard), drafted)
        table.add_row(condition.name, *measured.row())
    return table


if __name__ == "__main__":
    sys.exit(main())
