"""What can go wrong in the window's process, apart from bugs.

OverlayError
├── BadAddress        the server's address cannot be one
├── NoDisplay         there is no screen to draw on
└── TextsBroken       a file with the user's texts is missing or wrong
"""

from typing import ClassVar


class OverlayError(Exception):
    """The root of this folder's errors: ``what`` happened, and in ``advice`` what to do about it."""

    retryable: ClassVar[bool] = False

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice


class BadAddress(OverlayError):
    """The server's address is not one that a WebSocket can be opened to."""


class NoDisplay(OverlayError):
    """There is no screen to draw on."""


class TextsBroken(OverlayError):
    """A file with the user's texts is missing, or lacks a text."""
