"""The mood as a curve: the last minute (in a call) and the whole arc with the cues on it (in the wrap-up)."""

from dataclasses import dataclass
from itertools import pairwise

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QLinearGradient, QPainter, QPainterPath, QPaintEvent, QPen

from overlay.state.model import MoodPoint
from overlay.theme.look import Look
from overlay.widgets.base import Painted, smooth

EDGE = 6.0
"""Room in pixels around a curve, so that its end dot is not cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What a curve shows: points in time order, the times at its left and right edge, and times of cues on it."""

    points: tuple[MoodPoint, ...] = ()
    start: float = -60.0
    end: float = 0.0
    marks: tuple[float, ...] = ()

    def mood_at(self, at: float) -> float:
        """The mood at a time, straight between the points around it."""
        before = [p for p in self.points if p.at <= at]
        after = [p for p in self.points if p.at > at]
        if not before or not after:
            return (before or after or (MoodPoint(at, 0.0),))[-1 if before else 0].mood
        left, right = before[-1], after[0]
        return left.mood + (right.mood - left.mood) * (at - left.at) / (right.at - left.at)


class MoodCurve(Painted[Curve]):
    """A curve of the mood; the line's colour follows its height, the dashed line is neutral. GUI thread only."""

    def __init__(self, look: Look, height: int) -> None:
        super().__init__(look, Curve(), height)

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw the neutral line, the curve, its end and the cues."""
        del a0
        painter = smooth(self)
        field = QRectF(self.rect()).adjusted(EDGE, EDGE, -EDGE, -EDGE)
        painter.setPen(QPen(self.look.colour("control_border", 0.55), 1, Qt.PenStyle.CustomDashLine))
        pen = painter.pen()
        pen.setDashPattern([2, 4])
        painter.setPen(pen)
        painter.drawLine(QPointF(field.left(), field.center().y()), QPointF(field.right(), field.center().y()))
        if self.value.points:
            self._draw_curve(painter, field)
            self._draw_marks(painter, field)
        painter.end()

    def _spot(self, field: QRectF, point: MoodPoint) -> QPointF:
        span = max(1e-6, self.value.end - self.value.start)
        x = field.left() + field.width() * min(1.0, max(0.0, (point.at - self.value.start) / span))
        return QPointF(x, field.center().y() - point.mood * field.height() / 2)

    def _draw_curve(self, painter: QPainter, field: QRectF) -> None:
        spots = [self._spot(field, point) for point in self.value.points]
        path = _smooth_path(spots)
        area = QPainterPath(path)
        area.lineTo(spots[-1].x(), field.center().y())
        area.lineTo(spots[0].x(), field.center().y())
        painter.fillPath(area, self._gradient(field, 0.15))
        brush = self._gradient(field, 1.0)
        cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        painter.setPen(QPen(brush, 2.4, Qt.PenStyle.SolidLine, cap, join))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        painter.setPen(QPen(self.look.colour("surface"), 2))
        painter.setBrush(self._colour_at(self.value.points[-1].mood))
        painter.drawEllipse(spots[-1], 5, 5)

    def _colour_at(self, mood: float) -> QColor:
        role = "positive" if mood > 1 / 4 else "negative" if mood < -1 / 4 else "neutral"
        return self.look.colour(role)

    def _gradient(self, field: QRectF, alpha: float) -> QBrush:
        gradient = QLinearGradient(field.topLeft(), field.bottomLeft())
        for stop, role in (
            (0.0, "positive"),
            (0.3, "positive"),
            (0.5, "neutral"),
            (0.7, "negative"),
            (1.0, "negative"),
        ):
            gradient.setColorAt(stop, self.look.colour(role, alpha))
        return QBrush(gradient)

    def _draw_marks(self, painter: QPainter, field: QRectF) -> None:
        """A diamond on the curve for each cue, in the accent that cues wear."""
        painter.setPen(QPen(self.look.colour("surface"), 1.5))
        painter.setBrush(self.look.colour("accent_text"))
        for at in self.value.marks:
            spot = self._spot(field, MoodPoint(at, self.value.mood_at(at)))
            diamond = QPainterPath(spot + QPointF(0, -6.5))
            for dx, dy in ((6.5, 0.0), (0.0, 6.5), (-6.5, 0.0)):
                diamond.lineTo(spot + QPointF(dx, dy))
            diamond.closeSubpath()
            painter.drawPath(diamond)


def _smooth_path(spots: list[QPointF]) -> QPainterPath:
    """A curve through all spots that never overshoots: flat tangents half way between neighbours."""
    path = QPainterPath(spots[0])
    for left, right in pairwise(spots):
        middle = (left.x() + right.x()) / 2
        path.cubicTo(QPointF(middle, left.y()), QPointF(middle, right.y()), right)
    return path
