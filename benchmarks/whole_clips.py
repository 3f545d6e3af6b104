"""What one reading of a whole clip says, and what the encoder and the decoder of the embedded engine cost.

No pipeline here: clips over 12 s are cut at the quietest place, as the pipeline does. For clean speech each piece is
also read every 0.3 s with the last reading as a draft; the times (processor time) are of these readings, with and
without the draft in the same breath.
"""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from live_sentiment.events import SAMPLE_RATE
from live_sentiment.moonshine.engine import MoonshineEngine
from live_sentiment.transcriber import Samples
from live_sentiment.wer import Errors, compare

STEP = int(0.3 * SAMPLE_RATE)
LONGEST = 12 * SAMPLE_RATE


@dataclass(slots=True)
class Measured:
    """Errors of one condition, and seconds of processor time: encoder per second of audio, decoder per update."""

    whole: Errors = field(default_factory=Errors)
    drafted: Errors = field(default_factory=Errors)
    encoder: list[float] = field(default_factory=list[float])
    plain: list[float] = field(default_factory=list[float])
    speculative: list[float] = field(default_factory=list[float])

    def add(self, said: str, whole: str, drafted: str | None) -> None:
        """Adds the readings of a clip in which ``said`` was said."""
        self.whole += compare(said, whole)
        if drafted is not None:
            self.drafted += compare(said, drafted)

    def row(self) -> list[str]:
        """One line of the table."""
        cells = [f"{self.whole.rate:.1%}"]
        if not self.plain:
            return [*cells, *"----"]
        times = (self.encoder, self.plain, self.speculative)
        return [*cells, f"{self.drafted.rate:.1%}", *(f"{statistics.median(one) * 1000:.1f}" for one in times)]


def read_whole(engine: MoonshineEngine, samples: Samples) -> str:
    """One reading of each piece of a clip."""
    transcriber = engine.transcriber()
    texts: list[str] = []
    for piece in pieces(samples):
        transcriber.accept(piece)
        texts.append(transcriber.flush().text)
    return " ".join(texts)


def read_growing(engine: MoonshineEngine, samples: Samples, measured: Measured) -> str:
    """Each piece of a clip read every 0.3 s; what the last readings say."""
    texts: list[str] = []
    for piece in pieces(samples):
        tokens: tuple[int, ...] = ()
        for end in (*range(STEP, piece.size, STEP), piece.size):
            tokens = step(engine, piece[:end], tokens, measured)
        texts.append(engine.tokenizer.decode(tokens))
    return " ".join(texts)


def step(engine: MoonshineEngine, samples: Samples, draft: tuple[int, ...], measured: Measured) -> tuple[int, ...]:
    """One update, read with and without the draft in the same breath."""
    start = time.process_time()
    engine.model.encode(samples)
    encoder = time.process_time() - start
    start = time.process_time()
    engine.read(samples)
    plain = time.process_time() - start - encoder
    start = time.process_time()
    reading = engine.read(samples, draft)
    measured.encoder.append(encoder / (samples.size / SAMPLE_RATE))
    measured.plain.append(plain)
    measured.speculative.append(time.process_time() - start - encoder)
    return tuple(reading.tokens)


def pieces(samples: Samples) -> Iterator[Samples]:
    """``samples`` in pieces of at most 12 s, cut at the quietest tenth of a second of each piece's last third."""
    while samples.size > LONGEST:
        frame = SAMPLE_RATE // 10
        first = LONGEST * 2 // 3
        energy = np.square(samples[first:LONGEST]).reshape(-1, frame).sum(axis=1)
        cut = first + int(energy.argmin()) * frame + frame // 2
        yield samples[:cut]
        samples = samples[cut:]
    yield samples
