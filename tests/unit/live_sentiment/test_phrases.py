"""Phrases in lines as they are said, and as speech recognition writes them."""

import time
from fnmatch import fnmatch
from pathlib import Path

import pytest

from live_sentiment.phrases import Line, Phrases, common_words, plain
from live_sentiment.playbook import default_playbook


def found(phrases: list[str], line: str) -> str:
    return Phrases(phrases).find(Line(line))


def test_phrases_match_whole_words_as_they_are_heard() -> None:
    phrases = ["sorry", "wat vervelend*", "* here", "i'm"]
    assert found(phrases, "Nou, SORRY hoor.") == "sorry"
    assert found(phrases, "Wat vervelende situatie") == "wat vervelende"
    assert found(phrases, "I\u2019m Jan") == "i'm"
    assert found(phrases, "bas here") == "bas here"
    assert found(phrases, "vervelend wat") == ""
    assert found([], "anything") == ""
    assert found(["sorry", "* here"], "") == ""


@pytest.mark.parametrize(
    ("phrase", "heard"),
    [
        ("begrijp", "dat begrijb ik"),
        ("opgelost", "is het nu opgelast"),
        ("sorry", "nou sory hoor"),
        ("gecondoleerd", "gekondoleert met uw verlies"),
        ("kan me voorstellen", "dat kan me voorsteln"),
        ("verder nog iets", "kan ik vedrer nog iets doen"),
        ("frustrating", "that must be frustating"),
    ],
)
def test_a_long_word_may_be_a_letter_or_two_off(phrase: str, heard: str) -> None:
    assert found([phrase], heard)


@pytest.mark.parametrize(
    ("phrase", "heard"),
    [
        ("sorry", "don't worry"),  # a word of its own
        ("thank you", "think you can"),
        ("a shock", "it is a stock item"),
        ("tot morgen", "tot zorgen"),
        ("begrijpelijk", "dat is onbegrijpelijk"),  # a negation
        ("acceptable", "that's unacceptable"),
        ("is dat duidelijk", "is dat onduidelijk"),
        ("beantwoord", "nog onbeantwoord"),
        ("snap", "ik slap"),  # short
        ("balen", "bqlxn"),  # too far
        ("enjoy*", "enjiy it"),  # a star
        ("lovely *", "lovxly day"),
        ("online", "stay on line"),  # too short to be split
    ],
)
def test_another_word_is_no_slip(phrase: str, heard: str) -> None:
    assert found([phrase], heard) == ""


@pytest.mark.parametrize(
    ("phrase", "heard", "said"),
    [
        ("terugbellen", "ik zal u terug bellen", "terug bellen"),
        ("bel u", "ik belu morgen", ""),  # too short to be joined
        ("blijf aan de lijn", "blijf aande lijn", "blijf aande lijn"),
        ("i'm", "hello i am bas", "i am"),
        ("i am", "hello im bas", "im"),
        ("don't worry", "do not worry", "do not worry"),
        ("don't worry", "dont worry", "dont worry"),
        ("i'll check", "i will check", "i will check"),
        ("i'll", "he was ill", ""),
        ("we're", "we were there", ""),
        ("that's awful", "that is awful", "that is awful"),
    ],
)
def test_spaces_and_contractions_are_written_in_more_than_one_way(phrase: str, heard: str, said: str) -> None:
    assert found([phrase], heard) == said


def test_a_line_is_searched_without_accents_and_punctuation() -> None:
    assert plain("Één, \u201ctwee\u201d... DRIE!") == "een twee drie"


@pytest.mark.shared
def test_few_phrases_are_found_that_are_only_nearly_there_and_it_takes_little_time(shared: Path) -> None:
    playbook = default_playbook()
    lists = {name: Phrases(phrases) for name, phrases in playbook.phrases.items()}
    with (shared / "data/natcs_utterances/natcs_en.tsv").open(encoding="utf-8") as file:
        lines = [max(row.split("\t"), key=len) for row in file]  # talk that the list of common words was not made from
    common_words()
    began = time.perf_counter()
    hits = [(name, phrases.find(line)) for line in map(Line, lines) for name, phrases in lists.items()]
    each = (time.perf_counter() - began) / len(lines)
    said = [(name, said) for name, said in hits if said]
    slips = [said for name, said in said if not any(fnmatch(said, phrase) for phrase in playbook.phrases[name])]
    assert len(lines) > 2_000
    assert len(said) > 900
    assert len(slips) <= len(said) / 25, slips  # contractions that are written in full among them
    assert each < 0.003
