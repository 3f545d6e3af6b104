"""Word times from letters and loudness."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_sentiment.events import SAMPLE_RATE
from live_sentiment.transcriber import Samples
from live_sentiment.word_times import spread


def loud(seconds: float) -> Samples:
    count = int(seconds * SAMPLE_RATE)
    return (0.3 * np.sin(np.arange(count) * 0.2)).astype(np.float32)


def quiet(seconds: float) -> Samples:
    return np.zeros(int(seconds * SAMPLE_RATE), np.float32)


def test_no_words_have_no_times() -> None:
    assert spread([], loud(1.0)) == []


def test_time_goes_by_letters() -> None:
    assert spread(["abc", "abcdefg"], loud(1.2)) == [
        (pytest.approx(0.0), pytest.approx(0.4)),
        (pytest.approx(0.4), pytest.approx(1.2)),
    ]


def test_words_are_not_put_into_silence() -> None:
    audio = np.concatenate((quiet(0.5), loud(0.4), quiet(1.0), loud(0.4), quiet(0.5)))
    (first_start, first_end), (second_start, second_end) = spread(["one", "two"], audio)
    assert first_start == pytest.approx(0.5, abs=0.02)
    assert first_end == pytest.approx(0.9, abs=0.02)
    assert second_start == pytest.approx(1.9, abs=0.02)
    assert second_end == pytest.approx(2.3, abs=0.02)


def test_the_soft_end_of_a_word_belongs_to_it() -> None:
    audio = np.concatenate((loud(0.6), loud(0.2) * np.float32(0.05), loud(0.5) * np.float32(0.01)))
    ((_, end),) = spread(["yes"], audio)
    assert end == pytest.approx(0.8, abs=0.02), "-26 dB is voice, -40 dB is the room"


@given(
    words=st.lists(st.text("abcdefgh", min_size=0, max_size=12), min_size=1, max_size=30),
    pattern=st.lists(st.booleans(), max_size=20),
    extra=st.integers(0, 400),
)
def test_times_are_in_order_and_within_the_audio(words: list[str], pattern: list[bool], extra: int) -> None:
    parts = [loud(0.1) if part else quiet(0.1) for part in pattern]
    audio = np.concatenate([*parts, np.zeros(extra, np.float32)])
    spans = spread(words, audio)
    assert len(spans) == len(words)
    borders = [border for span in spans for border in span]
    assert borders == sorted(borders)
    assert borders[0] >= 0
    assert borders[-1] <= audio.size / SAMPLE_RATE + 1e-9
