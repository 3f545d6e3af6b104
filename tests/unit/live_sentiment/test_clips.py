"""The clip that comes with Spiegel."""

import numpy as np

from live_sentiment.clips import CHECK_PATH, check_clip
from live_sentiment.events import SAMPLE_RATE


def test_the_clip_is_three_to_five_seconds_of_speech() -> None:
    clip = check_clip()
    assert (clip.dtype, clip.ndim) == (np.float32, 1)
    assert 3 * SAMPLE_RATE < clip.size <= 5 * SAMPLE_RATE
    assert 0.05 < np.sqrt(np.mean(clip**2)) < np.abs(clip).max() < 0.9
    assert CHECK_PATH.stat().st_size < 64 * 1024
