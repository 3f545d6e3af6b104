"""What the window's tests share: a window without a screen, and a server that plays along."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from overlay_fake_server import FakeServer
from PyQt6.QtCore import QSettings
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from overlay import scenes
from overlay.main import install_nets
from overlay.state.inputs import Input
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
