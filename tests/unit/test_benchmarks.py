"""That benchmarks say when they fail, and find their recordings from anywhere. What they measure is not tested."""

import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from benchmarks import __main__ as every
from benchmarks import places
from benchmarks.live_delay import Usage, watch


def test_one_that_fails_fails_them_all_but_stops_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = {"first": 0, "second": 2, "third": 0}
    ran: list[str] = []

    def run(command: list[str], **_: object) -> SimpleNamespace:
        ran.append(command[-1].removeprefix("benchmarks."))
        return SimpleNamespace(returncode=codes[ran[-1]])

    monkeypatch.setattr(every.subprocess, "run", run)
    assert every.main(tuple(codes)) == 1
    assert ran == list(codes)
    assert "Failed: second (code 2)" in capsys.readouterr().out
    assert every.main(("first", "third")) == 0


def test_the_recordings_are_looked_for_beside_the_checkout(tmp_path: Path) -> None:
    code = "from benchmarks.places import CALL; print(CALL)"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()) == root.parent / "shared/audio/calls/auto_repairs_en.flac"
    assert root == places.ROOT


@pytest.mark.parametrize("name", ["analyze_speed", "live_delay"])
def test_a_recording_that_is_not_there_is_a_failure(name: str) -> None:
    command = [sys.executable, "-m", f"benchmarks.{name}", "nowhere.flac"]
    done = subprocess.run(command, cwd=places.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "nowhere.flac is not here" in done.stderr


def test_a_process_that_ends_while_it_is_watched_breaks_nothing() -> None:
    stop = threading.Event()

    class Gone:
        def children(self, *, recursive: bool) -> list[psutil.Process]:
            assert recursive
            stop.set()
            raise psutil.NoSuchProcess(1)

    usage = Usage()
    watch(Gone(), usage, stop)
    assert usage == Usage()
