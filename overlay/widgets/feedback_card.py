"""What one customer said: stars, words as plain text, when, about what; a nomination shown with joy."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QHBoxLayout, QWidget

from overlay.state.inputs import TurnFeedback
from overlay.theme.look import Look
from overlay.theme.tokens import BODY, CAPTION, LEAD
from overlay.widgets import icons
from overlay.widgets.banner import IconMark
from overlay.widgets.bars import Stars
from overlay.widgets.base import Panel, tight
from overlay.widgets.buttons import IconButton
from overlay.widgets.text import Style, Text
from server.protocol import FeedbackCard


class FeedbackPanel(Panel):
    """One feedback card with its pager. ``asked`` carries turning pages. GUI thread only."""

    asked = pyqtSignal(object)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "raised")
        self.box.setContentsMargins(18, 16, 18, 14)
        self.box.setSpacing(9)
        self._nomination = self._make_nomination()
        self.stars = Stars(look)
        self.comment = Text(look, Style(size=LEAD, max_lines=7, line_height=1.45))
        self.about = Text(look, Style(size=CAPTION, role="muted", max_lines=2))
        self.facts = Text(look, Style(size=CAPTION, role="muted", max_lines=2))
        self._pager = self._make_pager()
        for part in (self._nomination, self.stars, self.comment, self.facts, self.about, self._pager):
            self.box.addWidget(part)

    def _make_nomination(self) -> QWidget:
        box = QWidget()
        row = tight(QHBoxLayout(box), 8)
        row.addWidget(IconMark(self.look, icons.rosette, "star", 22))
        words = self.look.texts("ready.nominated")
        row.addWidget(Text(self.look, Style(weight=QFont.Weight.DemiBold, role="accent_text"), words), 1)
        return box

    def _make_pager(self) -> QWidget:
        box, texts = QWidget(), self.look.texts
        row = tight(QHBoxLayout(box), 2)
        self.newer = IconButton(self.look, icons.newer, texts("ready.newer"), "←")
        self.older = IconButton(self.look, icons.older, texts("ready.older"), "→")
        self.page = Text(self.look, Style(size=CAPTION, role="muted", max_lines=1))
        self.newer.clicked.connect(lambda: self.asked.emit(TurnFeedback(step=-1)))
        self.older.clicked.connect(lambda: self.asked.emit(TurnFeedback(step=1)))
        row.addWidget(self.page, 1)
        row.addWidget(self.newer)
        row.addWidget(self.older)
        return box

    def show_card(self, card: FeedbackCard, now: float, index: int, total: int) -> None:
        """Show a card, number ``index`` (from 0) of ``total``."""
        texts = self.look.texts
        self._nomination.setVisible(card.nominated)
        self.stars.setVisible(card.stars is not None)
        self.stars.show_value(card.stars or 0, texts("ready.stars", stars=card.stars or 0))
        self.comment.show_text(card.comment.strip() or texts("ready.no_comment"))
        self.facts.show_text(" · ".join(self._facts(card)))
        self.facts.setVisible(bool(self.facts.text()))
        self.about.show_text(" · ".join(self._about(card, now)))
        self._pager.setVisible(total > 1)
        self.page.show_text(texts("ready.page", index=index + 1, total=total))
        self.newer.setEnabled(index > 0)
        self.older.setEnabled(index < total - 1)

    def _facts(self, card: FeedbackCard) -> list[str]:
        texts = self.look.texts
        facts: list[str] = []
        if card.solved is not None:
            facts.append(texts("ready.solved" if card.solved else "ready.unsolved"))
        if card.recommend is not None:
            facts.append(texts("ready.recommend", score=card.recommend))
        if card.effort is not None:
            facts.append(texts("ready.effort", score=card.effort))
        return facts

    def _about(self, card: FeedbackCard, now: float) -> list[str]:
        texts = self.look.texts
        channel = texts.get(f"about.{card.channel}", texts("about.other"))
        said = [texts("ready.from", customer=card.customer.strip())] if card.customer.strip() else []
        return [*said, channel, texts.ago(now - card.received_at)]


FIGURE = Style(size=BODY + 7, weight=QFont.Weight.DemiBold, max_lines=1)


class Figures(QWidget):
    """Today's three numbers, each with what it counts."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        row = tight(QHBoxLayout(self), 10)
        self.numbers: list[Text] = []
        self.captions: list[Text] = []
        for _ in range(3):
            column = Panel(look, "surface")
            column.box.setContentsMargins(0, 0, 0, 0)
            column.box.setSpacing(0)
            number, caption = Text(look, FIGURE), Text(look, Style(size=CAPTION, role="muted", max_lines=2))
            column.box.addWidget(number)
            column.box.addWidget(caption)
            self.numbers.append(number)
            self.captions.append(caption)
            row.addWidget(column, 1)

    def show_figures(self, figures: list[tuple[str, str]]) -> None:
        """Show three (number, caption) pairs."""
        for number, caption, (value, meaning) in zip(self.numbers, self.captions, figures, strict=True):
            number.show_text(value)
            number.setAccessibleName(f"{value} {meaning}")
            caption.show_text(meaning)
