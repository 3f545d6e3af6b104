"""Wilson's interval, whatever was counted."""

from hypothesis import given
from hypothesis import strategies as st

from live_sentiment.wilson import wilson


@st.composite
def counted(draw: st.DrawFn) -> tuple[int, int]:
    tries = draw(st.integers(1, 10_000))
    return draw(st.integers(0, tries)), tries


@given(counted())
def test_it_lies_within_0_and_1_and_holds_the_share(found: tuple[int, int]) -> None:
    low, high = wilson(*found)
    assert 0.0 <= low <= found[0] / found[1] <= high <= 1.0
    assert low < high


@given(counted(), st.integers(2, 100))
def test_the_same_share_of_more_is_surer(found: tuple[int, int], times: int) -> None:
    hits, tries = found
    few, many = wilson(hits, tries), wilson(hits * times, tries * times)
    assert many[1] - many[0] < few[1] - few[0]


@given(counted())
def test_hits_and_misses_are_treated_alike(found: tuple[int, int]) -> None:
    hits, tries = found
    low, high = wilson(hits, tries)
    other_low, other_high = wilson(tries - hits, tries)
    assert abs(low - (1 - other_high)) < 1e-9
    assert abs(high - (1 - other_low)) < 1e-9


def test_the_figures_of_a_textbook() -> None:
    """Newcombe (1998), Statistics in Medicine 17: 81 of 263 is 0.2553 to 0.3662; 15 of 148 is 0.0624 to 0.1605."""
    for hits, tries, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)):
        found = wilson(hits, tries)
        assert (round(found[0], 4), round(found[1], 4)) == (low, high)
