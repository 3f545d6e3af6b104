"""The vocabulary of Moonshine: bytes, pieces, words."""

import pytest
from moonshine_kit import vocabulary

from live_sentiment.moonshine.tokenizer import FIRST_BYTE, FIRST_MERGE, Tokenizer


@pytest.fixture
def tokenizer() -> Tokenizer:
    return Tokenizer(vocabulary())


def test_merges_go_in_the_order_of_the_vocabulary(tokenizer: Tokenizer) -> None:
    pieces = [tokenizer.pieces[token].decode() for token in tokenizer.encode("hello world.")]
    assert pieces == ["▁hello", "▁world", "."]


def test_unknown_letters_become_bytes_and_come_back(tokenizer: Tokenizer) -> None:
    tokens = tokenizer.encode("é")
    assert tokens[1:] == (FIRST_BYTE + 0xC3, FIRST_BYTE + 0xA9)
    assert tokenizer.decode(tokens) == "é"


def test_half_a_letter_is_no_reason_to_fail(tokenizer: Tokenizer) -> None:
    assert tokenizer.decode([FIRST_BYTE + 0xC3]) == "\ufffd"


def test_specials_and_markers_say_nothing(tokenizer: Tokenizer) -> None:
    assert tokenizer.decode([1, *tokenizer.encode("hello"), len(tokenizer) - 1, 2]) == "hello"


def test_words_know_their_tokens(tokenizer: Tokenizer) -> None:
    tokens = tokenizer.encode("hello, world.")
    words = tokenizer.words(tokens)
    assert [word.text for word in words] == ["hello,", "world."]
    assert [tokenizer.decode(tokens[word.start : word.end]) for word in words] == ["hello,", "world."]
    assert tokenizer.words([]) == ()


def test_trailing_punctuation_comes_off_and_only_that(tokenizer: Tokenizer) -> None:
    tokens = tokenizer.encode("hello, world.,")
    assert tokenizer.decode(tokenizer.without_trailing_punctuation(tokens)) == "hello, world"
    assert tokenizer.without_trailing_punctuation(tokenizer.encode("hello")[1:]) == ()


def test_what_ends_a_sentence_is_known(tokenizer: Tokenizer) -> None:
    ends = {tokenizer.decode([token]) for token in tokenizer.sentence_ends}
    assert {"."} <= ends <= {".", "?", "!"}


def test_a_broken_vocabulary_is_refused() -> None:
    with pytest.raises(ValueError, match="middle of a piece"):
        Tokenizer(vocabulary()[:-3])
    with pytest.raises(ValueError, match="lacks the single bytes"):
        Tokenizer(vocabulary()[: FIRST_MERGE // 2])
