"""What the painted widgets share: a value that is drawn, and a repaint only when it changed."""

from typing import Generic, TypeVar

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PyQt6.QtWidgets import QLayout, QSizePolicy, QVBoxLayout, QWidget

from overlay.theme.look import Look
from overlay.theme.tokens import RADIUS_SMALL

T = TypeVar("T")
L = TypeVar("L", bound=QLayout)


class Painted(QWidget, Generic[T]):
    """A widget that draws one value of type ``T``. GUI thread only."""

    def __init__(self, look: Look, value: T, height: int) -> None:
        super().__init__()
        self.look = look
        self._value = value
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def value(self) -> T:
        """What is drawn now."""
        return self._value

    def show_value(self, value: T, name: str) -> None:
        """Draw ``value``, called ``name`` by screen readers; nothing happens when neither changed."""
        if name != self.accessibleName():
            self.setAccessibleName(name)
        if value != self._value:
            self._value = value
            self.update()


class Panel(QWidget):
    """A rounded box with a layout of its own, filled with one role and edged with another."""

    def __init__(self, look: Look, fill: str, edge: str | None = None, radius: int = RADIUS_SMALL + 3) -> None:
        super().__init__()
        self.look = look
        self._fill, self._edge, self._radius = fill, edge, radius
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(16, 14, 16, 14)
        self.box.setSpacing(8)

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Fill the box."""
        del a0
        painter = smooth(self)
        edge = self._edge or ("border" if self.look.theme.name == "contrast" else None)
        painter.setPen(QPen(self.look.colour(edge), 1.0) if edge else Qt.PenStyle.NoPen)
        painter.setBrush(self.look.colour(self._fill))
        inset = 0.5 if edge else 0.0
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), self._radius, self._radius)
        painter.end()


def smooth(widget: QWidget) -> QPainter:
    """A painter on the widget, with smooth edges."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return painter


def rounded(rect: QRectF, radius: float) -> QPainterPath:
    """A rounded rectangle as a path."""
    path = QPainterPath()
    path.addRoundedRect(rect, radius, radius)
    return path


def tight(layout: L, spacing: int = 8) -> L:
    """The layout without margins, with ``spacing`` pixels between its parts."""
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    return layout
