"""Pictures of every state in every language and theme: ``python -m overlay.gallery DIR``. Needs no server or screen."""

import itertools
import os
import sys
from pathlib import Path

from PyQt6.QtCore import QSettings

from overlay import scenes
from overlay.options import Language, ThemeName
from overlay.record import save_picture
from overlay.theme.look import make_look
from overlay.window import OverlayWindow

LANGUAGES: tuple[Language, ...] = ("nl", "en")
THEMES: tuple[ThemeName, ...] = ("light", "dark", "contrast")


def window_of(name: str, language: Language, theme: ThemeName, settings: QSettings) -> OverlayWindow:
    """A window that shows one scene. GUI thread only; the caller closes it."""
    window = OverlayWindow(make_look(theme, language, motion=False), settings)
    state, now = scenes.scene(name, language)
    window.show_state(state, now)
    window.show()
    window.show_state(state, now)
    window.paint_now()
    return window


def save_all(folder: Path, settings: QSettings) -> int:
    """Save a PNG of each scene; how many there are."""
    count = 0
    for theme, language, name in itertools.product(THEMES, LANGUAGES, scenes.names()):
        window = window_of(name, language, theme, settings)
        save_picture(window, folder / theme / language / f"{name}.png")
        window.close()
        window.deleteLater()
        count += 1
    return count


def main(arguments: list[str]) -> int:
    """The command; its exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m overlay.gallery DIR\n")
        return 2
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from overlay.main import application, install_nets  # noqa: PLC0415 - Qt chooses its platform once the variable is set

    install_nets()
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    app = application()
    count = save_all(folder, QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat))
    app.processEvents()
    sys.stdout.write(f"{count} pictures in {folder}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
