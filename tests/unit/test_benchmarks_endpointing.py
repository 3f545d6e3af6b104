"""The sums of the endpointing benchmark: what a cut is, and when it lies within a sentence."""

import numpy as np
import pytest

from benchmarks.endpointing import Silence, cuts, labelled, last_place, tells
from benchmarks.pitch import falls, pitch_of
from live_sentiment.endpointer import EndpointerConfig
from live_sentiment.events import SAMPLE_RATE, Word
from live_sentiment.transcriber import Hypothesis


def read(text: str, completeness: float | None = None) -> Hypothesis:
    words = tuple(Word(text=word, start=n, end=n + 1, probability=0.9) for n, word in enumerate(text.split()))
    return Hypothesis(words=words, completeness=completeness)


def test_a_pause_lies_within_a_sentence_when_the_whole_reading_goes_on_there() -> None:
    silences = [
        Silence(1.0, read("I lost my"), lasted=0.5),
        Silence(2.0, read("I lost my card"), lasted=0.5),
        Silence(3.0, read("I lost my card. Can"), lasted=3.0),
        Silence(4.0, read(""), lasted=0.5),
    ]
    told = labelled(silences, read("I lost my card. Can you help me?"))
    assert [silence.in_sentence for silence in told] == [True, False, False], "over a second is an end in any case"
    assert len(told) == 3, "where nothing was read, nothing is cut off"


def test_a_word_that_was_read_otherwise_later_tells_nothing() -> None:
    assert last_place(["I", "lost", "my", "cart"], ["I", "lost", "my", "card."]) is None
    assert last_place(["lost", "My"], ["I", "lost", "my", "card."]) == 2


def test_a_rule_cuts_what_lasts_longer_than_it_waits() -> None:
    silences = [
        Silence(1.0, read("a", 0.9), lasted=0.35),
        Silence(2.0, read("b", 0.1), lasted=0.35, in_sentence=True),
        Silence(3.0, read("c", 0.1), lasted=0.6, in_sentence=True),
        Silence(4.0, read("d")),
    ]
    assert cuts(silences, lambda _: 0.3).made == 4
    assert cuts(silences, lambda _: 0.3).in_sentence == 2
    by_sentence = cuts(silences, EndpointerConfig().silence_after)
    assert (by_sentence.made, by_sentence.in_sentence) == (3, 1)
    assert by_sentence.waits == pytest.approx([0.288, 0.544, 0.4])


def test_a_sign_tells_where_it_is_stronger_at_ends() -> None:
    silences = [Silence(n, read("a", 0.1 * n), in_sentence=n < 3) for n in range(6)]
    assert tells(silences, lambda silence: silence.before.completeness) == (6, pytest.approx(1.0))
    assert tells(silences, lambda silence: -(silence.before.completeness or 0.0)) == (6, pytest.approx(0.0))
    assert tells(silences, lambda _: 1.0) == (6, pytest.approx(0.5))
    assert tells(silences, lambda silence: None if silence.at == 0 else 1.0)[0] == 5


def voice(hertz: np.ndarray) -> np.ndarray:
    """A harmonic tone that follows ``hertz``, sample by sample."""
    phase = 2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE
    return (0.1 * sum(np.sin(n * phase) / n for n in range(1, 8))).astype(np.float32)


def test_pitch_in_semitones_and_none_in_noise() -> None:
    pitch = pitch_of(voice(np.full(SAMPLE_RATE // 2, 110.0)))
    assert np.nanmedian(pitch) == pytest.approx(12 * np.log2(110.0), abs=0.15)
    assert np.isnan(pitch_of(np.zeros(SAMPLE_RATE, np.float32))).all()
    assert (
        np.isnan(pitch_of(0.1 * np.random.default_rng(0).standard_normal(SAMPLE_RATE).astype(np.float32))).mean() > 0.9
    )


def test_a_falling_voice_falls_and_a_rising_one_does_not() -> None:
    steady = np.full(SAMPLE_RATE, 200.0)
    octave_down = 200.0 * 2 ** (-np.linspace(0, 1, SAMPLE_RATE // 4))
    falling = falls(voice(np.concatenate([steady, octave_down])))
    rising = falls(voice(np.concatenate([steady, 40000 / octave_down])))
    assert falling is not None
    assert rising is not None
    assert min(falling) > 3
    assert max(rising) < -3
    assert falls(np.zeros(SAMPLE_RATE, np.float32)) is None
