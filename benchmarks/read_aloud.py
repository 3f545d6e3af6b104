"""Lines read by Debian's flite to the embedded recogniser: how real recogniser output looks."""

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr

from benchmarks.whole_clips import read_whole
from live_sentiment.events import SAMPLE_RATE
from live_sentiment.moonshine.engine import MoonshineEngine

VOICES = ("slt", "rms", "awb", "kal16")
"""They take turns: two clear voices, a Scottish one, a dull one."""


def recognised(lines: Sequence[str]) -> list[str]:
    """What the embedded recogniser writes when English ``lines`` are read to it."""
    engine = MoonshineEngine.load()
    with tempfile.TemporaryDirectory() as folder:
        return [_recognise(engine, line, VOICES[i % len(VOICES)], Path(folder)) for i, line in enumerate(lines)]


def _recognise(engine: MoonshineEngine, line: str, voice: str, folder: Path) -> str:
    wav = folder / "line.wav"
    subprocess.run(["flite", "-voice", voice, "-t", line, "-o", str(wav)], check=True)
    samples, rate = soundfile.read(wav, dtype="float32")
    heard = soxr.resample(np.pad(samples, int(0.3 * rate)), rate, SAMPLE_RATE, quality="VHQ")
    return read_whole(engine, heard.astype(np.float32)).strip()
