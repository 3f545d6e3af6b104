"""Small painted rows: who talks how much, stars, progress."""

from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPaintEvent, QPen

from overlay.theme.look import Look
from overlay.widgets.base import Painted, rounded, smooth
from overlay.widgets.icons import star_path

STARS = 5


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, 0 to 1; None while nothing is known."""

    part: float | None = None


class TalkBar(Painted[Share]):
    """The agent's share of the talk, from the left. Numbers, never a mood, hence without the moods' colours."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, Share(), 6)

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw both shares with a gap between."""
        del a0
        painter = smooth(self)
        whole = QRectF(self.rect())
        painter.setClipPath(rounded(whole, 3))
        part = self.value.part
        if part is None:
            painter.fillRect(whole, self.look.colour("track"))
        else:
            edge = whole.width() * min(1.0, max(0.0, part))
            painter.fillRect(QRectF(0, 0, edge, whole.height()), self.look.colour("muted"))
            painter.fillRect(QRectF(edge + 2, 0, whole.width() - edge - 2, whole.height()), self.look.colour("track"))
        painter.end()


class Progress(Painted[Share]):
    """How far something is; a short piece in the middle while nobody knows."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, Share(), 6)

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw the track and what is done."""
        del a0
        painter = smooth(self)
        whole = QRectF(self.rect())
        painter.fillPath(rounded(whole, 3), self.look.colour("track"))
        part = self.value.part
        left, width = (0.35, 0.3) if part is None else (0.0, min(1.0, max(0.02, part)))
        done = QRectF(whole.width() * left, 0, whole.width() * width, whole.height())
        painter.fillPath(rounded(done, 3), self.look.colour("accent_text"))
        painter.end()


class Stars(Painted[int]):
    """One to five stars; the missing ones are outlines."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, 0, 24)
        self.setFixedWidth(STARS * 26)

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw five stars."""
        del a0
        painter = smooth(self)
        for i in range(STARS):
            pen = QPen(self.look.colour("star"), 1.5, join=Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.setBrush(self.look.colour("star") if i < self.value else Qt.GlobalColor.transparent)
            painter.drawPath(star_path(QPointF(12 + i * 26, 12.5), 10))
        painter.end()
