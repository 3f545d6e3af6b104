"""When a voice on the customer's channel begins a call: no clock, no devices, a frame is 32 ms.

One frame that sounds like speech is no call; a ringing tone, a notification and hold music are none either. Which frame
is speech, somebody else judges (Silero's network, as in a call). Belongs to the event loop's thread.
"""

from collections import deque
from dataclasses import dataclass
from typing import Protocol

from live_sentiment.events import FRAME_SECONDS


class VoiceJudge(Protocol):
    """How likely a frame is speech."""

    def accept(self, pcm: bytes) -> float:
        """The probability (0 to 1) for the next frame: 512 samples, s16le mono, 16 kHz."""
        ...

    def reset(self) -> None:
        """Forgets what was heard, after a hole in the audio."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OnsetConfig:
    """``spoken`` seconds of speech, a frame of which has ``likely`` or more, within ``window`` begin a call.

    ``quiet``: seconds without a voice that must come first after the call before, so that its goodbyes are no new one.
    """

    likely: float = 0.5
    spoken: float = 0.8
    window: float = 2.0
    quiet: float = 5.0


class VoiceOnset:
    """Listens for a call to begin; ``waiting`` True waits for ``quiet`` first.

    A hole in the audio is not quiet: nobody knows what was said in it.
    """

    def __init__(self, config: OnsetConfig | None = None, *, waiting: bool = False) -> None:
        self._config = config = config or OnsetConfig()
        self._recent: deque[bool] = deque(maxlen=_frames(config.window))
        self._needed = _frames(config.spoken)
        self._quiet = 0 if waiting else None

    def accept(self, probability: float) -> int | None:
        """The next frame's ``probability`` of speech; if a call begins with it, how many frames ago the voice did.

        0 is this very frame. None while there is no call.
        """
        voice = probability >= self._config.likely
        if self._quiet is not None:
            self._quiet = 0 if voice else self._quiet + 1
            if self._quiet < _frames(self._config.quiet):
                return None
            self._quiet = None
        self._recent.append(voice)
        if sum(self._recent) < self._needed:
            return None
        return len(self._recent) - 1 - self._recent.index(True)

    def missed(self) -> None:
        """Sound is missing from here on."""
        self._recent.clear()
        if self._quiet is not None:
            self._quiet = 0


def _frames(seconds: float) -> int:
    return round(seconds / FRAME_SECONDS)
