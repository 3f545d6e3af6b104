"""The models with random weights that the cost of Whisper is measured with: loaded and run like real ones."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.whisper_models import Shape, make_model
from benchmarks.whisper_shapes import KINDS, measure
from live_sentiment.engine_family import EngineOptions
from live_sentiment.events import SAMPLE_RATE
from live_sentiment.whisper.engine import WhisperEngine
from live_sentiment.whisper.plan import Plan
from live_sentiment.whisper.reader import WhisperReader
from live_sentiment.whisper.windows import PADDED, WindowConfig


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("random")
    make_model(folder, Shape(width=64, layers=2, heads=2))
    return folder


@pytest.mark.parametrize("window", [WindowConfig(), WindowConfig(margin=0.0, shortest=0.0), PADDED])
@pytest.mark.parametrize("seconds", [0.1, 0.64, 1.0, 5.0, 14.3, 30.0, 40.0])
def test_every_step_takes_windows_of_any_length(model: Path, window: WindowConfig, seconds: float) -> None:
    reader = WhisperReader.load(model, threads=1)
    noise = np.random.default_rng(5).standard_normal(round(seconds * SAMPLE_RATE)).astype(np.float32)
    heard = reader.hear(0.1 * noise, window)
    assert heard.features.shape[1] == window.frames(heard.frames) // 2
    assert sum(reader.languages(heard).values()) == pytest.approx(1.0, abs=0.01)
    said = reader.read(heard, Plan("nl", 12, context=(7, 8, 9)))
    assert 0 < len(said.tokens) <= 12
    times = [bound for word in reader.align(heard, "nl", said.tokens) for bound in (word.start, word.end)]
    assert times == sorted(times)
    assert times[-1] <= min(seconds, 30.0) + 0.02


def test_a_model_whose_readings_differ_by_the_window_is_found_out(model: Path) -> None:
    """Random weights read noise, and another noise in another window."""
    engine = WhisperEngine.load(model, EngineOptions())
    assert (engine.windows, engine.reader.multilingual, engine.reader.aligns) == ("padded", True, True)


def test_all_that_the_table_tells_is_measured(model: Path) -> None:
    assert measure(model, threads=1, runs=1).keys() == KINDS.keys()
