"""The server as a process of its own, and the supervisor with real children: how they start, die and end."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from server_kit import PATIENCE, wait_until

from server.commands.supervisor import Child, RestartPolicy, Supervisor, server_healthy
from server.errors import ChildGaveUp

SERVER = """
import sys
from pathlib import Path
from server.places import Places
from server.serve import serve
from server.settings import Settings
from server.worker import deaf_factory
sys.exit(serve(Settings(port=int(sys.argv[1])), Places.below(Path(sys.argv[2])), lambda *_: deaf_factory))
"""
QUICK = RestartPolicy(pauses=(0.01,), most=3, healthy_within=PATIENCE, stop_within=2.0)


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose modules the children find."""
    folder = tmp_path / "modules"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


def start_server(port: int, home: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", SERVER, str(port), str(home)], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_a_server_starts_answers_and_ends_cleanly_on_sigterm(tmp_path: Path, port: int) -> None:
    process = start_server(port, tmp_path)
    wait_until(lambda: server_healthy(port))
    token = (tmp_path / "config/token").read_text().strip()
    process.send_signal(signal.SIGTERM)
    out, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert not out
    assert "listening" in errors
    assert token not in errors
    assert "Traceback" not in errors


def test_a_taken_port_is_a_clear_message_and_exit_code_2(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start_server(port, tmp_path)
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert f"Port {port} is taken" in errors
    assert "Traceback" not in errors


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def module(folder: Path, name: str, text: str) -> str:
    (folder / f"{name}.py").write_text(text)
    return name


def test_a_child_that_is_done_is_not_started_again(tmp_path: Path, modules: Path) -> None:
    sleeper = module(modules, "sleeper", "import signal; signal.pause()")
    quick = module(modules, "quick", "import sys; print('words', file=sys.stderr); sys.exit(0)")
    children = [Child("server", module=sleeper), Child("capture", module=quick, once=True)]
    with Supervisor(children, tmp_path / "logs", policy=QUICK) as supervisor:
        assert supervisor.wait("capture", PATIENCE) == 0
        assert supervisor.wait("server", 0) is None
        pid = supervisor.pid("server")
        assert pid is not None
        assert (tmp_path / "logs/capture.log").read_text() == "words\n"
    assert gone(pid)


def test_a_child_that_dies_is_started_again(tmp_path: Path, modules: Path) -> None:
    sleeper = module(modules, "sleeper", "import signal; signal.pause()")
    with Supervisor([Child("server", module=sleeper)], tmp_path, policy=QUICK) as supervisor:
        wait_until(lambda: supervisor.pid("server") is not None)
        first = supervisor.pid("server")
        assert first is not None
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: supervisor.pid("server") not in (None, first))


def test_a_server_that_keeps_dying_is_given_up_with_its_last_words_and_ends_all(
    tmp_path: Path, modules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = module(modules, "bad", "import sys; sys.exit('no port')")
    sleeper = module(modules, "sleeper", "import signal; signal.pause()")
    supervisor = Supervisor([Child("server", module=bad), Child("capture", module=sleeper)], tmp_path, policy=QUICK)
    supervisor.start()
    pid = supervisor.pid("capture")
    assert supervisor.run() == 3
    assert "server died 3 times" in (told := capsys.readouterr().err)
    assert "no port" in told
    assert pid is None or gone(pid)


def test_exit_code_2_is_never_tried_again(tmp_path: Path, modules: Path) -> None:
    bad = module(modules, "bad", "import sys; sys.stderr.write('Port 1 is taken\\n'); sys.exit(2)")
    supervisor = Supervisor([Child("server", module=bad)], tmp_path, healthy=lambda: False, policy=QUICK)
    with pytest.raises(ChildGaveUp, match="Port 1 is taken"):
        supervisor.start()


def test_a_server_that_is_never_healthy_is_not_waited_for_forever(tmp_path: Path, modules: Path) -> None:
    sleeper = module(modules, "sleeper", "import signal; signal.pause()")
    policy = RestartPolicy(healthy_within=0.2, stop_within=2.0)
    supervisor = Supervisor([Child("server", module=sleeper)], tmp_path, healthy=lambda: False, policy=policy)
    with pytest.raises(ChildGaveUp, match="did not become ready"):
        supervisor.start()
    assert supervisor.pid("server") is None


def test_an_overlay_that_is_closed_ends_all_in_order(tmp_path: Path, modules: Path) -> None:
    ends = tmp_path / "ends"
    noted = module(
        modules,
        "noted",
        "import signal, sys\n"
        "def end(*_):\n    open(sys.argv[2], 'a').write(sys.argv[1] + ' ')\n    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\nopen(sys.argv[2] + sys.argv[1], 'w').close()\nsignal.pause()",
    )
    closed = module(
        modules,
        "closed",
        "import os, sys, threading\n"
        "while not all(os.path.exists(sys.argv[1] + n) for n in ('server', 'capture')): threading.Event().wait(0.01)\n",
    )
    children = [
        Child("server", ("server", str(ends)), module=noted),
        Child("capture", ("capture", str(ends)), module=noted),
        Child("overlay", (str(ends),), module=closed, ends_all=True),
    ]
    supervisor = Supervisor(children, tmp_path / "logs", policy=QUICK)
    supervisor.start()
    assert supervisor.run() == 0
    assert ends.read_text().split() == ["capture", "server"]


def test_a_child_that_does_not_want_to_end_is_made_to_with_its_own_children(tmp_path: Path, modules: Path) -> None:
    pids = tmp_path / "pids"
    stubborn = module(
        modules,
        "stubborn",
        "import os, signal, subprocess, sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "other = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        "open(sys.argv[1] + '.part', 'w').write(f'{os.getpid()} {other.pid}')\n"
        "os.rename(sys.argv[1] + '.part', sys.argv[1])\nwhile True: signal.pause()",
    )
    policy = RestartPolicy(stop_within=0.3)
    with Supervisor([Child("server", (str(pids),), module=stubborn)], tmp_path / "logs", policy=policy):
        wait_until(pids.exists)
    for pid in pids.read_text().split():
        wait_until(lambda pid=int(pid): gone(pid))


@pytest.fixture
def supervising(tmp_path: Path, modules: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A supervisor in a process of its own, with one child that writes down its id."""
    module(
        modules,
        "sleeper",
        "import os, signal, sys\nopen(sys.argv[1] + '.part', 'w').write(str(os.getpid()))\n"
        "os.rename(sys.argv[1] + '.part', sys.argv[1])\nsignal.pause()",
    )
    code = (
        "import sys\nfrom pathlib import Path\nfrom server.commands.supervisor import Child, Supervisor\n"
        "children = [Child('server', (sys.argv[1],), module='sleeper')]\n"
        "with Supervisor(children, Path(sys.argv[2])) as s: sys.exit(s.run())"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "pid"), str(tmp_path / "logs")])
    wait_until((tmp_path / "pid").exists)
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all(supervising: "subprocess.Popen[bytes]", tmp_path: Path, number: int) -> None:
    child = int((tmp_path / "pid").read_text())
    supervising.send_signal(number)
    assert supervising.wait(PATIENCE) == 0
    assert gone(child)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's help is Linux's")
def test_a_supervisor_that_is_killed_leaves_no_child(supervising: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    child = int((tmp_path / "pid").read_text())
    supervising.kill()
    wait_until(lambda: gone(child))


def test_no_thread_stays_behind(tmp_path: Path, modules: Path) -> None:
    sleeper = module(modules, "sleeper", "import signal; signal.pause()")
    with Supervisor([Child("server", module=sleeper)], tmp_path, policy=QUICK):
        assert any(thread.name == "watch-server" for thread in threading.enumerate())
    assert not any(thread.name == "watch-server" for thread in threading.enumerate())
