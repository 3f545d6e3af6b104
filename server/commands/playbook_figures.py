"""The figures of a playbook on past calls, as a person reads them in a terminal."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from live_sentiment.backtest_report import NOT_USEFUL, USEFUL, BacktestMoment, BacktestReport, RuleFigures, Share
from server.commands.report import clock

_HOUR = 60
_ID = 18
"""So many characters of a call's id are shown."""


def shown(report: BacktestReport, *, moments: bool) -> RenderableType:
    """The report; with ``moments`` each would-be cue as well."""
    parts: list[RenderableType] = [*_head(report), _rules(report), Text(_LEGEND, style="dim")]
    if moments:
        parts.append(_moments(report.moments) if report.moments else Text("No moment called for a cue."))
    return Group(*parts)


def percent(share: Share) -> str:
    """A share with its interval."""
    return f"{share.share:.0%} ({share.low:.0%} to {share.high:.0%})"


_LEGEND = (
    "useful: of the cues that were shown at that moment and judged (helped, done; dismissed, muted), with the 95 % "
    "interval. new: no cue of this rule was shown then. A shadow rule is never shown, and not among cues a call."
)


def _head(report: BacktestReport) -> list[Text]:
    calls = f"{report.calls} call" + ("" if report.calls == 1 else "s")
    title = Text.assemble((report.playbook, "bold"), f" on {calls}, {_length(report.seconds)} in all")
    if report.calls_without is None or report.cues_per_call_median is None:
        return [title]
    without = report.calls_without
    line = (
        f"Cues a call: median {report.cues_per_call_median:g}, p95 {report.cues_per_call_p95}; "
        f"calls without any: {without.hits} of {without.tries}, {percent(without)}"
    )
    return [title, Text(line)]


def _length(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // _HOUR} h {minutes % _HOUR} min" if minutes >= _HOUR else f"{clock(seconds)} min"


def _rules(report: BacktestReport) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("rule", "cues", "calls", "a call", "useful", "expired", "unanswered", "new"):
        table.add_column(name, justify="left" if name in ("rule", "useful") else "right", no_wrap=True)
    for rule in report.rules:
        silent = "" if rule.cues else "dim"
        table.add_row(*(Text(cell, style=silent) for cell in _row(rule)))
    return table


def _row(rule: RuleFigures) -> tuple[str, ...]:
    name = rule.rule + (" (off)" if not rule.enabled else " (shadow)" if rule.shadow else "")
    if not rule.cues:
        return name, "0", "0", "", "", "", "", ""
    told = [rule.answers.get(answer, 0) for answer in ("expired", "unanswered", "not shown")]
    return name, str(rule.cues), str(rule.calls), f"{rule.per_call:.2f}", _useful(rule), *(str(n or "") for n in told)


def _useful(rule: RuleFigures) -> str:
    if rule.precision is None:
        return "no answers yet"
    return f"{rule.precision.hits} of {rule.precision.tries}, {percent(rule.precision)}"


def _moments(moments: tuple[BacktestMoment, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), title="Moments", title_justify="left")
    for name in ("call", "at", "rule", "because", "answer"):
        table.add_column(name, justify="right" if name == "at" else "left", no_wrap=name != "because")
    for moment in moments:
        rule = moment.rule + (" (shadow)" if moment.shadow else "")
        style = "green" if moment.answer in USEFUL else "red" if moment.answer in NOT_USEFUL else "dim"
        because = ", ".join(moment.because) or "-"
        cells = (Text(moment.call_id[:_ID]), clock(moment.at), Text(rule), Text(because), Text(moment.answer, style))
        table.add_row(*cells)
    return table
