"""The window: a rounded card on top of everything, that shows one view at a time and can shrink to a pill.

It draws what it is told (``show_state``) and says what the agent asks (``asked``); it decides nothing. Its height
follows its content; its place is remembered.
"""

from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, QSettings, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QContextMenuEvent, QMouseEvent, QMoveEvent, QPaintEvent, QPen, QRegion
from PyQt6.QtWidgets import QApplication, QMenu, QVBoxLayout, QWidget

from overlay.platform import corners_blend, first_place, kept_on_screen, stay_on_top
from overlay.state.inputs import SetCues, Toggle
from overlay.state.model import OverlayState
from overlay.state.screens import Screen, is_paused, notice_of, screen_of
from overlay.theme.look import Look
from overlay.theme.tokens import GAP, PAD, PILL_WIDTH, RADIUS, WIDTH
from overlay.views.base import View
from overlay.views.in_call import InCallView
from overlay.views.notice import NoticeView
from overlay.views.pill import PillView
from overlay.views.ready import ReadyView
from overlay.views.wrap_up import WrapUpView
from overlay.widgets.banner import Banner
from overlay.widgets.base import rounded, smooth, tight
from overlay.widgets.header import Header

PLACE = "window/place"


class OverlayWindow(QWidget):
    """The overlay on the screen. GUI thread only. ``closed`` is said once the agent closes it."""

    asked = pyqtSignal(object)
    closed = pyqtSignal()

    def __init__(self, look: Look, settings: QSettings) -> None:
        super().__init__()
        self.look = look
        self._settings = settings
        self._grip: QPointF | None = None
        self._paused = False
        self._cues_off = self._any_muted = False
        stay_on_top(self)
        self._blend = corners_blend()
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground, self._blend)
        self.setWindowTitle(look.texts("app.window"))
        self.setAccessibleName(look.texts("app.window"))
        self.setFont(look.font(13))
        self._build()
        place = self._settings.value(PLACE)
        self.move(place if isinstance(place, QPoint) else first_place(WIDTH).topLeft())

    def _build(self) -> None:
        look = self.look
        self.header, self.banner, self.pill = Header(look), Banner(look), PillView(look)
        self.notice, self.ready = NoticeView(look), ReadyView(look)
        self.in_call, self.wrap_up = InCallView(look), WrapUpView(look)
        self.views: dict[Screen, View] = {
            "connecting": self.notice,
            "refused": self.notice,
            "loading": self.notice,
            "ready": self.ready,
            "in_call": self.in_call,
            "wrap_up": self.wrap_up,
        }
        self._column = tight(QVBoxLayout(self), GAP)
        for part in (self.pill, self.header, self.banner, self.notice, self.ready, self.in_call, self.wrap_up):
            part.hide()
            self._column.addWidget(part)
        for source in (self.pill, self.header, self.notice, self.ready, self.in_call, self.wrap_up):
            source.asked.connect(self.asked)

    def show_state(self, state: OverlayState, now: float) -> None:
        """Show ``state`` as of the Unix time ``now``; only what changed will be painted."""
        self._cues_off, self._any_muted = state.cues_off, bool(state.muted)
        view, small = self.views[screen_of(state)], state.collapsed
        for other in {*self.views.values()} - {view}:
            other.hide()
        self.header.setVisible(not small)
        self.pill.setVisible(small)
        view.setVisible(not small)
        if small:
            self.banner.hide()
            self.pill.show_state(state, now)
        else:
            self.header.show_state(state, now)
            self.banner.show_notice(notice_of(state, now))
            view.show_state(state, now)
        if is_paused(state) != self._paused:
            self._paused = is_paused(state)
            self.update()
        self._fit(small=small)

    def _fit(self, *, small: bool) -> None:
        """Take the height that the content needs; grow upwards when at the bottom of the screen."""
        width = PILL_WIDTH if small else WIDTH
        self._column.setContentsMargins(*((14, 7, 8, 7) if small else (PAD, 12, PAD, PAD)))
        height = self._height_for(width)
        if (width, height) == (self.width(), self.height()):
            return
        self.setFixedSize(width, height)
        self._column.activate()
        if not self._blend:
            self.setMask(QRegion(rounded(QRectF(self.rect()), RADIUS).toFillPolygon().toPolygon()))
        self.move(kept_on_screen(self.geometry()).topLeft())

    def _height_for(self, width: int) -> int:
        """The content's height. Qt keeps old ones until its event loop has turned; here they are forgotten at once."""
        for child in reversed(self.findChildren(QWidget)):
            if child.isVisibleTo(self):
                child.updateGeometry()
        self._column.invalidate()
        return self._column.totalHeightForWidth(width)

    def paint_now(self) -> None:
        """Draw everything that changed before returning, instead of when the event loop gets to it."""
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        QApplication.sendEvent(self, QEvent(QEvent.Type.UpdateRequest))

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw the card."""
        del a0
        painter = smooth(self)
        role, width = ("pause", 3.0) if self._paused else ("border", 1.0)
        painter.setPen(QPen(self.look.colour(role), width))
        painter.setBrush(self.look.colour("surface"))
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), RADIUS, RADIUS)
        painter.end()

    def mousePressEvent(self, a0: QMouseEvent | None) -> None:
        """Begin to drag; the window manager does it where it can."""
        if a0 is None or a0.button() != Qt.MouseButton.LeftButton:
            return
        handle = self.windowHandle()
        if handle is None or not handle.startSystemMove():
            self._grip = a0.globalPosition() - QPointF(self.pos())

    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """Drag."""
        if a0 is not None and self._grip is not None:
            self.move((a0.globalPosition() - self._grip).toPoint())

    def mouseReleaseEvent(self, a0: QMouseEvent | None) -> None:
        """Let go."""
        del a0
        self._grip = None

    def contextMenuEvent(self, a0: QContextMenuEvent | None) -> None:
        """Offer what a frameless window has no buttons for."""
        if a0 is not None:
            self.menu().popup(a0.globalPos())

    def menu(self) -> QMenu:
        """The menu of the window."""
        menu, texts, small = QMenu(self), self.look.texts, self.pill.isVisible()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(
            texts("app.expand" if small else "app.collapse"), lambda: self.asked.emit(Toggle(part="collapsed"))
        )
        if not self._cues_off:
            menu.addAction(texts("app.cues_off"), lambda: self.asked.emit(SetCues(wanted=False)))
        if self._cues_off or self._any_muted:
            menu.addAction(texts("app.cues_on"), lambda: self.asked.emit(SetCues(wanted=True)))
        menu.addAction(texts("app.close"), self.close)
        return menu

    def moveEvent(self, a0: QMoveEvent | None) -> None:
        """Remember the place."""
        super().moveEvent(a0)
        if self.isVisible():
            self._settings.setValue(PLACE, self.pos())

    def closeEvent(self, a0: QCloseEvent | None) -> None:
        """Tell that the agent closed the window."""
        super().closeEvent(a0)
        self.closed.emit()
