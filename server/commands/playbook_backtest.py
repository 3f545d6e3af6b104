"""``spiegel playbook backtest``: a playbook on past calls, from the session log or from files, and the figures of that.

The trial itself is ``live_sentiment.backtest``.
"""

import sys
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec
from rich.console import Console

from live_sentiment.backtest import PastCall, TriedCall, try_playbook
from live_sentiment.backtest_report import BacktestReport, figures
from live_sentiment.errors import PlaybookError
from live_sentiment.events import CallStarted
from live_sentiment.playbook import Playbook, load_playbook
from live_sentiment.playbook_file import read_text
from server.commands.playbook_check import explain
from server.commands.playbook_figures import shown
from server.commands.progress import progress_bar
from server.errors import NotFound, ServerFault
from server.places import Places
from server.session_files import read_session, session_files
from server.store.store import Store

_DONE, _MISTAKE, _STOPPED = 0, 1, 130


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """A file or call that could not be used, and why."""

    name: str
    why: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What ``--json`` gives out; ``stopped`` when it was ended before all calls were read."""

    report: BacktestReport
    stopped: bool
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class BacktestAsked:
    """On which calls: the files in ``sessions``, or else the ``last`` so many of the log."""

    playbook: Path
    sessions: Path | None
    last: int
    moments: bool
    as_json: bool


@dataclass(frozen=True, slots=True)
class _Source:
    """Where one or more calls come from."""

    name: str
    read: Callable[[], list[PastCall]]


@dataclass(slots=True)
class _Trial:
    """How far it is."""

    playbook: Playbook
    tried: list[TriedCall] = field(default_factory=list[TriedCall])
    skipped: list[Skipped] = field(default_factory=list[Skipped])
    stopped: bool = False
    seen: set[tuple[str, float]] = field(default_factory=set[tuple[str, float]])

    def take(self, source: _Source) -> None:
        """Tries the calls of one source."""
        try:
            calls = source.read()
        except ServerFault as fault:
            self.skipped.append(Skipped(name=source.name, why=fault.sentence))
            return
        for call in calls:
            if self._again(call):
                self.skipped.append(Skipped(name=source.name, why=f"the call {call.call_id} was read before."))
            else:
                self.tried.append(try_playbook(call, self.playbook))

    def _again(self, call: PastCall) -> bool:
        """Whether this call was read before; recordings without a date are never taken for the same."""
        started = next((event for event in call.events if isinstance(event, CallStarted)), None)
        if started is None or started.started_at <= 0:
            return False
        known = (call.call_id, started.started_at) in self.seen
        self.seen.add((call.call_id, started.started_at))
        return known


def run_backtest(asked: BacktestAsked, places: Places) -> int:
    """Tries the playbook and tells the figures: 0; 1 when it has a mistake; 130 when stopped, with those so far.

    Raises:
        PlaybookUnreadable: there is no playbook to read.
        NotFound, StoreUnavailable, SessionUnusable: there are no calls to read.
    """
    text = read_text(asked.playbook)
    try:
        playbook = load_playbook(text, str(asked.playbook))
    except PlaybookError as error:
        explain(asked.playbook, text, error)
        return _MISTAKE
    with _sources(asked, places) as sources:
        trial = _try(playbook, sources)
    report = figures(playbook, trial.tried)
    if asked.as_json:
        told = Told(report=report, stopped=trial.stopped, skipped=tuple(trial.skipped))
        sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
    else:
        Console(highlight=False).print(shown(report, moments=asked.moments))
    _say_what_is_missing(trial, len(sources))
    return _STOPPED if trial.stopped else _DONE


def _try(playbook: Playbook, sources: list[_Source]) -> _Trial:
    """Ctrl-C ends it with what is done by then."""
    trial = _Trial(playbook)
    try:
        with progress_bar(f"Trying {playbook.name}", len(sources)) as done:
            for number, source in enumerate(sources, 1):
                trial.take(source)
                done(number)
    except KeyboardInterrupt:
        trial.stopped = True
    return trial


@contextmanager
def _sources(asked: BacktestAsked, places: Places) -> Generator[list[_Source]]:
    if asked.sessions is not None:
        yield [_Source(str(path), partial(read_session, path)) for path in session_files(asked.sessions)]
        return
    advice = "Make the first one: spiegel demo, or spiegel run. Or name files of calls with --sessions DIR."
    if not places.database.exists():
        raise NotFound("There is no call in the log yet.", advice)
    with closing(Store(places.database, lambda _: None)) as store:
        rows = store.ended(asked.last)
        if not rows:
            raise NotFound("No call in the log is over yet.", advice)
        yield [_Source(row.call_id, partial(_from_log, store, row.call_id)) for row in rows]


def _from_log(store: Store, call_id: str) -> list[PastCall]:
    detail = store.call(call_id)
    return [PastCall(call_id, detail.events, [(outcome.cue_id, outcome.outcome) for outcome in detail.outcomes])]


def _calls(tried: list[TriedCall]) -> str:
    return "1 call" if len(tried) == 1 else f"{len(tried)} calls"


def _say_what_is_missing(trial: _Trial, total: int) -> None:
    for one in trial.skipped:
        sys.stderr.write(f"Skipped {one.name}: {one.why}\n")
    if trial.stopped:
        sys.stderr.write(
            f"Stopped: these are the figures of {_calls(trial.tried)}; there were {total} files or calls to read.\n"
        )
