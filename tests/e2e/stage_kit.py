"""The three real processes of Spiegel around a short recording, as ``spiegel run`` starts them. For tests only."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import psutil
import soundfile

from audio_capture import demo_call
from live_sentiment.events import AnyEvent, CallEnded, TranscriptFinal
from server.commands import loopback
from server.commands.delays import Follower
from server.commands.supervisor import Child, RestartPolicy, Supervisor, server_healthy
from server.errors import NotFound, StoreUnavailable
from server.places import Places
from server.store.rows import CallDetail
from server.store.store import Store
from server.token import load_token

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 40.0
"""Seconds that any one thing may take on a busy machine."""
T = TypeVar("T")


def until(condition: Callable[[], T], what: str, seconds: float = PATIENCE) -> T:
    """What ``condition`` answers once that is true; fails, naming ``what``, when it takes longer."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        pause.wait(0.05)
    return answer


def cut_demo_call(folder: Path, begin: float, end: float) -> Path:
    """The part of the demo call from ``begin`` to ``end`` seconds, as a recording of its own."""
    with soundfile.SoundFile(demo_call.path()) as whole:
        whole.seek(round(begin * whole.samplerate))
        samples = whole.read(round((end - begin) * whole.samplerate))
        rate = whole.samplerate
    path = folder / "short call.flac"
    soundfile.write(path, samples, rate)
    return path


def environment(home: Path, **more: str) -> dict[str, str]:
    """For a program that keeps everything in ``home`` and has no screen."""
    inherited = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}}
    return {**inherited, "SPIEGEL_HOME": str(home), **more}


def spiegel(home: Path, *arguments: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    """Runs the command line to its end."""
    return subprocess.run(
        [sys.executable, "-m", "spiegel", *arguments],
        check=False,
        **{"env": environment(home), "cwd": ROOT, "capture_output": True, "text": True, "timeout": 110, **options},
    )


def events_in_log(home: Path, call_id: str) -> list[dict[str, Any]]:
    """What ``spiegel log CALL --json`` prints."""
    told = spiegel(home, "log", call_id, "--json")
    assert told.returncode == 0, told.stderr
    return [json.loads(line) for line in told.stdout.splitlines()]


def processes_of(home: Path) -> list[str]:
    """The command lines of all living processes that belong to ``home``, apart from this one."""
    found: list[str] = []
    for process in psutil.process_iter():
        try:
            told = [*process.cmdline(), process.environ().get("SPIEGEL_HOME", "")]
            alive = process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            continue
        if alive and process.pid != os.getpid() and any(str(home) in part for part in told):
            found.append(" ".join(told))
    return found


def is_open(port: int) -> bool:
    """Whether anybody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_whole(database: Path) -> bool:
    """Whether SQLite finds no fault with the session log."""
    with closing(sqlite3.connect(database)) as log:
        return log.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


class Stage:
    """Server, overlay without a screen, and a capture that plays ``recording`` when the agent starts a call.

    Use it as a context manager, with ``SPIEGEL_HOME`` set to ``home``: at its end no process and no port is left.
    """

    def __init__(self, home: Path, recording: Path, *overlay: str, speed: float = 2.0) -> None:
        self.home = home
        self.places = Places.below(home)
        self.pictures = home / "pictures"
        self.port = loopback.free_port()
        self.painted = Follower(home / "trace.jsonl")
        url = f"ws://127.0.0.1:{self.port}"
        keep = ("--save", str(self.pictures), "--trace", str(self.painted.path), "--screen-language", "en", *overlay)
        played = (str(recording), "--speed", str(speed), "--on-demand", "--language", "en")
        children = [
            Child("server", ("server", "--port", str(self.port))),
            Child("overlay", ("overlay", "--url", url, *keep), once=True),
            Child("capture", ("capture", *played, "--url", url)),
        ]
        policy = RestartPolicy(pauses=(0.1,))
        self.supervisor = Supervisor(children, self.places.logs, lambda: server_healthy(self.port), policy)

    def __enter__(self) -> Self:
        self.places.make()
        self.supervisor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.supervisor.stop()
        assert processes_of(self.home) == []
        assert not is_open(self.port)

    @property
    def token(self) -> str:
        return load_token(self.places.token)

    def start_call(self) -> str:
        """Waits for all three, presses the agent's button, and answers with the call's id."""
        self.until_complete()
        loopback.start_call(self.port, self.token)
        return until(lambda: self.health().get("call_id"), "the call to begin")

    def until_complete(self) -> None:
        until(lambda: loopback.is_complete(self.port), "server, overlay and capture")

    def health(self) -> dict[str, Any]:
        return loopback.health(self.port) or {}

    def on_screen(self) -> list[AnyEvent]:
        """All that the overlay painted by now."""
        self.painted.read()
        return [one.event for one in self.painted.trace.painted]

    def in_log(self, call_id: str) -> CallDetail | None:
        """The call as it is in the log by now."""
        if not self.places.database.exists():
            return None
        with closing(Store(self.places.database, lambda _: None)) as store:
            try:
                return store.call(call_id)
            except (NotFound, StoreUnavailable):
                return None

    def words_in_log(self, call_id: str) -> list[str]:
        detail = self.in_log(call_id)
        return [event.text for event in detail.events if isinstance(event, TranscriptFinal)] if detail else []

    def until_words(self, call_id: str) -> list[str]:
        """Waits until something that was said is in the log."""
        return until(lambda: self.words_in_log(call_id), "words in the log")

    def until_ended(self, call_id: str) -> CallEnded:
        """Waits for the call's end in the log."""

        def end() -> CallEnded | None:
            detail = self.in_log(call_id)
            return next((event for event in detail.events if isinstance(event, CallEnded)), None) if detail else None

        return until(end, "the end of the call in the log")

    def pids(self) -> dict[str, int | None]:
        return {name: self.supervisor.pid(name) for name in ("server", "overlay", "capture")}

    def feedback(self) -> list[dict[str, Any]]:
        """The cards as the server has them."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = httpx.get(f"http://127.0.0.1:{self.port}/v1/feedback", headers=headers, trust_env=False)
        answer.raise_for_status()
        return answer.json()


Raise = Callable[..., Stage]
"""Starts the three processes; takes more options for the overlay, and ``speed``."""
