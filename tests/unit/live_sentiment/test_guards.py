"""The guards: what people say passes, what recognisers invent does not."""

import pytest

from live_sentiment.events import Word
from live_sentiment.guards import LOOP, NO_SPEECH, STOCK_PHRASE, TOO_FAST, UNSURE, ends_in_loop, judge, repeats_itself
from live_sentiment.transcriber import Hypothesis


def said(text: str, *, log_probability: float = -0.2, suspicious: str = "") -> Hypothesis:
    words = tuple(Word(text=word, start=0.0, end=0.1, probability=0.9) for word in text.split())
    return Hypothesis(words, "en", log_probability, suspicious)


def strong(hypothesis: Hypothesis, seconds: float = 3.0) -> str:
    return judge(hypothesis, voiced_seconds=seconds, mean_speech_probability=0.9)


def weak(hypothesis: Hypothesis, seconds: float = 0.4) -> str:
    return judge(hypothesis, voiced_seconds=seconds, mean_speech_probability=0.45)


@pytest.mark.parametrize("text", ["Thank you.", "thank you very much", "Dank u wel.", "You", "Bedankt!"])
def test_short_answers_pass_on_a_strong_voice_and_fall_on_a_weak_one(text: str) -> None:
    assert strong(said(text), 0.5) == ""
    assert weak(said(text)) == STOCK_PHRASE
    assert strong(said(text), 0.2) == STOCK_PHRASE  # a strong voice, but far too short for a voice


@pytest.mark.parametrize("text", ["Yes.", "No", "Ja.", "Okay", "Nee,", "Hello?"])
def test_answers_that_matter_pass_even_on_a_weak_voice(text: str) -> None:
    assert weak(said(text), 0.2) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for watching!",
        "Please subscribe to my channel.",
        "Ondertiteling door de Amara.org gemeenschap",
        "Bedankt voor het kijken.",
        "Ondertitels ingediend door de community",
    ],
)
def test_subtitle_phrases_need_a_certain_voice(text: str) -> None:
    assert weak(said(text), 1.0) == STOCK_PHRASE
    assert judge(said(text), voiced_seconds=1.0, mean_speech_probability=0.7) == STOCK_PHRASE
    assert strong(said(text), 2.0) == ""


def test_a_phrase_is_found_as_whole_words_only() -> None:
    assert judge(said("I resubscribe to nothing"), voiced_seconds=1.0, mean_speech_probability=0.7) == ""


def test_nothing_read_is_nothing_to_doubt() -> None:
    assert judge(Hypothesis(suspicious=LOOP), voiced_seconds=0.0, mean_speech_probability=0.0) == ""
    assert judge(said("... ♪"), voiced_seconds=0.0, mean_speech_probability=0.0) == ""


def test_the_engines_own_doubt_comes_first() -> None:
    assert strong(said("hello there", suspicious="because")) == "because"


def test_words_without_voice() -> None:
    assert judge(said("hello"), voiced_seconds=0.03, mean_speech_probability=0.9) == NO_SPEECH


def test_more_words_than_anybody_can_say() -> None:
    sentence = " ".join(f"word{number}" for number in range(12))
    assert strong(said(sentence), 1.0) == TOO_FAST
    assert strong(said(sentence), 2.0) == ""


def test_certainty_is_asked_for_more_strictly_when_the_voice_is_weak() -> None:
    doubtful = said("something or other", log_probability=-1.0)
    assert strong(doubtful) == ""
    assert weak(doubtful) == UNSURE
    assert strong(said("something or other", log_probability=-1.5)) == UNSURE


@pytest.mark.parametrize(
    "text",
    [
        "no no no no no no",
        "thank you thank you thank you thank you thank you",
        "I don't know I don't know I don't know I don't know",
        "I'm going to go there I'm going to go there I'm going to go there",
    ],
)
def test_loops_are_seen(text: str) -> None:
    assert repeats_itself(text.split())
    assert strong(said(text), 9.0) == LOOP


@pytest.mark.parametrize(
    "text",
    ["no no no no no", "yes yes yes", "thank you thank you thank you", "I don't know I don't know I don't know", ""],
)
def test_people_may_repeat_themselves(text: str) -> None:
    assert not repeats_itself(text.split())


def test_repetition_is_compared_without_case_and_punctuation() -> None:
    assert strong(said("No, no. no! No no, NO"), 9.0) == LOOP


def test_a_loop_of_tokens_counts_at_the_end_only() -> None:
    assert ends_in_loop([9, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3])
    assert not ends_in_loop([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 9])
    assert not ends_in_loop([1, 2, 3, 1, 2, 3, 1, 2, 3])
    assert ends_in_loop([7] * 6)
    assert not ends_in_loop([7] * 5)
