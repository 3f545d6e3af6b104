"""What one customer said: stars, words as plain text, when, about what; a nomination shown with joy."""

from PyQt6.QtCore import QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from overlay.state.inputs import TurnFeedback
from overlay.theme.look import Look
from overlay.theme.tokens import BODY, CAPTION, LEAD
from overlay.widgets import icons
from overlay.widgets.banner import IconMark
from overlay.widgets.bars import Stars
from overlay.widgets.base import Painted, Panel, smooth, tight
from overlay.widgets.buttons import IconButton
from overlay.widgets.text import Style, Text
from server.protocol import FeedbackCard

CONFETTI = ((0.04, 0.2), (0.24, 0.72), (0.38, 0.12), (0.52, 0.55), (0.68, 0.24), (0.8, 0.8), (0.93, 0.42))
"""Where the paper lies in its field, as parts of its width and height."""


class Confetti(Painted[None]):
    """A few bits of coloured paper; only for joy."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, None, 34)
        self.setFixedWidth(46)

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Scatter the paper, the same way each time."""
        del a0
        painter = smooth(self)
        painter.setPen(Qt.PenStyle.NoPen)
        for i, (x, y) in enumerate(CONFETTI):
            painter.save()
            painter.translate(4 + x * (self.width() - 8), 5 + y * (self.height() - 10))
            painter.rotate(37.0 * i)
            painter.setBrush(self.look.colour(("star", "accent_text", "positive")[i % 3]))
            painter.drawRoundedRect(QRectF(-3.4, -1.5, 6.8, 3.0), 1.2, 1.2)
            painter.restore()
        painter.end()


class Nomination(QWidget):
    """A customer put the agent forward for a reward."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        row = tight(QHBoxLayout(self), 10)
        row.addWidget(IconMark(look, icons.rosette, "star", 30))
        words = Style(size=BODY + 1, weight=QFont.Weight.DemiBold, max_lines=2, line_height=1.25)
        row.addWidget(Text(look, words, look.texts("ready.nominated")), 1)
        row.addWidget(Confetti(look))


class FeedbackPanel(Panel):
    """One feedback card with its pager. ``asked`` carries turning pages. GUI thread only."""

    asked = pyqtSignal(object)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "raised")
        self.box.setContentsMargins(18, 16, 18, 14)
        self.box.setSpacing(9)
        self._nomination = Nomination(look)
        self.stars = Stars(look)
        self.comment = Text(look, Style(size=LEAD, max_lines=7, line_height=1.45, balanced=True))
        self.about = Text(look, Style(size=CAPTION, role="muted", max_lines=2))
        self.facts = Text(look, Style(size=CAPTION, role="muted", max_lines=2))
        self._pager = self._make_pager()
        for part in (self._nomination, self.stars, self.comment, self.facts, self.about, self._pager):
            self.box.addWidget(part)

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
            column = tight(QVBoxLayout(), 0)
            number, caption = Text(look, FIGURE), Text(look, Style(size=CAPTION, role="muted", max_lines=2))
            column.addWidget(number)
            column.addWidget(caption)
            self.numbers.append(number)
            self.captions.append(caption)
            row.addLayout(column, 1)

    def show_figures(self, figures: list[tuple[str, str]]) -> None:
        """Show three (number, caption) pairs."""
        for number, caption, (value, meaning) in zip(self.numbers, self.captions, figures, strict=True):
            number.show_text(value)
            number.setAccessibleName(f"{value} {meaning}")
            caption.show_text(meaning)
