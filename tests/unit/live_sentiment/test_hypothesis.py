import pytest

from live_sentiment.events import Word
from live_sentiment.hypothesis import HypothesisBuffer, Update, key


def words(text: str) -> tuple[Word, ...]:
    return tuple(
        Word(text=word, start=i * 0.3, end=i * 0.3 + 0.2, probability=0.9) for i, word in enumerate(text.split())
    )


def said(update: Update) -> tuple[str, str]:
    return " ".join(word.text for word in update.committed), " ".join(word.text for word in update.tail)


def test_three_agreements_commit_all_but_the_last_two_words() -> None:
    buffer = HypothesisBuffer()
    assert said(buffer.insert(words("my order is"))) == ("", "my order is")
    assert said(buffer.insert(words("my order is late"))) == ("", "my order is late")
    assert said(buffer.insert(words("my order is late again"))) == ("my order is", "late again")
    assert " ".join(word.text for word in buffer.committed) == "my order is"


def test_a_word_that_changed_must_agree_anew() -> None:
    buffer = HypothesisBuffer(3, 0)
    for text in ("my border", "my border", "my order", "my order"):
        update = buffer.insert(words(text))
    assert said(update) == ("my", "order")
    assert said(buffer.insert(words("my order"))) == ("my order", "")


def test_agreements_must_be_in_a_row() -> None:
    buffer = HypothesisBuffer(2, 0)
    assert [said(buffer.insert(words(text)))[0] for text in ("a", "b", "a", "b", "b")] == ["", "", "", "", "b"]


def test_words_are_compared_without_case_and_punctuation() -> None:
    buffer = HypothesisBuffer(2, 0)
    buffer.insert(words("hello. its"))
    assert said(buffer.insert(words("Hello, it's"))) == ("Hello, it's", "")


def test_committed_words_keep_their_letters() -> None:
    buffer = HypothesisBuffer(1, 0)
    buffer.insert(words("Hello,"))
    assert said(buffer.insert(words("hello there"))) == ("Hello, there", "")


def test_one_agreement_commits_at_once() -> None:
    assert said(HypothesisBuffer(1, 2).insert(words("a b c"))) == ("a", "b c")


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
    buffer = HypothesisBuffer(1, 0)
    buffer.insert(words("my order is"))
    final = buffer.flush(words(heard))
    assert [word.text for word in final[:3]] == ["my", "order", "is"]
    assert " ".join(word.text for word in final[3:]) == tail


def test_a_shrinking_hypothesis_takes_nothing_back() -> None:
    buffer = HypothesisBuffer(1, 0)
    buffer.insert(words("my order is"))
    assert said(buffer.insert(words("my"))) == ("my order is", "")


def test_flush_empties_the_buffer() -> None:
    buffer = HypothesisBuffer(1, 0)
    buffer.insert(words("my order"))
    assert buffer.flush(words("my order is")) == words("my order is")
    assert buffer.committed == ()
    assert buffer.flush(()) == ()


@pytest.mark.parametrize(("agreements", "hold_back"), [(0, 2), (3, -1)])
def test_senseless_settings_are_refused(agreements: int, hold_back: int) -> None:
    with pytest.raises(ValueError, match="at least"):
        HypothesisBuffer(agreements, hold_back)


@pytest.mark.parametrize(
    ("text", "compared"),
    [("Hello,", "hello"), ("it's", "its"), ("één", "één"), ("-", "-"), ("€5", "5"), ("Straße", "strasse"), ("", "")],
)
def test_keys(text: str, compared: str) -> None:
    assert key(text) == compared


def test_a_word_that_is_not_sure_waits_and_all_after_it() -> None:
    buffer = HypothesisBuffer(agreements=2, hold_back=0, least_probability=0.7)
    said = [
        Word(text=text, start=0.0, end=0.1, probability=probability)
        for text, probability in (("the", 0.9), ("carrier", 0.8), ("to", 0.4), ("kitan", 0.9))
    ]
    buffer.insert(said)
    assert [word.text for word in buffer.insert(said).committed] == ["the", "carrier"]


def test_a_committed_word_stays_though_it_becomes_unsure() -> None:
    buffer = HypothesisBuffer(agreements=1, hold_back=0, least_probability=0.7)
    buffer.insert([Word(text="the", start=0.0, end=0.1, probability=0.9)])
    update = buffer.insert([Word(text="the", start=0.0, end=0.1, probability=0.2)])
    assert [word.text for word in update.committed] == ["the"]
