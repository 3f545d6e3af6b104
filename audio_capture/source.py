"""The interface of everything that can be listened to: a recording, or the headset.

A source knows nothing of servers and calls. It is opened at a time of the call, says what it hears in order, and may
be suspended (the agent's pause) and opened again later. Implementations: ``recording``, ``headset``, ``fake``.
"""

import math
from collections.abc import AsyncGenerator
from typing import Protocol

from live_sentiment.events import FRAME_SAMPLES, SAMPLE_RATE, AudioFrame, Channel, Gap

Heard = AudioFrame | Gap
"""What a source says: 32 ms of one channel, or the exact bounds of what it did not hear."""


class AudioSource(Protocol):
    """Two channels of a call. All methods are called on the event loop's thread.

    The order is: ``open``, ``stream`` until it ends or ``suspend``, perhaps ``open`` again; ``close`` once, at the end.
    """

    @property
    def name(self) -> str:
        """What is listened to, for people: a file's name, or those of the devices."""
        ...

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that carry sound; a channel not named here is given as silence."""
        ...

    @property
    def live(self) -> bool:
        """True for devices: what is not taken in time is lost. False when the source can wait."""
        ...

    async def open(self, at: float, *, resuming: bool = False) -> None:
        """Begins to listen; the first frame starts at the first multiple of 32 ms not before ``at`` seconds.

        ``resuming`` False is a new call: a recording then begins at its beginning, whatever was played before. True
        goes on with the call that was suspended; a recording then passes over what lies before ``at``.

        Raises:
            DeviceError: it cannot be opened now; ``retryable`` says whether later may do.
        """
        ...

    def stream(self) -> AsyncGenerator[Heard]:
        """Frames of both channels by time, the agent's first, each start a multiple of 32 ms; and gaps.

        A channel whose device is away does not hold up the other: its gaps then come later than the other's frames.

        Ends at the recording's end, and after ``suspend`` or ``close``.

        Raises:
            RecordingError: the recording turns out to be broken.
            DeviceError: a device went away.
        """
        ...

    async def suspend(self) -> None:
        """Stops listening at once; what was not yet taken is forgotten. May be opened again."""
        ...

    async def close(self) -> None:
        """Stops listening for good. Does nothing the second time."""
        ...


def frame_start(index: int) -> float:
    """When frame ``index`` starts, in seconds: an exact multiple of 32 ms."""
    return index * FRAME_SAMPLES / SAMPLE_RATE


def frame_index(at: float) -> int:
    """The number of the first frame that starts not before ``at`` seconds."""
    return math.ceil(round(at * SAMPLE_RATE / FRAME_SAMPLES, 6))
