"""Greedy decoding with a draft, on a network that knows one sequence by heart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moonshine_kit import BOS, EOS, ScriptedNetwork

from live_sentiment.moonshine.decoding import Plan, decode, log_probability, probability_of

TOKENS = st.integers(3, 31)


def plan(draft: tuple[int, ...] = (), *, forced: int = 0, most: int = 50) -> Plan:
    return Plan(bos=BOS, eos=EOS, max_tokens=most, draft=draft, forced=forced)


def test_without_a_draft_each_token_costs_a_run() -> None:
    reading = decode(ScriptedNetwork([5, 6, 7]), plan())
    assert (reading.tokens, reading.runs) == ([5, 6, 7], 4)
    assert not reading.capped
    assert not reading.looped


def test_a_right_draft_costs_one_run() -> None:
    reading = decode(ScriptedNetwork([5, 6, 7]), plan((5, 6, 7)))
    assert (reading.tokens, reading.runs) == ([5, 6, 7], 1)


def test_a_draft_that_is_a_beginning_is_gone_on_from() -> None:
    reading = decode(ScriptedNetwork([5, 6, 7, 8]), plan((5, 6)))
    assert (reading.tokens, reading.runs) == ([5, 6, 7, 8], 3)


@given(script=st.lists(TOKENS, max_size=12, unique=True), draft=st.lists(TOKENS, max_size=12))
def test_a_draft_changes_the_cost_and_never_the_outcome(script: list[int], draft: list[int]) -> None:
    plain = decode(ScriptedNetwork(script), plan())
    drafted = decode(ScriptedNetwork(script), plan(tuple(draft)))
    assert drafted.tokens == plain.tokens == script
    assert drafted.runs <= plain.runs
    assert drafted.log_probabilities == pytest.approx(plain.log_probabilities)


@given(script=st.lists(TOKENS, min_size=1, max_size=12, unique=True), draft=st.lists(TOKENS, max_size=12), cut=TOKENS)
def test_forced_tokens_stay_whatever_the_network_thinks(script: list[int], draft: list[int], cut: int) -> None:
    forced = tuple(draft[:cut])
    reading = decode(ScriptedNetwork(script), plan(tuple(draft), forced=len(forced)))
    assert tuple(reading.tokens[: len(forced)]) == forced
    if list(forced) == script[: len(forced)]:
        assert reading.tokens == script


def test_forced_tokens_that_were_not_expected_have_a_low_probability() -> None:
    reading = decode(ScriptedNetwork([5, 6], lost=9), plan((7,), forced=1, most=2))
    assert reading.log_probabilities[0] < -5
    assert reading.tokens == [7, 9]


def test_only_what_may_follow_comes_after_the_forced_tokens() -> None:
    allowed = np.ones(32, np.bool_)
    allowed[6] = False
    strict = Plan(bos=BOS, eos=EOS, max_tokens=9, draft=(5,), forced=1, may_follow=allowed)
    assert decode(ScriptedNetwork([5, 6, 7]), strict).tokens[1] != 6
    assert decode(ScriptedNetwork([4, 6, 7]), Plan(BOS, EOS, 9, may_follow=allowed)).tokens == [4, 6, 7]


def test_it_stops_at_the_longest_allowed_and_says_so() -> None:
    reading = decode(ScriptedNetwork([3, 4, 5, 6, 7, 8]), plan(most=4))
    assert reading.tokens == [3, 4, 5, 6]
    assert reading.capped
    assert decode(ScriptedNetwork([3, 4, 5]), plan((3, 4, 5), forced=3, most=1)).tokens == [3, 4, 5]


def test_exactly_as_long_as_allowed_is_not_cut_off() -> None:
    assert not decode(ScriptedNetwork([3, 4]), plan(most=2)).capped


def test_it_stops_at_a_loop_says_so_and_keeps_what_came_before_with_three_repeats() -> None:
    reading = decode(ScriptedNetwork([9, *([3, 4, 5] * 9)]), plan())
    assert reading.looped
    assert reading.tokens == [9, *([3, 4, 5] * 3)]
    assert len(reading.log_probabilities) == len(reading.tokens)


@pytest.mark.parametrize("repeated", [[3] * 7, [3, 4] * 7])
def test_a_word_said_seven_times_does_not_stop_it(repeated: list[int]) -> None:
    reading = decode(ScriptedNetwork([*repeated, 7, 8, 9]), plan())
    assert (reading.tokens, reading.looped) == ([*repeated, 7, 8, 9], False)


def test_log_probability_is_that_of_softmax() -> None:
    row = np.log(np.array([0.5, 0.25, 0.25], np.float32)) + 700
    assert log_probability(row, 1) == pytest.approx(np.log(0.25), abs=1e-4)


def test_the_probability_of_several_tokens_is_the_sum_of_theirs() -> None:
    row = np.log(np.array([0.1, 0.2, 0.3, 0.4], np.float32)) + 7.0
    assert probability_of(row, np.array([1, 3])) == pytest.approx(0.6)
    assert probability_of(row, np.array([], np.int64)) == 0.0


def test_a_reading_that_ended_knows_what_the_network_thought_there() -> None:
    for draft in ((), (5, 6, 7), (5, 9)):
        reading = decode(ScriptedNetwork([5, 6, 7]), plan(draft))
        assert reading.last_row is not None
        assert reading.end_row is not None
        assert (int(reading.last_row.argmax()), int(reading.end_row.argmax())) == (7, EOS)


def test_a_reading_that_was_cut_off_knows_no_end() -> None:
    assert decode(ScriptedNetwork([5, 6, 7, 8]), plan(most=2)).end_row is None
    assert decode(ScriptedNetwork([5] * 20), plan()).end_row is None
