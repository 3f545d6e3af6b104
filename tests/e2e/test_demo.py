"""The demo as a newcomer sees it: one command, a whole call, pictures, a session in the log, nothing left behind."""

import json
import re
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import pytest
from PyQt6.QtGui import QImage
from stage_kit import PATIENCE, ROOT, environment, is_whole, processes_of, spiegel, until

from server.commands.delays import read_trace
from server.places import Places
from server.store.store import Store

SMALLEST = 300
"""Pixels of a picture's shorter side, at the least."""

INTERRUPTIBLE = """
import signal, spiegel
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs inherit that it is ignored
spiegel.main()
"""


class Screen(Protocol):
    """A screen of our own, from the fixture."""

    env: dict[str, str]

    def ask(self, *command: str) -> str: ...


def events(out: Path) -> list[dict[str, Any]]:
    lines = (out / "trace.jsonl").read_text("utf-8").splitlines()
    return [line["event"] for line in map(json.loads, lines) if "event" in line]


def is_a_picture_of_something(path: Path) -> bool:
    image = QImage(str(path))
    width, height = image.width(), image.height()
    colours = {image.pixel(x, y) for x in range(0, width, 3) for y in range(0, height, 3)}
    return min(width, height) >= SMALLEST and len(colours) > 20


def test_a_whole_call_without_a_display(tmp_path: Path, home: Path, short_call: Path) -> None:
    out = tmp_path / "what we saw"
    (out / "session").mkdir(parents=True)
    (out / ".spiegel-demo").touch()
    (out / "01-old.png").write_bytes(b"of an earlier demo")
    (out / "mine.txt").write_text("to be kept", "utf-8")
    told = spiegel(home, "demo", "--call", str(short_call), "--speed", "2", "--out", str(out))
    assert (told.returncode, told.stderr) == (0, "")
    assert "child_started" not in told.stdout
    assert "debug" not in told.stdout

    names = [picture.stem.partition("-")[2] for picture in sorted(out.glob("*.png"))]
    first = [name for name in names[:3] if name != "loading"]  # models can be loaded before the window is up
    assert first[:2] == ["connecting", "ready"]
    assert "loading" not in names[2:]
    assert names[-2:] == ["wrap-up", "ready-feedback"]
    assert all(is_a_picture_of_something(picture) for picture in out.glob("*.png"))
    assert (out / "mine.txt").exists()

    seen = events(out)
    kinds = {event["type"] for event in seen}
    assert {"CallStarted", "TranscriptPartial", "TranscriptFinal", "SentimentTrend", "CallEnded"} <= kinds
    said = [event["text"] for event in seen if event["type"] == "TranscriptFinal"]
    assert len(said) >= 5
    for text in said:
        assert text.split()[0] in told.stdout
    assert "without a display" in told.stdout
    assert re.search(r"last word → final +p50 \d+ ms, p95 \d+ ms", told.stdout)

    database = Places.below(out / "session").database
    with closing(Store(database, lambda _: None)) as store:
        (row,) = store.calls()
        detail = store.call(row.call_id)
        (card,) = store.feedback(10)
    assert row.reason == "finished"
    assert row.call_id == next(event["call_id"] for event in seen if event["type"] == "CallStarted")
    assert [event.text for event in detail.events if hasattr(event, "words")] == said
    assert card.call_id == row.call_id
    assert is_whole(database)
    assert f"log {row.call_id[:8]}" in told.stdout
    assert processes_of(out) == []
    assert processes_of(home) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_demo_that_is_interrupted_leaves_nothing_running(
    tmp_path: Path, home: Path, short_call: Path, number: signal.Signals
) -> None:
    out = tmp_path / "out"
    demo = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, "demo", "--call", str(short_call), "--out", str(out)],
        env=environment(home),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: read_trace(out / "trace.jsonl").painted, "the call on the screen")
    demo.send_signal(number)
    _, errors = demo.communicate(timeout=PATIENCE)
    assert demo.returncode not in (0, None)
    assert "Traceback" not in errors
    until(lambda: processes_of(out) == [], "all to end")


@pytest.mark.display
def test_with_a_display_the_window_is_there_and_on_top(
    screen: Screen, tmp_path: Path, home: Path, short_call: Path
) -> None:
    out = tmp_path / "out"
    env = {**environment(home), "DISPLAY": screen.env["DISPLAY"]}
    command = [sys.executable, "-m", "spiegel", "demo", "--call", str(short_call), "--speed", "4", "--out", str(out)]
    demo = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        found = until(lambda: screen.ask("xdotool", "search", "--onlyvisible", "--name", "Spiegel"), "the window")
        window = found.split()[-1]
        until(lambda: "IsViewable" in screen.ask("xwininfo", "-id", window), "it to be visible")
        assert "_NET_WM_STATE_ABOVE" in screen.ask("xprop", "-id", window, "_NET_WM_STATE")
        output, errors = demo.communicate(timeout=80)
    finally:
        demo.kill()
        demo.wait()
    assert (demo.returncode, errors) == (0, "")
    assert "in the window" in output
    assert list(out.glob("*-wrap-up.png"))
    assert processes_of(out) == []
