"""Text on the screen: always plain, never HTML, wrapped anywhere if a word is too long, ended with "…" if it must.

A customer's words may look like markup or hold a word of a hundred letters; neither may change the window.
"""

from dataclasses import dataclass, replace

from PyQt6.QtCore import QPointF, QSize, Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QTextLayout, QTextLine, QTextOption
from PyQt6.QtWidgets import QLabel, QSizePolicy

from overlay.theme.look import Look
from overlay.theme.tokens import BODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a text looks: pixels of the type scale, weight, colour role, alignment, lines at most (0: as many as needed).

    ``balanced`` makes the lines about equally long, so that no last word stands alone.
    """

    size: int = BODY
    weight: QFont.Weight = QFont.Weight.Normal
    role: str = "text"
    max_lines: int = 0
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft
    line_height: float = 1.38
    balanced: bool = False


class Text(QLabel):
    """A piece of plain text. GUI thread only."""

    def __init__(self, look: Look, style: Style, text: str = "") -> None:
        super().__init__()
        self._look = look
        self._style = style
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(look.font(style.size, style.weight))
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setText(text)

    def show_text(self, text: str, role: str | None = None) -> None:
        """Show ``text``, perhaps in another colour role; nothing happens when neither changed."""
        if role is not None and role != self._style.role:
            self._style = replace(self._style, role=role)
            self.update()
        if text != self.text():
            self.setText(text)
            self.updateGeometry()

    @property
    def _line_height(self) -> float:
        return round(self._style.size * self._style.line_height)

    def natural_width(self) -> int:
        """The width of the whole text on one line, in pixels."""
        return int(QFontMetricsF(self.font()).horizontalAdvance(self.text())) + 2

    def hasHeightForWidth(self) -> bool:
        """Text needs more height where it has less width."""
        return True

    def heightForWidth(self, a0: int) -> int:
        """The height of the wrapped text at a width, in pixels."""
        return int(self._line_height * max(1, len(self.lines(a0))))

    def sizeHint(self) -> QSize:
        """As wide as the text, one line high."""
        return QSize(self.natural_width(), int(self._line_height))

    def minimumSizeHint(self) -> QSize:
        """Text can be squeezed to nothing; it wraps and elides."""
        return QSize(0, int(self._line_height))

    def lines(self, width: int) -> list[str]:
        """The text as it is drawn at a width, line by line; the last one elided where there are too many."""
        metrics = QFontMetricsF(self.font())
        found: list[str] = []
        wrap = _wrap_balanced if self._style.balanced else _wrap
        for paragraph in self.text().split("\n"):
            found += wrap(paragraph, self.font(), max(1, width))
        most = self._style.max_lines
        if most and len(found) > most:
            rest = found[most - 1].rstrip() + " " + found[most].strip() + "…"
            found = [*found[: most - 1], metrics.elidedText(rest, Qt.TextElideMode.ElideRight, width)]
        return found

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw the lines."""
        del a0
        painter = QPainter(self)
        painter.setPen(self._look.colour(self._style.role))
        painter.setFont(self.font())
        metrics = QFontMetricsF(self.font())
        lines = self.lines(self.width())
        top = max(0.0, (self.height() - self._line_height * len(lines)) / 2)
        baseline = top + (self._line_height + metrics.ascent() - metrics.descent()) / 2
        for i, line in enumerate(lines):
            painter.drawText(QPointF(self._left(metrics, line), baseline + i * self._line_height), line)
        painter.end()

    def _left(self, metrics: QFontMetricsF, line: str) -> float:
        spare = self.width() - metrics.horizontalAdvance(line.rstrip())
        if self._style.align == Qt.AlignmentFlag.AlignRight:
            return max(0.0, spare)
        return max(0.0, spare / 2) if self._style.align == Qt.AlignmentFlag.AlignHCenter else 0.0


def _wrap_balanced(paragraph: str, font: QFont, width: int) -> list[str]:
    """Break a paragraph into as few lines as fit, at the smallest width that still needs no more of them."""
    best = _wrap(paragraph, font, width)
    low, high = width // 2, width
    while high - low > 4:  # noqa: PLR2004 - pixels nobody sees
        middle = (low + high) // 2
        narrower = _wrap(paragraph, font, middle)
        if len(narrower) > len(best):
            low = middle
        else:
            best, high = narrower, middle
    return best


def _wrap(paragraph: str, font: QFont, width: int) -> list[str]:
    """Break a paragraph at words, and inside a word that is wider than a line."""
    layout = QTextLayout(paragraph, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    lines: list[str] = []
    while True:
        line: QTextLine = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        lines.append(paragraph[line.textStart() : line.textStart() + line.textLength()].rstrip())
    layout.endLayout()
    return lines or [""]
