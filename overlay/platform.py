"""What differs between desktops: the flags of a window on top, and whether corners can be see-through."""

import ctypes
import ctypes.util

from PyQt6.QtCore import QRect, Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QWidget

FLAGS = Qt.WindowType.Tool | Qt.WindowType.WindowStaysOnTopHint | Qt.WindowType.FramelessWindowHint


def stay_on_top(window: QWidget) -> None:
    """Make a window frameless and topmost, shown without taking the focus; a click may still give it the keyboard."""
    window.setWindowFlags(FLAGS)
    window.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    window.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
    # macOS hides tool windows of an application that is not in front; the overlay always is wanted.
    window.setAttribute(Qt.WidgetAttribute.WA_MacAlwaysShowToolWindow)


def corners_blend() -> bool:
    """Whether the desktop blends see-through corners; X11 without a compositor paints them black."""
    if QGuiApplication.platformName() != "xcb":
        return True
    name = ctypes.util.find_library("X11")
    return name is not None and _has_compositor(ctypes.CDLL(name))


def _has_compositor(x11: ctypes.CDLL) -> bool:
    """The freedesktop rule: a compositor owns the selection _NET_WM_CM_S<screen>."""
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = x11.XGetSelectionOwner.restype = ctypes.c_ulong
    x11.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    x11.XGetSelectionOwner.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
    x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
    display = x11.XOpenDisplay(None)
    if not display:
        return False
    owner = x11.XGetSelectionOwner(display, x11.XInternAtom(display, b"_NET_WM_CM_S0", 0))
    x11.XCloseDisplay(display)
    return bool(owner)


def kept_on_screen(rect: QRect) -> QRect:
    """The rectangle moved so that it lies on the screen nearest to it; all of it where it fits."""
    screen = QGuiApplication.screenAt(rect.center()) or QGuiApplication.primaryScreen()
    if screen is None:
        return rect
    room = screen.availableGeometry()
    x = max(room.left(), min(rect.x(), room.right() + 1 - rect.width()))
    y = max(room.top(), min(rect.y(), room.bottom() + 1 - rect.height()))
    return QRect(x, y, rect.width(), rect.height())


def first_place(width: int, margin: int = 24) -> QRect:
    """Where the window goes before anybody moved it: top right."""
    screen = QGuiApplication.primaryScreen()
    room = screen.availableGeometry() if screen is not None else QRect(0, 0, 1280, 800)
    return QRect(room.right() + 1 - width - margin, room.top() + margin, width, 1)
