"""Whether reading both channels at once pays, and what prepacked weights and a second thread do, for Moonshine tiny.

Two pieces of speech of the same length go through encoder and decoder one after the other and as a batch of two; then
one of them through sessions with and without prepacking, with one thread and two. Times are medians of the processor
time of the whole process, so that a second thread is not taken for free.

Takes half a minute. Run: python -m benchmarks.batching
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.audio import read_samples
from benchmarks.places import AUDIO
from benchmarks.tables import table_of
from live_sentiment.events import SAMPLE_RATE
from live_sentiment.moonshine import files
from live_sentiment.moonshine.engine import MoonshineEngine
from live_sentiment.moonshine.model import HEAD_SIZE, HEADS, Session
from live_sentiment.moonshine.tokenizer import BOS
from live_sentiment.transcriber import Samples

SECONDS = 6.0
REPEATS = 15
STEPS = ("encoder, 6 s of audio", "decoder, a draft", "decoder, one token")

Arrays = dict[str, NDArray[Any]]
Piece = tuple[Samples, list[int]]
"""Some audio and its tokens."""


class Networks:
    """Encoder and decoder as plain sessions, for batches of any size."""

    def __init__(self, *, prepacked: bool = True, threads: int = 1) -> None:
        options = cast("Any", onnxruntime.SessionOptions())
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.disable_prepacking", "0" if prepacked else "1")
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        found = files.find()
        self._encoder, self._decoder = (_opened(path, options) for path in (found.encoder, found.decoder))
        self._past = [node.name for node in self._decoder.get_inputs() if node.name.startswith("past_key_values.")]

    def encode(self, audio: Sequence[Samples]) -> Arrays:
        """The encoder on pieces of one length; what the decoder takes of it."""
        batch = np.stack(audio)
        mask = np.ones(batch.shape, np.int64)
        (features,) = self._encoder.run(None, {"input_values": batch, "attention_mask": mask})
        return {"encoder_hidden_states": features, "encoder_attention_mask": mask}

    def draft(self, encoded: Arrays, tokens: Sequence[Sequence[int]]) -> Arrays:
        """The decoder's first run, over a draft of one length for each; the caches for ``token``."""
        nothing = np.zeros((len(tokens), HEADS, 0, HEAD_SIZE), np.float32)
        return self._decode(encoded, dict.fromkeys(self._past, nothing), tokens, cached=False)

    def token(self, encoded: Arrays, caches: Arrays, tokens: Sequence[int]) -> Arrays:
        """The decoder on one more token for each."""
        return self._decode(encoded, caches, [[token] for token in tokens], cached=True)

    def _decode(self, encoded: Arrays, caches: Arrays, tokens: Sequence[Sequence[int]], *, cached: bool) -> Arrays:
        ids = {"input_ids": np.array(tokens, np.int64), "use_cache_branch": np.array([cached])}
        present = [name.replace("past_key_values", "present") for name in self._past]
        return dict(zip(self._past, self._decoder.run(present, encoded | caches | ids), strict=True))

    def costs(self, batch: Sequence[Piece]) -> list[float]:
        """Seconds of processor time for each of ``STEPS``, all of ``batch`` at once."""
        audio, tokens = [piece[0] for piece in batch], [piece[1] for piece in batch]
        encoded = self.encode(audio)
        caches = self.draft(encoded, tokens)
        last = [each[-1] for each in tokens]
        steps = (
            lambda: self.encode(audio),
            lambda: self.draft(encoded, tokens),
            lambda: self.token(encoded, caches, last),
        )
        return [seconds(step) for step in steps]


def _opened(path: Path, options: Any) -> Session:
    return cast("Session", onnxruntime.InferenceSession(str(path), options))


def seconds(work: Callable[[], object]) -> float:
    """The median processor time of ``work``, once it is warm."""
    work()
    took: list[float] = []
    for _ in range(REPEATS):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return statistics.median(took)


def two_pieces() -> list[Piece]:
    """The beginnings of two clips with as many tokens each."""
    engine = MoonshineEngine.load()
    clips = (read_samples(path) for path in sorted((AUDIO / "speech").glob("*.flac")))
    size = int(SECONDS * SAMPLE_RATE)
    audio = [clip[:size] for clip in clips if clip.size >= size][:2]
    tokens = [[BOS, *engine.read(samples).tokens] for samples in audio]
    length = min(map(len, tokens))
    return [(samples, each[:length]) for samples, each in zip(audio, tokens, strict=True)]


def main() -> int:
    """Measures and prints."""
    if not AUDIO.is_dir():
        sys.exit(f"There are no recordings in {AUDIO}, so there is nothing to measure.")
    console, (one, other) = Console(width=110), two_pieces()
    networks = Networks()
    first, second, both = (networks.costs(batch) for batch in ([one], [other], [one, other]))
    table = table_of("Two channels, ms of processor", ("", "one after the other", "as a batch", "ratio"))
    for name, a, b, batch in zip(STEPS, first, second, both, strict=True):
        table.add_row(name, f"{(a + b) * 1000:.1f}", f"{batch * 1000:.1f}", f"{batch / (a + b):.2f}")
    console.print(table)
    kinds = {"prepacked": Networks(), "not": Networks(prepacked=False), "two threads": Networks(threads=2)}
    measured = [kind.costs([one]) for kind in kinds.values()]
    table = table_of("One channel, ms of processor", ("", *kinds))
    for name, *costs in zip(STEPS, *measured, strict=True):
        table.add_row(name, *(f"{cost * 1000:.1f}" for cost in costs))
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
