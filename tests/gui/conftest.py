"""What the window's tests share: a window without a screen, a real screen of our own, a server that plays along."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QSettings
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from overlay import scenes
from overlay.main import install_nets
from overlay.state.inputs import Input
from overlay.testing import FakeServer
from overlay.theme.look import make_look
from overlay.window import OverlayWindow

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

Show = Callable[..., OverlayWindow]


@pytest.fixture(scope="session", autouse=True)
def quiet_qt(qapp: QApplication) -> Iterator[None]:
    """Qt's remarks about what the offscreen screen cannot do are no warnings of ours."""
    hooks = sys.excepthook
    install_nets()
    sys.excepthook = hooks
    yield
    del qapp


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def show(qtbot: QtBot, settings: QSettings) -> Show:
    """Shows a scene: ``show("in-call-cue", "nl", "dark")``; what the agent asks is in ``window.heard``."""

    def make(name: str, language: str = "en", theme: str = "light") -> OverlayWindow:
        window = OverlayWindow(make_look(theme, language, motion=False), settings)
        qtbot.addWidget(window)
        heard: list[Input] = []
        window.asked.connect(heard.append)
        window.heard = heard
        state, now = scenes.scene(name, language)
        window.show_state(state, now)
        window.show()
        window.paint_now()
        return window

    return make


@pytest.fixture
def server() -> Iterator[FakeServer]:
    fake = FakeServer().start()
    yield fake
    fake.stop()


class Screen:
    """An X screen with a window manager, both our own. ``env`` is for programs that shall use it."""

    def __init__(self, number: int) -> None:
        self.env = {**os.environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
        self.env.pop("WAYLAND_DISPLAY", None)

    def ask(self, *command: str) -> str:
        """What a program says on this screen."""
        return subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=20, check=False).stdout


@pytest.fixture
def screen() -> Iterator[Screen]:
    """A screen of our own on a free display."""
    missing = [name for name in ("Xvfb", "openbox", "xdotool", "xprop", "xwininfo") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset"]
    xvfb = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as told:
        number = int(told.readline())
    screen = Screen(number)
    manager = subprocess.Popen(["openbox", "--sm-disable"], env=screen.env, stderr=subprocess.DEVNULL)
    try:
        yield screen
    finally:
        for program in (manager, xvfb):
            program.terminate()
            program.wait(10)
