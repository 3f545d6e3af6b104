"""What the demo says at its end: words, the mood's arc, cues, delays, pictures."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from live_sentiment.events import Cue, SentimentTrend, TranscriptFinal
from server.commands.delays import DelayRow, Trace
from server.commands.report import arc, call_language, clock


def demo_report(trace: Trace, delays: Sequence[DelayRow], pictures: Sequence[Path]) -> RenderableType:
    """The closing table of a demo."""
    events = [one.event for one in trace.painted]
    finals = [event for event in events if isinstance(event, TranscriptFinal)]
    cues = [event for event in events if isinstance(event, Cue)]
    language = call_language(events)
    table = Table(title="What the overlay showed", title_justify="left", show_header=False, box=None, padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    words = {who: sum(len(final.words) for final in finals if final.channel == who) for who in ("agent", "customer")}
    table.add_row("words", f"{words['agent']} by the agent, {words['customer']} by the customer")
    table.add_row("mood", _mood(trace))
    for cue in cues:
        table.add_row(f"cue at {clock(cue.at)}", Text(f"{cue.advice.get(language, '')}  ({', '.join(cue.because)})"))
    if not cues:
        table.add_row("cues", "none: nothing called for one")
    for row in delays:
        table.add_row(row.name, _delay(row))
    table.add_row("pictures", _pictures(pictures))
    return Group("", *arc(events), "", table)


def _mood(trace: Trace) -> str:
    """How the call began and ended: the first and the last mood, each in a word and a number."""
    moods = [one.event for one in trace.painted if isinstance(one.event, SentimentTrend) and one.event.mood is not None]
    if not moods:
        return "not sure at any time"
    lowest = min(moods, key=lambda trend: trend.mood or 0.0)
    parts = [
        f"{when} {round(trend.mood or 0.0, 2) + 0.0:+.2f}"  # no minus before a zero
        for when, trend in (("first", moods[0]), ("lowest", lowest), ("last", moods[-1]))
    ]
    return ", ".join(parts)


def _pictures(pictures: Sequence[Path]) -> Text:
    if not pictures:
        return Text("none")
    return Text(f"{len(pictures)} in {pictures[0].parent}: {', '.join(picture.stem for picture in pictures)}")


def _delay(row: DelayRow) -> str:
    if row.p50 is None or row.p95 is None:
        return "none to measure"
    return f"p50 {row.p50 * 1000:.0f} ms, p95 {row.p95 * 1000:.0f} ms  (n = {row.count})"
