"""The sums of the endpointing benchmark: what a cut is, and when it lies within a sentence."""

import pytest

from benchmarks.endpointing import Silence, cuts, labelled, last_place
from live_sentiment.endpointer import EndpointerConfig
from live_sentiment.events import Word
from live_sentiment.transcriber import Hypothesis


def read(text: str, completeness: float | None = None) -> Hypothesis:
    words = tuple(Word(text=word, start=n, end=n + 1, probability=0.9) for n, word in enumerate(text.split()))
    return Hypothesis(words=words, completeness=completeness)


def test_a_pause_lies_within_a_sentence_when_the_whole_reading_goes_on_there() -> None:
    silences = [
        Silence(1.0, read("I lost my"), 0.5),
        Silence(2.0, read("I lost my card"), 0.5),
        Silence(3.0, read("I lost my card. Can"), 3.0),
        Silence(4.0, read(""), 0.5),
    ]
    told = labelled(silences, read("I lost my card. Can you help me?"))
    assert [silence.in_sentence for silence in told] == [True, False, False], "over a second is an end in any case"
    assert len(told) == 3, "where nothing was read, nothing is cut off"


def test_a_word_that_was_read_otherwise_later_tells_nothing() -> None:
    assert last_place(["I", "lost", "my", "cart"], ["I", "lost", "my", "card."]) is None
    assert last_place(["lost", "My"], ["I", "lost", "my", "card."]) == 2


def test_a_rule_cuts_what_lasts_longer_than_it_waits() -> None:
    silences = [
        Silence(1.0, read("a", 0.9), 0.35),
        Silence(2.0, read("b", 0.1), 0.35, in_sentence=True),
        Silence(3.0, read("c", 0.1), 0.6, in_sentence=True),
        Silence(4.0, read("d")),
    ]
    assert cuts(silences, lambda _: 0.3).made == 4
    assert cuts(silences, lambda _: 0.3).in_sentence == 2
    by_sentence = cuts(silences, EndpointerConfig().silence_after)
    assert (by_sentence.made, by_sentence.in_sentence) == (3, 1)
    assert by_sentence.waits == pytest.approx([0.288, 0.544, 0.4])
