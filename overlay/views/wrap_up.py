"""After a call: how it went, what was picked up, whether it is solved, and a note that saves itself."""

import math
from functools import partial

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from overlay.state.inputs import SetSolved, Solved, ToReady, TypeNote
from overlay.state.model import Call, OverlayState
from overlay.state.screens import cue_fades, visible_cue
from overlay.texts import clock
from overlay.theme.look import Look
from overlay.theme.tokens import BODY, CAPTION, RADIUS_SMALL
from overlay.views.base import View
from overlay.views.in_call import mood_of
from overlay.widgets import icons
from overlay.widgets.base import tight
from overlay.widgets.buttons import Button, ChoiceButton
from overlay.widgets.chips import Chips
from overlay.widgets.cue_card import CueCard
from overlay.widgets.curves import Curve, MoodCurve
from overlay.widgets.face import Face, Mood
from overlay.widgets.text import Style, Text

LABEL = Style(size=CAPTION, weight=QFont.Weight.DemiBold, role="muted", max_lines=1)


class ArcBlock(QWidget):
    """The arc of the mood, from the first face to the last."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.first, self.last = Face(look, 30), Face(look, 30)
        self.curve = MoodCurve(look, 84)
        self.empty = Text(look, Style(role="muted"), look.texts("wrap.arc_empty"))
        self.row = QWidget()
        row = tight(QHBoxLayout(self.row), 8)
        row.addWidget(self.first)
        row.addWidget(self.curve, 1)
        row.addWidget(self.last)
        column = tight(QVBoxLayout(self), 0)
        column.addWidget(self.row)
        column.addWidget(self.empty)

    def show_call(self, call: Call) -> None:
        """Show a finished call's arc with its cues."""
        texts, known = self._look.texts, bool(call.arc)
        self.row.setVisible(known)
        self.empty.setVisible(not known)
        if not known:
            return
        first, last = _mood(call.arc[0].mood), mood_of(call)
        last = last if last.sentiment else _mood(call.arc[-1].mood)
        words = [texts(f"mood.{mood.sentiment}") for mood in (first, last)]
        self.first.show_value(first, texts("mood.name", mood=words[0]))
        self.last.show_value(last, texts("mood.name", mood=words[1]))
        shown = tuple(mark.at for mark in call.marks if mark.shown and call.arc[0].at <= mark.at < _end_of(call))
        curve = Curve(points=call.arc, start=call.arc[0].at, end=call.arc[-1].at, marks=shown)
        self.curve.show_value(curve, texts("wrap.arc_name", first=words[0], last=words[1]))


def _end_of(call: Call) -> float:
    """Later cues are about the work after the call."""
    return call.ended.at if call.ended is not None else math.inf


def _mood(level: float) -> Mood:
    sentiment = "positive" if level > 1 / 4 else "negative" if level < -1 / 4 else "neutral"
    return Mood(round(level, 2), sentiment)


class SolvedBlock(QWidget):
    """Yes, not yet, no."""

    def __init__(self, look: Look, view: View) -> None:
        super().__init__()
        texts = look.texts
        self.buttons: dict[Solved, ChoiceButton] = {
            "yes": ChoiceButton(look, texts("wrap.yes"), icons.check, "1"),
            "not_yet": ChoiceButton(look, texts("wrap.not_yet"), icons.not_yet, "2"),
            "no": ChoiceButton(look, texts("wrap.no"), icons.cross, "3"),
        }
        row = tight(QHBoxLayout(), 6)
        for solved, button in self.buttons.items():
            button.clicked.connect(partial(self._answer, view, solved))
            row.addWidget(button, 1)
        column = tight(QVBoxLayout(self), 6)
        column.addWidget(Text(look, LABEL, texts("wrap.solved")))
        column.addLayout(row)

    def _answer(self, view: View, solved: Solved, *_: object) -> None:
        view.asked.emit(SetSolved(solved=solved))

    def show_answer(self, solved: Solved | None) -> None:
        """Show which answer was given."""
        for answer, button in self.buttons.items():
            button.setChecked(answer == solved)


class WrapUpView(View):
    """The moment after a call. Nothing here stops the next one."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        texts = look.texts
        self.length = Text(look, Style(role="muted", max_lines=1))
        self.cue = CueCard(look)
        self.cue.asked.connect(self.asked)
        self.arc = ArcBlock(look)
        self.heard = QWidget()
        self.signals = Chips(look)
        heard = tight(QVBoxLayout(self.heard), 6)
        heard.addWidget(Text(look, LABEL, texts("wrap.heard")))
        heard.addWidget(self.signals)
        self.solved = SolvedBlock(look, self)
        self.note, self.saved = self._make_note(), Text(look, _right())
        self.done = Button(look, "primary", texts("wrap.done"), key="Ctrl ↵")
        self.done.clicked.connect(lambda: self.asked.emit(ToReady()))
        for part in (self.length, self.cue, self.arc, self.heard, self.solved):
            self.column.addWidget(part)
        self.column.addLayout(self._make_note_block())
        self.column.addWidget(self.done)
        self._call_id = ""

    def _make_note(self) -> QPlainTextEdit:
        note, theme, texts = QPlainTextEdit(), self.look.theme, self.look.texts
        note.setFixedHeight(76)
        note.setFont(self.look.font(BODY))
        note.setTabChangesFocus(True)
        note.setPlaceholderText(texts("wrap.note_hint"))
        note.setAccessibleName(texts("wrap.note"))
        note.setStyleSheet(
            f"QPlainTextEdit {{ background: {theme.raised}; color: {theme.text}; padding: 6px 8px;"
            f" border: 1px solid {theme.control_border}; border-radius: {RADIUS_SMALL}px;"
            f" selection-background-color: {theme.accent}; selection-color: {theme.on_accent};"
            f" placeholder-text-color: {theme.muted}; }}"
            f"QPlainTextEdit:focus {{ border: 2px solid {theme.accent_text}; padding: 5px 7px; }}"
        )
        note.textChanged.connect(lambda: self.asked.emit(TypeNote(note=note.toPlainText())))
        return note

    def _make_note_block(self) -> QVBoxLayout:
        top = tight(QHBoxLayout(), 8)
        label = Text(self.look, LABEL, self.look.texts("wrap.note"))
        label.setFixedWidth(label.natural_width())
        top.addWidget(label)
        top.addWidget(self.saved, 1)
        column = tight(QVBoxLayout(), 6)
        column.addLayout(top)
        column.addWidget(self.note)
        return column

    def show_state(self, state: OverlayState, now: float) -> None:
        """Show the call that has ended."""
        call = state.call
        if call is None or call.ended is None:
            return
        texts = self.look.texts
        cues = sum(mark.shown for mark in call.marks)
        said = "" if not cues else " · " + texts("wrap.cues_one" if cues == 1 else "wrap.cues", n=cues)
        self.length.show_text(texts("wrap.length", length=clock(call.time(now))) + said)
        cue = visible_cue(state, now)
        age = max(0.0, now - call.wall(cue.at)) if cue is not None else 0.0
        self.cue.show_cue(cue, age, why_open=state.why_open, fading=cue_fades(state, now))
        self.arc.show_call(call)
        self.heard.setVisible(bool(call.signals))
        names = tuple(texts.get(f"signal.{name}", name.replace("_", " ")) for name in call.signals)
        self.signals.show_words(names, texts("wrap.heard"))
        self.solved.show_answer(call.solved)
        self._show_note(state, call)

    def _show_note(self, state: OverlayState, call: Call) -> None:
        """Follow the state's note only when the call changes: otherwise the agent's hand leads."""
        if self._call_id != call.call_id:
            self._call_id = call.call_id
            self.note.blockSignals(True)
            self.note.setPlainText(call.note)
            self.note.blockSignals(False)
        self.saved.show_text(self.look.texts(_note_text(state, call)) if call.note else "")


def _note_text(state: OverlayState, call: Call) -> str:
    """What is known of the note's way; the server does not say when it is kept, so neither do we."""
    if state.link != "up":
        return "wrap.note_later"
    if call.note_typed_at is not None:
        return "wrap.note_saving"
    degraded = state.server is not None and state.server.state == "degraded"
    return "wrap.note_unsure" if degraded else "wrap.note_sent"


def _right() -> Style:
    return Style(size=CAPTION, role="muted", max_lines=1, align=Qt.AlignmentFlag.AlignRight)
