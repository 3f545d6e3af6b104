"""Starts the processes of ``spiegel run`` and ``spiegel demo``, watches them, and leaves none behind.

Each child has a thread that starts it, waits for its end and decides what then: again after a pause, done, or giving
up. Each child is a process group of its own, so that Ctrl-C reaches only the supervisor, which stops all in order.
"""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

import structlog

from server.errors import ChildGaveUp

_USAGE = 2
_GAVE_UP = 3
_LAST_WORDS = 600
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Child:
    """A process to run: ``python -m module *arguments``.

    ``once``: exit code 0 means it is done, not that it must start again. ``ends_all``: when it is done, all stop (the
    overlay that its user closed). Exit code 2 means it cannot run as asked, and is never tried again.
    """

    name: str
    arguments: tuple[str, ...] = ()
    module: str = "spiegel"
    once: bool = False
    ends_all: bool = False


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """Times in seconds: pauses before a restart (the last one repeats), ``most`` deaths ``within`` before giving up."""

    pauses: tuple[float, ...] = (0.5, 1.0, 2.0, 5.0)
    most: int = 5
    within: float = 60.0
    healthy_within: float = 60.0
    stop_within: float = 8.0


class Supervisor:
    """Runs ``children``: the first must become ``healthy`` before the others start; they stop in opposite order.

    What each writes to stderr goes to ``NAME.log`` in ``logs``. Use it as a context manager; then ``run`` waits for
    the end of all, or ``wait`` for that of one.
    """

    def __init__(
        self,
        children: Sequence[Child],
        logs: Path,
        healthy: Callable[[], bool] = lambda: True,
        policy: RestartPolicy | None = None,
    ) -> None:
        self._logs = logs
        self._healthy = healthy
        self._policy = policy or RestartPolicy()
        self._stop = threading.Event()
        self._failure: ChildGaveUp | None = None
        self._runs = [_ChildRun(child, logs, self._policy, self._over) for child in children]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def failure(self) -> ChildGaveUp | None:
        """Why a child will not run any more, when one gave up."""
        return self._failure

    def start(self) -> None:
        """Starts the first child, waits until it is healthy, then starts the others.

        Raises:
            ChildGaveUp: the first never became healthy; nothing runs any more then.
        """
        self._logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        first, *others = self._runs
        first.start()
        until = time.monotonic() + self._policy.healthy_within
        while not self._healthy():
            if self._stop.wait(0.05) or time.monotonic() > until:
                self.stop()
                what = f"{first.child.name} did not become ready. It said: {first.last_words()}"
                raise self._failure or ChildGaveUp(what, f"See {first.log}.")
        for run in others:
            run.start()

    def wait(self, name: str, timeout: float | None = None) -> int | None:
        """The exit code of a child that has finished for good; None when it has not within ``timeout`` seconds."""
        run = next(run for run in self._runs if run.child.name == name)
        run.finished.wait(timeout)
        return run.code if run.finished.is_set() else None

    def pid(self, name: str) -> int | None:
        """The process id of a child that runs at the moment."""
        return next(run.pid for run in self._runs if run.child.name == name)

    def run(self) -> int:
        """Waits until somebody stops it: a signal, a child that ends all, or one that gave up. 0, or 3 for the last.

        To be called in the main thread, whose signals it takes meanwhile.
        """
        with self._signals():
            while not self._stop.wait(0.2):
                if all(run.finished.is_set() for run in self._runs):
                    break
        self.stop()
        if self._failure is not None:
            sys.stderr.write(f"{self._failure.sentence}\n")
            return _GAVE_UP
        return 0

    def request_stop(self) -> None:
        """Makes ``run`` return; from any thread."""
        self._stop.set()

    def stop(self) -> None:
        """Stops all children, the last first, each given a few seconds; none is left."""
        self._stop.set()
        for run in reversed(self._runs):
            run.stop()

    def _over(self, run: "_ChildRun", failure: ChildGaveUp | None) -> None:
        """A child will not run again; called by its thread."""
        if failure is not None:
            self._failure = self._failure or failure
            self._stop.set()
        elif run.child.ends_all:
            self._stop.set()

    @contextmanager
    def _signals(self) -> Generator[None, None, None]:
        def on_signal(number: int, frame: FrameType | None) -> None:
            del frame
            _log.info("stopping", signal=signal.Signals(number).name)
            self._stop.set()

        names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
        before = {name: signal.signal(getattr(signal, name), on_signal) for name in names}
        try:
            yield
        finally:
            for name, handler in before.items():
                signal.signal(getattr(signal, name), handler)


class _ChildRun:
    """One child over all its lives."""

    def __init__(
        self,
        child: Child,
        logs: Path,
        policy: RestartPolicy,
        over: Callable[["_ChildRun", ChildGaveUp | None], None],
    ) -> None:
        self.child = child
        self.log = logs / f"{child.name}.log"
        self.code: int | None = None
        self.finished = threading.Event()
        self._policy = policy
        self._over = over
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._deaths: deque[float] = deque(maxlen=policy.most)
        self._thread = threading.Thread(target=self._live, name=f"watch-{child.name}", daemon=True)

    @property
    def pid(self) -> int | None:
        """The process id, while there is one."""
        process = self._process
        return None if process is None or process.poll() is not None else process.pid

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Asks the process to end, and makes it when it does not in time."""
        with self._lock:
            self._stopping.set()
            process = self._process
        if process is not None:
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(self._policy.stop_within)
            except subprocess.TimeoutExpired:
                _log.warning("child_killed", child=self.child.name)
            _kill_group(process)
        if self._thread.is_alive():
            self._thread.join(self._policy.stop_within)

    def last_words(self) -> str:
        """The end of what it wrote to stderr."""
        try:
            return self.log.read_text(encoding="utf-8", errors="replace")[-_LAST_WORDS:].strip() or "nothing"
        except OSError:
            return "nothing"

    def _live(self) -> None:
        """The thread: one life after the other. To the kernel it is the process's parent, so it must last as long."""
        failure: ChildGaveUp | None = None
        while failure is None:
            code = self._one_life()
            if code is None or self._stopping.is_set() or (code == 0 and (self.child.once or self.child.ends_all)):
                break
            failure = self._judge(code)
        self.finished.set()
        self._over(self, failure)

    def _one_life(self) -> int | None:
        """Runs the process to its end; None when it must not start any more."""
        with self.log.open("wb" if self._process is None else "ab") as log:
            with self._lock:
                if self._stopping.is_set():
                    return None
                self._process = self._spawn(log.fileno())
            _log.debug("child_started", child=self.child.name, pid=self._process.pid)
            self.code = self._process.wait()
        _kill_group(self._process)
        return self.code

    def _spawn(self, log: int) -> "subprocess.Popen[bytes]":
        command = [
            sys.executable,
            "-P",
            "-m",
            "server.leash",
            str(os.getpid()),
            self.child.module,
            *self.child.arguments,
        ]
        return subprocess.Popen(  # noqa: S603 - our own program, no shell
            command, stdin=subprocess.DEVNULL, stderr=log, start_new_session=True
        )

    def _judge(self, code: int) -> ChildGaveUp | None:
        """After an end that was not wanted: pauses before the next life, or says why there is none."""
        name = self.child.name
        _log.warning("child_died", child=name, code=code)
        if code == _USAGE:
            return ChildGaveUp(f"{name} cannot run: {self.last_words()}", f"See {self.log}.")
        self._deaths.append(time.monotonic())
        if len(self._deaths) == self._policy.most and self._deaths[-1] - self._deaths[0] < self._policy.within:
            what = f"{name} died {self._policy.most} times, last with code {code}: {self.last_words()}"
            return ChildGaveUp(what, f"See {self.log}.")
        self._stopping.wait(self._policy.pauses[min(len(self._deaths), len(self._policy.pauses)) - 1])
        return None


def _kill_group(process: "subprocess.Popen[bytes]") -> None:
    """Ends what is left of a child's process group."""
    if sys.platform == "win32":
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def server_healthy(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server of ours answers there."""
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/v1/health", timeout=1) as answer:
            return answer.status == 200  # noqa: PLR2004 - OK
    except (urllib.error.URLError, OSError):
        return False
