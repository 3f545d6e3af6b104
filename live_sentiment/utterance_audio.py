"""The audio of one utterance while it grows: what every engine's transcriber keeps. No recognition here."""

from dataclasses import dataclass, field

import numpy as np

from live_sentiment.errors import UnsupportedAudio
from live_sentiment.events import SAMPLE_RATE
from live_sentiment.transcriber import Samples

LONGEST_SECONDS = 30.0


@dataclass(slots=True)
class UtteranceAudio:
    """The newest ``longest`` seconds of one utterance, whatever chunks they came in.

    The pipeline splits utterances long before that; the bound only keeps a mistake there from eating the memory.
    ``dropped`` counts the samples that had to go, so that times stay right; ``version`` changes with every chunk.
    """

    longest: float = LONGEST_SECONDS
    dropped: int = 0
    version: int = 0
    _chunks: list[Samples] = field(default_factory=list[Samples])

    def append(self, samples: Samples) -> None:
        """Adds a chunk; drops the oldest samples past ``longest``.

        Raises:
            UnsupportedAudio: not float32, or not of shape (n,).
        """
        if samples.dtype != np.float32 or samples.ndim != 1:
            what = f"A recogniser takes float32 samples of shape (n,), not {samples.dtype} of shape {samples.shape}."
            raise UnsupportedAudio(what, "Convert them to one channel of float32, -1 to 1, before handing them in.")
        if not samples.size:
            return
        self._chunks.append(samples)
        self.version += 1
        self._drop(self.size - round(self.longest * SAMPLE_RATE))

    @property
    def size(self) -> int:
        """Samples kept."""
        return sum(chunk.size for chunk in self._chunks)

    @property
    def offset(self) -> float:
        """Seconds from the first sample accepted to the first one kept."""
        return self.dropped / SAMPLE_RATE

    def samples(self) -> Samples:
        """All samples kept, in one piece."""
        if len(self._chunks) != 1:
            self._chunks = [np.concatenate(self._chunks)] if self._chunks else []
        return self._chunks[0] if self._chunks else np.zeros(0, np.float32)

    def clear(self) -> None:
        """Forgets the audio; the next utterance begins."""
        self._chunks.clear()
        self.dropped = 0
        self.version += 1

    def _drop(self, count: int) -> None:
        """Removes the oldest ``count`` samples, where that is any."""
        self.dropped += max(0, count)
        while count > 0:
            oldest = self._chunks.pop(0)
            if oldest.size > count:
                self._chunks.insert(0, oldest[count:])
            count -= oldest.size
