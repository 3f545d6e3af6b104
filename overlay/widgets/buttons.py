"""Everything to press: text buttons, icon buttons, and the choice of one in three. Painted, focusable, named.

The focus ring is drawn only for the keyboard's sake, outside any colour of the button itself.
"""

from dataclasses import dataclass
from typing import Literal

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QEnterEvent, QFocusEvent, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QAbstractButton, QPushButton, QSizePolicy

from overlay.theme.look import Look
from overlay.theme.tokens import BODY, CAPTION, RADIUS_SMALL, TARGET
from overlay.widgets.base import smooth
from overlay.widgets.icons import Icon, draw

RINGED = "ringed"
"""The property of a button whose focus came by a key."""
Kind = Literal["primary", "plain", "ghost", "on_accent", "on_accent_ghost", "on_pause"]


@dataclass(frozen=True, slots=True)
class Paint:
    """The roles a button is drawn in; ``fill`` and ``edge`` may be None, ``wash`` is how strong hovering shows."""

    ink: str
    fill: str | None = None
    edge: str | None = None
    wash: float = 0.08


PAINTS: dict[Kind, Paint] = {
    "primary": Paint("on_accent", "accent", None, 0.14),
    "plain": Paint("text", "surface", "control_border"),
    "ghost": Paint("accent_text"),
    "on_accent": Paint("on_accent", None, "on_accent_muted", 0.16),
    "on_accent_ghost": Paint("on_accent", None, None, 0.16),
    "on_pause": Paint("on_pause", None, "on_pause", 0.1),
}


class Button(QPushButton):
    """A button with a text, and perhaps an icon before it and the key that also presses it after it."""

    def __init__(self, look: Look, kind: Kind, text: str = "", *, icon: Icon | None = None, key: str = "") -> None:
        super().__init__(text)
        self._look = look
        self._paint = PAINTS[kind]
        self._icon = icon
        self._key = key
        self._weight = QFont.Weight.DemiBold if kind == "primary" else QFont.Weight.Medium
        self.setFont(look.font(BODY, self._weight))
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)

    def show_text(self, text: str) -> None:
        """Show another text."""
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """The text, the icon and the key beside each other."""
        inset = 16 if self._paint.edge is None and self._paint.fill is None else 24
        return QSize(int(self._content_width()) + inset, TARGET + 2)

    def minimumSizeHint(self) -> QSize:
        """A button's text is never cut."""
        return self.sizeHint()

    def focusInEvent(self, a0: QFocusEvent | None) -> None:
        """Show a ring when a key brought the focus."""
        self.setProperty(RINGED, a0 is not None and by_keyboard(a0.reason()))
        super().focusInEvent(a0)

    def _content_width(self) -> float:
        width = QFontMetricsF(self.font()).horizontalAdvance(self.text())
        return width + (22 if self._icon else 0) + (self._key_width() + 7 if self._key else 0)

    def _key_width(self) -> float:
        return QFontMetricsF(self._look.font(CAPTION - 1)).horizontalAdvance(self._key)

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw ground, icon, text and key."""
        del a0
        painter = smooth(self)
        paint_ground(painter, self, self._look, self._paint)
        ink = self._look.colour(self._paint.ink, 1.0 if self.isEnabled() else 0.55)
        x = (self.width() - self._content_width()) / 2
        if self._icon:
            draw(painter, self._icon, QRectF(x, self.height() / 2 - 8, 16, 16), ink, 2.2)
            x += 22
        painter.setPen(ink)
        painter.setFont(self.font())
        width = QFontMetricsF(self.font()).horizontalAdvance(self.text())
        painter.drawText(QRectF(x, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
        if self._key:
            painter.setFont(self._look.font(CAPTION - 1))
            rest = QRectF(x + width + 7, 0.5, self._key_width() + 2, self.height())
            painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, self._key)
        painter.end()


class IconButton(QAbstractButton):
    """A square button with an icon alone; its name is its tooltip and what screen readers say."""

    def __init__(self, look: Look, icon: Icon, name: str, key: str = "", *, kind: Kind | None = None) -> None:
        super().__init__()
        self._paint = PAINTS[kind] if kind else Paint("muted")
        self._look = look
        self._icon = icon
        self.setFixedSize(TARGET, TARGET)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._key = key
        self.show_as(icon, name)

    def show_as(self, icon: Icon, name: str) -> None:
        """Show another icon under another name."""
        if self._icon is not icon or self.accessibleName() != name:
            self._icon = icon
            self.setAccessibleName(name)
            self.setToolTip(f"{name} ({self._key})" if self._key else name)
            self.update()

    def focusInEvent(self, e: QFocusEvent | None) -> None:
        """Show a ring when a key brought the focus."""
        self.setProperty(RINGED, e is not None and by_keyboard(e.reason()))
        super().focusInEvent(e)

    def enterEvent(self, event: QEnterEvent | None) -> None:
        """Show that it can be pressed."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, e: QPaintEvent | None) -> None:
        """Draw the icon."""
        del e
        painter = smooth(self)
        pressed = self.isCheckable() and self.isChecked()
        paint = Paint("accent_text", "raised") if pressed else self._paint
        paint_ground(painter, self, self._look, paint)
        ink = self._look.colour(paint.ink, 1.0 if self.isEnabled() else 0.4)
        draw(painter, self._icon, QRectF(self.rect()).adjusted(6.5, 6.5, -6.5, -6.5), ink, 2.1)
        painter.end()


class ChoiceButton(Button):
    """One of a few answers; the chosen one is filled and carries its tick, so colour is not alone."""

    def __init__(self, look: Look, text: str, icon: Icon, key: str) -> None:
        super().__init__(look, "plain", text, icon=icon, key=key)
        self.setCheckable(True)

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw as the main button while chosen."""
        self._paint = PAINTS["primary" if self.isChecked() else "plain"]
        super().paintEvent(a0)


def by_keyboard(reason: Qt.FocusReason) -> bool:
    """Whether the focus came by a key; a ring after a click, or when the window wakes up, would only be in the way."""
    return reason in {
        Qt.FocusReason.TabFocusReason,
        Qt.FocusReason.BacktabFocusReason,
        Qt.FocusReason.ShortcutFocusReason,
    }


def paint_ground(painter: QPainter, button: QAbstractButton, look: Look, paint: Paint) -> None:
    """A button's ground: fill, edge, a wash while hovered or pressed, a ring while it has the focus."""
    rect = QRectF(button.rect()).adjusted(0.0, 1.0, 0.0, -1.0)
    painter.setPen(Qt.PenStyle.NoPen)
    strength = 0.0 if button.isEnabled() else 0.45
    if paint.fill:
        painter.setBrush(look.colour(paint.fill, 1.0 - strength))
        painter.drawRoundedRect(rect, RADIUS_SMALL, RADIUS_SMALL)
    if button.isEnabled() and (button.underMouse() or button.isDown()):
        painter.setBrush(look.colour(paint.ink, paint.wash * (1.6 if button.isDown() else 1.0)))
        painter.drawRoundedRect(rect, RADIUS_SMALL, RADIUS_SMALL)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if paint.edge:
        painter.setPen(QPen(look.colour(paint.edge, 0.85 - strength), 1))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_SMALL, RADIUS_SMALL)
    if button.hasFocus() and button.property(RINGED):
        painter.setPen(QPen(look.colour(paint.ink if paint.fill or paint.edge else "accent_text"), 2))
        painter.drawRoundedRect(rect.adjusted(2, 2, -2, -2), RADIUS_SMALL - 2, RADIUS_SMALL - 2)
