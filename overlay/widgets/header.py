"""The window's top row: where we are, how long, and the few buttons always there. It is also what one drags."""

from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QWidget

from overlay.state.inputs import AskCall, SetCues, Toggle
from overlay.state.model import OverlayState
from overlay.state.screens import Screen, is_paused, screen_of
from overlay.texts import clock
from overlay.theme.look import Look
from overlay.theme.tokens import BODY
from overlay.widgets import icons
from overlay.widgets.base import Painted, smooth, tight
from overlay.widgets.buttons import IconButton
from overlay.widgets.text import Style, Text

TITLES: dict[Screen, str] = {
    "connecting": "app.name",
    "refused": "app.name",
    "loading": "app.name",
    "ready": "ready.title",
    "in_call": "call.title",
    "wrap_up": "wrap.title",
}


class Dot(Painted[tuple[str, bool]]):
    """A dot in a colour role; a ring when it is not on."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, ("muted", False), 10)
        self.setFixedWidth(10)

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw the dot."""
        del a0
        painter = smooth(self)
        role, filled = self.value
        painter.setPen(self.look.colour(role))
        painter.setBrush(self.look.colour(role) if filled else Qt.GlobalColor.transparent)
        painter.drawEllipse(QPointF(5, 5), 3.8, 3.8)
        painter.end()


class Header(QWidget):
    """Title, timer, buttons. ``asked`` carries what the agent wants. GUI thread only."""

    asked = pyqtSignal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        texts = look.texts
        self._dot = Dot(look)
        self.title = Text(look, Style(size=BODY, weight=QFont.Weight.DemiBold, max_lines=1))
        self.timer = Text(look, Style(size=BODY, role="muted", max_lines=1))
        self.cues = IconButton(look, icons.mute, texts("app.cues_are_off"), "Shift+M")
        self.stop = IconButton(look, icons.stop, texts("call.stop"), "Ctrl+E")
        self.pause = IconButton(look, icons.pause, texts("call.pause"), "P")
        self.transcript = IconButton(look, icons.text, texts("call.transcript"), "T")
        self.transcript.setCheckable(True)
        self.collapse = IconButton(look, icons.shrink, texts("app.collapse"), "C")
        row = tight(QHBoxLayout(self), 8)
        row.addWidget(self._dot)
        row.addWidget(self.title)
        row.addWidget(self.timer, 1)
        buttons = tight(QHBoxLayout(), 0)
        for button in (self.cues, self.stop, self.pause, self.transcript, self.collapse):
            buttons.addWidget(button)
        row.addLayout(buttons)
        self._connect()

    def _connect(self) -> None:
        self.cues.clicked.connect(lambda: self.asked.emit(SetCues(wanted=True)))
        self.stop.clicked.connect(lambda: self.asked.emit(AskCall(action="stop")))
        self.pause.clicked.connect(lambda: self.asked.emit(AskCall(action="pause")))
        self.transcript.clicked.connect(lambda: self.asked.emit(Toggle(part="transcript")))
        self.collapse.clicked.connect(lambda: self.asked.emit(Toggle(part="collapsed")))

    def show_state(self, state: OverlayState, now: float) -> None:
        """Show where we are."""
        screen, paused = screen_of(state), is_paused(state)
        live = screen == "in_call"
        title = self._look.texts("call.paused_title" if paused else TITLES[screen])
        self.title.show_text(title)
        self.title.setFixedWidth(min(200, self.title.natural_width()))
        self.timer.show_text(clock(state.call.time(now)) if live and state.call else "")
        healthy = state.link == "up" and not paused and screen != "loading"
        self._dot.show_value(("positive" if healthy else "muted", healthy), title)
        up = state.link == "up" and state.asked is None
        self.cues.setVisible(state.cues_off)
        self.stop.setVisible(live)
        self.pause.setVisible(live and not paused)
        self.stop.setEnabled(up)
        self.pause.setEnabled(up or (state.link == "down" and not state.pause_wanted))
        self.transcript.setVisible(live and not paused)
        self.transcript.setChecked(state.transcript_open)
