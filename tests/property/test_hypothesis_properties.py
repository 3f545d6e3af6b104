"""Whatever a recogniser says, committed words stay to the letter and nothing is left behind."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from live_sentiment.events import Word
from live_sentiment.hypothesis import CommitConfig, HypothesisBuffer

CERTAINTIES = st.sampled_from([0.1, 0.55, 0.8, 0.95])
SPOKEN = st.tuples(st.sampled_from(["my", "My,", "order", "is", "late", "again", "-", "dertig"]), CERTAINTIES)
TEXTS = st.lists(SPOKEN, max_size=8)
SURE = [(text, 0.95) for text in ("my", "order", "is", "late", "again")]
HYPOTHESES = st.lists(st.one_of(TEXTS, st.just(SURE)), max_size=12)
STEPS = st.sampled_from([0.05, 0.2, 0.3, 1.0])
CONFIGS = st.builds(
    CommitConfig,
    sure_span=st.sampled_from([0.0, 0.2, 0.4]),
    span=st.sampled_from([0.4, 0.6]),
    sure_hold_back=st.integers(0, 1),
    hold_back=st.integers(1, 3),
    old=st.sampled_from([0.0, 1.0]),
    very_old=st.sampled_from([1.0, 1.4]),
)
Spoken = list[tuple[str, float]]


def words(said: Spoken) -> list[Word]:
    return [
        Word(text=text, start=i * 0.3, end=i * 0.3 + 0.2, probability=probability)
        for i, (text, probability) in enumerate(said)
    ]


@given(CONFIGS, HYPOTHESES, STEPS)
def test_committed_words_are_the_beginning_of_every_later_text(
    config: CommitConfig, hypotheses: list[Spoken], step: float
) -> None:
    buffer = HypothesisBuffer(config)
    updates = [buffer.insert(words(said), step * number) for number, said in enumerate(hypotheses)]
    for earlier, later in pairwise(updates):
        assert later.committed[: len(earlier.committed)] == earlier.committed
    if updates:
        assert buffer.committed == updates[-1].committed
        final = buffer.flush(words(hypotheses[-1]))
        assert final[: len(updates[-1].committed)] == updates[-1].committed


@given(CONFIGS, HYPOTHESES, HYPOTHESES, STEPS)
def test_a_flushed_buffer_is_as_good_as_new(
    config: CommitConfig, before: list[Spoken], after: list[Spoken], step: float
) -> None:
    fresh, used = HypothesisBuffer(config), HypothesisBuffer(config)
    for number, said in enumerate(before):
        used.insert(words(said), step * number)
    used.flush(())
    assert used.committed == ()
    for number, said in enumerate(after):
        assert used.insert(words(said), step * number) == fresh.insert(words(said), step * number)


@given(CONFIGS, TEXTS, STEPS)
def test_a_text_read_for_long_enough_is_committed_but_for_its_end(
    config: CommitConfig, said: Spoken, step: float
) -> None:
    buffer = HypothesisBuffer(config)
    committed: tuple[Word, ...] = ()
    tail: tuple[Word, ...] = ()
    for number in range(int(config.very_old / step) + 2):
        committed, tail = buffer.insert(words(said), step * number)
    assert [*committed, *tail] == words(said)
    assert config.sure_hold_back <= len(tail) <= config.hold_back or len(tail) == len(said)


@given(CONFIGS, TEXTS, STEPS)
def test_nothing_is_committed_at_a_first_sight_that_needs_more(config: CommitConfig, said: Spoken, step: float) -> None:
    if config.sure_span and config.old:
        assert HypothesisBuffer(config).insert(words(said), step).committed == ()
