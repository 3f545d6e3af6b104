"""Why a reading of Whisper's is not trusted, and where a loop is cut."""

import pytest

from live_sentiment.guards import LOOP, NO_SPEECH, TOO_FAST, UNSURE
from live_sentiment.whisper.context import Context
from live_sentiment.whisper.doubts import ECHO, before_loop, doubt, most_tokens
from live_sentiment.whisper.plan import Said

TOLD = Context("Calls about parcels of Blue Heron.", ("Emma de Vries", "Nijmegen"))


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (Said("ja", (1,), -0.2, 0.99, 1.0, capped=False), ""),
        (Said("ja", (1,), -1.2, 0.99, 1.0, capped=False), NO_SPEECH),
        (Said("ja", (1,), -1.2, 0.1, 1.0, capped=False), UNSURE),
        (Said("ja", (1,), -0.2, 0.1, 3.0, capped=False), LOOP),
        (Said("ja " * 8, (1,), -0.2, 0.1, 1.0, capped=False), LOOP),
        (Said("ja ja ja", (1,), -0.2, 0.1, 1.0, capped=True, looped=True), LOOP),
        (Said("ja", (1,), -0.2, 0.1, 1.0, capped=True), TOO_FAST),
    ],
)
def test_doubts_follow_whispers_own_limits(said: Said, reason: str) -> None:
    assert doubt(said, TOLD) == reason


@pytest.mark.parametrize(
    ("text", "sure", "no_speech", "reason"),
    [
        ("Calls about parcels of Blue Heron.", -0.7, 0.1, ECHO),
        ("emma de vries, nijmegen", -0.2, 0.9, ECHO),
        ("Nijmegen", -0.2, 0.1, ""),
        ("Nijmegen is far away", -0.7, 0.9, ""),
        ("", -0.7, 0.9, ""),
    ],
)
def test_the_prompt_itself_is_doubted_on_a_weak_reading(text: str, sure: float, no_speech: float, reason: str) -> None:
    said = Said(text, (1,), sure, no_speech, 1.0, capped=False)
    assert doubt(said, TOLD) == reason
    assert doubt(said) == "", "after committed words it is no echo"


@pytest.mark.parametrize(
    ("tokens", "kept"),
    [
        ([], 0),
        ([1, 2, 3], 3),
        ([7] * 9, 9),
        ([7] * 30, 3),
        ([1, 2] + [7] * 30, 5),
        ([1] + [2, 3, 4, 5] * 10, 13),
        ([1] + [2, 3, 4, 5] * 10 + [2, 3], 13),
        ([7] * 30 + [1, 2, 3], 33),
        (list(range(10)) * 3, 30),
    ],
)
def test_a_loop_at_the_end_is_cut_to_three_repeats(tokens: list[int], kept: int) -> None:
    assert before_loop(tokens) == kept


def test_the_longest_reading_grows_with_the_audio() -> None:
    assert (most_tokens(0.1), most_tokens(10.0)) == (11, 90)
