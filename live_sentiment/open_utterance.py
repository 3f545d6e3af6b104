"""One utterance between its onset and its final: its audio that the recogniser has not had yet, and its text so far.

It only keeps; what happens when is decided in ``speech_channel``.
"""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from live_sentiment.endpointer import Endpoint
from live_sentiment.events import SAMPLE_RATE
from live_sentiment.hypothesis import HypothesisBuffer
from live_sentiment.transcriber import Samples


@dataclass(slots=True)
class OpenUtterance:
    """The audio of one utterance that the recogniser has not had yet, and what is known of its text."""

    number: int
    start: float
    buffer: HypothesisBuffer
    chunks: deque[Samples] = field(default_factory=deque[Samples])
    fed_until: float = 0.0
    heard_until: float = 0.0
    pause_since: float | None = None
    closed: Endpoint | None = None
    closed_at: float = 0.0
    shown: tuple[str, int] = ("", 0)

    def hear(self, samples: Samples) -> None:
        """Adds audio at the end."""
        self.chunks.append(samples)
        self.heard_until += samples.size / SAMPLE_RATE

    def take(self, until: float) -> Samples:
        """Removes and returns the audio from where the recogniser is up to capture time ``until``."""
        count = round((min(until, self.heard_until) - self.fed_until) * SAMPLE_RATE)
        if count <= 0 or not self.chunks:
            return np.zeros(0, np.float32)
        audio = np.concatenate(self.chunks)
        self.chunks.clear()
        if audio.size > count:
            self.chunks.append(audio[count:])
        self.fed_until += min(count, audio.size) / SAMPLE_RATE
        return audio[:count]
