"""The words for people: loads ``strings/<language>.toml`` and fills in their values. No Qt.

Every text has a dotted name ("call.pause"). A missing name is a bug and raises; texts that depend on what a server
sends (signals, emotions) are asked for with a fallback.
"""

import tomllib
from pathlib import Path
from typing import Any

from overlay.errors import TextsBroken
from overlay.options import Language

FOLDER = Path(__file__).parent / "strings"
MINUTE, HOUR, DAY = 60, 3_600, 86_400


class Texts:
    """All texts of one language. Immutable; any thread may use it."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._texts = load(language)

    def __call__(self, name: str, **values: object) -> str:
        """The text called ``name`` with its placeholders filled.

        Raises:
            TextsBroken: there is no such text, or a value for it is missing.
        """
        try:
            return self._texts[name].format(**values)
        except (KeyError, IndexError) as error:
            advice = f"Add it to overlay/strings/{self.language}.toml."
            raise TextsBroken(f"the text {name!r} or its value {error} is missing", advice) from error

    def get(self, name: str, fallback: str) -> str:
        """The text called ``name``, or ``fallback`` where the server knows more than this overlay."""
        return self._texts.get(name, fallback)

    def decimal(self, value: float) -> str:
        """A number with one decimal, as this language writes it."""
        text = f"{value:.1f}"
        return text.replace(".", ",") if self.language == "nl" else text

    def ago(self, seconds: float) -> str:
        """How long ago something was, in words."""
        if seconds < MINUTE:
            return self("ago.now")
        if seconds < HOUR:
            return self._count("minute", int(seconds // MINUTE))
        if seconds < DAY:
            return self._count("hour", int(seconds // HOUR))
        days = int(seconds // DAY)
        return self("ago.yesterday") if days == 1 else self("ago.days", n=days)

    def _count(self, unit: str, n: int) -> str:
        return self(f"ago.{unit}") if n == 1 else self(f"ago.{unit}s", n=n)

    def pick(self, texts: dict[str, str], fallback: str = "") -> str:
        """The version in this language of a text from the server, else any version, else ``fallback``."""
        return texts.get(self.language) or next(filter(None, texts.values()), fallback)


def clock(seconds: float) -> str:
    """Seconds as m:ss or h:mm:ss."""
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // HOUR, whole % HOUR // MINUTE, whole % MINUTE
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def load(language: Language) -> dict[str, str]:
    """All texts of a language by dotted name.

    Raises:
        TextsBroken: the file is missing or not what it should be.
    """
    path = FOLDER / f"{language}.toml"
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise TextsBroken(f"cannot read {path.name}: {error}", "Install Spiegel again.") from error
    return dict(_flatten(tables, ""))


def _flatten(table: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        name = f"{prefix}{key}"
        found += _flatten(value, f"{name}.") if isinstance(value, dict) else [(name, str(value))]  # pyright: ignore[reportUnknownArgumentType] - TOML
    return found
