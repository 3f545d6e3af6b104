"""How well a live call hears the recordings beside the project, beside the streaming of ``moonshine-voice`` itself.

Four tables. Words: each clip of ``speech`` is one call on the customer's channel, with quiet (or the same noise) around
it, and what is counted wrong is wrong in the finals of the real pipeline, with partials, commitment and redaction;
``lost_card_en`` is a call of both channels at once, against its human transcript. No words: lines with text where
nobody speaks. Delays: of both systems from the same ends of words (``benchmarks.shown`` tells how), and what they cost.
Both run on a virtual clock that is charged with their processor time (``live_sentiment.rehearsal``), so they need no
quiet machine and no real time. Last, one reading of each whole clip and what encoder and decoder cost.

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
from benchmarks.audio import in_noise, over_telephone, read_channels, read_samples, said_in, with_quiet, without_quiet
from benchmarks.compared import Compared
from benchmarks.places import AUDIO
from benchmarks.rehearsed import listen, load_embedded
from benchmarks.tables import NOTHING, table_of
from benchmarks.whole_clips import Measured, read_growing, read_whole
from live_sentiment.events import CHANNELS, Channel
from live_sentiment.moonshine.engine import MoonshineEngine
from live_sentiment.pipeline import PipelineParts
from live_sentiment.transcriber import Samples

NOISE_DB = 10.0
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

    def both(self, voices: dict[Channel, Samples], said: dict[Channel, str]) -> dict[Channel, Compared]:
        """Both systems on one call, by channel; the peer hears each channel alone."""
        ours = listen(self.parts, voices)
        compared: dict[Channel, Compared] = {name: Compared() for name in voices}
        for name, samples in voices.items():
            compared[name].add(said[name], ours[name], peer.listen(samples) if self.peer else None)
        return compared


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
    bench.console.print(delays_table({name: one for name, (one, _) in measured.items()}))
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


def by_condition(bench: Bench) -> Iterator[tuple[str, tuple[Compared, float | None]]]:
    """All clips under each condition, then the call's channels; with the share of wrong words asked for."""
    for condition in conditions():
        all_clips = Compared()
        for clip in clips():
            with bench.console.status(f"{condition.name}: {clip.name}"):
                heard, said = condition.hear(read_samples(clip)), clip.with_suffix(".txt").read_text("utf-8")
                all_clips += bench.both({"customer": heard}, {"customer": said})["customer"]
        yield condition.name, (all_clips, condition.asked)
    call = AUDIO / "calls" / "lost_card_en.flac"
    with bench.console.status(call.name):
        columns = read_channels(call)
        voices: dict[Channel, Samples] = {name: columns[:, index] for index, name in enumerate(CHANNELS)}
        for name, compared in bench.both(voices, said_in(call.with_suffix(".json"))).items():
            yield f"lost_card_en, {name}", (compared, None)


def words_table(measured: dict[str, tuple[Compared, float | None]]) -> Table:
    """Words wrong, by condition."""
    table = table_of("Words wrong in live finals", ("", "words", "asked", "Spiegel", "met", peer.NAME, "ratio"))
    for name, (compared, asked) in measured.items():
        table.add_row(name, *compared.words_row(asked))
    revised = sum(compared.ours.revised for compared, _ in measured.values())
    table.add_row("committed words revised", "", "0", str(revised), "no" if revised else "yes", "", "")
    return table


def silence_table(bench: Bench) -> Table:
    """Text where nobody speaks."""
    table = table_of("Lines with text where nobody speaks", ("", "files", "seconds", "asked", "Spiegel", peer.NAME))
    for folder in ("noise", "music"):
        together, files = Compared(), sorted((AUDIO / folder).glob("*.flac"))
        for file in files:
            with bench.console.status(f"{folder}: {file.name}"):
                voice: dict[Channel, Samples] = {"customer": with_quiet(read_samples(file))}
                together += bench.both(voice, {"customer": ""})["customer"]
        theirs = str(together.theirs.lines) if bench.peer else NOTHING
        seconds = f"{together.ours.length:.0f}"
        table.add_row(folder, str(len(files)), seconds, "0", str(together.ours.lines), theirs)
    return table


def delays_table(measured: dict[str, Compared]) -> Table:
    """Delays and processor on clean speech, in noise, and in a call."""
    names = list(measured)
    call = sum((measured[name] for name in names if name.startswith("lost_card")), Compared())
    groups = {"clean": measured[names[0]], "noise": measured[names[2]], "lost_card": call}
    heads = [f"{group}\n{system}" for group in groups for system in ("Spiegel", "peer", "ratio")]
    table = table_of(f"On a virtual clock, a channel; peer is {peer.NAME}, noise is {names[2]}", ("", *heads))
    rows = [compared.delay_rows() for compared in groups.values()]
    for cells in zip(*rows, strict=True):
        table.add_row(cells[0][0], *(cell for _, three in cells for cell in three))
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
