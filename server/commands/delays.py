"""How long after a word was spoken it stood on the overlay: read from the overlay's trace of what it painted.

A trace is JSON lines: first ``{"started": call id, "started_at": Unix time, "speed": 1.0}``, then one
``{"painted": Unix time, "event": {...}}`` per painted event. A word's end is taken from its utterance's final (for the
embedded engine these times are proportional to the characters, about 0.15 s off a forced alignment in the median), so
single delays are that uncertain while medians over a call are not.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

import msgspec

from live_sentiment.events import AnyEvent, Cue, TranscriptFinal, TranscriptPartial

_HEAD = 1024
"""Bytes at a trace's beginning by which it is told from a later one in the same file."""


@dataclass(frozen=True, slots=True)
class Painted:
    """An event and the Unix time in seconds when it had been painted."""

    painted: float
    event: AnyEvent


@dataclass(slots=True)
class Trace:
    """What an overlay painted of one call; ``started_at`` is Unix time in seconds, None before any call."""

    call_id: str | None = None
    started_at: float | None = None
    speed: float | None = 1.0
    painted: list[Painted] = field(default_factory=list[Painted])

    def delay(self, at: float, painted: float) -> float:
        """Seconds from call time ``at`` to the moment ``painted``."""
        return painted - ((self.started_at or 0.0) + at / (self.speed or 1.0))


@dataclass(frozen=True, slots=True)
class DelayRow:
    """One kind of delay over a call, in seconds; ``p50`` and ``p95`` are None without samples."""

    name: str
    count: int
    p50: float | None
    p95: float | None


class Follower:
    """Reads a trace while it is being written; ``trace`` is what is known by now."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.trace = Trace()
        self._read = 0
        self._head = b""

    def read(self) -> list[Painted]:
        """What was painted since the last time; a line that is still being written waits for the next."""
        if not self.path.exists():
            return []
        with self.path.open("rb") as file:
            if file.read(len(self._head)) != self._head:  # an overlay that was started again begins its trace anew
                self._head, self._read, self.trace = b"", 0, Trace()
            file.seek(self._read)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        self._head = (self._head + whole)[:_HEAD]
        before = len(self.trace.painted)
        for line in whole.splitlines():
            _take(self.trace, json.loads(line))
        return self.trace.painted[before:]


def read_trace(path: Path) -> Trace:
    """The trace in ``path``; a line without its end is left out."""
    follower = Follower(path)
    follower.read()
    return follower.trace


def _take(trace: Trace, line: dict[str, Any]) -> None:
    if "started" in line:
        trace.call_id, trace.started_at, trace.speed = line["started"], line["started_at"], line.get("speed", 1.0)
    else:
        trace.painted.append(Painted(line["painted"], msgspec.convert(line["event"], AnyEvent)))


def delay_rows(trace: Trace) -> list[DelayRow]:
    """The delays of a call: word to text, to the text that stayed, to committed; last word to final; cue due to cue.

    A cue is due at its cause, after the time that its rule leaves the agent to do it unasked.
    Nothing is measured when the trace does not tell when the call began (an overlay that came into a call).
    """
    if trace.started_at is None:
        trace = Trace()
    finals = [trace.delay(final.end, painted) for painted, final in _finals(trace)]
    cues = [trace.delay(p.event.at, p.painted) for p in trace.painted if isinstance(p.event, Cue)]
    return [
        _row("word → text on the overlay", list(_word_delays(trace, _is_reached))),
        _row("word → as it stayed", list(_word_delays(trace, _stands_at))),
        _row("word → committed", list(_word_delays(trace, _is_committed))),
        _row("last word → final", finals),
        _row("cue due → cue", cues),
    ]


def revisions(painted: Iterable[Painted]) -> int:
    """How many committed words a later text of their utterance did not have to the letter; none is as it must be."""
    committed: dict[int, list[str]] = {}
    revised = 0
    for one in painted:
        if not isinstance(one.event, TranscriptPartial | TranscriptFinal):
            continue
        words = one.event.text.split()
        before = committed.get(one.event.utterance, [])
        revised += sum(old != new for old, new in zip_longest(before, words[: len(before)]))
        if isinstance(one.event, TranscriptPartial):
            committed[one.event.utterance] = words[: one.event.committed]
    return revised


def _finals(trace: Trace) -> list[tuple[float, TranscriptFinal]]:
    return [(p.painted, p.event) for p in trace.painted if isinstance(p.event, TranscriptFinal) and p.event.words]


class _Text(NamedTuple):
    """A painted text: its words, of which the first ``committed`` are settled."""

    painted: float
    words: list[str]
    committed: int


def _word_delays(trace: Trace, counts: Callable[[_Text, int, str], bool]) -> Iterator[float]:
    """For each word of each final: when a painted text of its utterance first ``counts`` as showing it."""
    texts: dict[int, list[_Text]] = defaultdict(list)
    for p in trace.painted:
        if isinstance(p.event, TranscriptPartial | TranscriptFinal):
            words = p.event.text.split()
            settled = p.event.committed if isinstance(p.event, TranscriptPartial) else len(words)
            texts[p.event.utterance].append(_Text(p.painted, words, settled))
    for _, final in _finals(trace):
        for index, word in enumerate(final.words):
            first = next(text.painted for text in texts[final.utterance] if counts(text, index, word.text))
            yield trace.delay(word.end, first)


def _is_reached(text: _Text, index: int, word: str) -> bool:
    """Whether a text reaches as far as the word's place, whatever stands there."""
    del word
    return index < len(text.words)


def _stands_at(text: _Text, index: int, word: str) -> bool:
    return index < len(text.words) and _plain(text.words[index]) == _plain(word)


def _is_committed(text: _Text, index: int, word: str) -> bool:
    del word
    return index < text.committed


def _plain(word: str) -> str:
    return "".join(letter for letter in word.lower() if letter.isalnum())


def _row(name: str, delays: Sequence[float]) -> DelayRow:
    if not delays:
        return DelayRow(name, 0, None, None)
    p95 = quantiles(delays, n=20, method="inclusive")[-1] if len(delays) > 1 else delays[0]
    return DelayRow(name, len(delays), median(delays), p95)
