"""The overlay process: installs the last nets for errors, makes window and line, runs Qt, and stops them in order."""

import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator
from types import FrameType, TracebackType

from PyQt6 import sip
from PyQt6.QtCore import (
    QMessageLogContext,
    QSettings,
    QSocketNotifier,
    QtMsgType,
    qInstallMessageHandler,  # pyright: ignore[reportUnknownVariableType] - untyped in PyQt6
)
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QApplication

from overlay.bridge import Bridge
from overlay.choices import Choices
from overlay.errors import NoDisplay
from overlay.keys import KEYS
from overlay.one_call import OneCall
from overlay.options import OverlayOptions
from overlay.presenter import Presenter
from overlay.record import Pictures, Trace
from overlay.state.model import OverlayState
from overlay.theme.look import make_look
from overlay.window import OverlayWindow

__all__ = ["OverlayOptions", "run"]

log = logging.getLogger(__name__)


def run(options: OverlayOptions) -> int:
    """Show the overlay until it is closed; the process's exit code. Main thread only, once a process.

    Raises:
        BadAddress: ``options.url`` is no server's address.
        NoDisplay: there is no screen (set QT_QPA_PLATFORM=offscreen to draw without one).
    """
    install_nets()
    app = application()
    session = Session(options, app)
    with leave_on_signals(app):
        session.start()
        code = app.exec()
    session.stop()
    return code


class Session:
    """Everything of one run of the window, made in order and stopped in the opposite one. GUI thread only."""

    def __init__(self, options: OverlayOptions, app: QApplication) -> None:
        self._recording = options.save_dir is not None or options.trace is not None
        look = make_look(options.theme, options.language, motion=options.save_dir is None)
        settings = open_settings(options)
        self.window = OverlayWindow(look, settings)
        self.choices = Choices(settings)
        self.bridge = Bridge(options.url, options.token)
        self.presenter = Presenter(self.window, self.bridge.send, self.bridge.retry)
        self.bridge.arrived.connect(self.presenter.take)
        self.window.closed.connect(app.quit)
        add_keys(self.window, self.presenter.press)
        QShortcut(QKeySequence("Ctrl+Q"), self.window).activated.connect(self.window.close)
        self.pictures = Pictures(self.window, options.save_dir) if options.save_dir else None
        self.trace = Trace(options.trace) if options.trace else None
        for keeper in (self.choices, self.pictures, self.trace):
            if keeper is not None:
                self.presenter.painted.connect(keeper.after_paint)
        self.one_call = OneCall(self.presenter, app.exit) if options.exit_after_call else None

    def start(self) -> None:
        """Show the window, then open the line."""
        self.presenter.start(self.choices.restored(OverlayState(transcript_open=self._recording)))
        self.bridge.start()

    def stop(self) -> None:
        """Send what was typed last, then stop and join the line, then the timers, then the window."""
        self.presenter.leave()
        self.choices.keep(self.presenter.state)
        self.bridge.stop()
        self.presenter.stop()
        if self.one_call is not None:
            self.one_call.stop()
        if self.trace is not None:
            self.trace.close()
        self.window.blockSignals(True)
        self.window.close()


def application() -> QApplication:
    """The Qt application of this process.

    Raises:
        NoDisplay: Qt would find no screen, and end the process without a word we could catch.
    """
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    chosen = os.environ.get("QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not chosen and not {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
        raise NoDisplay("there is no screen", "Start it on a desktop, or set QT_QPA_PLATFORM=offscreen.")
    app = QApplication(["spiegel"])
    app.setApplicationName("spiegel")
    app.setOrganizationName("spiegel")
    app.setQuitOnLastWindowClosed(False)
    return app


def open_settings(options: OverlayOptions) -> QSettings:
    """Where the window's place and the agent's choices are kept; a recording keeps its hands off the agent's own."""
    if options.settings_file is not None:
        return QSettings(str(options.settings_file), QSettings.Format.IniFormat)
    if options.save_dir is not None:
        return QSettings(str(options.save_dir / "window.ini"), QSettings.Format.IniFormat)
    return QSettings("spiegel", "overlay")


def add_keys(window: OverlayWindow, press: Callable[[str], None]) -> None:
    """Let every key of the table reach ``press``; an editor in focus keeps its letters to itself."""
    for key in KEYS:
        shortcut = QShortcut(QKeySequence(key), window)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(lambda key=key: press(key))


def install_nets() -> None:
    """Log what nobody caught, in any thread, instead of letting Qt abort the process."""

    def from_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            report(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = report
    threading.excepthook = from_thread
    qInstallMessageHandler(from_qt)


def from_qt(kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
    """Put Qt's own messages in our log; what the offscreen screen cannot do is no news."""
    del context
    if message and not message.startswith("This plugin does not support"):
        serious = kind in {QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg}
        log.log(logging.ERROR if serious else logging.WARNING, "Qt: %s", message)


def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Log an error that nobody caught."""
    log.error("an error nobody caught", exc_info=(kind, error, trace))


@contextlib.contextmanager
def leave_on_signals(app: QApplication) -> Generator[None]:
    """End the event loop on SIGINT and SIGTERM; a socket wakes Qt, which otherwise never lets Python look."""
    if threading.current_thread() is not threading.main_thread() or sys.platform == "win32":
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    os.set_blocking(reader, False)
    old_fd = signal.set_wakeup_fd(writer)

    def leave(number: int, frame: FrameType | None) -> None:
        del number, frame
        app.exit(0)

    old = {number: signal.signal(number, leave) for number in (signal.SIGINT, signal.SIGTERM)}
    notifier = QSocketNotifier(sip.voidptr(reader), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda: os.read(reader, 64))
    yield
    notifier.setEnabled(False)
    signal.set_wakeup_fd(old_fd)
    for number, handler in old.items():
        signal.signal(number, handler)
    os.close(reader)
    os.close(writer)
