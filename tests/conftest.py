"""What all tests share: the recordings beside the project, a screen, and a watch on what a test leaves behind."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recordings and texts beside the project; skips the test where it is absent."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the recordings and texts in ../shared are not here")
    return folder


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fails a test that leaves a non-daemon thread of ours running."""
    before = set(threading.enumerate())
    yield
    left = [t for t in threading.enumerate() if t not in before and t.is_alive() and not t.daemon]
    assert not left, f"threads left running: {left}"


class Screen:
    """An X screen with a window manager, both our own. ``env`` is for programs that shall use it."""

    def __init__(self, number: int) -> None:
        self.env = {**os.environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
        self.env.pop("WAYLAND_DISPLAY", None)

    def ask(self, *command: str) -> str:
        """What a program says on this screen."""
        return subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=20, check=False).stdout

    def await_window_manager(self, seconds: float = 20.0) -> None:
        """A window that opens before the manager is there may never be given the keyboard."""
        deadline, pause = time.monotonic() + seconds, threading.Event()
        while "window id" not in self.ask("xprop", "-root", "_NET_SUPPORTING_WM_CHECK"):
            assert time.monotonic() < deadline, f"no window manager after {seconds} s"
            pause.wait(0.05)


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
        screen.await_window_manager()
        yield screen
    finally:
        for program in (manager, xvfb):
            program.terminate()
            program.wait(10)
