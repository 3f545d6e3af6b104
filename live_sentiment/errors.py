"""What can go wrong between frames and cues.

SpeechError
├── EngineUnavailable     a speech model is missing, changed or does not load
├── UnsupportedAudio      samples of the wrong kind were handed in
└── PlaybookError         a playbook file says something that cannot be meant
    └── PlaybookUnreadable    it cannot be read at all
"""

from typing import ClassVar


class SpeechError(Exception):
    """The root of this folder's errors: ``what`` happened, and in ``advice`` what to do about it."""

    retryable: ClassVar[bool] = False

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice


class EngineUnavailable(SpeechError):
    """A speech model is missing, changed on the disk, or does not load."""


class UnsupportedAudio(SpeechError):
    """Samples of the wrong shape or type were handed in; a bug in the caller."""


class PlaybookError(SpeechError):
    """A playbook cannot be used; ``mistake`` is the first one in it, ``line`` where that stands, if known."""

    def __init__(self, what: str, advice: str, line: int | None = None) -> None:
        super().__init__(what if line is None else f"line {line}: {what}", advice)
        self.mistake = what
        self.line = line


class PlaybookUnreadable(PlaybookError):
    """A playbook's file is missing, may not be read, or is not text."""
