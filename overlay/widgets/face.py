"""The customer's mood as a face: a ring, two eyes, and a mouth that bends with the mood; a dashed ring when unsure."""

from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from live_sentiment.events import Sentiment
from overlay.theme.look import Look
from overlay.widgets.base import Painted, smooth

RING = 0.062
"""The ring's width as a part of the face's size."""


@dataclass(frozen=True, slots=True)
class Mood:
    """What a face shows: ``level`` -1 to 1 (None: nobody can tell), ``sentiment`` gives the colour."""

    level: float | None = None
    sentiment: Sentiment | None = None

    @property
    def role(self) -> str:
        """The colour role of the mood."""
        return self.sentiment or "muted"


class Face(Painted[Mood]):
    """A face of ``size`` pixels. GUI thread only."""

    def __init__(self, look: Look, size: int) -> None:
        super().__init__(look, Mood(), size)
        self.setFixedWidth(size)

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw the face."""
        del a0
        painter = smooth(self)
        edge = min(self.width(), self.height())
        draw_face(painter, QRectF(0, 0, edge, edge), self.value, self.look.colour(self.value.role))
        painter.end()


def draw_face(painter: QPainter, rect: QRectF, mood: Mood, colour: QColor) -> None:
    """Draw a face in a square."""
    size = rect.width()
    ring = size * RING
    soft = QColor(colour)
    soft.setAlphaF(0.13)
    pen = QPen(colour, ring, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    known = mood.level is not None
    if not known:
        pen.setDashPattern([1.6, 2.3])
    painter.setPen(pen)
    painter.setBrush(soft)
    painter.drawEllipse(rect.adjusted(ring, ring, -ring, -ring))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for x in (0.36, 0.64):
        painter.drawEllipse(rect.topLeft() + QPointF(size * x, size * 0.41), size * 0.052, size * 0.062)
    _draw_mouth(painter, rect, mood.level or 0.0, QPen(colour, ring, cap=Qt.PenCapStyle.RoundCap), known=known)


def _draw_mouth(painter: QPainter, rect: QRectF, level: float, pen: QPen, *, known: bool) -> None:
    size = rect.width()
    left, right = (0.32, 0.68) if known else (0.42, 0.58)
    bend = max(-1.0, min(1.0, level * 1.25)) * 0.15
    path = QPainterPath(rect.topLeft() + QPointF(size * left, size * (0.655 - bend / 2)))
    middle = rect.topLeft() + QPointF(size * 0.5, size * (0.655 + bend * 1.35))
    path.quadTo(middle, rect.topLeft() + QPointF(size * right, size * (0.655 - bend / 2)))
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def named(widget: QWidget, name: str) -> None:
    """Give a widget its name for screen readers."""
    if widget.accessibleName() != name:
        widget.setAccessibleName(name)
