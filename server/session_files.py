"""Past calls in files: what ``spiegel log ID --json``, ``spiegel analyze --json`` and ``GET /v1/calls/ID`` gave out.

A file holds one or more calls as JSON: an event a line, a list of events, or what the server answers for a call.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import msgspec

from live_sentiment.backtest import PastCall
from live_sentiment.events import AnyEvent, CallStarted
from server.errors import SessionUnusable
from server.store.rows import StoredOutcome

ENDINGS = frozenset((".json", ".jsonl", ".ndjson"))
LONGEST = 86_400.0
"""No call is longer than this, in seconds; a time beyond it is a mistake."""

_AS_FILES = "Files are made with: spiegel log ID --json > FILE.jsonl"


class _Detail(msgspec.Struct, frozen=True, kw_only=True):
    """What matters here of the server's answer for a call."""

    events: tuple[AnyEvent, ...]
    outcomes: tuple[StoredOutcome, ...] = ()


def session_files(place: Path) -> list[Path]:
    """The files of past calls in the folder ``place`` and those below, by name; or ``place``, if it is a file.

    Raises:
        SessionUnusable: there is nothing.
    """
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise SessionUnusable(f"There is no folder {place}.", _AS_FILES)
    found = sorted(path for path in place.rglob("*") if path.suffix.lower() in ENDINGS and path.is_file())
    if not found:
        raise SessionUnusable(f"There is no .json or .jsonl file in {place}.", _AS_FILES)
    return found


def read_session(path: Path) -> list[PastCall]:
    """The calls in one file.

    Raises:
        SessionUnusable: it cannot be read, or something in it is no part of a call.
    """
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise SessionUnusable(f"it cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise SessionUnusable("it is not UTF-8 text.", _AS_FILES) from error
    calls = list(_calls(path.stem, _values(text)))
    if not calls:
        raise SessionUnusable("there is nothing in it.", _AS_FILES)
    return calls


def _values(text: str) -> Iterator[tuple[int, Any]]:
    """The JSON values in a file with their lines: one or a list over all lines, or one a line."""
    try:
        whole = msgspec.json.decode(text)
    except RecursionError as error:
        raise SessionUnusable("it has brackets in brackets without end.", _AS_FILES) from error
    except msgspec.DecodeError:
        yield from _values_by_line(text)
        return
    for value in cast("list[Any]", whole) if isinstance(whole, list) else [whole]:
        yield 1, value


def _values_by_line(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield number, msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError) as error:
            raise SessionUnusable(
                f"line {number} is not JSON: {error}.", "Perhaps it was not written whole."
            ) from error


def _calls(name: str, values: Iterable[tuple[int, Any]]) -> Iterator[PastCall]:
    """Calls, each begun by its ``CallStarted``, or told whole."""
    events: list[AnyEvent] = []
    for line, value in values:
        found: _Detail | None = _converted(line, value, _Detail) if _has(value, "events") else None
        event = None if found else _converted(line, value, AnyEvent)
        if events and (found or isinstance(event, CallStarted)):
            yield _call(name, events)
            events = []
        if found and found.events:
            outcomes = [(outcome.cue_id, outcome.outcome) for outcome in found.outcomes]
            yield _call(name, found.events, outcomes)
        elif event is not None:
            events.append(event)
    if events:
        yield _call(name, events)


def _converted(line: int, value: object, kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        if _has(value, "call_id") and not _has(value, "type"):
            raise SessionUnusable("it is a list of calls, without what happened in them.", _AS_FILES) from error
        what = f"line {line} is no part of a call that this Spiegel knows: {error}."
        raise SessionUnusable(what, "Update Spiegel, should a newer one have written it.") from error


def _has(value: object, key: str) -> bool:
    return isinstance(value, dict) and key in value


def _call(name: str, events: Iterable[AnyEvent], outcomes: Iterable[tuple[str, str]] = ()) -> PastCall:
    kept = tuple(events)
    if any(not 0 <= event.at <= LONGEST for event in kept):
        raise SessionUnusable("it tells of a time that is in no call: under 0 or over a day.")
    named = next((event.call_id for event in kept if isinstance(event, CallStarted)), name)
    return PastCall(named, kept, tuple(outcomes))
