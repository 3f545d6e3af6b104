"""What the overlay process is told when it starts. Plain data; the command line fills it in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Language = Literal["nl", "en"]
ThemeName = Literal["auto", "light", "dark", "contrast"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlayOptions:
    """How one overlay process runs.

    ``url`` is the server's address ("ws://127.0.0.1:8477", with or without the path), ``token`` the per-user secret.
    ``save_dir`` receives a PNG of each new screen and each cue, ``trace`` a JSON line for each painted event;
    either opens the transcript from the start. ``exit_after_call`` ends the process by itself after one call.
    ``settings_file`` keeps the window's place; None leaves it to the system's usual spot.
    """

    url: str
    token: str
    language: Language = "nl"
    theme: ThemeName = "auto"
    save_dir: Path | None = None
    trace: Path | None = None
    exit_after_call: bool = False
    settings_file: Path | None = None
