"""The demo: a whole call on a fresh machine. Starts the real processes, watches, and tells what it saw.

The server, the overlay and the capture are the same programs as in a real shift; only the headset is a recording, and
the session log lies in the demo's own folder. What is told comes from the overlay's trace and from that log.
"""

import os
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs
from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from live_sentiment.events import AnyEvent, CallEnded, Cue, Gap, TranscriptFinal
from server.commands import loopback
from server.commands.delays import Follower, Painted, Trace, delay_rows
from server.commands.demo_report import demo_report
from server.commands.report import call_language, clock, gap_in_words
from server.commands.supervisor import Child, RestartPolicy, Supervisor, server_healthy
from server.errors import ChildGaveUp, FolderUnusable, ServerFault
from server.loading import models_folder
from server.logs import set_up_logs
from server.places import Places, make_folder
from server.settings import Settings, load_settings, write_settings
from server.store.rows import CallRow
from server.store.store import Store
from server.token import load_token

_SEEN, _INCOMPLETE = 0, 1
_PICTURES = "[0-9][0-9]-*.png"
_MARK = ".spiegel-demo"
"""The file by which a demo knows a folder for its own; only such a one is ever cleaned."""
_MARK_SAYS = "Made by `spiegel demo`. The next demo removes the pictures, trace.jsonl and session/ beside this file.\n"
_POLL = 0.1
_READY_WITHIN = 60.0
_LOOK_AT_READY = 1.2
"""Seconds for the "ready" screen before the call begins."""
_AFTER_CALL = 60.0
_FEEDBACK = {
    "en": "He listened, said sorry and solved it right away. Finally somebody who owns it!",
    "nl": "Er werd echt geluisterd en het was meteen opgelost. Eindelijk iemand die het oppakt!",
}


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What to play and where to put what it makes. ``duration`` in seconds, ``speed`` in times real time."""

    recording: Path
    duration: float
    speed: float
    out: Path
    language: str = "auto"


class FolderInUse(ServerFault):
    """The demo's folder holds what is not the demo's."""

    code = "folder_in_use"


def run_demo(options: DemoOptions) -> int:
    """Plays the call and reports; 0 when all of it was seen, 1 when something was missing.

    Raises:
        ChildGaveUp: one of the processes cannot run here.
        FolderInUse: ``out`` holds what no demo made.
        FolderUnusable: ``out`` cannot be made.
        SettingsError: the user's own settings, whose models the demo uses, have a mistake.
    """
    set_up_logs("warning")
    own = Places.default()
    choices = load_settings(own.settings)
    places = _fresh_folder(options.out)
    write_settings(places.settings, _for_the_demo(choices, own))
    os.environ["SPIEGEL_HOME"] = str(options.out.resolve() / "session")
    if not loopback.has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    console = Console(highlight=False)
    show = _Show(options, places, console)
    trace = show.play()
    console.print(demo_report(trace, delay_rows(trace), sorted(options.out.glob(_PICTURES))))
    stored = show.session_in_log()
    if stored is None:
        console.print(f"The session is not in the log. See the processes' own logs: {places.logs}", style="red")
        return _INCOMPLETE
    command = f"{_our_command()} --home {shlex.quote(str(options.out / 'session'))} log {stored.call_id[:8]}"
    console.print(Text.assemble("The session is in the log: ", (command, "bold")), soft_wrap=True)
    if stored.reason != "finished":
        console.print(f"It ended before the recording did ({stored.reason or 'not closed'}).", style="yellow")
        return _INCOMPLETE
    return _SEEN


class _Show:
    """One run of the demo."""

    def __init__(self, options: DemoOptions, places: Places, console: Console) -> None:
        self._options = options
        self._places = places
        self._console = console
        self._port = loopback.free_port()
        self._url = f"ws://127.0.0.1:{self._port}"
        self._follower = Follower(options.out / "trace.jsonl")

    def play(self) -> Trace:
        """Runs the processes until the overlay has shown the call and the feedback after it."""
        stage = Supervisor(
            self._stage(), self._places.logs, lambda: server_healthy(self._port), RestartPolicy(most=2, within=120.0)
        )
        window = "in the window" if loopback.has_display() else "without a display: the overlay is drawn off screen"
        self._console.print(Text.assemble("Playing ", (self._options.recording.name, "bold"), f", {window}."))
        with stage:
            self._wait_until_ready(stage)
            loopback.start_call(self._port, load_token(self._places.token))
            self._follow(stage)
            self._feedback_and_farewell(stage)
        self._follower.read()
        return self._follower.trace

    def session_in_log(self) -> CallRow | None:
        """The call as the session log has it."""
        with closing(Store(self._places.database, lambda _: None)) as store:
            return next(iter(store.calls(limit=1)), None)

    def _stage(self) -> list[Child]:
        options = self._options
        language = ("--language", options.language)
        speed = ("--speed", str(options.speed), "--on-demand")
        keep = ("--save", str(options.out), "--trace", str(self._follower.path), "--exit-after-call")
        return [
            Child("server", ("server", "--port", str(self._port), *language)),
            Child("overlay", ("overlay", "--url", self._url, *keep), once=True),
            Child("capture", ("capture", str(options.recording), "--url", self._url, *speed, *language)),
        ]

    def _wait_until_ready(self, stage: Supervisor) -> None:
        until = time.monotonic() + _READY_WITHIN
        with self._console.status("Loading the models and opening the overlay ..."):
            while not loopback.is_complete(self._port):
                if time.monotonic() > until or stage.failure is not None:
                    logs = self._places.logs
                    raise stage.failure or ChildGaveUp("The overlay or the capture did not come up.", f"See {logs}.")
                time.sleep(_POLL)
        found = loopback.health(self._port) or {}
        if found.get("models") == "failed":
            raise ChildGaveUp(found["status"]["detail"]["en"], f"See {self._places.logs}, and try: spiegel check")
        time.sleep(_LOOK_AT_READY)

    def _follow(self, stage: Supervisor) -> None:
        """Tells words and cues as they are painted, until the call is over on the overlay."""
        until = time.monotonic() + self._options.duration / self._options.speed + _AFTER_CALL
        columns = (TextColumn("[dim]{task.fields[clock]}"), BarColumn(bar_width=40))
        with Progress(*columns, console=self._console, transient=True) as progress:
            task = progress.add_task("call", total=self._options.duration, clock=clock(0))
            while not self._call_is_over():
                if stage.failure is not None or time.monotonic() > until:
                    raise stage.failure or ChildGaveUp("The call did not end.", f"See {self._places.logs}.")
                time.sleep(_POLL)
                self._tell(self._follower.read(), progress, task)

    def _tell(self, painted: list[Painted], progress: Progress, task: TaskID) -> None:
        for one in painted:
            at = clock(one.event.at)
            progress.update(task, completed=one.event.at, clock=at)
            if isinstance(one.event, TranscriptFinal) and one.event.text:
                style = "cyan" if one.event.channel == "agent" else "bold"
                progress.console.print(_line(at, one.event.channel, style, one.event.text))
            elif isinstance(one.event, Cue):
                advice = one.event.advice.get(call_language(self._events()), "")
                progress.console.print(_line(at, "cue", "yellow", advice))
            elif isinstance(one.event, Gap):
                progress.console.print(_line(clock(one.event.start), "", "yellow", gap_in_words(one.event)))

    def _events(self) -> list[AnyEvent]:
        return [one.event for one in self._follower.trace.painted]

    def _call_is_over(self) -> bool:
        return any(isinstance(event, CallEnded) for event in reversed(self._events()))

    def _feedback_and_farewell(self, stage: Supervisor) -> None:
        """The customer's answer arrives after the call, as it would; the overlay shows it and leaves."""
        language = call_language(self._events())
        loopback.give_feedback(
            self._port,
            load_token(self._places.token),
            {
                "stars": 5,
                "solved": True,
                "recommend": 9,
                "comment": _FEEDBACK[language],
                "nominated": True,
                "customer": "Emma",
                "call_id": self._follower.trace.call_id,
            },
        )
        with self._console.status("Wrap-up, and the customer's feedback ..."):
            stage.wait("overlay", timeout=_AFTER_CALL)


def _line(at: str, who: str, style: str, text: str) -> RenderableType:
    """A line of the telling, whose text keeps to its own column."""
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(width=5, justify="right", style="dim")
    row.add_column(width=8, justify="right", style=style)
    row.add_column(style=style if who == "cue" else "")
    row.add_row(at, who, Text(text))
    return row


def _our_command() -> str:
    """How this program was called, so that the next command can be copied as it is."""
    return sys.argv[0] if Path(sys.argv[0]).name == "spiegel" else "spiegel"


def _fresh_folder(out: Path) -> Places:
    """The demo's folder, marked as its own and without what an earlier demo put there.

    Raises:
        FolderInUse: there are files in it, and no demo's mark: they are somebody's own.
        FolderUnusable: it cannot be made, read or cleaned.
    """
    make_folder(out)
    places = Places.below(out.resolve() / "session")
    try:
        if (out / _MARK).is_file():
            for old in _made_before(out):
                old.unlink()
            if (out / "session").is_dir():
                shutil.rmtree(out / "session")
        elif any(out.iterdir()):
            raise FolderInUse(f"{out} holds files that no demo made.", "Name a new or an empty folder with --out.")
        (out / _MARK).write_text(_MARK_SAYS, encoding="utf-8")
    except OSError as error:
        raise FolderUnusable(f"{out} cannot be used: {error.strerror or error}.", "Name another one.") from error
    places.make()
    return places


def _for_the_demo(choices: Settings, own: Places) -> Settings:
    """What the user chose, with their models, but on the demo's own address."""
    plain = Settings()
    return structs.replace(
        choices,
        models=str(models_folder(choices, own).resolve()),
        host=plain.host,
        hosts=plain.hosts,
        port=plain.port,
        language=plain.language,
    )


def _made_before(out: Path) -> Iterator[Path]:
    yield from out.glob(_PICTURES)
    yield from out.glob("trace.jsonl")
