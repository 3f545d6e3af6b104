import numpy as np
import pytest

from live_sentiment.events import FRAME_SAMPLES
from live_sentiment.levels import Leveller, LevellerConfig, frames_in, level_of


def test_levels() -> None:
    assert level_of(np.zeros(FRAME_SAMPLES, np.float32)) == -100.0
    assert level_of(np.full(FRAME_SAMPLES, 0.5, np.float32)) == -100.0
    square = np.tile(np.array([0.1, -0.1], np.float32), FRAME_SAMPLES // 2)
    assert level_of(square) == pytest.approx(-20.0, abs=0.01)


def square(loudness: float) -> np.ndarray:
    """A frame whose root mean square is ``loudness``."""
    return np.tile(np.array([loudness, -loudness], np.float32), FRAME_SAMPLES // 2)


def turned(leveller: Leveller, loudness: float, seconds: float) -> list[float]:
    """How loud each frame of steady sound is after the leveller."""
    return [float(np.abs(leveller.accept(square(loudness))).max()) for _ in range(frames_in(seconds))]


@pytest.mark.parametrize("seconds", [0.032, 0.3, 0.45])
def test_a_beep_turns_nothing_down_but_itself(seconds: float) -> None:
    leveller = Leveller(LevellerConfig())
    turned(leveller, 0.005, 1.0)
    assert turned(leveller, 0.9, seconds) == pytest.approx([0.02] * frames_in(seconds))
    assert turned(leveller, 0.0089, 1.0) == pytest.approx([0.0089] * 31)


def test_what_stays_loud_is_turned_down_through_its_pauses() -> None:
    leveller = Leveller(LevellerConfig())
    turned(leveller, 0.4, 2.0)
    pause = turned(leveller, 0.05, 0.3)
    assert max(pause) < 0.003, "18 dB quieter than the voice, and so it stays"


def test_a_long_tone_is_forgotten_soon_when_what_follows_is_far_quieter() -> None:
    leveller = Leveller(LevellerConfig())
    turned(leveller, 0.9, 1.0)
    after = turned(leveller, 0.0089, 2.0)
    assert after[0] < 0.0003
    assert min(after[frames_in(1.5) :]) > 0.0015


def test_a_reset_leveller_has_forgotten_how_loud_it_was() -> None:
    leveller = Leveller(LevellerConfig())
    turned(leveller, 0.9, 1.0)
    leveller.reset()
    assert turned(leveller, 0.0089, 0.032) == pytest.approx([0.0089])
