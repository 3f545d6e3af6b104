"""``spiegel playbook check``: what a playbook says, or its first mistake with the line where it stands."""

import sys
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from live_sentiment.errors import PlaybookError
from live_sentiment.playbook import Playbook, Rule, load_playbook
from live_sentiment.playbook_file import read_text
from server.commands.trigger_words import rule_words

_FINE, _MISTAKE = 0, 1


class CheckedRule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule as ``--json`` tells it."""

    id: str
    when: str
    priority: int
    max_per_call: int
    enabled: bool
    shadow: bool


class Checked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was found in ``file``. With ``fine`` the rest tells what is in it, else what is wrong, and ``text`` where.

    ``phrases`` counts them over all lists; ``unused`` are lists that no rule names.
    """

    file: str
    fine: bool
    name: str = ""
    rules: tuple[CheckedRule, ...] = ()
    phrases: int = 0
    unused: tuple[str, ...] = ()
    line: int | None = None
    text: str = ""
    mistake: str = ""
    advice: str = ""


def check_playbook(path: Path, *, as_json: bool) -> int:
    """Reads the playbook in ``path`` and tells what is in it: 0, or 1 when it has a mistake.

    Raises:
        PlaybookUnreadable: there is nothing to read.
    """
    text = read_text(path)
    try:
        found = _fine(path, load_playbook(text, str(path)))
    except PlaybookError as error:
        found = _wrong(path, text, error)
    if as_json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    elif found.fine:
        _tell(found)
    else:
        _explain(found)
    return _FINE if found.fine else _MISTAKE


def _fine(path: Path, playbook: Playbook) -> Checked:
    return Checked(
        file=str(path),
        fine=True,
        name=playbook.name,
        rules=tuple(_rule(rule) for rule in playbook.rules),
        phrases=sum(map(len, playbook.phrases.values())),
        unused=tuple(sorted(set(playbook.phrases) - _used(playbook))),
    )


def _rule(rule: Rule) -> CheckedRule:
    return CheckedRule(
        id=rule.id,
        when=rule_words(rule),
        priority=rule.priority,
        max_per_call=rule.max_per_call,
        enabled=rule.enabled,
        shadow=rule.shadow,
    )


def _used(playbook: Playbook) -> set[str]:
    named = [getattr(rule.trigger, "phrases", "") for rule in playbook.rules]
    return {*named, *(rule.unless.phrases for rule in playbook.rules if rule.unless)}


def _wrong(path: Path, text: str, error: PlaybookError) -> Checked:
    lines = text.splitlines()
    there = error.line is not None and 0 < error.line <= len(lines)
    return Checked(
        file=str(path),
        fine=False,
        line=error.line,
        text=lines[error.line - 1] if there and error.line is not None else "",
        mistake=error.mistake,
        advice=error.advice,
    )


def _tell(found: Checked) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("rule", "fires when", "priority", "a call"):
        right = column in ("priority", "a call")
        table.add_column(column, justify="right" if right else "left", no_wrap=column == "rule")
    for rule in found.rules:
        note = " (off)" if not rule.enabled else " (shadow)" if rule.shadow else ""
        table.add_row(Text(rule.id + note), Text(rule.when), str(rule.priority), str(rule.max_per_call))
    console = Console(highlight=False)
    console.print(table)
    console.print(
        Text(f"{found.name}: {_count(len(found.rules), 'rule')}, {_count(found.phrases, 'phrase')}. It is fine.")
    )
    if found.unused:
        console.print(Text(f"Phrases that no rule uses: {', '.join(found.unused)}"), style="yellow")


def explain(path: Path, text: str, error: PlaybookError) -> None:
    """Shows the mistake in the playbook ``path``, whose ``text`` was read, with its line and what to do."""
    _explain(_wrong(path, text, error))


def _explain(found: Checked) -> None:
    where = found.file if found.line is None else f"{found.file}:{found.line}"
    lines = [Text.assemble(f"{where}: ", (found.mistake, "bold red"))]
    if found.text:
        lines.append(Text.assemble((f"{found.line:>6} | ", "dim"), found.text))
    lines.append(Text(found.advice))
    Console(stderr=True, highlight=False, soft_wrap=True).print(*lines, sep="\n")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
