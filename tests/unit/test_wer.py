"""The word error rate of the benchmarks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.wer import Errors, compare, edit_distance, normalise


def test_spelling_is_not_mishearing() -> None:
    assert normalise("Okay, it's TEN o'clock; 12 neighbours.") == normalise("OK its ten oclock twelve neighbors")


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
