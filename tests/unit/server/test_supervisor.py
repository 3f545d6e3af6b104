"""The supervisor's judgement: who ends all, who is left out, and whose process it may still signal."""

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from server.commands import supervisor as supervising
from server.commands.supervisor import Child, RestartPolicy, Supervisor

PATIENCE = 20.0
QUICK = RestartPolicy(pauses=(0.01,), most=3, healthy_within=PATIENCE, stop_within=5.0)
SLEEPER = "import signal; signal.pause()"


def until(true: Callable[[], object], what: str) -> None:
    deadline, pause = time.monotonic() + PATIENCE, threading.Event()
    while not true():
        assert time.monotonic() < deadline, f"waited {PATIENCE} s for {what}"
        pause.wait(0.01)


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose modules the children find."""
    folder = tmp_path / "modules"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))
    (folder / "sleeper.py").write_text(SLEEPER)
    return folder


def exits(folder: Path, code: int, words: str = "") -> str:
    """A module that says something and ends with ``code``."""
    (folder / f"exits{code}.py").write_text(f"import sys\nsys.stderr.write({words!r})\nsys.exit({code})")
    return f"exits{code}"


def run_in_thread(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch) -> threading.Thread:
    """``run`` outside the main thread, where it can take no signals."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    return thread


@pytest.mark.parametrize("code", [2, 4])
def test_a_child_that_gives_up_is_left_out_and_said_and_the_others_go_on(
    tmp_path: Path, modules: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: int
) -> None:
    capture = exits(modules, code, "no headset")
    children = [
        Child("server", module="sleeper"),
        Child("capture", module=capture),
        Child("overlay", module="sleeper", ends_all=True),
    ]
    with Supervisor(children, tmp_path / "logs", policy=QUICK) as supervisor:
        assert supervisor.wait("capture", PATIENCE) == code
        thread = run_in_thread(supervisor, monkeypatch)
        said: list[str] = []
        until(lambda: said.append(capsys.readouterr().err) or "goes on without it" in "".join(said), "the word")
        assert thread.is_alive()
        assert "no headset" in "".join(said)
        assert supervisor.pid("server") is not None
        assert supervisor.pid("overlay") is not None
        supervisor.request_stop()
        thread.join(PATIENCE)


def test_an_overlay_that_cannot_run_ends_all(tmp_path: Path, modules: Path) -> None:
    bad = exits(modules, 2, "no screen")
    children = [Child("server", module="sleeper"), Child("overlay", module=bad, ends_all=True)]
    with Supervisor(children, tmp_path / "logs", policy=QUICK) as supervisor:
        assert supervisor.run() == 3


@pytest.mark.usefixtures("modules")
def test_a_log_folder_that_went_away_is_told_and_not_silence(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    with Supervisor([Child("server", module="sleeper")], logs, policy=QUICK) as supervisor:
        until(lambda: supervisor.pid("server") is not None, "the process")
        shutil.rmtree(logs)
        os.kill(supervisor.pid("server") or 0, signal.SIGKILL)
        assert supervisor.wait("server", PATIENCE) == -signal.SIGKILL
        until(lambda: supervisor.failure is not None, "the failure")
        assert "cannot be started" in str(supervisor.failure)


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX's")
def test_nothing_is_signalled_once_it_is_reaped(tmp_path: Path, modules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signalled: list[tuple[int, bool]] = []
    kill_group = os.killpg

    def watched(pid: int, number: int) -> None:
        signalled.append((pid, Path(f"/proc/{pid}").exists()))
        kill_group(pid, number)

    monkeypatch.setattr(supervising.os, "killpg", watched)
    supervisor = Supervisor([Child("server", module=exits(modules, 0), once=True)], tmp_path / "logs", policy=QUICK)
    with supervisor:
        assert supervisor.wait("server", PATIENCE) == 0
        assert supervisor.pid("server") is None
    assert len(signalled) == 1, "only at its own end"
    assert not sys.platform.startswith("linux") or signalled[0][1], "while its number was still its own"


def test_a_server_that_answers_in_place_of_ours_is_not_ours(tmp_path: Path, modules: Path) -> None:
    taken = exits(modules, 2, "Port 1 is taken")
    started: list[int | None] = []

    def healthy() -> bool:
        started.append(supervisor.pid("server"))
        return False

    supervisor = Supervisor(
        [Child("server", module=taken), Child("capture", module="sleeper")], tmp_path, healthy, policy=QUICK
    )
    with pytest.raises(supervising.ChildGaveUp, match="Port 1 is taken"):
        supervisor.start()
    assert supervisor.pid("capture") is None
