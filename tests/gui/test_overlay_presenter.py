"""The wheel between line, state and window, on Qt's own clock."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from overlay_fake_server import FakeServer
from PyQt6.QtCore import QSettings, Qt
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from live_sentiment.events import AnyEvent, CallEnded, TranscriptPartial
from overlay.bridge import Bridge
from overlay.main import add_keys
from overlay.one_call import OneCall
from overlay.presenter import Presenter
from overlay.record import Pictures, Trace
from overlay.scenes import T0, a_cue, card, final, partial, started, trend
from overlay.state.inputs import LinkDown, LinkRefused
from overlay.state.screens import screen_of, visible_cue
from overlay.theme.look import make_look
from overlay.theme.tokens import FRAME_MS
from overlay.window import OverlayWindow
from server.protocol import CallControl, CallNote, CueReply, Envelope, Presence, ServerStatus, Welcome


class Desk:
    """A presenter with a clock that the test turns, and all that it sent and painted."""

    def __init__(self, qtbot: QtBot, settings: QSettings) -> None:
        self.now = T0
        self.sent = []
        self.frames = []
        self.retries = 0
        self.window = OverlayWindow(make_look("light", "en", motion=False), settings)
        qtbot.addWidget(self.window)
        self.presenter = Presenter(self.window, self.sent.append, self._retry, lambda: self.now)
        self.presenter.painted.connect(lambda state, at, shown: self.frames.append((state, at, shown)))
        add_keys(self.window, self.presenter.press)
        self.seq = 0

    def _retry(self) -> None:
        self.retries += 1

    def hear(self, *events: AnyEvent) -> None:
        for event in events:
            self.seq += 1
            self.now = max(self.now, T0 + event.at)
            self.presenter.take(Envelope(call_id="call-1", seq=self.seq, event=event))

    def begin(self) -> "Desk":
        self.presenter.start()
        self.presenter.take(Welcome(version=1, now=T0))
        self.presenter.take(ServerStatus(state="ready"))
        self.presenter.take(Presence(capture=True, controllable=True))
        return self


@pytest.fixture
def desk(qtbot: QtBot, settings: QSettings) -> Iterator[Desk]:
    made = Desk(qtbot, settings)
    yield made
    made.presenter.stop()


def painted(qtbot: QtBot, desk: Desk) -> None:
    """Wait for the next frame."""
    with qtbot.waitSignal(desk.presenter.painted, timeout=3_000):
        pass


def test_many_messages_make_one_frame(desk: Desk, qtbot: QtBot) -> None:
    desk.begin()
    painted(qtbot, desk)
    before = len(desk.frames)
    desk.hear(started(), *[partial(0.01 * i, 1, f"word {i}") for i in range(60)], final(1.0, 2, "x"))
    painted(qtbot, desk)
    assert len(desk.frames) == before + 1
    shown = desk.frames[-1][2]
    texts = [e.event.text for e in shown if isinstance(e.event, TranscriptPartial)]
    assert texts == ["word 59"], "of a growing partial only the newest form is painted"
    assert len(shown) == 3


def test_the_first_message_is_painted_at_once_and_the_next_ones_wait(desk: Desk, qtbot: QtBot) -> None:
    desk.begin()
    painted(qtbot, desk)
    desk.presenter._last_frame = 0.0
    desk.hear(started())
    assert desk.presenter._frame.interval() == 0
    painted(qtbot, desk)
    desk.hear(trend(1.0, 0.5))
    assert 0 < desk.presenter._frame.interval() <= FRAME_MS


def test_a_final_and_a_cue_do_not_wait_for_the_frame_that_is_due(desk: Desk, qtbot: QtBot) -> None:
    desk.begin()
    painted(qtbot, desk)
    for awaited in (final(1.2, 1, "Thank you."), a_cue(1.4)):
        desk.hear(trend(awaited.at - 0.1, awaited.at))
        desk.presenter._last_frame = time.monotonic()
        desk.hear(trend(awaited.at - 0.05, awaited.at))
        desk.hear(awaited)
        assert desk.presenter._frame.interval() == 0
        painted(qtbot, desk)
        assert [e.event for e in desk.frames[-1][2]][-1] == awaited


def test_a_cue_is_told_shown_only_after_its_paint(desk: Desk, qtbot: QtBot) -> None:
    desk.begin().hear(started(), a_cue(1.0))
    assert desk.sent == []
    painted(qtbot, desk)
    assert desk.sent == [CueReply(call_id="call-1", cue_id="cue-1", outcome="shown", shown_at=T0 + 1.0)]
    assert desk.window.in_call.cue.isVisible()


def test_a_cue_in_the_pill_counts_as_shown_once_the_window_is_open(desk: Desk, qtbot: QtBot) -> None:
    desk.begin().hear(started())
    desk.presenter.press("C")
    desk.hear(a_cue(1.0))
    painted(qtbot, desk)
    assert desk.sent == []
    desk.presenter.press("C")
    painted(qtbot, desk)
    assert [m.outcome for m in desk.sent] == ["shown"]


def test_nothing_runs_while_nothing_changes(desk: Desk, qtbot: QtBot) -> None:
    desk.begin()
    painted(qtbot, desk)
    assert not desk.presenter._frame.isActive()
    desk.presenter.take(Presence(capture=True, controllable=True))
    assert not desk.presenter._frame.isActive()


def test_a_cue_goes_by_itself_at_its_time(desk: Desk, qtbot: QtBot) -> None:
    desk.begin().hear(started(), a_cue(0.0))
    painted(qtbot, desk)
    desk.now = T0 + 20.1
    qtbot.waitUntil(lambda: visible_cue(desk.presenter.state, desk.now) is None, timeout=3_000)
    qtbot.waitUntil(lambda: not desk.window.in_call.cue.isVisible(), timeout=3_000)
    assert [m.outcome for m in desk.sent] == ["shown", "expired"]


@pytest.mark.parametrize(("key", "outcome"), [("H", "helped"), ("D", "dismissed"), ("M", "muted")])
def test_keys_reach_the_cue(desk: Desk, qtbot: QtBot, key: str, outcome: str) -> None:
    desk.begin().hear(started(), a_cue(0.0))
    painted(qtbot, desk)
    desk.window.activateWindow()
    qtbot.keyClick(desk.window, getattr(Qt.Key, f"Key_{key}"))
    assert [m.outcome for m in desk.sent] == ["shown", outcome]


def test_the_keys_for_pause_and_transcript(desk: Desk, qtbot: QtBot) -> None:
    desk.begin().hear(started())
    painted(qtbot, desk)
    desk.window.activateWindow()
    qtbot.keyClick(desk.window, Qt.Key.Key_T)
    qtbot.keyClick(desk.window, Qt.Key.Key_P)
    assert desk.presenter.state.transcript_open
    assert desk.sent == [CallControl(action="pause")]


def test_letters_typed_into_the_note_stay_there(desk: Desk, qtbot: QtBot) -> None:
    desk.begin().hear(started(), CallEnded(at=5.0, reason="finished"))
    painted(qtbot, desk)
    note = desk.window.wrap_up.note
    desk.window.activateWindow()
    note.setFocus()
    qtbot.keyClicks(note, "CHDS 123")
    assert note.toPlainText() == "CHDS 123"
    assert not desk.presenter.state.collapsed
    assert desk.presenter.state.call.note == "CHDS 123"
    assert desk.presenter.state.call.solved is None


def test_leaving_sends_the_note_at_once(desk: Desk, qtbot: QtBot) -> None:
    desk.begin().hear(started(), CallEnded(at=5.0, reason="finished"))
    painted(qtbot, desk)
    qtbot.keyClicks(desk.window.wrap_up.note, "Belt terug")
    assert desk.sent == []
    desk.presenter.leave()
    assert desk.sent == [CallNote(call_id="call-1", note="Belt terug")]


def test_pausing_without_a_line_is_shown_and_taken_back(desk: Desk, qtbot: QtBot) -> None:
    desk.begin().hear(started())
    desk.presenter.take(LinkDown(attempt=1, retry_in=1.0))
    painted(qtbot, desk)
    assert desk.window.header.pause.isEnabled()
    qtbot.mouseClick(desk.window.header.pause, Qt.MouseButton.LeftButton)
    painted(qtbot, desk)
    assert desk.window.banner.accessibleName().startswith("Pauses once reconnected.")
    assert not desk.window.header.pause.isEnabled()
    desk.presenter.press("P")
    painted(qtbot, desk)
    assert desk.window.banner.accessibleName().startswith("Connection lost.")


def test_trying_again_reaches_the_line(desk: Desk, qtbot: QtBot) -> None:
    desk.presenter.start()
    desk.presenter.take(LinkRefused(code="bad_token", message=""))
    painted(qtbot, desk)
    qtbot.mouseClick(desk.window.notice.retry, Qt.MouseButton.LeftButton)
    assert desk.retries == 1


def test_the_trace_tells_what_was_painted_when(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    trace = Trace(tmp_path / "trace.jsonl")
    desk.presenter.painted.connect(trace.after_paint)
    desk.begin().hear(started(), trend(2.0, 0.5))
    painted(qtbot, desk)
    trace.close()
    lines = [json.loads(line) for line in (tmp_path / "trace.jsonl").read_text().splitlines()]
    assert lines[0] == {"started": "call-1", "started_at": T0, "speed": 1.0}
    assert [(line["seq"], line["event"]["type"]) for line in lines[1:]] == [(1, "CallStarted"), (2, "SentimentTrend")]
    assert {line["painted"] for line in lines[1:]} == {T0 + 2.0}


def test_pictures_are_taken_of_each_new_screen_with_something_on_it(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    pictures = Pictures(desk.window, tmp_path)
    desk.presenter.painted.connect(pictures.after_paint)
    desk.begin()
    painted(qtbot, desk)
    desk.hear(started())
    painted(qtbot, desk)
    desk.hear(final(3.0, 1, "hallo"), trend(3.0, -0.5))
    painted(qtbot, desk)
    desk.hear(a_cue(4.0))
    painted(qtbot, desk)
    names = sorted(path.name for path in tmp_path.glob("*.png"))
    assert names == ["01-connecting.png", "02-ready.png", "03-in-call-negative.png", "04-cue-repeat_contact.png"]
    image = QImage(str(tmp_path / names[-1]))
    assert image.width() == 720
    colours = {image.pixelColor(x, y).name() for x in range(0, 720, 9) for y in range(0, image.height(), 9)}
    assert desk.window.look.theme.accent in colours


def test_one_call_and_out(desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WRAP_UP_SECONDS", "FEEDBACK_SECONDS", "FEEDBACK_PATIENCE"):
        monkeypatch.setattr(f"overlay.one_call.{name}", 0.1)
    codes: list[int] = []
    one_call = OneCall(desk.presenter, codes.append)
    desk.begin().hear(started(), trend(1.0, 0.2), CallEnded(at=3.0, reason="finished"))
    qtbot.waitUntil(lambda: screen_of(desk.presenter.state) == "ready", timeout=3_000)
    desk.presenter.take(card(1, call_id="call-1"))
    qtbot.waitUntil(lambda: codes == [0], timeout=3_000)
    one_call.stop()


@pytest.mark.parametrize("code", [0, 1], ids=["after-a-line", "never-a-line"])
def test_a_server_gone_for_good_ends_it(desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    monkeypatch.setattr("overlay.one_call.GONE_SECONDS", 0.05)
    monkeypatch.setattr("overlay.one_call.NEVER_SECONDS", 30.0 if code == 0 else 0.05)
    codes: list[int] = []
    one_call = OneCall(desk.presenter, codes.append)
    desk.presenter.start()
    if code == 0:
        desk.presenter.take(Welcome(version=1, now=T0))
    desk.presenter.take(LinkDown(attempt=1, retry_in=1.0))
    qtbot.waitUntil(lambda: codes == [code], timeout=3_000)
    one_call.stop()


def test_messages_cross_to_the_gui_thread_in_order(server: FakeServer, qtbot: QtBot) -> None:
    bridge = Bridge(server.url, "secret")
    got: list[object] = []
    app_thread = QApplication.instance().thread()
    threads = []
    bridge.arrived.connect(lambda message: (got.append(message), threads.append(bridge.thread() is app_thread)))
    bridge.start()
    qtbot.waitUntil(lambda: len(got) == 1, timeout=5_000)
    server.send(*[Envelope(call_id="c", seq=i, event=trend(float(i), 0.1)) for i in range(1, 301)])
    qtbot.waitUntil(lambda: len(got) == 301, timeout=5_000)
    bridge.stop()
    assert [m.seq for m in got[1:]] == list(range(1, 301))
    assert all(threads)
