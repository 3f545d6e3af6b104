from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio_capture.lane import FIRST_PIECE_SECONDS, LONGEST_PIECE_SECONDS, FrameLane
from audio_capture.ring import Missing
from live_sentiment.events import FRAME_SAMPLES, SAMPLE_RATE


def read(lane: FrameLane) -> list[np.ndarray | Missing]:
    out: list[np.ndarray | Missing] = []
    while (piece := lane.ring.read(FRAME_SAMPLES)) is not None:
        out.append(piece)
    return out


def numbered(lane: FrameLane, start: int, samples: int) -> None:
    """Writes samples that say their own number."""
    lane.write(np.arange(start, start + samples).astype(np.int16))


def told(pieces: Sequence[np.ndarray | Missing]) -> int:
    """Samples accounted for."""
    return sum(piece.samples if isinstance(piece, Missing) else piece.size for piece in pieces)


def test_frames_begin_at_the_first_multiple_of_32_ms() -> None:
    lane = FrameLane(at=3.21, now=50.0)
    assert lane.first_index == 101  # 3.232
    lane.begin(captured=50.0, cause="opening")
    numbered(lane, 0, 3 * FRAME_SAMPLES)
    frames = read(lane)
    assert len(frames) == 2
    assert not isinstance(frames[0], Missing)
    assert frames[0][0] == round((3.232 - 3.21) * SAMPLE_RATE)


def test_what_is_missing_before_the_first_sample_has_its_reason() -> None:
    lane = FrameLane(at=0.0, now=50.0)
    lane.begin(captured=50.1, cause="opening")  # 0.1 s is 3.125 frames
    numbered(lane, 1600, 2 * FRAME_SAMPLES)
    missing, frame = read(lane)
    assert missing == Missing(4 * FRAME_SAMPLES, "opening")
    assert not isinstance(frame, Missing)
    assert frame[0] == 4 * FRAME_SAMPLES


def test_a_piece_of_a_frame_next_to_a_hole_belongs_to_the_hole() -> None:
    lane = FrameLane(at=0.0, now=50.0)
    lane.begin(captured=50.0, cause="opening")
    numbered(lane, 0, FRAME_SAMPLES + 100)
    lane.miss(200, "lost")
    numbered(lane, FRAME_SAMPLES + 300, FRAME_SAMPLES)
    numbered(lane, 2 * FRAME_SAMPLES + 300, FRAME_SAMPLES)
    first, missing, second = read(lane)
    assert isinstance(missing, Missing)
    assert missing == Missing(FRAME_SAMPLES, "lost")
    assert not isinstance(first, Missing)
    assert not isinstance(second, Missing)
    assert (first[0], second[0]) == (0, 2 * FRAME_SAMPLES)


def test_samples_told_as_missing_already_are_cut_off() -> None:
    lane = FrameLane(at=0.0, now=50.0)
    assert lane.away(51.0, "gone")
    lane.begin(captured=50.5, cause="gone")  # a late burst
    numbered(lane, 8000, SAMPLE_RATE)
    missing, frame, *_ = read(lane)
    assert missing == Missing(31 * FRAME_SAMPLES, "gone")
    assert not isinstance(frame, Missing)
    assert frame[0] == 31 * FRAME_SAMPLES


def test_while_away_it_tells_in_growing_pieces() -> None:
    lane = FrameLane(at=0.0, now=0.0)
    times = [step / 100 for step in range(6000) if lane.away(step / 100, "gone")]
    assert times[0] == FIRST_PIECE_SECONDS
    pauses = np.diff(times)
    assert all(pauses[i] <= pauses[i + 1] + 0.05 for i in range(len(pauses) - 1))
    assert pauses.max() == pytest.approx(LONGEST_PIECE_SECONDS, abs=0.05)
    assert told(read(lane)) == pytest.approx(times[-1] * SAMPLE_RATE, abs=FRAME_SAMPLES)


@given(
    at=st.floats(0, 100),
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("heard"), st.integers(1, 3000)),
            st.tuples(st.just("missing"), st.integers(1, 3000)),
            st.tuples(st.just("unplugged"), st.integers(1, 90_000)),
        ),
        max_size=30,
    ),
)
def test_whatever_happens_every_sample_is_at_its_place_or_missing(at: float, steps: list[tuple[str, int]]) -> None:
    """Samples say when they were captured; the lane must put each where it belongs, and miss less than asked plus 2."""
    lane = FrameLane(at, now=0.0)
    origin = round(lane.first_index * FRAME_SAMPLES - at * SAMPLE_RATE)
    lane.begin(0.0, "opening")
    captured = lost = 0
    for what, samples in steps:
        if what == "heard":
            numbered(lane, captured, samples)
        elif what == "missing":
            lane.miss(samples, "lost")
        else:
            lane.away((captured + samples) / SAMPLE_RATE, "gone")
            lane.begin((captured + samples) / SAMPLE_RATE, "gone")
        lost += 0 if what == "heard" else samples + 2 * FRAME_SAMPLES
        captured += samples
    place = missing = 0
    for piece in read(lane):
        if isinstance(piece, Missing):
            assert piece.samples % FRAME_SAMPLES == 0
            place += piece.samples
            missing += piece.samples
        else:
            off = (int(piece[0]) - place - origin + 32_768) % 65_536 - 32_768  # samples count in 16 bits
            assert abs(off) <= 1
            place += piece.size
    assert missing <= lost
    assert place <= max(0, captured - origin) + 2 * FRAME_SAMPLES
