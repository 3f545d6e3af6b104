"""The command line inside the test's own process, and models that read a script. For tests only."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from live_sentiment import assembly
from live_sentiment.pipeline import PipelineParts
from live_sentiment.playbook import default_playbook
from live_sentiment.transcriber import ScriptedEngine
from onnx_models.classification import Classification
from spiegel import app

RATE = 16_000


def spiegel(*arguments: str | Path, said: str | bytes | None = None) -> Result:
    """Runs a verb; ``said`` is its standard input."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], said)


def refused(result: Result) -> str:
    """What a verb that could not do as asked said on stderr: without output and without a traceback."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr


class LoudnessVad:
    """Calls a frame speech when any of its samples is not zero."""

    def accept(self, pcm: bytes) -> float:
        return 0.95 if any(pcm) else 0.02

    def reset(self) -> None:
        """It remembers nothing."""


class Neutral:
    """Finds everything neutral."""

    def classify(self, text: str) -> Classification:
        del text
        return Classification(
            sentiment="neutral",
            probabilities={"negative": 0.1, "neutral": 0.8, "positive": 0.1},
            emotion="neutral",
            confidence=0.8,
            sure=True,
            signals=(),
            because=(),
        )


def script_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every utterance of half a second or more says "hello there"."""
    engine = ScriptedEngine([[("hello", 0.2), ("there", 0.4)]] * 3)
    parts = PipelineParts(engine, LoudnessVad, Neutral(), default_playbook())
    monkeypatch.setattr(assembly, "load_parts", lambda _config, **_more: parts)


def voice(begin: float, end: float, length: float = 4.0) -> np.ndarray:
    """A channel that is loud from ``begin`` to ``end`` seconds, and silent otherwise."""
    samples = np.zeros(round(length * RATE))
    samples[round(begin * RATE) : round(end * RATE)] = 0.25
    return samples


def recording(path: Path, *channels: np.ndarray) -> Path:
    soundfile.write(path, np.column_stack(channels), RATE)
    return path


def long_wav(path: Path, hours: float) -> Path:
    """A stereo WAV of so many hours that takes no room on the disk: its samples are a hole in the file."""
    rate, channels, width = 8_000, 2, 2
    size = round(hours * 3600) * rate * channels * width
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, channels, rate, rate * 4, 4, 16)
    path.write_bytes(head + struct.pack("<4sI", b"data", size))
    with path.open("r+b") as file:
        file.truncate(44 + size)
    return path
