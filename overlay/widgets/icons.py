"""Our own icons, drawn as paths on a grid of 24 by 24, so that no emoji font or picture file is needed.

Each is a function that adds to a painter whose pen is set; ``draw`` fits one into a rectangle.
"""

import math
from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPen

GRID = 24.0
Icon = Callable[[QPainter], None]


def draw(painter: QPainter, icon: Icon, rect: QRectF, colour: QColor, stroke: float = 1.9) -> None:
    """Draw ``icon`` in ``rect``; ``stroke`` is the line's width on the grid."""
    painter.save()
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / GRID, rect.height() / GRID)
    pen = QPen(colour, stroke, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    icon(painter)
    painter.restore()


def _lines(painter: QPainter, *points: tuple[float, float]) -> None:
    path = QPainterPath(QPointF(*points[0]))
    for point in points[1:]:
        path.lineTo(QPointF(*point))
    painter.drawPath(path)


def pause(painter: QPainter) -> None:
    """Two bars."""
    _lines(painter, (9, 6), (9, 18))
    _lines(painter, (15, 6), (15, 18))


def play(painter: QPainter) -> None:
    """A triangle."""
    _lines(painter, (8, 5.5), (18, 12), (8, 18.5), (8, 5.5))


def stop(painter: QPainter) -> None:
    """A square."""
    painter.drawRoundedRect(QRectF(6.5, 6.5, 11, 11), 2, 2)


def text(painter: QPainter) -> None:
    """A speech bubble with two lines."""
    painter.drawRoundedRect(QRectF(3.5, 4.5, 17, 12.5), 3.5, 3.5)
    _lines(painter, (8, 17), (8, 20.5), (12, 17))
    _lines(painter, (7.5, 9), (16.5, 9))
    _lines(painter, (7.5, 12.7), (13, 12.7))


def shrink(painter: QPainter) -> None:
    """A line: make small."""
    _lines(painter, (6, 12), (18, 12))


def grow(painter: QPainter) -> None:
    """A chevron down: open."""
    _lines(painter, (6.5, 9.5), (12, 15), (17.5, 9.5))


def newer(painter: QPainter) -> None:
    """A chevron to the left."""
    _lines(painter, (14.5, 6.5), (9, 12), (14.5, 17.5))


def older(painter: QPainter) -> None:
    """A chevron to the right."""
    _lines(painter, (9.5, 6.5), (15, 12), (9.5, 17.5))


def check(painter: QPainter) -> None:
    """A tick."""
    _lines(painter, (5, 12.8), (10, 17.5), (19, 7))


def cross(painter: QPainter) -> None:
    """A cross."""
    _lines(painter, (6.5, 6.5), (17.5, 17.5))
    _lines(painter, (17.5, 6.5), (6.5, 17.5))


def not_yet(painter: QPainter) -> None:
    """Three dots."""
    for x in (5.5, 12.0, 18.5):
        painter.drawEllipse(QPointF(x, 12), 0.8, 0.8)


def mute(painter: QPainter) -> None:
    """A bell with a stroke through it."""
    path = QPainterPath(QPointF(5, 16.5))
    path.cubicTo(QPointF(8, 14), QPointF(5.5, 5), QPointF(12, 5))
    path.cubicTo(QPointF(18.5, 5), QPointF(16, 14), QPointF(19, 16.5))
    path.closeSubpath()
    painter.drawPath(path)
    _lines(painter, (10.5, 19.5), (13.5, 19.5))
    _lines(painter, (4, 4), (20, 20))


def rising(painter: QPainter) -> None:
    """An arrow up and to the right."""
    _lines(painter, (6, 17.5), (17.5, 6.5))
    _lines(painter, (9.5, 6.5), (17.5, 6.5), (17.5, 14.5))


def falling(painter: QPainter) -> None:
    """An arrow down and to the right."""
    _lines(painter, (6, 6.5), (17.5, 17.5))
    _lines(painter, (9.5, 17.5), (17.5, 17.5), (17.5, 9.5))


def steady(painter: QPainter) -> None:
    """An arrow to the right."""
    _lines(painter, (4.5, 12), (19, 12))
    _lines(painter, (13.5, 6.5), (19, 12), (13.5, 17.5))


def warning(painter: QPainter) -> None:
    """A triangle with an exclamation mark."""
    _lines(painter, (12, 4), (21, 19.5), (3, 19.5), (12, 4))
    _lines(painter, (12, 10), (12, 14))
    painter.drawEllipse(QPointF(12, 16.9), 0.35, 0.35)


def rosette(painter: QPainter) -> None:
    """A prize ribbon."""
    painter.drawEllipse(QPointF(12, 9), 5.6, 5.6)
    painter.drawEllipse(QPointF(12, 9), 2.0, 2.0)
    _lines(painter, (8.2, 13.5), (7, 21), (12, 18.2), (17, 21), (15.8, 13.5))


def star_path(centre: QPointF, radius: float) -> QPainterPath:
    """A five-pointed star."""
    path = QPainterPath()
    for i in range(10):
        reach = radius if i % 2 == 0 else radius * 0.46
        angle = -math.pi / 2 + i * math.pi / 5
        point = QPointF(centre.x() + reach * math.cos(angle), centre.y() + reach * math.sin(angle))
        if i == 0:
            path.moveTo(point)
        else:
            path.lineTo(point)
    path.closeSubpath()
    return path
