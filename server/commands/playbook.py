"""``spiegel playbook``: the command line's part of checking, showing and trying out playbooks.

Each verb imports what it needs when it is called, so that --help is quick.
"""

from pathlib import Path
from typing import Annotated

import typer

from server.commands.models import Door

app = typer.Typer(
    no_args_is_help=True,
    help="Check a playbook, and try it on past calls; what a coach needs who writes one.",
    epilog="To begin: `spiegel playbook show > ours.toml`, change it, `spiegel playbook check ours.toml`.",
)
File = Annotated[Path, typer.Argument(metavar="FILE", help="The playbook, a TOML file.")]


@app.command()
def check(
    context: typer.Context,
    file: File,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Read a playbook: list its rules, or show its first mistake with its line and what to do.

    spiegel playbook check ours.toml

    Exit code 0: it is fine. 1: it has a mistake. 2: the file cannot be read.
    Correct what is shown and check again, until it is fine.
    A running server takes a changed file by itself, and only when it is fine.
    """
    from server.commands.playbook_check import check_playbook

    door: Door = context.obj
    with door.plain_errors():
        _leave(check_playbook(file, as_json=as_json))


@app.command()
def show() -> None:
    """Print the playbook that ships, to copy and change: spiegel playbook show > ours.toml.

    Then name your copy in settings.toml: playbook = "/path/to/ours.toml"
    """
    import sys

    from live_sentiment.playbook import default_text

    sys.stdout.buffer.write(default_text().encode())
    sys.stdout.buffer.flush()


@app.command()
def backtest(
    context: typer.Context,
    file: File,
    *,
    sessions: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Calls in files, instead of the session log.")
    ] = None,
    last: Annotated[
        int | None, typer.Option(min=1, help="So many of the newest calls of the session log.", show_default="50")
    ] = None,
    moments: Annotated[bool, typer.Option("--moments", help="List each moment with its call and time.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, with all moments.")] = False,
) -> None:
    """Try a playbook on past calls: how often it would have spoken, and how agents took such cues.

    spiegel playbook backtest ours.toml --last 200
    spiegel playbook backtest ours.toml --sessions DIR --moments

    DIR holds .json or .jsonl files: what `spiegel log ID --json`,
    `spiegel analyze --json` or GET /v1/calls/ID gave out. Files that cannot be
    used are named and skipped. Ctrl-C stops with the figures so far.

    A cue counts as useful when the same rule had a cue within 15 s of that
    moment and the agent said it helped, or did what it said; not useful when
    it was dismissed or muted. Few answers give a wide interval.
    """
    from server.commands.playbook_backtest import BacktestAsked, run_backtest

    if sessions is not None and last is not None:
        message = "It counts calls of the session log; with --sessions, all files in DIR are read."
        raise typer.BadParameter(message, param_hint="--last")
    door: Door = context.obj
    with door.plain_errors():
        asked = BacktestAsked(file, sessions, last or 50, moments=moments, as_json=as_json)
        _leave(run_backtest(asked, door.places()))


def _leave(code: int) -> None:
    if code:
        raise typer.Exit(code)
