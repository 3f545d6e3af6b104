"""A call as a person reads it in a terminal: transcript by turn, arc of the mood, cues, numbers.

Takes the events of one call, wherever they come from (a recording just analysed, or the session log), and answers with
something rich can print. Nothing is computed here that an event does not already say.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from live_sentiment.events import (
    AnyEvent,
    CallEnded,
    CallStarted,
    ConversationMetrics,
    Cue,
    CueOutcome,
    Gap,
    RecognitionQuality,
    Sentiment,
    SentimentReading,
    SentimentTrend,
    SignalDetected,
    TranscriptFinal,
)

_STYLE: dict[Sentiment, str] = {"negative": "red", "neutral": "dim", "positive": "green"}
_SIGN: dict[Sentiment, str] = {"negative": "▼", "neutral": "·", "positive": "▲"}
_WHO = {"agent": "cyan", "customer": "bold"}
_ARC_WIDTH = 60
_SURE_MOOD = 0.15
_LEVEL = 0.05
"""A mood nearer to 0 than this is drawn as neither good nor bad."""
_CAUSES = {
    "paused": "paused by the agent",
    "connection": "the capture was away",
    "restart": "the server was away",
    "overload": "this machine could not keep up",
}
"""What the server's own words for a gap mean; the capture's are sentences already."""

_E = TypeVar("_E", bound=AnyEvent)


def report(events: Sequence[AnyEvent]) -> RenderableType:
    """The whole report of one call."""
    parts = [_header(events), *_transcript(events), *arc(events), *_cues(events), *_metrics(events)]
    return Group(*parts)


def clock(seconds: float) -> str:
    """Seconds as ``m:ss``."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def _of(events: Iterable[AnyEvent], kind: type[_E]) -> list[_E]:
    return [event for event in events if isinstance(event, kind)]


def _header(events: Sequence[AnyEvent]) -> RenderableType:
    started = next(iter(_of(events, CallStarted)), None)
    ended = next(iter(_of(events, CallEnded)), None)
    line = Text(started.source if started else "call", style="bold")
    if started is not None and started.started_at > 0:
        line.append(f"  {datetime.fromtimestamp(started.started_at).astimezone():%Y-%m-%d %H:%M}", style="dim")
    line.append(f"  {clock(ended.at)}" if ended else "  not finished", style="dim")
    if ended is not None and ended.reason == "lost":
        line.append("  (the connection was lost)", style="yellow")
    return Panel(line, expand=False, border_style="dim")


def _transcript(events: Sequence[AnyEvent]) -> list[RenderableType]:
    readings = {reading.utterance: reading for reading in _of(events, SentimentReading)}
    rows = Table(box=None, show_header=False, padding=(0, 1, 0, 0), expand=True)
    rows.add_column(justify="right", style="dim", no_wrap=True)
    rows.add_column(no_wrap=True)
    rows.add_column(no_wrap=True)
    rows.add_column(ratio=1)
    said = 0
    before = ""
    for event in events:
        if isinstance(event, Gap):
            rows.add_row(clock(event.start), "", "", Text(gap_in_words(event), style="yellow"))
            before = ""
        elif isinstance(event, RecognitionQuality):
            rows.add_row(clock(event.at), "", "", Text(quality_in_words(event), style="yellow"))
            before = ""
        elif isinstance(event, TranscriptFinal) and event.text:
            who = Text("" if event.channel == before else event.channel, style=_WHO[event.channel])
            rows.add_row(clock(event.start), who, _mark(readings.get(event.utterance)), Text(event.text))
            before = event.channel
            said += 1
    nothing = [] if said else [Text("No speech was recognised.", style="yellow")]
    return [*([rows] if rows.row_count else []), *nothing]


def gap_in_words(gap: Gap) -> str:
    """What was not heard, and why."""
    who = "" if gap.channel is None else f" of the {gap.channel}"
    cause = _CAUSES.get(gap.cause, gap.cause)
    return f"{gap.end - gap.start:.1f} s{who} not heard: {cause}"


def quality_in_words(quality: RecognitionQuality) -> str:
    """Whether the words of a channel can be relied upon from here on."""
    if quality.reliable:
        return f"the {quality.channel} can be made out again"
    return f"the {quality.channel} is hard to make out from here: another language, or a bad line"


def _mark(reading: SentimentReading | None) -> Text:
    if reading is None or not reading.sure:
        return Text(" ")
    return Text(_SIGN[reading.sentiment], style=_STYLE[reading.sentiment])


def arc(events: Sequence[AnyEvent]) -> list[RenderableType]:
    """The customer's mood over the call, drawn with blocks; [] when nobody can tell."""
    trend = [(event.at, event.mood) for event in _of(events, SentimentTrend) if event.mood is not None]
    if not trend:
        return []
    length = max(event.at for event in events)
    moods = [_mood_at(trend, (column + 1) / _ARC_WIDTH * length) for column in range(_ARC_WIDTH)]
    upper = Text.assemble(("  positive ", "dim"), ("".join(map(_above, moods)), "green"))
    lower = Text.assemble(("  negative ", "dim"), ("".join(map(_below, moods)), "red"))
    times = Text(" " * 11 + "0:00" + clock(length).rjust(_ARC_WIDTH - 4), style="dim")
    return [Rule("customer's mood", align="left", style="dim"), upper, lower, times]


def _mood_at(trend: Sequence[tuple[float, float]], at: float) -> float | None:
    known = [mood for when, mood in trend if when <= at]
    return known[-1] if known else None


def _above(mood: float | None) -> str:
    """One column of the arc's upper half, in eighths; a thin line while the mood is known and neither good nor bad."""
    if mood is None or mood < -_LEVEL:
        return " "
    return "▁" if mood < _LEVEL else "▂▃▄▅▆▇█"[min(6, int(mood * 7))]


def _below(mood: float | None) -> str:
    """One column of the arc's lower half, in three sizes, since terminals have no finer hanging blocks."""
    if mood is None or mood >= -_LEVEL:
        return " "
    return "█" if mood < -2 / 3 else "▀" if mood < -_SURE_MOOD else "▔"


def _cues(events: Sequence[AnyEvent]) -> list[RenderableType]:
    cues = _of(events, Cue)
    if not cues:
        return [Rule("cues", align="left", style="dim"), Text("  none: nothing called for one", style="dim")]
    outcomes = {outcome.cue_id: outcome.outcome for outcome in _of(events, CueOutcome)}
    language = call_language(events)
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0), expand=True)
    for column in ("time", "text"):
        table.add_column(column, style="dim" if column == "time" else None, no_wrap=column == "time")
    for cue in cues:
        text = Text(cue.advice.get(language, ""), style="bold")
        if cue.shadow:
            text.append(" (in shadow: never shown)", style="not bold dim")
        text.append(f"\n{cue.why.get(language, '')}", style="not bold dim")
        if cue.cue_id in outcomes:
            text.append(f" ({outcomes[cue.cue_id]})", style="not bold dim")
        table.add_row(clock(cue.at), text)
    return [Rule("cues", align="left", style="dim"), table]


def call_language(events: Sequence[AnyEvent]) -> str:
    """The language most finals are in; "en" when nothing was said."""
    languages = [final.language for final in _of(events, TranscriptFinal) if final.text]
    return "nl" if languages.count("nl") * 2 > len(languages) else "en"


def _metrics(events: Sequence[AnyEvent]) -> list[RenderableType]:
    metrics = _of(events, ConversationMetrics)
    if not metrics:
        return []
    last = metrics[-1]
    signals = list(dict.fromkeys(signal.signal.replace("_", " ") for signal in _of(events, SignalDetected)))
    share = "" if last.talk_ratio is None else f"  ({last.talk_ratio:.0%} agent)"
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    table.add_row("talk", f"agent {clock(last.agent_talk)}, customer {clock(last.customer_talk)}{share}")
    table.add_row("both at once", f"{last.overlap:.1f} s")
    table.add_row("silence", clock(last.silence))
    table.add_row("picked up", ", ".join(signals) or "nothing")
    return [Rule("numbers", align="left", style="dim"), table]
