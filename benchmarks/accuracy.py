"""How well the English engine hears the recordings beside the project, and what a reading costs.

Prints one table: per condition (clean, telephone, office noise) the word error rate of one reading of the whole clip;
for clean speech also that of reading every 0.3 s with the last reading as a draft, and the median times of encoder and
decoder (processor time, both kinds of decoding in the same run). Clips over 12 s are cut at the quietest place, as the
pipeline does. Takes some two minutes. Run: python -m benchmarks.accuracy
"""

import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from rich.console import Console
from rich.table import Table

from benchmarks.places import AUDIO
from live_sentiment.events import SAMPLE_RATE
from live_sentiment.moonshine.engine import MoonshineEngine
from live_sentiment.transcriber import Samples
from live_sentiment.wer import Errors, compare

STEP = int(0.3 * SAMPLE_RATE)
LONGEST = 12 * SAMPLE_RATE
TELEPHONE_RATE = 8_000
NOISE_DB = 10.0
CONDITIONS = ("clean", "telephone", "office noise, 10 dB")


@dataclass(slots=True)
class Measured:
    """Errors of one condition, and seconds of processor time: encoder per second of audio, decoder per update."""

    whole: Errors = field(default_factory=Errors)
    drafted: Errors = field(default_factory=Errors)
    encoder: list[float] = field(default_factory=list[float])
    plain: list[float] = field(default_factory=list[float])
    speculative: list[float] = field(default_factory=list[float])


def main() -> int:
    """Measures and prints."""
    if not AUDIO.is_dir():
        print(f"There are no recordings in {AUDIO}, so there is nothing to measure.")
        return 2
    engine = MoonshineEngine.load()
    noise = read_samples(AUDIO / "noise" / "office.flac")
    table = Table("condition", "WER", "words", "WER drafted", "encoder ms/s", "decoder ms", "with draft ms")
    for condition in CONDITIONS:
        measured = Measured()
        for clip in sorted((AUDIO / "speech").glob("*.flac")):
            samples, said = in_condition(read_samples(clip), condition, noise), clip.with_suffix(".txt").read_text()
            measured.whole += compare(said, read_whole(engine, samples))
            if condition == CONDITIONS[0]:
                measured.drafted += compare(said, read_growing(engine, samples, measured))
        table.add_row(condition, *row(measured))
    Console(width=110).print(table)
    return 0


def row(measured: Measured) -> list[str]:
    """One line of the table."""
    cells = [f"{measured.whole.rate:.1%}", str(measured.whole.words)]
    if not measured.plain:
        return cells
    times = (measured.encoder, measured.plain, measured.speculative)
    return [*cells, f"{measured.drafted.rate:.1%}", *(f"{statistics.median(one) * 1000:.1f}" for one in times)]


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


def in_condition(samples: Samples, condition: str, noise: Samples) -> Samples:
    """``samples`` as heard over a telephone (8 kHz, mu-law) or in an office."""
    if condition == "telephone":
        narrow = np.asarray(soxr.resample(samples, SAMPLE_RATE, TELEPHONE_RATE), np.float32)
        loudness: Samples = np.clip(np.abs(narrow), 0.0, 1.0)
        levels: Samples = np.rint(127 * np.log1p(255 * loudness) / np.log(256)) / 127
        decoded: Samples = (np.sign(narrow) * np.expm1(levels * np.log(256)) / 255).astype(np.float32)
        return np.asarray(soxr.resample(decoded, TELEPHONE_RATE, SAMPLE_RATE), np.float32)
    if condition == CONDITIONS[2]:
        background = np.resize(noise, samples.size)
        share = np.sqrt(np.mean(samples**2) / np.mean(background**2)) * 10 ** (-NOISE_DB / 20)
        return np.asarray(samples + share * background, np.float32)
    return samples


def read_samples(path: Path) -> Samples:
    """A recording as mono samples at 16 kHz."""
    audio, rate = sf.read(path, dtype="float32", always_2d=True)
    return np.asarray(soxr.resample(audio.mean(axis=1), rate, SAMPLE_RATE), np.float32)


if __name__ == "__main__":
    sys.exit(main())
