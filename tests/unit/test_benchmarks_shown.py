"""Delays of two recognisers against the same ends of words."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.compared import Compared, ratio
from benchmarks.peer import Line
from benchmarks.peer import Told as PeerTold
from benchmarks.peer import as_listened as peer_listened
from benchmarks.rehearsed import as_listened
from benchmarks.shown import Delays, Listened, Place, Shown, aligned, in_common
from live_sentiment.events import TranscriptFinal, TranscriptPartial, Word
from live_sentiment.rehearsal import Told
from live_sentiment.wer import edit_distance

OURS = Listened(
    shown=[
        Shown(1.1, 1, ("my",)),
        Shown(1.6, 1, ("my", "dad", "it")),
        Shown(2.0, 1, ("my", "debit", "card"), settled=1),
        Shown(2.5, 1, ("my", "debit", "card"), settled=3, final=True),
    ],
    ends=[1.0, 1.5, 2.0],
)
THEIRS = Listened(
    shown=[
        Shown(1.5, 7, ("hi",)),
        Shown(2.0, 7, ("my",), settled=1, final=True),
        Shown(2.5, 8, ("a", "card")),
        Shown(3.0, 8, ("a", "card"), settled=2, final=True),
    ]
)


def delays_of(listened: Listened, *words: tuple[Place, float]) -> Delays:
    delays = Delays()
    for place, end in words:
        delays.add(listened, place, end)
    return delays


def test_a_word_is_shown_when_its_line_is_long_enough_and_stays_when_it_is_right() -> None:
    delays = delays_of(OURS, (Place("debit", 1, 1), 1.5))
    assert [*delays.text, *delays.stayed, *delays.settled] == pytest.approx([0.1, 0.5, 1.0])
    assert delays.final == [], "it is not the last of its line"
    assert delays_of(OURS, (Place("card", 1, 2), 2.0)).final == pytest.approx([0.5])


def test_only_words_that_both_have_count_with_the_ends_that_one_knows() -> None:
    common = list(in_common(OURS, OURS, THEIRS))
    assert common == [(Place("my", 1, 0), Place("my", 7, 0), 1.0), (Place("card", 1, 2), Place("card", 8, 1), 2.0)]
    delays = delays_of(THEIRS, *((other, end) for _, other, end in common))
    assert delays.text == pytest.approx([0.5, 0.5])
    assert delays.stayed == pytest.approx([1.0, 0.5])
    assert delays.final == pytest.approx([1.0, 1.0])


def test_in_noise_the_ends_are_those_of_the_clean_speech() -> None:
    noisy = Listened(shown=[Shown(2.2, 4, ("card",), settled=1, final=True)], ends=[9.0])
    assert list(in_common(OURS, noisy, THEIRS)) == [(Place("card", 4, 0), Place("card", 8, 1), 2.0)]


def test_a_line_counts_once_it_had_words_and_reads_as_it_was_left() -> None:
    listened = Listened(shown=[Shown(1.0, 1, ("you",)), Shown(1.5, 1, (), final=True), Shown(2.0, 2, ("a", "b"))])
    assert listened.text == "a b"
    assert listened.lines_with_text == 2


def test_a_settled_word_that_changes_or_goes_is_revised() -> None:
    assert OURS.revised == 0
    changed = [*OURS.shown[:3], Shown(2.5, 1, ("any", "debit", "card"), settled=3), Shown(3.0, 1, ("any",), final=True)]
    assert Listened(shown=changed).revised == 1 + 2


@given(one=st.text("abc", max_size=8), other=st.text("abc", max_size=8))
def test_an_alignment_pairs_equal_words_in_their_order(one: str, other: str) -> None:
    pairs = list(aligned(one, other))
    assert all(one[mine] == other[theirs] for mine, theirs in pairs)
    assert all(before[0] > after[0] and before[1] > after[1] for before, after in pairwise(pairs))
    assert len(pairs) >= max(len(one), len(other)) - edit_distance(one, other)


def test_what_our_pipeline_tells_is_put_in_the_words_that_are_compared() -> None:
    line = {"channel": "customer", "utterance": 3, "start": 0.0, "end": 2.0, "language": "en"}
    words = tuple(
        Word(text=text, start=0.0, end=end, probability=1.0)
        for text, end in (("It's", 1.0), ("country/language.", 2.0))
    )
    told = [
        Told(1.2, TranscriptPartial(at=1.0, text="It's count", committed=1, **line)),
        Told(2.4, TranscriptFinal(at=2.0, text="It's country/language.", confidence=1.0, words=words, **line)),
    ]
    listened = as_listened(told, "customer", processor=0.5, length=4.0)
    assert listened.shown[0] == Shown(1.2, 3, ("its", "count"), settled=1)
    assert [place.word for place in listened.places] == ["its", "country", "language"]
    assert listened.ends == [1.0, 2.0, 2.0]
    assert as_listened(told, "agent", processor=0.5, length=4.0).shown == []


def test_a_complete_line_of_the_peer_is_settled() -> None:
    told = PeerTold([Line(1.0, 9, "Two", complete=False), Line(2.0, 9, "2 cards.", complete=True)], processor=0.1)
    assert peer_listened(told, 3.0).shown == [
        Shown(1.0, 9, ("two",)),
        Shown(2.0, 9, ("two", "cards"), settled=2, final=True),
    ]


def test_both_stand_side_by_side_in_a_table() -> None:
    compared = Compared()
    compared.add("my debit card", OURS, THEIRS)
    assert compared.words_row(0.05) == ("3", "5%", "0.0%", "yes", "33.3%", "0.00")
    rows = {name: cells for name, *cells in (compared + Compared()).delay_rows()}
    assert rows["word → as it stayed, ms"] == ["50 / 95", "750 / 975", "0.07 / 0.10"]
    assert rows["word → text, ms"] == ["-150 / 75", "500 / 500", "- / 0.15"], "a word may be shown before its end"
    assert len(compared.ours.delays.text) == len(compared.theirs.delays.text) == 2


def test_without_the_peer_all_our_words_count() -> None:
    compared = Compared()
    compared.add("my debit card", OURS, None)
    assert compared.words_row(None) == ("3", "-", "0.0%", "-", "-", "-")
    rows = {name: cells for name, *cells in compared.delay_rows()}
    assert len(compared.ours.delays.text) == 3
    assert rows["last word → final, ms"] == ["500 / 500", "-", "-"]


def test_a_ratio_is_of_lengths_only() -> None:
    assert ratio(1.0, 4.0) == "0.25"
    assert ratio(-1.0, 4.0) == ratio(1.0, 0.0) == ratio(1.0, -4.0) == "-"
