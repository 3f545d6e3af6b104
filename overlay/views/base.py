"""What all views share: they show a state at a time, and say by one signal what the agent asks."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from overlay.state.model import OverlayState
from overlay.theme.look import Look
from overlay.theme.tokens import GAP
from overlay.widgets.base import tight


class View(QWidget):
    """A screen's content. Changes only the widgets whose value changed. GUI thread only."""

    asked = pyqtSignal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.column = tight(QVBoxLayout(self), GAP)

    def show_state(self, state: OverlayState, now: float) -> None:
        """Show ``state`` as of the Unix time ``now``."""
        raise NotImplementedError
