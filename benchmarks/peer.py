"""The peer: the streaming of the package ``moonshine-voice`` itself, with the same weights, on the same virtual clock.

Every recording is heard by a process of its own (``python -m benchmarks.peer``: samples on its standard input, JSON on
its output), as the package keeps the state of its voice detector between streams. It gets one thread, which is its
cheapest and here also its fastest mode, frames of 32 ms, and its own settings for all else. It commits no words and
tells no times of words.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable

import msgspec
import numpy as np

from benchmarks.places import ROOT
from benchmarks.shown import Listened, Shown, words_of
from live_sentiment.events import FRAME_SAMPLES, SAMPLE_RATE
from live_sentiment.transcriber import Samples

NAME = "moonshine-voice"
MODEL = "tiny-en"


class Line(msgspec.Struct, frozen=True):
    """A text of a line, and when it was told on the virtual clock, in seconds of the call."""

    when: float
    line: int
    text: str
    complete: bool


class Told(msgspec.Struct):
    """All texts, and the processor time they took in seconds."""

    lines: list[Line]
    processor: float


def listen(samples: Samples) -> Listened:
    """One channel of a call as the peer writes it."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peer"],
        input=samples.tobytes(),
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "MOONSHINE_ORT_SINGLE_THREAD": "1"},
        check=False,
    )
    if done.returncode:
        sys.exit(f"{NAME} failed: {done.stderr.decode(errors='replace')[-500:]}")
    return as_listened(msgspec.json.decode(done.stdout, type=Told), samples.size / SAMPLE_RATE)


def as_listened(told: Told, length: float) -> Listened:
    """``told`` about ``length`` seconds of audio, in the words that are compared."""
    shown: list[Shown] = []
    for line in told.lines:
        words = words_of(line.text)
        shown.append(Shown(line.when, line.line, words, len(words) if line.complete else 0, line.complete))
    return Listened(shown=shown, processor=told.processor, length=length)


def hear(samples: Samples, timer: Callable[[], float]) -> Told:
    """Feeds a fresh stream frame by frame; what it says is told when the work for it is done by ``timer``."""
    from moonshine_voice import ModelArch, Transcriber, get_model_path  # noqa: PLC0415 - 40 MB of native code
    from moonshine_voice.transcriber import TranscriptEvent  # noqa: PLC0415

    transcriber = Transcriber(get_model_path(MODEL), ModelArch.TINY)
    stream = transcriber.create_stream()
    events: list[TranscriptEvent] = []
    stream.add_listener(events.append)
    stream.start()
    told, now = Told([], 0.0), 0.0
    calls = [
        (start + FRAME_SAMPLES, lambda start=start: stream.add_audio(samples[start : start + FRAME_SAMPLES].tolist()))
        for start in range(0, samples.size, FRAME_SAMPLES)
    ]
    for arrives, call in [*calls, (samples.size, stream.stop)]:
        began = timer()
        call()
        took = timer() - began
        now = max(now, arrives / SAMPLE_RATE) + took
        told.processor += took
        told.lines += [Line(now, event.line.line_id, event.line.text, event.line.is_complete) for event in events]
        events.clear()
    stream.close()
    transcriber.close()
    return told


def _main() -> None:
    samples: Samples = np.frombuffer(sys.stdin.buffer.read(), np.float32)
    sys.stdout.buffer.write(msgspec.json.encode(hear(samples, time.process_time)))


if __name__ == "__main__":
    _main()
