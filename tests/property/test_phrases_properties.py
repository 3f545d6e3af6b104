"""Whatever the lists and lines: what is there is found, a slip in a long word too, and nothing in unrelated talk."""

import string

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from live_sentiment.phrases import LONG, Line, Phrases, common_words
from live_sentiment.playbook import default_playbook

PHRASES = sorted({phrase for phrases in default_playbook().phrases.values() for phrase in phrases if "*" not in phrase})
WORDS = sorted({word for phrase in PHRASES for word in phrase.split()})
LETTERS = st.sampled_from(string.ascii_lowercase)
phrase = st.sampled_from(PHRASES)
talk = st.lists(st.text(string.ascii_lowercase, min_size=1, max_size=12), max_size=8).map(" ".join)
no_phrase = st.lists(st.sampled_from(["qqqq", "zzzzzzzz", "jxjxjx", "wvwvwvwvwv"]), max_size=8).map(" ".join)


@st.composite
def slips(draw: st.DrawFn) -> tuple[str, str]:
    """A phrase with a long word, and the same with one edit in that word."""
    said = draw(st.sampled_from([one for one in PHRASES if any(len(word) >= LONG for word in one.split())]))
    words = said.split()
    place = draw(st.sampled_from([at for at, word in enumerate(words) if len(word) >= LONG]))
    word = words[place]
    at, letter = draw(st.integers(0, len(word) - 1)), draw(LETTERS)
    kind = draw(st.sampled_from(["insert", "delete", "replace", "swap"]))
    heard = {
        "insert": word[:at] + letter + word[at:],
        "delete": word[:at] + word[at + 1 :],
        "replace": word[:at] + letter + word[at + 1 :],
        "swap": word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
    }[kind]
    assume(heard not in common_words() and heard not in WORDS)
    return said, " ".join([*words[:place], heard, *words[place + 1 :]])


@settings(deadline=None)  # the machine may be busy
@given(phrase, st.lists(phrase, max_size=5), talk, talk)
def test_a_phrase_that_is_said_is_found(said: str, others: list[str], before: str, after: str) -> None:
    assert Phrases([*others, said]).find(Line(f"{before} {said.upper()}, {after}"))


@settings(deadline=None)  # the machine may be busy
@given(slips(), st.lists(phrase, max_size=5), no_phrase, no_phrase)
def test_one_slip_in_a_long_word_is_seen_through(
    slip: tuple[str, str], others: list[str], before: str, after: str
) -> None:
    said, heard = slip
    assert Phrases([*others, said]).find(Line(f"{before} {heard} {after}"))


@settings(deadline=None)  # the machine may be busy
@given(st.permutations(PHRASES[:40]), st.one_of(talk, phrase, slips().map(lambda slip: slip[1])))
def test_the_order_of_a_list_is_of_no_account(phrases: list[str], line: str) -> None:
    assert Phrases(phrases).find(Line(line)) == Phrases(PHRASES[:40]).find(Line(line))


@settings(deadline=None)  # the machine may be busy
@given(st.lists(phrase, max_size=20), no_phrase)
def test_nothing_is_found_in_unrelated_talk(phrases: list[str], line: str) -> None:
    assert Phrases(phrases).find(Line(line)) == ""


@settings(deadline=None)  # the machine may be busy
@given(st.lists(phrase, max_size=20), talk)
def test_what_is_found_was_said(phrases: list[str], line: str) -> None:
    assert Phrases(phrases).find(Line(line)) in Line(line).text
