"""The design's numbers: colour roles, type scale, spacing, motion. No Qt.

One accent, and only the cue and the main button wear it. Moods are orange-red, slate and blue-green: apart for every
kind of colour blindness, and never without their word and face. Text keeps a contrast of at least 4.5:1 on every ground
it is drawn on (WCAG 2.2, 1.4.3); a test computes it from these very values.
"""

from dataclasses import dataclass

from overlay.options import ThemeName

WIDTH = 360
"""The window's width in pixels."""
PILL_WIDTH = 216
RADIUS = 14
RADIUS_SMALL = 9
PAD = 20
"""Distance from the window's edge to its content."""
GAP = 16
"""Distance between blocks."""
GAP_SMALL = 8
TARGET = 32
"""Height of anything to press (WCAG 2.2 asks for 24)."""

CAPTION, BODY, LEAD, TITLE, DISPLAY = 12, 13, 15, 19, 25
"""The type scale, in pixels."""

FRAME_MS = 80
"""Shortest time between two repaints: 12.5 a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Colour roles, as #rrggbb.

    ``surface`` is the window, ``raised`` the cards and tracks on it; ``accent`` grounds the cue and the main button;
    ``warn`` is for notices, ``pause`` for the screen that must not be overlooked.
    """

    name: str
    surface: str
    raised: str
    border: str
    control_border: str
    track: str
    text: str
    muted: str
    accent: str
    on_accent: str
    on_accent_muted: str
    accent_text: str
    negative: str
    neutral: str
    positive: str
    warn: str
    on_warn: str
    pause: str
    on_pause: str
    star: str


LIGHT = Theme(
    name="light",
    surface="#ffffff",
    raised="#f4f5f9",
    border="#dfe2ea",
    control_border="#858c9b",
    track="#dfe2ea",
    text="#1a1d25",
    muted="#585f6e",
    accent="#3646b8",
    on_accent="#ffffff",
    on_accent_muted="#d9deff",
    accent_text="#3646b8",
    negative="#b1411a",
    neutral="#4f5c70",
    positive="#0b6b60",
    warn="#fff3d9",
    on_warn="#5f3f00",
    pause="#ffca55",
    on_pause="#2b1e00",
    star="#b57700",
)
DARK = Theme(
    name="dark",
    surface="#16181e",
    raised="#21242c",
    border="#343944",
    control_border="#7b8394",
    track="#343944",
    text="#eceef3",
    muted="#a9b0bd",
    accent="#4454c7",
    on_accent="#ffffff",
    on_accent_muted="#dfe3ff",
    accent_text="#aeb9ff",
    negative="#ff9c70",
    neutral="#b3bdcb",
    positive="#5fccbc",
    warn="#372c15",
    on_warn="#ffdc99",
    pause="#ffca55",
    on_pause="#2b1e00",
    star="#f0b64a",
)
CONTRAST = Theme(
    name="contrast",
    surface="#000000",
    raised="#000000",
    border="#ffffff",
    control_border="#ffffff",
    track="#5c5c5c",
    text="#ffffff",
    muted="#ffffff",
    accent="#ffe94a",
    on_accent="#000000",
    on_accent_muted="#1a1700",
    accent_text="#ffe94a",
    negative="#ffb38a",
    neutral="#ffffff",
    positive="#7cf3df",
    warn="#000000",
    on_warn="#ffe94a",
    pause="#ffe94a",
    on_pause="#000000",
    star="#ffe94a",
)

TEXT_PAIRS = (
    ("text", "surface"),
    ("text", "raised"),
    ("muted", "surface"),
    ("muted", "raised"),
    ("accent_text", "surface"),
    ("accent_text", "raised"),
    ("on_accent", "accent"),
    ("on_accent_muted", "accent"),
    ("negative", "surface"),
    ("negative", "raised"),
    ("neutral", "surface"),
    ("neutral", "raised"),
    ("positive", "surface"),
    ("positive", "raised"),
    ("on_warn", "warn"),
    ("on_pause", "pause"),
)
"""Every ink and the ground it is used on."""
SHAPE_PAIRS = (("star", "surface"), ("star", "raised"), ("control_border", "surface"), ("control_border", "raised"))
"""Shapes that carry meaning, which need 3:1 (WCAG 2.2, 1.4.11)."""


def contrast(ink: str, ground: str) -> float:
    """The contrast of two #rrggbb colours, 1 to 21 (WCAG 2.2: relative luminance)."""
    lighter, darker = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)  # noqa: PLR2004 - sRGB's own constants
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def theme_named(name: ThemeName, *, dark_desktop: bool) -> Theme:
    """The theme to use; "auto" follows the desktop."""
    if name == "auto":
        return DARK if dark_desktop else LIGHT
    return {"light": LIGHT, "dark": DARK, "contrast": CONTRAST}[name]
