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
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

import structlog

from server.commands.loopback import health
from server.errors import ChildGaveUp

_USAGE, _REPLACED = 2, 4
_FINAL = {_USAGE: "cannot run", _REPLACED: "has been replaced"}
"""Exit codes after which a process is never started again, and what each means."""
_GAVE_UP = 3
_LAST_WORDS = 600
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Child:
    """A process to run: ``python -m module *arguments``.

    ``once``: exit code 0 means it is done, not that it must start again. ``ends_all``: when it is done, all stop (the
    overlay that its user closed). Exit code 2 means that it cannot run as asked, 4 that another one has taken its
    place; neither is tried again.
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

    When the first gives up, or one that ``ends_all``, all stop; any other that gives up is left out, and the rest go
    on. What each writes to stderr goes to ``NAME.log`` in ``logs``. Use it as a context manager; then ``run`` waits for
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
        self._fatal: ChildGaveUp | None = None
        self._left_out: deque[ChildGaveUp] = deque()
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
        """Why a child will not run any more, when one gave up, whether or not the others go on."""
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
                raise self._fatal or ChildGaveUp(what, f"See {first.log}.")
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
        """Waits until somebody stops it: a signal, a child that ends all, or the end of what all need.

        Says on stderr which children are left out meanwhile. To be called in the main thread, whose signals it takes.

        Returns:
            0, or 3 when a child without which the others are of no use gave up.
        """
        with self._signals():
            while not self._stop.wait(0.2):
                self._say_left_out()
                if all(run.finished.is_set() for run in self._runs):
                    break
        self.stop()
        self._say_left_out()
        if self._fatal is not None:
            sys.stderr.write(f"{self._fatal.sentence}\n")
            return _GAVE_UP
        return 0

    def _say_left_out(self) -> None:
        while self._left_out:
            sys.stderr.write(f"{self._left_out.popleft().sentence} The rest of Spiegel goes on without it.\n")

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
        needed = run is self._runs[0] or run.child.ends_all
        if failure is not None:
            self._failure = self._failure or failure
            _log.error("child_gave_up", child=run.child.name, code=run.code, others_go_on=not needed)
            if not needed:
                self._left_out.append(failure)
                return
            self._fatal = self._fatal or failure
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
        """The living process; None before it is started and once it is reaped."""
        self._lived = False
        self._deaths: deque[float] = deque(maxlen=policy.most)
        self._thread = threading.Thread(target=self._live, name=f"watch-{child.name}", daemon=True)

    @property
    def pid(self) -> int | None:
        """The process id, while there is one."""
        process = self._process
        return None if process is None else process.pid

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Asks the process to end, and makes it when it does not in time."""
        with self._lock:
            self._stopping.set()
            if self._process is not None:
                _ask_to_end(self._process)
        if not self._thread.is_alive():
            return
        self._thread.join(self._policy.stop_within)
        with self._lock:
            if self._process is not None:
                _log.warning("child_killed", child=self.child.name)
                _kill_group(self._process)
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
            try:
                code = self._one_life()
            except OSError as error:  # its log cannot be written, or there is no room for another process
                failure = ChildGaveUp(f"{self.child.name} cannot be started: {error}.", f"See {self.log.parent}.")
                break
            if code is None or self._stopping.is_set() or (code == 0 and (self.child.once or self.child.ends_all)):
                break
            failure = self._judge(code)
        self.finished.set()
        self._over(self, failure)

    def _one_life(self) -> int | None:
        """Runs the process to its end; None when it must not start any more.

        Only here is it reaped, under the lock, after the last signal to it: until then nobody else can have its number.
        """
        with self.log.open("ab" if self._lived else "wb") as log:
            with self._lock:
                if self._stopping.is_set():
                    return None
                self._process = process = self._spawn(log.fileno())
                self._lived = True
            _log.debug("child_started", child=self.child.name, pid=process.pid)
            _await_end(process)
            with self._lock:
                _kill_group(process)
                self._process = None
                self.code = process.wait()
        return self.code

    def _spawn(self, log: int) -> "subprocess.Popen[bytes]":
        command = [
            sys.executable,
            "-P",
            "-m",
            "server.commands.leash",
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
        if code in _FINAL:
            return ChildGaveUp(f"{name} {_FINAL[code]}: {self.last_words()}", f"See {self.log}.")
        self._deaths.append(time.monotonic())
        if len(self._deaths) == self._policy.most and self._deaths[-1] - self._deaths[0] < self._policy.within:
            what = f"{name} died {self._policy.most} times, last with code {code}: {self.last_words()}"
            return ChildGaveUp(what, f"See {self.log}.")
        self._stopping.wait(self._policy.pauses[min(len(self._deaths), len(self._policy.pauses)) - 1])
        return None


def _await_end(process: "subprocess.Popen[bytes]") -> None:
    """Waits for the end of a process and leaves it to be reaped, so that its number stays its own."""
    if hasattr(os, "waitid"):
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    else:
        process.wait()


def _ask_to_end(process: "subprocess.Popen[bytes]") -> None:
    """Asks a process that is not reaped yet to end; ``Popen.terminate`` could reap it on the way."""
    if sys.platform == "win32":
        process.terminate()
    else:
        os.kill(process.pid, signal.SIGTERM)


def _kill_group(process: "subprocess.Popen[bytes]") -> None:
    """Ends what is left of a child's process group. The child must not have been reaped earlier."""
    if sys.platform == "win32":
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def server_healthy(port: int, host: str = "127.0.0.1", pid: int | None = None) -> bool:
    """Whether a server of ours answers there; with ``pid``, whether it is that very process."""
    found = health(port, host)
    return found is not None and pid in {None, found.get("pid")}
