"""Spiegel and its peer on the same recordings: sums of errors, delays and processor time, and their rows in a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.shown import Delays, Listened, in_common
from benchmarks.tables import NOTHING, met
from live_sentiment.wer import Errors, compare

_MARKS = (50, 95)


@dataclass(slots=True)
class Sums:
    """What one system did on several recordings; ``processor`` and ``length`` in seconds."""

    errors: Errors = field(default_factory=Errors)
    delays: Delays = field(default_factory=Delays)
    processor: float = 0.0
    length: float = 0.0
    revised: int = 0
    lines: int = 0

    def add(self, said: str, listened: Listened) -> None:
        """Adds a recording in which ``said`` was said; its delays are for the caller to add."""
        self.errors += compare(said, listened.text)
        self.processor += listened.processor
        self.length += listened.length
        self.revised += listened.revised
        self.lines += listened.lines_with_text

    def __add__(self, other: "Sums") -> "Sums":
        """Both together."""
        return Sums(
            self.errors + other.errors,
            self.delays + other.delays,
            self.processor + other.processor,
            self.length + other.length,
            self.revised + other.revised,
            self.lines + other.lines,
        )

    @property
    def share(self) -> float:
        """Of one core."""
        return self.processor / self.length if self.length else 0.0


@dataclass(slots=True)
class Compared:
    """Both systems on the same recordings; ``theirs`` stays empty when the peer does not run."""

    ours: Sums = field(default_factory=Sums)
    theirs: Sums = field(default_factory=Sums)

    def __add__(self, other: "Compared") -> "Compared":
        """Both together."""
        return Compared(self.ours + other.ours, self.theirs + other.theirs)

    def add(self, said: str, ours: Listened, theirs: Listened | None, reference: Listened | None = None) -> None:
        """Adds one channel of a recording in which ``said`` was said.

        ``reference`` is what we wrote of the same speech when it was clean; None when ``ours`` is that.
        """
        self.ours.add(said, ours)
        if theirs is not None:
            self.theirs.add(said, theirs)
        for mine, other, end in in_common(reference or ours, ours, theirs or ours):
            self.ours.delays.add(ours, mine, end)
            if theirs is not None:
                self.theirs.delays.add(theirs, other, end)

    def words_row(self, asked: float | None) -> tuple[str, ...]:
        """Words, the share of wrong ones that is asked for at most, ours, whether that is met, theirs, ratio."""
        ours, theirs = self.ours.errors, self.theirs.errors
        limit = NOTHING if asked is None else f"{asked:.0%}"
        their_rate = f"{theirs.rate:.1%}" if theirs.words else NOTHING
        return (
            str(ours.words),
            limit,
            f"{ours.rate:.1%}",
            met(ours.rate, asked),
            their_rate,
            ratio(ours.rate, theirs.rate),
        )

    def delay_rows(self) -> Iterator[tuple[str, str, str, str]]:
        """Each figure's name; ours, theirs and the ratio; delays as p50 / p95 in milliseconds."""
        ours, theirs = self.ours.delays, self.theirs.delays
        yield _marks("word → text, ms", ours.text, theirs.text)
        yield _marks("word → as it stayed, ms", ours.stayed, theirs.stayed)
        yield _marks("word → settled, ms", ours.settled, theirs.settled)
        yield _marks("last word → final, ms", ours.final, theirs.final)
        mine, other = self.ours.share, self.theirs.share
        yield ("processor, of one core", f"{mine:.1%}", f"{other:.1%}" if other else NOTHING, ratio(mine, other))


def ratio(ours: float, theirs: float) -> str:
    """Ours for 1 of theirs; of two lengths only, as a word may be shown before its end."""
    return f"{ours / theirs:.2f}" if ours >= 0 and theirs > 0 else NOTHING


def _marks(name: str, ours: Sequence[float], theirs: Sequence[float]) -> tuple[str, str, str, str]:
    both = [[float(np.percentile(side, mark)) * 1000 for mark in _MARKS] if side else [] for side in (ours, theirs)]
    mine, other = (" / ".join(str(round(value)) for value in side) or NOTHING for side in both)
    return name, mine, other, " / ".join(map(ratio, *both)) or NOTHING
