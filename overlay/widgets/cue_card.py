"""The one cue: its advice, why, and the three answers. The only thing on the screen with weight.

It appears at once, never flashes, and leaves by fading.
"""

from PyQt6.QtCore import QEasingCurve, QPropertyAnimation, pyqtSignal
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QGraphicsOpacityEffect, QHBoxLayout, QVBoxLayout, QWidget

from live_sentiment.events import Cue
from overlay.state.inputs import AnswerCue, Toggle
from overlay.state.screens import FADE_SECONDS
from overlay.theme.look import Look
from overlay.theme.tokens import CAPTION, LEAD, RADIUS
from overlay.widgets.base import Panel, tight
from overlay.widgets.buttons import Button, IconButton
from overlay.widgets.icons import mute
from overlay.widgets.text import Style, Text


class CueCard(Panel):
    """A cue. ``asked`` carries what the agent does with it. GUI thread only."""

    asked = pyqtSignal(object)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "accent", radius=RADIUS)
        texts = look.texts
        self.box.setContentsMargins(18, 16, 14, 10)
        self.box.setSpacing(10)
        self.advice = Text(
            look, Style(size=LEAD + 1, weight=QFont.Weight.DemiBold, role="on_accent", max_lines=6, balanced=True)
        )
        self._why = self._make_why()
        self.helped = Button(look, "on_accent", texts("cue.helped"), key="H")
        self.dismiss = Button(look, "on_accent_ghost", texts("cue.dismiss"), key="D")
        self.mute = IconButton(look, mute, texts("cue.mute_hint"), "M", kind="on_accent_ghost")
        self.why = Button(look, "on_accent_ghost", texts("cue.why"), key="W")
        self.box.addWidget(self.advice)
        self.box.addWidget(self._why)
        self.box.addLayout(self._make_answers())
        self._connect()
        self._fade: QPropertyAnimation | None = None

    def _make_why(self) -> QWidget:
        box = QWidget()
        column = tight(QVBoxLayout(box), 3)
        self.reason = Text(self.look, Style(role="on_accent", max_lines=4, balanced=True))
        self.words = Text(self.look, Style(role="on_accent_muted", max_lines=3))
        self.facts = Text(self.look, Style(size=CAPTION, role="on_accent_muted", max_lines=1))
        for text in (self.reason, self.words, self.facts):
            column.addWidget(text)
        return box

    def _make_answers(self) -> QHBoxLayout:
        row = tight(QHBoxLayout(), 2)
        for button in (self.helped, self.dismiss, self.why, self.mute):
            row.addWidget(button)
        row.insertStretch(3)
        return row

    def _connect(self) -> None:
        self.helped.clicked.connect(lambda: self.asked.emit(AnswerCue(outcome="helped")))
        self.dismiss.clicked.connect(lambda: self.asked.emit(AnswerCue(outcome="dismissed")))
        self.mute.clicked.connect(lambda: self.asked.emit(AnswerCue(outcome="muted")))
        self.why.clicked.connect(lambda: self.asked.emit(Toggle(part="why")))

    def show_cue(self, cue: Cue | None, age: float, *, why_open: bool, fading: bool) -> None:
        """Show a cue that is ``age`` seconds old; hide for None. ``fading`` lets it begin to leave."""
        self.setVisible(cue is not None)
        self._set_fading(fading=cue is not None and fading)
        if cue is None:
            return
        texts = self.look.texts
        advice = texts.pick(cue.advice, cue.rule)
        self.advice.show_text(advice)
        self.setAccessibleName(texts("cue.name", advice=advice))
        self._why.setVisible(why_open)
        self.why.setAccessibleName(texts("cue.why_hide" if why_open else "cue.why"))
        self.reason.show_text(texts.pick(cue.why))
        self.reason.setVisible(bool(self.reason.text()))
        heard = ", ".join(texts("cue.quoted", word=word) for word in cue.because)
        self.words.show_text(texts("cue.words", words=heard) if heard else "")
        self.words.setVisible(bool(heard))
        sure = texts("cue.sure", percent=round(cue.confidence * 100))
        self.facts.show_text(f"{sure} · {texts('cue.age', seconds=max(0, int(age)))}")

    def _set_fading(self, *, fading: bool) -> None:
        if not fading or not self.look.motion:
            if self._fade is not None:
                self._fade.stop()
                self._fade = None
                self.setGraphicsEffect(None)
            return
        if self._fade is None:
            effect = QGraphicsOpacityEffect(self)
            self.setGraphicsEffect(effect)
            self._fade = QPropertyAnimation(effect, b"opacity", self)
            self._fade.setDuration(int(FADE_SECONDS * 1000))
            self._fade.setStartValue(1.0)
            self._fade.setEndValue(0.0)
            self._fade.setEasingCurve(QEasingCurve.Type.OutQuad)
            self._fade.start()
