"""Between the line's thread and the window's: what arrives crosses by a queued signal, commands go back by the client.

The bridge lives in the GUI thread; only ``deliver`` is called from the other one.
"""

from PyQt6.QtCore import QObject, Qt, pyqtSignal

from overlay.client import LineSettings, OverlayClient
from overlay.state.inputs import AnyInput
from overlay.state.model import Outgoing


class Bridge(QObject):
    """Owns the client. ``arrived`` is emitted in the GUI thread, in the order of arrival."""

    arrived = pyqtSignal(object)
    _crossing = pyqtSignal(object)

    def __init__(self, url: str, token: str, line: LineSettings | None = None) -> None:
        super().__init__()
        self._crossing.connect(self.arrived, type=Qt.ConnectionType.QueuedConnection)  # pyright: ignore[reportCallIssue] - stubs
        self._client = OverlayClient(url, token, self.deliver, line)

    def deliver(self, message: AnyInput) -> None:
        """Take a message in the client's thread."""
        self._crossing.emit(message)

    def start(self) -> None:
        """Start the line."""
        self._client.start()

    def stop(self) -> None:
        """End the line and its thread."""
        self._client.stop()

    def send(self, message: Outgoing) -> None:
        """Send to the server."""
        self._client.send(message)

    def retry(self) -> None:
        """Try the line again now."""
        self._client.retry()
