"""``spiegel models check``: what was found, as a person reads it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from rich.console import Group
from rich.table import Table
from rich.text import Text

from live_sentiment.events import CHANNELS, Channel
from server.commands.delays import DelayRow
from server.models.check import Findings, Said

_STYLES = {"keeps_up": "green", "slower": "yellow", "too_slow": "red", "nothing_heard": "red"}


def said_in(recording: Path | None, voices: Mapping[Channel, Path | None], text: Path | None) -> tuple[Said, ...]:
    """What is said: in ``text``, or in the files beside the recordings that are called as they are, with .txt."""
    if text is not None:
        return (Said(CHANNELS, _read(text)),)
    if recording is not None:
        beside = recording.with_suffix(".txt")
        return (Said(CHANNELS, _read(beside)),) if beside.is_file() else ()
    beside_each: dict[Channel, Path] = {name: path.with_suffix(".txt") for name, path in voices.items() if path}
    return tuple(Said((channel,), _read(path)) for channel, path in beside_each.items() if path.is_file())


def said_in_turns(turns: Path) -> tuple[Said, ...]:
    """What is said in the demo call: ``turns`` is its JSON list of channel and text."""
    lines = cast("list[dict[str, Any]]", json.loads(turns.read_text("utf-8")))
    said: dict[Channel, str] = {
        channel: " ".join(str(line["text"]) for line in lines if line["channel"] == channel) for channel in CHANNELS
    }
    return tuple(Said((channel,), text) for channel, text in said.items())


def shown(findings: Findings) -> Group:
    """The findings as a table, with the verdict below."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    table.add_row("words wrong, in a call", _rate(findings.live_wer, findings.words))
    table.add_row("words wrong, each utterance read at once", _rate(findings.whole_wer, findings.words))
    table.add_row("word → text", _delay(findings.text))
    table.add_row("word → committed", _delay(findings.committed))
    table.add_row("last word → final", _delay(findings.final))
    table.add_row("processor", f"{findings.share:.0%} of one core")
    table.add_row("language", ", ".join(findings.languages) or "none found")
    title = f"{findings.model} on {findings.recording} ({findings.duration:.0f} s)"
    return Group(Text(title, style="bold"), table, Text(_verdict(findings), style=_STYLES[findings.verdict]))


def _rate(rate: float | None, words: int) -> str:
    return "not measured: there is no text to compare with (--text FILE)" if rate is None else f"{rate:.1%} of {words}"


def _delay(row: DelayRow) -> str:
    if row.p50 is None or row.p95 is None:
        return "nothing was heard"
    half, most = max(0.0, row.p50), max(0.0, row.p95)  # the ends of words are estimates, and may lie a little late
    return f"{half:.2f} s, 95 of 100 within {most:.2f} s"


def _verdict(findings: Findings) -> str:
    match findings.verdict:
        case "keeps_up":
            one = " With both voices at once there is up to twice the work." if findings.voices == 1 else ""
            return f"Keeps up with a call on this machine.{one}"
        case "slower":
            why = "partial text comes more rarely" if findings.behind else "text and finals come late"
            return f"Works, but {why}. A smaller model is quicker."
        case "too_slow":
            return (
                f"Too slow for live calls on this machine: finals come {findings.late:.1f} s after the speech. "
                "Take a smaller model; for recordings (spiegel analyze) it is fit."
            )
        case "nothing_heard":
            return "Nothing was heard: is it speech, and in a language that the model knows (--language)?"


def _read(path: Path) -> str:
    return path.read_text("utf-8", errors="replace")
