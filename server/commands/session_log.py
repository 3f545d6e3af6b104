"""``spiegel log``: the calls in the session log, and one of them as a person reads it."""

import sys
from contextlib import closing
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from server.commands.report import clock, report
from server.errors import NotFound
from server.places import Places
from server.protocol import encode
from server.store.rows import CallDetail, CallRow
from server.store.store import Store

_MANY = 500


def show_log(places: Places, call_id: str | None, *, as_json: bool) -> int:
    """Prints the newest calls, or the one whose id begins with ``call_id``.

    Raises:
        StoreUnavailable: there is no log, or it cannot be read.
        NotFound: no call's id begins so, or several do.
    """
    if not places.database.exists():  # the first server that runs makes it
        if call_id is not None:
            raise NotFound("There is no call in the log yet.", "Make the first one: spiegel demo, or spiegel run")
        _list([], as_json=as_json)
        return 0
    with closing(Store(places.database, lambda _: None)) as store:
        calls = store.calls(limit=_MANY)
        if call_id is None:
            _list(calls, as_json=as_json)
        else:
            _show(store.call(_chosen(calls, call_id)), as_json=as_json)
    return 0


def _chosen(calls: list[CallRow], begin: str) -> str:
    found = [row.call_id for row in calls if row.call_id.startswith(begin)]
    if len(found) != 1:
        raise NotFound(f"{len(found) or 'No'} calls in the log begin with {begin!r}.", "See them all with: spiegel log")
    return found[0]


def _list(calls: list[CallRow], *, as_json: bool) -> None:
    if as_json:
        for row in calls:
            sys.stdout.write(encode(row) + "\n")
        return
    if not calls:
        Console().print("No calls yet. They appear here after the first one (try: spiegel demo).")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("call", "when", "length", "source", "ended"):
        table.add_column(name, no_wrap=name != "source")
    for row in calls:
        when = f"{datetime.fromtimestamp(row.started_at).astimezone():%Y-%m-%d %H:%M}"
        length = clock(row.length) if row.length is not None else ""
        table.add_row(row.call_id[:8], when, length, Text(row.source), row.reason or "not finished")
    Console().print(table)


def _show(detail: CallDetail, *, as_json: bool) -> None:
    events = [*detail.events, *([detail.metrics] if detail.metrics else [])]
    if as_json:
        for event in events:
            sys.stdout.write(encode(event) + "\n")
        return
    Console(highlight=False).print(report(events))
    if detail.note is not None and (detail.note.note or detail.note.solved):
        Console().print(f"Note: {detail.note.note}  solved: {detail.note.solved or 'not said'}", markup=False)
