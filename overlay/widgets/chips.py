"""A few words each in its own rounded box, wrapped over rows; a word too long for a row is elided."""

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from overlay.theme.look import Look
from overlay.theme.tokens import CAPTION
from overlay.widgets.base import rounded, smooth

HEIGHT, SPACE, INSET = 26, 6, 10


class Chips(QWidget):
    """Words side by side. GUI thread only."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._words: tuple[str, ...] = ()
        self._font = look.font(CAPTION, QFont.Weight.Medium)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_words(self, words: tuple[str, ...], name: str) -> None:
        """Show ``words``, called ``name`` together by screen readers."""
        self.setVisible(bool(words))
        self.setAccessibleName(f"{name}: {', '.join(words)}")
        if words != self._words:
            self._words = words
            self.updateGeometry()
            self.update()

    def boxes(self, width: int) -> list[tuple[QRectF, str]]:
        """Where each word goes at a width, and how much of it is drawn."""
        metrics = QFontMetricsF(self._font)
        placed: list[tuple[QRectF, str]] = []
        x = y = 0.0
        for word in self._words:
            shown = metrics.elidedText(word, Qt.TextElideMode.ElideRight, width - 2 * INSET)
            need = min(float(width), metrics.horizontalAdvance(shown) + 2 * INSET + 1)
            if x and x + need > width:
                x, y = 0.0, y + HEIGHT + SPACE
            placed.append((QRectF(x, y, need, HEIGHT), shown))
            x += need + SPACE
        return placed

    def hasHeightForWidth(self) -> bool:
        """More rows where there is less width."""
        return True

    def heightForWidth(self, a0: int) -> int:
        """The height of all rows."""
        boxes = self.boxes(a0)
        return int(boxes[-1][0].bottom()) if boxes else 0

    def sizeHint(self) -> QSize:
        """One row."""
        return QSize(100, HEIGHT)

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw the boxes."""
        del a0
        painter = smooth(self)
        painter.setFont(self._font)
        for box, word in self.boxes(self.width()):
            edged = self._look.theme.name == "contrast"
            painter.setPen(self._look.colour("border") if edged else Qt.PenStyle.NoPen)
            painter.setBrush(self._look.colour("raised"))
            painter.drawPath(rounded(box.adjusted(0.5, 0.5, -0.5, -0.5), HEIGHT / 2))
            painter.setPen(self._look.colour("text"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)
        painter.end()
