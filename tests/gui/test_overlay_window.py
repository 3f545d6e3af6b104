"""The window without a screen: what it shows, what it asks, and that nothing is cut."""

import itertools
from collections.abc import Callable

import pytest
from PyQt6.QtCore import QEvent, QPoint, QSettings, Qt
from PyQt6.QtGui import QFocusEvent, QFontMetricsF
from PyQt6.QtWidgets import QAbstractButton, QApplication, QGraphicsOpacityEffect, QLabel, QWidget
from pytestqt.qtbot import QtBot

from overlay import scenes
from overlay.state.inputs import AnswerCue, AskCall, Retry, SetCues, SetSolved, Toggle, ToReady, TurnFeedback, TypeNote
from overlay.theme.look import make_look
from overlay.theme.tokens import PILL_WIDTH, WIDTH
from overlay.widgets.buttons import RINGED, Button
from overlay.widgets.text import Text
from overlay.window import PLACE, OverlayWindow

Show = Callable[..., OverlayWindow]
CALLS = list(itertools.product(scenes.names(), ["nl", "en"], ["light", "contrast"]))


def seen(window: OverlayWindow, kind: type[QWidget]) -> list[QWidget]:
    return [child for child in window.findChildren(kind) if child.isVisible()]


def texts(window: OverlayWindow) -> str:
    return " | ".join(label.text() for label in seen(window, Text))


def click(qtbot: QtBot, button: QAbstractButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(("name", "language", "theme"), CALLS)
def test_nothing_is_cut_and_everything_has_a_name(show: Show, name: str, language: str, theme: str) -> None:
    window = show(name, language, theme)
    assert window.width() == (PILL_WIDTH if name.startswith("pill") else WIDTH)
    for label in seen(window, Text):
        assert label.textFormat() is Qt.TextFormat.PlainText
        assert label.height() >= label.heightForWidth(label.width()), label.text()
        assert not any(line.endswith("…") for line in label.lines(label.width())), label.text()
        widest = max(QFontMetricsF(label.font()).horizontalAdvance(line) for line in label.lines(label.width()))
        assert widest <= label.width() + 1, label.text()
    for button in seen(window, QAbstractButton):
        assert button.accessibleName(), button
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert button.height() >= 24
        assert window.rect().contains(button.rect().translated(button.mapTo(window, QPoint())))
    for button in seen(window, Button):
        assert button.width() >= button.sizeHint().width(), button.text()


def test_no_other_label_could_draw_html(show: Show) -> None:
    window = show("in-call-everything")
    assert all(isinstance(label, Text) for label in window.findChildren(QLabel))


def test_a_customers_markup_and_endless_words_are_plain_text(show: Show) -> None:
    window = show("ready-rough")
    comment = window.ready.feedback.comment
    assert comment.text().startswith("<b>Nee</b> arbeids")
    assert len(comment.lines(comment.width())) > 2


def test_feedback_is_nowhere_in_a_call(show: Show) -> None:
    window = show("in-call-cue")
    assert not window.ready.isVisible()
    assert not window.ready.feedback.isVisible()


def test_the_mood_is_a_word_a_face_and_a_name(show: Show) -> None:
    window = show("in-call-falling", "nl")
    mood = window.in_call.mood
    assert mood.word.text() == "Ontevreden"
    assert mood.face.value.level == pytest.approx(-0.62)
    assert mood.face.accessibleName() == "Stemming van de klant: Ontevreden"
    assert mood.hint.text() == "wordt minder · gefrustreerd"


def test_not_sure_is_said(show: Show) -> None:
    window = show("in-call-unsure", "en")
    assert "Not sure yet" in texts(window)
    assert window.in_call.mood.face.value.level is None


def test_the_cue_can_be_answered_with_the_mouse(show: Show, qtbot: QtBot) -> None:
    window = show("in-call-cue")
    cue = window.in_call.cue
    for button in (cue.helped, cue.dismiss, cue.mute, cue.why):
        click(qtbot, button)
    assert window.heard == [
        AnswerCue(outcome="helped"),
        AnswerCue(outcome="dismissed"),
        AnswerCue(outcome="muted"),
        Toggle(part="why"),
    ]


def test_a_cue_leaves_by_fading_and_the_next_one_is_whole_again(qtbot: QtBot, settings: QSettings) -> None:
    window = OverlayWindow(make_look("light", "en", motion=True), settings)
    qtbot.addWidget(window)
    state, _ = scenes.scene("in-call-cue", "en")
    window.show_state(state, scenes.T0 + 43.0)
    window.show()
    card = window.in_call.cue
    assert card.graphicsEffect() is None
    window.show_state(state, scenes.T0 + 43.6)
    effect = card.graphicsEffect()
    assert isinstance(effect, QGraphicsOpacityEffect)
    qtbot.waitUntil(lambda: effect.opacity() < 0.5, timeout=3_000)
    window.show_state(state, scenes.T0 + 44.0)
    assert not card.isVisible()
    window.show_state(state, scenes.T0 + 43.0)
    assert card.isVisible()
    assert card.graphicsEffect() is None


def test_why_tells_words_confidence_and_age(show: Show) -> None:
    window = show("in-call-cue-why", "en")
    assert "Heard: \u2018third time\u2019" in texts(window)
    assert "87% sure · 3 s ago" in texts(window)
    assert "87% sure" not in texts(show("in-call-cue", "en"))


def test_the_header_pauses_stops_opens_and_shrinks(show: Show, qtbot: QtBot) -> None:
    window = show("in-call-falling")
    header = window.header
    for button in (header.pause, header.stop, header.transcript, header.collapse):
        click(qtbot, button)
    assert window.heard == [
        AskCall(action="pause"),
        AskCall(action="stop"),
        Toggle(part="transcript"),
        Toggle(part="collapsed"),
    ]


def test_paused_shows_only_that(show: Show, qtbot: QtBot) -> None:
    window = show("paused", "nl")
    assert texts(window).count("Gepauzeerd") == 2
    assert not window.in_call.mood.isVisible()
    click(qtbot, window.in_call.paused.resume)
    assert window.heard == [AskCall(action="resume")]


def test_without_a_line_the_call_cannot_be_controlled(show: Show) -> None:
    window = show("in-call-reconnecting")
    assert window.header.pause.isEnabled(), "a pause may wait"
    assert "What you see and type is kept" in texts(window)


def test_a_call_can_be_started_only_where_it_can(show: Show, qtbot: QtBot) -> None:
    window = show("ready-empty")
    click(qtbot, window.ready.start)
    assert window.heard == [AskCall(action="start")]
    assert not show("ready-no-capture").ready.start.isVisible()


def test_feedback_pages(show: Show, qtbot: QtBot) -> None:
    window = show("ready-feedback")
    panel = window.ready.feedback
    assert panel.page.text() == "1 of 3"
    assert not panel.newer.isEnabled()
    click(qtbot, panel.older)
    assert window.heard == [TurnFeedback(step=1)]


def test_a_nomination_is_shown(show: Show) -> None:
    assert "This customer nominates you!" in texts(show("ready-nominated"))
    assert "This customer nominates you!" not in texts(show("ready-feedback"))


def test_numbers_come_with_their_count(show: Show) -> None:
    shown = texts(show("ready-empty", "nl"))
    assert "4,6 | sterren (n=5) | 80% | opgelost (n=5)" in shown


def test_the_wrap_up_asks_and_keeps(show: Show, qtbot: QtBot) -> None:
    window = show("wrap-up", "en")
    view = window.wrap_up
    assert view.solved.buttons["yes"].isChecked()
    click(qtbot, view.solved.buttons["not_yet"])
    view.note.selectAll()
    qtbot.keyClicks(view.note, "hi")
    click(qtbot, view.done)
    assert window.heard[0] == SetSolved(solved="not_yet")
    assert window.heard[-2:] == [TypeNote(note="hi"), ToReady()]


def test_the_hand_leads_in_the_note(show: Show) -> None:
    window = show("wrap-up", "en")
    window.wrap_up.note.setPlainText("typing ahead of the state")
    state, now = scenes.scene("wrap-up", "en")
    window.show_state(state, now)
    assert window.wrap_up.note.toPlainText() == "typing ahead of the state"


def test_the_arc_carries_the_cues(show: Show) -> None:
    window = show("wrap-up")
    curve = window.wrap_up.arc.curve
    assert curve.value.marks == (24.0,)
    assert curve.accessibleName() == "How the mood went; from Neutral to Happy"


@pytest.mark.parametrize(
    ("scene", "asked"),
    [
        ("in-call-cue", [SetCues(wanted=False)]),
        ("in-call-cue-muted", [SetCues(wanted=False), SetCues(wanted=True)]),
        ("in-call-cues-off", [SetCues(wanted=True)]),
    ],
)
def test_the_menu_turns_cues_off_and_on(show: Show, scene: str, asked: list[SetCues]) -> None:
    window = show(scene)
    for action in window.menu().actions()[1:-1]:
        action.trigger()
    assert window.heard == asked


def test_a_mark_says_that_cues_are_off_and_turns_them_on(show: Show, qtbot: QtBot) -> None:
    assert not show("in-call-cue").header.cues.isVisible()
    window = show("in-call-cues-off")
    click(qtbot, window.header.cues)
    assert window.heard == [SetCues(wanted=True)]


def test_the_menu_shrinks_and_closes(show: Show, qtbot: QtBot) -> None:
    window = show("ready-empty")
    menu = window.menu()
    shrink, _, leave = menu.actions()
    shrink.trigger()
    assert window.heard == [Toggle(part="collapsed")]
    with qtbot.waitSignal(window.closed, timeout=1_000):
        leave.trigger()
    assert not window.isVisible()


def test_the_focus_shows_a_ring_only_when_a_key_brought_it(show: Show) -> None:
    window = show("in-call-falling")
    button = window.header.pause
    for reason, ringed in ((Qt.FocusReason.ActiveWindowFocusReason, False), (Qt.FocusReason.TabFocusReason, True)):
        QApplication.sendEvent(button, QFocusEvent(QEvent.Type.FocusIn, reason))
        assert button.property(RINGED) is ringed


def test_the_height_fits_at_once_when_the_content_changes(show: Show) -> None:
    window = show("in-call-unsure")
    for name in ("in-call-cue", "in-call-cue-why", "in-call-cue", "ready-nominated", "in-call-everything"):
        fresh = show(name)
        state, now = scenes.scene(name, "en")
        window.show_state(state, now)
        assert window.height() == fresh.height(), name


def test_a_refusal_says_what_to_do(show: Show, qtbot: QtBot) -> None:
    window = show("refused", "en")
    assert "The key is not right" in texts(window)
    click(qtbot, window.notice.retry)
    assert window.heard == [Retry()]


def test_loading_shows_how_far(show: Show) -> None:
    window = show("loading", "en")
    assert window.notice.progress.value.part == pytest.approx(0.62)
    assert "62% · Speech" in texts(window)


def test_the_window_stays_on_top_and_takes_no_focus_when_it_appears(show: Show) -> None:
    window = show("ready-empty")
    flags = window.windowFlags()
    assert flags & Qt.WindowType.WindowStaysOnTopHint
    assert flags & Qt.WindowType.FramelessWindowHint
    assert flags & Qt.WindowType.Tool == Qt.WindowType.Tool
    assert window.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)


def test_it_comes_back_where_it_was_left(show: Show, settings: QSettings, qtbot: QtBot) -> None:
    window = show("ready-empty")
    window.move(33, 44)
    assert settings.value(PLACE) == QPoint(33, 44)
    again = OverlayWindow(make_look("light", "nl"), settings)
    qtbot.addWidget(again)
    assert again.pos() == QPoint(33, 44)


def test_it_comes_back_on_the_screen_when_its_place_is_gone(settings: QSettings, qtbot: QtBot) -> None:
    settings.setValue(PLACE, QPoint(9_000, 9_000))
    window = OverlayWindow(make_look("light", "nl"), settings)
    qtbot.addWidget(window)
    state, now = scenes.scene("ready-empty", "nl")
    window.show_state(state, now)
    assert window.screen().availableGeometry().contains(window.geometry())


def test_it_can_be_dragged(show: Show, qtbot: QtBot) -> None:
    window = show("ready-empty")
    window.move(100, 100)
    spot = QPoint(120, 8)
    qtbot.mousePress(window, Qt.MouseButton.LeftButton, pos=spot)
    qtbot.mouseMove(window, spot + QPoint(30, 20))
    qtbot.mouseRelease(window, Qt.MouseButton.LeftButton, pos=spot)
    assert window.pos() == QPoint(130, 120)


def test_screen_readers_find_the_cue_and_the_moods(show: Show) -> None:
    window = show("in-call-cue", "en")
    assert window.in_call.cue.accessibleName().startswith("Cue: Own it")
    assert window.in_call.mood.arrow.accessibleName() == "getting worse"
    assert window.in_call.talk.bar.accessibleName() == "Talk time: you 44 percent, customer 56 percent"


def test_an_unchanged_state_paints_nothing(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    window = show("in-call-everything")
    painted: list[str] = []
    monkeypatch.setattr(OverlayWindow, "paintEvent", lambda *_: painted.append("window"))
    state, now = scenes.scene("in-call-everything", "en")
    window.show_state(state, now)
    window.paint_now()
    assert painted == []


@pytest.mark.parametrize(
    ("scene", "told"),
    [("wrap-up", "Verstuurd"), ("wrap-up-degraded", "misschien nog niet bewaard"), ("wrap-up-reconnecting", "zodra")],
)
def test_the_note_claims_no_more_than_is_known(show: Show, scene: str, told: str) -> None:
    window = show(scene, "nl")
    shown = window.wrap_up.saved.text()
    assert told in shown
    assert shown != "Bewaard"


@pytest.mark.parametrize(
    ("scene", "told", "again"),
    [
        ("in-call-error", "Er luistert nu niets mee", True),
        ("in-call-error-final", "De server zegt: This cannot", False),
    ],
)
def test_an_error_is_said_in_the_agents_language_and_only_some_are_tried_again(
    show: Show, scene: str, told: str, *, again: bool
) -> None:
    window = show(scene, "nl")
    body = window.banner.accessibleName()
    assert told in body
    assert ("nog eens" in body) == again


def test_a_bug_in_the_line_is_not_blamed_on_the_server(show: Show) -> None:
    window = show("refused-broken")
    assert window.notice.title.text() == "The connection does not work"
    assert "ValueError" not in window.notice.body.text()
    assert window.notice.retry.isVisible()
