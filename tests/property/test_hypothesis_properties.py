"""Whatever a recogniser says, committed words stay to the letter and nothing is left behind."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from live_sentiment.events import Word
from live_sentiment.hypothesis import HypothesisBuffer

TEXTS = st.lists(st.sampled_from(["my", "My,", "order", "is", "late", "again", "-", "dertig"]), max_size=8)
HYPOTHESES = st.lists(st.one_of(TEXTS, st.just(["my", "order", "is", "late", "again"])), max_size=12)
BUFFERS = st.builds(HypothesisBuffer, st.integers(1, 4), st.integers(0, 3))


def words(texts: list[str]) -> list[Word]:
    return [Word(text=text, start=i * 0.3, end=i * 0.3 + 0.2, probability=0.9) for i, text in enumerate(texts)]


@given(BUFFERS, HYPOTHESES)
def test_committed_words_are_the_beginning_of_every_later_text(
    buffer: HypothesisBuffer, hypotheses: list[list[str]]
) -> None:
    updates = [buffer.insert(words(texts)) for texts in hypotheses]
    for earlier, later in pairwise(updates):
        assert later.committed[: len(earlier.committed)] == earlier.committed
    if updates:
        assert buffer.committed == updates[-1].committed
        final = buffer.flush(words(hypotheses[-1]))
        assert final[: len(updates[-1].committed)] == updates[-1].committed


@given(BUFFERS, HYPOTHESES, HYPOTHESES)
def test_a_flushed_buffer_is_as_good_as_new(
    buffer: HypothesisBuffer, before: list[list[str]], after: list[list[str]]
) -> None:
    fresh = HypothesisBuffer(3, 2)
    used = HypothesisBuffer(3, 2)
    for texts in before:
        used.insert(words(texts))
        buffer.insert(words(texts))
    used.flush(())
    buffer.flush(())
    assert used.committed == buffer.committed == ()
    assert [used.insert(words(texts)) for texts in after] == [fresh.insert(words(texts)) for texts in after]


@given(st.integers(1, 4), st.integers(0, 3), TEXTS)
def test_a_text_said_often_enough_is_committed_but_for_its_end(
    agreements: int, hold_back: int, texts: list[str]
) -> None:
    buffer = HypothesisBuffer(agreements, hold_back)
    for _ in range(agreements - 1):
        assert buffer.insert(words(texts)).committed == ()
    committed, tail = buffer.insert(words(texts))
    assert len(committed) == max(0, len(texts) - hold_back)
    assert [*committed, *tail] == words(texts)
