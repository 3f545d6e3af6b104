"""The guards: what people say passes, what recognisers invent does not."""

import pytest

from live_sentiment.events import Word
from live_sentiment.guards import (
    LOOP,
    NO_SPEECH,
    STOCK_PHRASE,
    TOO_FAST,
    UNSURE,
    cut_loops,
    judge,
    loop_at_end,
    repeats_itself,
)
from live_sentiment.transcriber import Hypothesis


def said(text: str, *, log_probability: float = -0.2, suspicious: str = "", probability: float = 0.9) -> Hypothesis:
    words = tuple(Word(text=word, start=0.0, end=0.1, probability=probability) for word in text.split())
    return Hypothesis(words, "en", log_probability, suspicious)


def strong(hypothesis: Hypothesis, seconds: float = 3.0) -> str:
    return judge(hypothesis, voiced_seconds=seconds, mean_speech_probability=0.9)


def weak(hypothesis: Hypothesis, seconds: float = 0.4) -> str:
    return judge(hypothesis, voiced_seconds=seconds, mean_speech_probability=0.45)


@pytest.mark.parametrize("text", ["Thank you.", "thank you very much", "Dank u wel.", "You", "Bedankt!"])
def test_short_answers_pass_on_a_strong_voice_and_fall_on_a_weak_one(text: str) -> None:
    assert strong(said(text), 0.5) == ""
    assert weak(said(text)) == STOCK_PHRASE
    assert strong(said(text, probability=0.6), 0.2) == STOCK_PHRASE  # a strong voice, but far too short for one


@pytest.mark.parametrize("text", ["Thanks.", "Bedankt."])
def test_a_short_answer_is_kept_when_its_words_are_sure(text: str) -> None:
    assert strong(said(text, probability=0.7), 0.2) == ""
    assert weak(said(text, probability=0.99), 0.2) == STOCK_PHRASE  # faint as well as short


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
def test_subtitle_phrases_need_a_voice(text: str) -> None:
    assert weak(said(text), 1.0) == STOCK_PHRASE
    assert judge(said(text), voiced_seconds=0.26, mean_speech_probability=0.76) in (STOCK_PHRASE, TOO_FAST)
    assert strong(said(text), 2.0) == ""


@pytest.mark.parametrize(
    ("text", "voiced"),
    [
        ("I would like to subscribe to the premium plan please", 3.0),
        ("thank you for listening to me, it helps a lot", 2.5),
        ("Tot de volgende keer!", 0.6),
        ("see you next time", 0.6),
    ],
)
def test_what_customers_say_is_no_subtitle(text: str, voiced: float) -> None:
    assert judge(said(text), voiced_seconds=voiced, mean_speech_probability=0.8) == ""


def test_a_phrase_within_a_longer_line_is_believed_even_on_a_weak_voice() -> None:
    assert weak(said("please subscribe me to it for another whole year"), 2.0) == ""
    assert weak(said("and thanks for listening"), 1.0) == ""
    assert weak(said("thanks for listening"), 1.0) == STOCK_PHRASE


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
def test_loops_are_seen_and_fall_on_a_weak_voice_or_an_unsure_reading(text: str) -> None:
    assert repeats_itself(text.split())
    assert weak(said(text), 9.0) == LOOP
    assert strong(said(text, log_probability=-0.7), 9.0) == LOOP
    assert strong(said(text), 9.0) == ""


@pytest.mark.parametrize(
    "text",
    ["No no no no no no I really did not order that", "zero zero zero zero zero zero one", "nul " * 8],
)
def test_a_repeated_word_in_a_line_that_goes_on_is_believed(text: str) -> None:
    for stopped in ("", LOOP) if "no" in text else ("",):
        assert strong(said(text, suspicious=stopped), 4.0) == ""
        assert weak(said(text, suspicious=stopped), 4.0) == ""


def test_a_loop_that_the_engine_stopped_is_weighed_by_what_came_before() -> None:
    assert strong(said("I want to know where it is is is", suspicious=LOOP)) == ""
    assert weak(said("the the the", suspicious=LOOP)) == LOOP
    assert strong(said("hahahahahahaha", suspicious=LOOP)) == LOOP  # within a word


def test_a_loop_is_cut_down_to_three_repeats() -> None:
    def cut(text: str, settled: int = 0) -> str:
        return " ".join(word.text for word in cut_loops(said(text).words, settled))

    assert cut("No no, no no no no I really did not") == "No no, no I really did not"
    assert cut("No no no no no no I did", settled=5) == "No no no no no I did"
    assert cut("well " + "I see " * 6 + "I do") == "well I see I see I see I do"
    assert cut("zero zero zero zero zero zero one") == "zero zero zero zero zero zero one"
    assert cut("yes yes yes") == "yes yes yes"


@pytest.mark.parametrize(
    "text",
    ["no no no no no", "yes yes yes", "thank you thank you thank you", "I don't know I don't know I don't know", ""],
)
def test_people_may_repeat_themselves(text: str) -> None:
    assert not repeats_itself(text.split())


def test_repetition_is_compared_without_case_and_punctuation() -> None:
    assert weak(said("No, no. no! No no, NO"), 9.0) == LOOP


def test_a_loop_of_tokens_counts_at_the_end_only() -> None:
    assert loop_at_end([9, *([1, 2, 3] * 6)]) == 9
    assert not loop_at_end([*([1, 2, 3] * 6), 9])
    assert not loop_at_end([1, 2, 3] * 5)
    assert loop_at_end([7] * 10) == 7
    assert not loop_at_end([7] * 9)
