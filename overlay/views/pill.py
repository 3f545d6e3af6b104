"""The window made small: mood, time, and whether a cue waits or the listening is paused."""

from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout

from overlay.state.inputs import Toggle
from overlay.state.model import OverlayState
from overlay.state.screens import is_paused, screen_of, visible_cue
from overlay.texts import clock
from overlay.theme.look import Look
from overlay.theme.tokens import BODY, CAPTION
from overlay.views.base import View
from overlay.views.in_call import mood_of
from overlay.widgets import icons
from overlay.widgets.base import tight
from overlay.widgets.buttons import IconButton
from overlay.widgets.face import Face, Mood
from overlay.widgets.header import TITLES
from overlay.widgets.text import Style, Text


class PillView(View):
    """The smallest glance."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.face = Face(look, 30)
        self.title = Text(look, Style(size=BODY, weight=QFont.Weight.DemiBold, max_lines=1))
        self.below = Text(look, Style(size=CAPTION, role="muted", max_lines=1))
        self.expand = IconButton(look, icons.grow, look.texts("app.expand"), "C")
        self.expand.clicked.connect(lambda: self.asked.emit(Toggle(part="collapsed")))
        words = tight(QVBoxLayout(), 0)
        words.addWidget(self.title)
        words.addWidget(self.below)
        row = tight(QHBoxLayout(), 10)
        row.addWidget(self.face)
        row.addLayout(words, 1)
        row.addWidget(self.expand)
        self.column.addLayout(row)

    def show_state(self, state: OverlayState, now: float) -> None:
        """Show the mood in a call, and the screen's name otherwise."""
        texts, live = self.look.texts, screen_of(state) == "in_call"
        mood = mood_of(state.call) if live else Mood(0.6, "positive")
        word = texts(f"mood.{mood.sentiment or 'unsure'}") if live else texts(TITLES[screen_of(state)])
        title, role = (texts("call.paused_title"), "text") if is_paused(state) else (word, mood.role)
        below = clock(state.call.time(now)) if live and state.call is not None else texts("app.name")
        if visible_cue(state, now) is not None:
            title, role, below = texts("pill.cue"), "accent_text", f"{word} · {below}"
        self.face.show_value(mood, word)
        self.title.show_text(title, role if role != "muted" else "text")
        self.below.show_text(below)
        self.setAccessibleName(texts("pill.name", what=f"{title}. {below}"))
