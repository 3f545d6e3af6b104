"""The way from the calls to the capture that feeds them."""

from typing import Protocol

from server.protocol import CaptureControl, Error


class CaptureLink(Protocol):
    """The way to a connected capture."""

    def control(self, message: CaptureControl) -> None:
        """Tells it what the agent wants."""
        ...

    def tell(self, error: Error) -> None:
        """Tells it that its call is over."""
        ...

    def replaced(self) -> None:
        """Another capture took its place: its connection ends."""
        ...
