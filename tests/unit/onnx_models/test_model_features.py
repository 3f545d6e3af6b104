"""The features are part of the trained model: these numbers may only change together with a new model."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from onnx_models import features

GOLDEN_NEE = (38951, 10927, 52584, 47943, 28862, 16890)
GOLDEN_A = (62051,)


def keys(text: str) -> list[str]:
    return [token.key for token in features.tokens(text)]


def test_the_buckets_of_a_word_are_golden() -> None:
    assert features.pieces("nee") == GOLDEN_NEE
    assert features.pieces("a") == GOLDEN_A


def test_a_word_is_itself_and_its_runs_of_letters() -> None:
    assert len(features.pieces("ik")) == 1 + 2 + 0  # <ik>, then <ik and ik>
    assert len(features.pieces("nee")) == 1 + 3 + 2  # <nee>, 3 runs of three, 2 of four


def test_similar_words_share_pieces_and_different_ones_do_not() -> None:
    right, misheard, other = (set(features.pieces(w)) for w in ("geregeld", "gergeld", "kwijt"))
    assert len(right & misheard) >= 5
    assert len(right & other) <= 1


def test_case_accents_and_apostrophes_do_not_matter() -> None:
    assert keys("Eén FOTO\N{RIGHT SINGLE QUOTATION MARK}s") == ["een", "foto's"]
    assert keys("I can't") == ["i", "can't"]


def test_a_token_keeps_the_word_as_written() -> None:
    assert [token.text for token in features.tokens("Heel Erg, slécht!")] == ["Heel", "Erg", "slécht", "!"]


def test_only_questions_and_exclamations_are_read_of_the_marks() -> None:
    assert keys("wat, nu? nou ... ja!") == ["wat", "nu", "?", "nou", "ja", "!"]
    assert [t.is_word for t in features.tokens("nu?")] == [True, False]


def test_nothing_to_read_gives_nothing() -> None:
    assert keys("") == []
    assert keys(" ... --- 😀 \x00\x07") == []


def test_of_a_long_text_the_end_is_read() -> None:
    read = keys(" ".join(f"w{i}" for i in range(10_000)))
    assert len(read) == features.MOST_WORDS
    assert read[-1] == "w9999"


def test_the_table_has_an_empty_word_and_fills_up_with_zero() -> None:
    table = features.table(["ik", "nee"])
    assert table.shape == (3, 6)
    assert table.dtype == np.int64
    assert not table[0].any()
    assert tuple(table[1]) == (*features.pieces("ik"), 0, 0, 0)


def test_the_table_of_no_words_has_one_row() -> None:
    assert features.table([]).shape == (1, 1)


@given(st.text(max_size=300))
def test_any_text_gives_pieces_in_range(text: str) -> None:
    table = features.table(keys(text))
    assert table.min() >= 0
    assert table.max() < features.BUCKETS
    assert table.shape[1] <= features.MOST_PIECES


@given(st.text(max_size=100))
def test_tokens_are_words_of_the_text(text: str) -> None:
    written = features.tokens(text)
    assert len(written) <= len(text) + 1
    assert [features.fold(token.text) for token in written] == [token.key for token in written]
