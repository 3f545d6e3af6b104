from collections.abc import Sequence

import pytest

from live_sentiment.events import Word
from live_sentiment.hypothesis import CommitConfig, HypothesisBuffer, Update, key

STEP = 0.2
AT_ONCE = CommitConfig(sure=0.0, sure_span=0.0, sure_hold_back=0, likely=0.0, span=0.0, hold_back=0)


def words(text: str, probability: float = 0.95, **others: float) -> tuple[Word, ...]:
    """The words of ``text``, all of one probability but for ``others``."""
    return tuple(
        Word(text=word, start=i * 0.3, end=i * 0.3 + 0.2, probability=others.get(word, probability))
        for i, word in enumerate(text.split())
    )


def said(update: Update) -> tuple[str, str]:
    return " ".join(word.text for word in update.committed), " ".join(word.text for word in update.tail)


def read(buffer: HypothesisBuffer, readings: Sequence[Sequence[Word]], first: float = 1.0) -> list[str]:
    """What is committed after each of ``readings``, one every ``STEP``."""
    return [said(buffer.insert(words, first + STEP * number))[0] for number, words in enumerate(readings)]


def test_sure_words_are_settled_by_two_readings_but_for_the_last() -> None:
    buffer = HypothesisBuffer()
    assert read(buffer, [words("my order is"), words("my order is late")]) == ["", "my order is"]
    assert [word.text for word in buffer.committed] == ["my", "order", "is"]


def test_a_likely_word_needs_readings_of_its_span_and_all_after_it_wait() -> None:
    readings = [words("my order is late again", order=0.6)] * 4
    assert read(HypothesisBuffer(), readings) == ["", "my", "my", "my order is late"]


def test_a_word_that_changed_must_agree_anew() -> None:
    buffer = HypothesisBuffer(CommitConfig(sure_hold_back=0))
    texts = ("my border", "my border is", "my order is", "my order is")
    assert read(buffer, [words(text, border=0.2) for text in texts]) == ["", "my", "my", "my order is"]


def test_readings_that_are_close_together_are_one_witness() -> None:
    """The early final at a pause hears next to nothing that the partial before it did not hear."""
    buffer = HypothesisBuffer()
    buffer.insert(words("my order is"), 1.0)
    assert said(buffer.insert(words("my order is"), 1.05)) == ("", "my order is")
    assert said(buffer.insert(words("my order is"), 1.2)) == ("my order", "is")


def test_words_are_compared_without_case_and_punctuation() -> None:
    buffer = HypothesisBuffer(CommitConfig(sure_hold_back=0))
    assert read(buffer, [words("hello. its"), words("Hello, it's")]) == ["", "Hello, it's"]


def test_an_unlikely_word_waits_until_it_is_old_and_stays_and_is_what_most_readings_say() -> None:
    buffer = HypothesisBuffer(CommitConfig(old=0.6, very_old=9.0))
    kitten, kitan = words("to kitten then", kitten=0.4), words("to kitan then", kitan=0.3)
    assert read(buffer, [kitten, kitan, kitan, kitten, kitten]) == ["", "to", "to", "to", "to kitten"]


def test_an_unlikely_word_that_others_outvote_waits_until_it_is_very_old() -> None:
    buffer = HypothesisBuffer(CommitConfig(old=0.6, very_old=1.0))
    wavering = [words("to kitan then", kitan=0.4)] * 3 + [words("to kitten then", kitten=0.4)] * 3
    assert read(buffer, wavering) == ["", "to", "to", "to", "to", "to kitten"]


def test_how_old_a_word_is_counts_from_its_first_reading_not_from_its_estimated_time() -> None:
    early = [Word(text=word, start=0.0, end=0.1, probability=0.3) for word in ("took", "it")]
    buffer = HypothesisBuffer(CommitConfig(old=0.4, very_old=0.4))
    assert read(buffer, [early] * 3, first=50.0) == ["", "", "took"]


def test_a_place_that_a_reading_does_not_reach_is_new_again() -> None:
    buffer = HypothesisBuffer(CommitConfig(old=0.4, very_old=0.4))
    unsure = [words(text, 0.3) for text in ("a b", "a b", "a", "a b", "a b", "a b c", "a b c")]
    assert read(buffer, unsure) == ["", "", "", "a", "a", "a b", "a b"]


def test_committed_words_keep_their_letters() -> None:
    buffer = HypothesisBuffer(AT_ONCE)
    buffer.insert(words("Hello,"), 1.0)
    assert said(buffer.insert(words("hello there"), 1.2)) == ("Hello, there", "")


def test_a_committed_word_stays_though_it_becomes_unsure() -> None:
    buffer = HypothesisBuffer(AT_ONCE)
    buffer.insert(words("the"), 1.0)
    assert said(buffer.insert(words("the", 0.0), 1.2)) == ("the", "")


@pytest.mark.parametrize(
    ("heard", "tail"),
    [
        ("my border is late again", "late again"),
        ("is late again", "late again"),
        ("oh my order is late again", "late again"),
        ("order is late again", "late again"),
        ("nothing alike", ""),
        ("", ""),
    ],
)
def test_a_contradiction_changes_the_tail_only(heard: str, tail: str) -> None:
    buffer = HypothesisBuffer(AT_ONCE)
    buffer.insert(words("my order is"), 1.0)
    final = buffer.flush(words(heard))
    assert [word.text for word in final[:3]] == ["my", "order", "is"]
    assert " ".join(word.text for word in final[3:]) == tail


def test_a_shrinking_hypothesis_takes_nothing_back() -> None:
    buffer = HypothesisBuffer(AT_ONCE)
    buffer.insert(words("my order is"), 1.0)
    assert said(buffer.insert(words("my"), 1.2)) == ("my order is", "")


def test_flush_empties_the_buffer() -> None:
    buffer = HypothesisBuffer(AT_ONCE)
    buffer.insert(words("my order"), 1.0)
    assert buffer.flush(words("my order is")) == words("my order is")
    assert buffer.committed == ()
    assert buffer.flush(()) == ()


@pytest.mark.parametrize(
    "senseless", [{"sure_span": 0.7}, {"span": 1.5}, {"old": 2.0}, {"sure_hold_back": 2}, {"likely": 0.95}]
)
def test_senseless_settings_are_refused(senseless: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must hold"):
        CommitConfig(**senseless)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("text", "compared"),
    [("Hello,", "hello"), ("it's", "its"), ("één", "één"), ("-", "-"), ("€5", "5"), ("Straße", "strasse"), ("", "")],
)
def test_keys(text: str, compared: str) -> None:
    assert key(text) == compared
