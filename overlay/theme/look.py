"""How things are drawn: the theme's colours as QColor, the type scale as QFont, and the texts beside them.

One ``Look`` is handed to every widget; another theme or language means another ``Look`` and a rebuilt window.
"""

from functools import cache

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication

from overlay.options import Language, ThemeName
from overlay.texts import Texts
from overlay.theme.tokens import Theme, theme_named

FAMILIES = ("Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans")
"""The first of these that the machine has is used."""


class Look:
    """A theme, a language and a text size. ``motion`` is False where nothing may move. GUI thread only."""

    def __init__(self, theme: Theme, texts: Texts, *, motion: bool = True) -> None:
        self.theme = theme
        self.texts = texts
        self.motion = motion

    def colour(self, role: str, alpha: float = 1.0) -> QColor:
        """The colour of a role ("text", "accent", ...), ``alpha`` 0 to 1."""
        colour = QColor(getattr(self.theme, role))
        colour.setAlphaF(alpha)
        return colour

    def font(self, pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """The typeface at a size of the type scale, with figures of equal width so that timers do not dance."""
        font = QFont(family())
        font.setPixelSize(pixels)
        font.setWeight(weight)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font


@cache
def family() -> str:
    """The typeface to draw with; the system's own where none of ``FAMILIES`` is installed."""
    installed = set(QFontDatabase.families())
    return next((name for name in FAMILIES if name in installed), QFont().family())


def make_look(theme: ThemeName, language: Language, *, motion: bool = True) -> Look:
    """The look that the options ask for."""
    hints = QGuiApplication.styleHints()
    dark = hints is not None and hints.colorScheme() == Qt.ColorScheme.Dark
    return Look(theme_named(theme, dark_desktop=dark), Texts(language), motion=motion)
