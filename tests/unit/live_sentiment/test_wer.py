"""The word error rate: what counts as a word, and as an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_sentiment.wer import Errors, compare, edit_distance, normalise


def test_spelling_is_not_mishearing() -> None:
    assert normalise("Okay, it's TEN o'clock; 12 neighbours.") == normalise("OK its ten oclock twelve neighbors")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Eén koffie, 's avonds om 8 uur.", "een koffie s avonds om acht uur"),
        ("Dat is 't: zo\u2019n foto's-map!", "dat is het zon fotos map"),
        ("Mijn e-mail én de be\u0065\u0308indiging", "mijn email én de beëindiging"),
        ("Oké, 0 tot 12", "okay nul tot twaalf"),
    ],
)
def test_dutch_spelling_is_not_mishearing(one: str, other: str) -> None:
    assert normalise(one, "nl") == normalise(other, "nl")


def test_accents_and_long_words_are_kept_whole() -> None:
    assert normalise("coöperatie, crème brûlée & 25 stuks", "nl") == ["coöperatie", "crème", "brûlée", "25", "stuks"]
    assert normalise("twenty-one e-mails", "en") == ["twenty", "one", "emails"]


def test_each_language_has_its_own_numbers_and_an_unknown_one_keeps_digits() -> None:
    assert normalise("2", "en") == ["two"]
    assert normalise("2", "nl") == ["twee"]
    assert normalise("2", "fr") == ["2"]


def test_digits_of_other_scripts_and_signs_that_only_look_like_numbers_do_no_harm() -> None:
    assert normalise("m\u00b2 \u00bd _ \u0663", "en") == ["m\u00b2", "\u00bd", "three"]


def test_dutch_texts_are_compared_as_dutch() -> None:
    assert compare("ik heb er 2", "ik heb er twee", "nl") == Errors(0, 4)
    assert compare("ik heb er 2", "ik heb er twee", "en") == Errors(1, 4)


@pytest.mark.parametrize(
    ("read", "wrong"), [("a b c", 0), ("a x c", 1), ("a c", 1), ("a b b c", 1), ("", 3), ("x y z w", 4)]
)
def test_replaced_missing_and_added_words_count_one_each(read: str, wrong: int) -> None:
    assert compare("a b c", read) == Errors(wrong, 3)


def test_rates_add_by_words_not_by_texts() -> None:
    assert (Errors(1, 1) + Errors(0, 9)).rate == pytest.approx(0.1)
    assert Errors().rate == 0


@given(one=st.text("ab", max_size=8), other=st.text("ab", max_size=8))
def test_distance_is_symmetric_and_bounded(one: str, other: str) -> None:
    distance = edit_distance(one, other)
    assert distance == edit_distance(other, one)
    assert abs(len(one) - len(other)) <= distance <= max(len(one), len(other))
    assert (distance == 0) == (one == other)
