"""From the decoder's numbers to how sure it is."""

import math

import numpy as np
import pytest

from live_sentiment.whisper.scores import compression, log_probabilities, mean, word_probabilities


class Spelling:
    """A speller whose token 3 is half a letter."""

    eot = 9
    pieces = (" daar", "om", " heet", " caf\N{LATIN SMALL LETTER E WITH ACUTE}".encode()[:-1], b"\xa9", ".")

    def encode(self, text: str) -> list[int]:
        raise NotImplementedError(text)

    def decode(self, tokens: list[int]) -> str:
        pieces = (self.pieces[token] for token in tokens)
        return b"".join(piece.encode() if isinstance(piece, str) else piece for piece in pieces).decode(
            errors="replace"
        )


def test_a_words_probability_is_the_geometric_mean_of_its_tokens() -> None:
    tokens = {0: 0.9, 1: 0.4, 2: 0.8, 3: 0.5, 4: 0.5, 5: 0.5}
    found = word_probabilities(Spelling(), list(tokens), [math.log(each) for each in tokens.values()])
    assert found == pytest.approx((0.6, 0.8, 0.5))


def test_log_probabilities_are_those_of_a_softmax() -> None:
    logits = [np.log(np.array([0.2, 0.8], np.float32)) + 5.0, np.zeros(2, np.float32)]
    assert log_probabilities(logits, [1, 0]) == pytest.approx([math.log(0.8), math.log(0.5)])
    assert log_probabilities(logits[:1], [1, 0]) == []


def test_the_mean_leaves_out_the_forced_tokens() -> None:
    assert mean(-0.5, 6, 2) == pytest.approx(-1.0)


def test_repetition_compresses_well() -> None:
    assert compression("") == 1.0
    assert compression("ja dat klopt") < 1.5
    assert compression("ja dat klopt " * 9) > 2.4
