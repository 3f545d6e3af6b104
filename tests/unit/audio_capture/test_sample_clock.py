import random
from collections.abc import Iterable

import numpy as np
import pytest

from audio_capture.sample_clock import SampleClock
from live_sentiment.events import FRAME_SAMPLES, SAMPLE_RATE

CHUNK = 512


def fed(clock: SampleClock, arrivals: Iterable[tuple[int, float]]) -> list[int]:
    """Sample counts (positive) and missing counts (negative), in order."""
    out: list[int] = []
    for samples, now in arrivals:
        pieces = clock.arrived(np.zeros(samples, dtype=np.int16), now)
        out += [-piece if isinstance(piece, int) else piece.size for piece in pieces]
    return out


def steady(first: int, chunks: int, later: float = 0.0, jitter: float = 0.0) -> list[tuple[int, float]]:
    dice = random.Random(1)  # noqa: S311 - jitter, not a secret
    return [
        (CHUNK, (first + k + 1) * CHUNK / SAMPLE_RATE + later + 0.03 + dice.uniform(0, jitter)) for k in range(chunks)
    ]


def test_steady_sound_passes_unchanged() -> None:
    assert fed(SampleClock(0.0), steady(0, 1000, jitter=0.05)) == [CHUNK] * 1000


def test_missing_samples_are_found_within_two_seconds_and_counted_in_whole_frames() -> None:
    clock = SampleClock(0.0)
    lost = 0.75  # more samples of this length never came
    out = fed(clock, steady(0, 200) + steady(200, 200, later=lost))
    missing = [-piece for piece in out if piece < 0]
    assert sum(missing) == clock.missing
    assert sum(missing) / SAMPLE_RATE == pytest.approx(lost, abs=2 * 0.032)
    assert all(piece % FRAME_SAMPLES == 0 for piece in missing)


def test_a_long_hole_is_put_exactly_before_what_follows() -> None:
    out = fed(SampleClock(0.0), steady(0, 100) + steady(100, 100, later=5.0))
    assert out.index(next(piece for piece in out if piece < 0)) == 100
    assert -min(out) / SAMPLE_RATE == pytest.approx(5.0, abs=0.033)


def test_a_late_burst_is_not_taken_for_a_loss() -> None:
    stalled = steady(0, 100)
    resumes = stalled[-1][1] + 3.0
    burst = [(CHUNK, resumes + k * 0.0005) for k in range(94)]
    after = steady(100 + 94, 200)
    arrivals = stalled + [(n, max(now, resumes)) for n, now in burst] + [(n, max(now, resumes)) for n, now in after]
    clock = SampleClock(0.0)
    assert fed(clock, arrivals) == [CHUNK] * (100 + 94 + 200)
    assert clock.missing == 0


@pytest.mark.parametrize("parts_per_million", [-200, 200])
def test_a_sound_card_that_runs_off_makes_no_gap(parts_per_million: int) -> None:
    clock = SampleClock(0.0)
    factor = 1 + parts_per_million / 1e6
    hour = 3600 * SAMPLE_RATE // CHUNK
    arrivals = ((CHUNK, (k + 1) * CHUNK / SAMPLE_RATE * factor + 0.03) for k in range(hour))
    assert min(fed(clock, arrivals)) > 0
    assert clock.drift_seconds == pytest.approx(3600 * parts_per_million / 1e6, abs=0.05)
