"""That benchmarks say when they fail, find their recordings from anywhere, and sum up right what they measured."""

import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from benchmarks import __main__ as every
from benchmarks import places
from benchmarks.live_delay import Played, table, together
from benchmarks.recogniser_process import highest_memory
from benchmarks.usage import Usage, watch
from live_sentiment.events import SpeechStarted, TranscriptFinal, TranscriptPartial, Word
from server.commands.delays import Painted, Trace, delay_rows


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


def test_the_share_of_a_core_is_that_between_two_times() -> None:
    usage = Usage()
    for at, seconds in ((10.0, 5.0), (20.0, 7.0), (30.0, 10.0), (40.0, 99.0)):
        usage.see("server", at, memory=int(at), seconds=seconds)
    assert usage.share("server", 15.0, 35.0) == pytest.approx(0.3), "loading the models before the call does not count"
    assert usage.share("server", 35.0, 45.0) is None
    assert usage.share("overlay", 0.0, 99.0) is None
    assert usage.memory["server"] == 40


def call(started_at: float, delay: float) -> Trace:
    """One word that ends at 1 s, as a partial, settled and final, each ``delay`` later than the one before."""
    word = Word(text="yes", start=0.5, end=1.0, probability=1.0)
    line = {"channel": "agent", "utterance": 1, "text": "yes", "start": 0.5, "end": 1.0, "language": "en"}
    events = [
        SpeechStarted(at=0.5, channel="agent", utterance=1),
        TranscriptPartial(at=1.0, committed=0, **line),
        TranscriptPartial(at=1.0, committed=1, **line),
        TranscriptFinal(at=1.0, confidence=1.0, words=(word,), **line),
    ]
    painted = [Painted(started_at + 1.0 + delay * nth, event) for nth, event in enumerate(events)]
    return Trace(call_id="call", started_at=started_at, painted=painted)


def test_calls_are_taken_together_word_by_word() -> None:
    rows = {row.name: row for row in delay_rows(together([call(1000.0, 0.1), call(5000.0, 0.3)]))}
    assert rows["word → text on the overlay"].count == 2
    assert rows["word → text on the overlay"].p50 == pytest.approx(0.2)
    assert rows["word → committed"].p50 == pytest.approx(0.4)
    assert rows["last word → final"].p50 == pytest.approx(0.6)


def test_what_is_asked_for_stands_beside_what_was_measured() -> None:
    usage = Usage()
    for at, seconds in ((1000.0, 0.0), (1001.0, 0.6)):
        usage.see("server", at, memory=1 << 20, seconds=seconds)
    made = table([Played("both_talking", call(1000.0, 0.1), usage)], recogniser=219.9)
    columns = [list(column.cells) for column in made.columns]
    rows = {name: cells for name, *cells in zip(*columns, strict=True)}
    assert rows["word → text"] == ["100 / 100", "100 / 100", "200 / 700", "yes"]
    assert rows["word → as it stayed"][2:] == ["-", "-"]
    assert rows["committed words revised"] == ["0", "0", "0", "yes"]
    assert rows["server, of one core"] == ["60%", "", "50%", "no"]
    assert rows["recogniser alone, MiB"] == ["", "220", "220", "yes"]


def test_the_highest_memory_is_read_in_bytes() -> None:
    assert highest_memory("Name:\tpython\nVmHWM:\t   2048 kB\nVmRSS:\t 1024 kB\n") == 2048 * 1024
