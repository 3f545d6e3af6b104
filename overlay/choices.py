"""What the agent chose about cues, kept from one start of the window to the next; on this machine alone."""

from dataclasses import replace

import msgspec
from PyQt6.QtCore import QObject, QSettings

from overlay.state.model import OverlayState

CHOICES = "cues/choices"


class CueChoices(msgspec.Struct, frozen=True):
    """Whether cues are off, and the muted rules, each with the Unix time at which that ends."""

    off: bool = False
    muted: tuple[tuple[str, float], ...] = ()


class Choices(QObject):
    """Reads and keeps the choices. GUI thread only."""

    def __init__(self, settings: QSettings) -> None:
        super().__init__()
        self._settings = settings
        self._kept = _read(settings)

    def restored(self, state: OverlayState) -> OverlayState:
        """``state`` with the choices as they were kept last."""
        return replace(state, cues_off=self._kept.off, muted=self._kept.muted)

    def after_paint(self, state: OverlayState, painted_at: float, shown: object) -> None:
        """Keep the choices of a freshly painted state, when they are new."""
        del painted_at, shown
        self.keep(state)

    def keep(self, state: OverlayState) -> None:
        """Keep the choices of ``state``, when they are new."""
        choices = CueChoices(off=state.cues_off, muted=state.muted)
        if choices != self._kept:
            self._kept = choices
            self._settings.setValue(CHOICES, msgspec.json.encode(choices).decode())


def _read(settings: QSettings) -> CueChoices:
    """What was kept; the defaults where nothing was, or nothing that can be read."""
    try:
        return msgspec.json.decode(str(settings.value(CHOICES, "{}")), type=CueChoices)
    except msgspec.DecodeError:
        return CueChoices()
