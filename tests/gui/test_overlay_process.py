"""The overlay as a process of its own: through a whole call without a screen, and on a real one over another window."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec
import pytest
from overlay_fake_server import FakeServer
from PyQt6.QtCore import QSettings

from live_sentiment.events import AnyEvent, CallEnded, CallStarted
from overlay.choices import Choices
from overlay.scenes import a_cue, card, final, trend
from overlay.state.model import OverlayState
from server.protocol import CueReply, Envelope, Error, FeedbackSeen, Hello, Presence, ServerStatus, Today


class Screen(Protocol):
    """A screen of our own, from the fixture."""

    env: dict[str, str]

    def ask(self, *command: str) -> str: ...


PROGRAM = """
import json, sys
from pathlib import Path
from typing import Protocol
from overlay.main import OverlayOptions, run
options = json.loads(sys.argv[1])
for key in ("save_dir", "trace", "settings_file"):
    options[key] = Path(options[key]) if options.get(key) else None
sys.exit(run(OverlayOptions(**options)))
"""


def overlay(server: FakeServer, env: dict[str, str] | None = None, **options: object) -> subprocess.Popen[str]:
    """Start the overlay."""
    told = json.dumps({"url": server.url, "token": "secret", "language": "en", **options}, default=str)
    env = env or {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.Popen([sys.executable, "-c", PROGRAM, told], env=env, stderr=subprocess.PIPE, text=True)


def ended(program: subprocess.Popen[str], timeout: float = 30.0) -> tuple[int, str]:
    """Its exit code and what it complained about."""
    _, said = program.communicate(timeout=timeout)
    return program.returncode, said


def wait_until(true: Callable[[], object], what: str, seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.05)


def play(server: FakeServer, number: list[int], *events: AnyEvent) -> None:
    for event in events:
        number[0] += 1
        server.send(Envelope(call_id="call-1", seq=number[0], event=event))


def test_a_whole_call_ends_with_pictures_a_trace_and_no_complaint(server: FakeServer, tmp_path: Path) -> None:
    pictures, trace = tmp_path / "pictures", tmp_path / "trace.jsonl"
    program = overlay(server, save_dir=pictures, trace=trace, exit_after_call=True)
    server.expect(Hello, 20.0)
    server.send(ServerStatus(state="ready"), Presence(capture=True), Today(calls=3, answers=0))
    wait_until((pictures / "02-ready.png").exists, "the ready screen")
    number, start = [0], time.time()
    play(server, number, CallStarted(at=0.0, call_id="call-1", started_at=start, source="test"))
    play(server, number, final(1.0, 1, "this is the third time i call"), trend(1.0, -0.6, "falling"))
    play(server, number, msgspec.structs.replace(a_cue(1.0), expires_at=60.0))
    assert server.expect(CueReply).outcome == "shown"
    play(server, number, trend(2.0, 0.6, "rising"), CallEnded(at=3.0, reason="finished"))
    assert server.expect(CueReply).outcome == "expired"
    server.send(msgspec.structs.replace(card(1), call_id="call-1", received_at=time.time()))
    code, said = ended(program)
    assert (code, said) == (0, "")
    names = [path.name for path in sorted(pictures.glob("*.png"))]
    assert names[:2] == ["01-connecting.png", "02-ready.png"]
    assert any(name.endswith("cue-repeat_contact.png") for name in names)
    assert names[-2].endswith("wrap-up.png")
    assert names[-1].endswith("ready-feedback.png")
    lines = [json.loads(line) for line in trace.read_text().splitlines()]
    assert lines[0] == {"started": "call-1", "started_at": start, "speed": 1.0}
    assert [line["seq"] for line in lines[1:]] == [1, 2, 3, 4, 5, 6]
    assert all(start <= line["painted"] <= time.time() for line in lines[1:])


def test_cues_that_were_turned_off_stay_off_in_the_next_window(server: FakeServer, tmp_path: Path) -> None:
    kept = QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat)
    Choices(kept).keep(OverlayState(cues_off=True))
    kept.sync()
    program = overlay(server, settings_file=tmp_path / "w.ini")
    server.expect(Hello, 20.0)
    server.send(ServerStatus(state="ready"), Presence(capture=True))
    play(server, [0], CallStarted(at=0.0, call_id="call-1", started_at=time.time(), source="test"), a_cue(1.0))
    assert server.expect(CueReply).outcome == "expired"
    program.send_signal(signal.SIGTERM)
    assert ended(program, 10.0) == (0, "")


def test_a_wrong_token_ends_a_demo_with_its_own_code(server: FakeServer) -> None:
    server.greet = lambda _: [Error(code="bad_token", message="no", retryable=False)]
    code, _ = ended(overlay(server, exit_after_call=True))
    assert code == 1


def test_it_leaves_when_it_is_told_to(server: FakeServer, tmp_path: Path) -> None:
    program = overlay(server, settings_file=tmp_path / "w.ini")
    server.expect(Hello, 20.0)
    program.send_signal(signal.SIGTERM)
    assert ended(program, 10.0) == (0, "")


def test_without_a_screen_it_says_what_to_do(server: FakeServer) -> None:
    env = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}}
    code, said = ended(overlay(server, env))
    assert code == 1
    assert "NoDisplay: there is no screen" in said


def test_a_server_that_dies_and_returns_finds_it_again(server: FakeServer, tmp_path: Path) -> None:
    program = overlay(server, settings_file=tmp_path / "w.ini")
    server.expect(Hello, 20.0)
    wait_until(lambda: server._lines, "the line")
    server.send(Envelope(call_id="c", seq=7, event=trend(1.0, 0.1)))
    server.drop()
    resumed = server.expect(Hello, 20.0).resume_from
    assert resumed is not None
    assert (resumed.call_id, resumed.seq) == ("c", 7)
    program.send_signal(signal.SIGTERM)
    assert ended(program, 10.0)[0] == 0


def test_feedback_in_view_is_told_as_seen(server: FakeServer, tmp_path: Path) -> None:
    program = overlay(server, settings_file=tmp_path / "w.ini")
    server.expect(Hello, 20.0)
    wait_until(lambda: server._lines, "the line")
    server.send(ServerStatus(state="ready"), card(1))
    assert server.expect(FeedbackSeen, 10.0) == FeedbackSeen(feedback_id="f1")
    program.send_signal(signal.SIGTERM)
    assert ended(program, 10.0)[0] == 0


def named(screen: Screen, name: str) -> list[int]:
    """All windows of that name; Qt makes helpers besides the one that is seen."""
    return [int(window) for window in screen.ask("xdotool", "search", "--name", name).split()]


def visible(screen: Screen, name: str) -> list[str]:
    """Those that are on the screen."""
    windows = (str(window) for window in named(screen, name))
    return [window for window in windows if "IsViewable" in screen.ask("xwininfo", "-id", window)]


@pytest.mark.display
def test_on_a_real_screen_it_is_on_top_and_takes_no_focus(screen: Screen, server: FakeServer, tmp_path: Path) -> None:
    started = [subprocess.Popen([sys.executable, "-c", OTHER_WINDOW], env=screen.env, text=True)]
    try:
        wait_until(lambda: active(screen) in named(screen, "Softphone"), "the other window to be active")
        softphone = str(active(screen))
        started.append(program := overlay(server, screen.env, settings_file=tmp_path / "w.ini"))
        wait_until(lambda: visible(screen, "^Spiegel,"), "the overlay to be visible")
        window = visible(screen, "^Spiegel,")[0]
        assert active(screen) == int(softphone), "the overlay took the focus"
        screen.ask("xdotool", "windowraise", softphone)
        screen.ask("xdotool", "windowactivate", "--sync", softphone)
        assert active(screen) == int(softphone)
        assert "_NET_WM_STATE_ABOVE" in screen.ask("xprop", "-id", window, "_NET_WM_STATE")
        order = stacking(screen)
        assert order.index(int(window)) > order.index(int(softphone)), "another window covers the overlay"
        program.send_signal(signal.SIGTERM)
        assert ended(program, 10.0)[0] == 0
    finally:
        for left in started:
            left.kill()
            left.communicate(timeout=10)


OTHER_WINDOW = """
from PyQt6.QtWidgets import QApplication, QLabel
app = QApplication([])
label = QLabel("calls")
label.setWindowTitle("Softphone")
label.setGeometry(0, 0, 1280, 860)
label.show()
app.exec()
"""


def active(screen: Screen) -> int:
    """The window that has the keyboard."""
    said = screen.ask("xprop", "-root", "_NET_ACTIVE_WINDOW")
    return int(said.split()[-1], 16) if "0x" in said else 0


def stacking(screen: Screen) -> list[int]:
    """All windows, the topmost last."""
    said = screen.ask("xprop", "-root", "_NET_CLIENT_LIST_STACKING")
    return [int(word.strip(","), 16) for word in said.split() if word.startswith("0x")]
