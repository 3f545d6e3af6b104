"""How long a window Whisper hears, and whether a model bears short ones.

Whisper was trained on windows of 30 s. One as long as the speech and a margin costs a tenth of that or less, but some
models loop in windows that are much shorter than they know; a margin of about 2.5 s is the known compromise. So a model
is first tried on a clip that comes along, and one that reads it otherwise keeps its 30 s. What a window holds is in
``reader``.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from live_sentiment.clips import CHECK_LANGUAGE, check_clip
from live_sentiment.engine_family import Windows
from live_sentiment.events import SAMPLE_RATE
from live_sentiment.guards import LOOP, TOO_FAST
from live_sentiment.hypothesis import key
from live_sentiment.transcriber import Samples
from live_sentiment.whisper.doubts import doubt, most_tokens
from live_sentiment.whisper.plan import Heard, Plan, Said

LONGEST = 30.0
"""Seconds; no Whisper model takes more."""
FRAMES_PER_SECOND = 100
"""Of Whisper's features; the encoder makes one step of two frames."""


@dataclass(frozen=True, slots=True)
class WindowConfig:
    """A window is as long as the audio and ``margin`` after it, at least ``shortest``, at most ``LONGEST``; seconds.

    Raises:
        ValueError: a negative margin, or a shortest window outside 0 to ``LONGEST``.
    """

    margin: float = 2.5
    shortest: float = 4.0

    def __post_init__(self) -> None:
        if self.margin < 0 or not 0 <= self.shortest <= LONGEST:
            raise ValueError(f"margin {self.margin} must be 0 or more, shortest {self.shortest} within 0 to {LONGEST}")

    @property
    def padded(self) -> bool:
        """Whether every window is one of ``LONGEST``."""
        return self.shortest >= LONGEST

    def frames(self, audio: int) -> int:
        """The frames of a window, an even number, for ``audio`` frames of sound."""
        wanted = max(audio + self.margin * FRAMES_PER_SECOND, self.shortest * FRAMES_PER_SECOND)
        return min(2 * math.ceil(wanted / 2), round(LONGEST * FRAMES_PER_SECOND))


PADDED = WindowConfig(shortest=LONGEST)
"""What every model bears."""


class Reads(Protocol):
    """What the check needs of a ``WhisperReader``."""

    def hear(self, samples: Samples, window: WindowConfig) -> Heard:
        """The encoded features of ``samples``."""
        ...

    def read(self, heard: Heard, plan: Plan) -> Said:
        """A reading of ``heard``."""
        ...


class Choice(NamedTuple):
    """The windows for a model, and why, for people and logs."""

    window: WindowConfig
    why: str


def choose(reader: Reads, asked: Windows, trimmed: WindowConfig) -> Choice:
    """``trimmed`` or ``PADDED`` windows, as ``asked``; "check" tries both on the clip, which costs a padded reading."""
    if asked == "trimmed":
        return Choice(trimmed, "Trimmed windows, as asked.")
    if asked == "padded":
        return Choice(PADDED, "Windows of 30 s, as asked.")
    short, whole = (_reading(reader, window) for window in (trimmed, PADDED))
    if doubt(short) in (LOOP, TOO_FAST):
        return Choice(PADDED, f"Windows of 30 s: in a short one the check clip is misread ({doubt(short)}).")
    if not (words := _words(whole)):
        return Choice(PADDED, "Windows of 30 s: nothing was read in the check clip, so short ones could not be tried.")
    if _words(short) != words:
        return Choice(PADDED, "Windows of 30 s: the check clip is read otherwise in a short one.")
    return Choice(trimmed, "Trimmed windows: the check clip is read the same in them as in 30 s.")


def _reading(reader: Reads, window: WindowConfig) -> Said:
    clip = check_clip()
    plan = Plan(CHECK_LANGUAGE, most_tokens(clip.size / SAMPLE_RATE))
    return reader.read(reader.hear(clip, window), plan)


def _words(said: Said) -> list[str]:
    """The words without case and punctuation."""
    return [key(word) for word in said.text.split() if any(map(str.isalnum, word))]
