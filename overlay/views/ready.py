"""Between calls: the latest feedback, one card at a time, today's numbers, and the button that starts a call."""

from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QVBoxLayout

from overlay.state.inputs import AskCall
from overlay.state.model import OverlayState
from overlay.state.screens import can_start, visible_feedback
from overlay.theme.look import Look
from overlay.theme.tokens import CAPTION, LEAD
from overlay.views.base import View
from overlay.widgets.base import Panel, tight
from overlay.widgets.buttons import Button
from overlay.widgets.face import Face, Mood
from overlay.widgets.feedback_card import FeedbackPanel, Figures
from overlay.widgets.text import Style, Text
from server.protocol import Today


class ReadyView(View):
    """The mirror between two calls."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.feedback = FeedbackPanel(look)
        self.feedback.asked.connect(self.asked)
        self.empty = self._make_empty()
        self.figures = Figures(look)
        self.start = Button(look, "primary", look.texts("ready.start"), key="S")
        self.start.clicked.connect(lambda: self.asked.emit(AskCall(action="start")))
        day = tight(QVBoxLayout(), 6)
        day.addWidget(
            Text(look, Style(size=CAPTION, weight=QFont.Weight.DemiBold, role="muted"), look.texts("ready.today"))
        )
        day.addWidget(self.figures)
        self.column.addWidget(self.feedback)
        self.column.addWidget(self.empty)
        self.column.addLayout(day)
        self.column.addWidget(self.start)

    def _make_empty(self) -> Panel:
        panel, texts = Panel(self.look, "raised"), self.look.texts
        panel.box.setContentsMargins(18, 18, 18, 18)
        face = Face(self.look, 40)
        face.show_value(Mood(0.6, "positive"), texts("ready.empty_title"))
        panel.box.addWidget(face)
        panel.box.addWidget(Text(self.look, Style(size=LEAD, weight=QFont.Weight.DemiBold), texts("ready.empty_title")))
        panel.box.addWidget(Text(self.look, Style(role="muted", balanced=True), texts("ready.empty_body")))
        return panel

    def show_state(self, state: OverlayState, now: float) -> None:
        """Show the card in view, the day, and whether a call can be started."""
        card = visible_feedback(state)
        self.feedback.setVisible(card is not None)
        self.empty.setVisible(card is None)
        if card is not None:
            self.feedback.show_card(card, now, state.feedback_index, len(state.feedback))
        self.figures.show_figures(self._figures(state.today or Today(calls=0, answers=0)))
        starting = state.asked == "start"
        self.start.setVisible(starting or can_start(state))
        self.start.setEnabled(not starting)
        self.start.show_text(self.look.texts("ready.starting" if starting else "ready.start"))

    def _figures(self, today: Today) -> list[tuple[str, str]]:
        texts = self.look.texts
        none = texts("ready.none")
        stars = texts.decimal(today.stars) if today.stars is not None else none
        solved = f"{round(100 * today.solved_yes / today.solved_said)}%" if today.solved_said else none
        return [
            (str(today.calls), texts("ready.calls")),
            (stars, texts("ready.mean_stars", n=today.answers)),
            (solved, texts("ready.solved_of", n=today.solved_said)),
        ]
