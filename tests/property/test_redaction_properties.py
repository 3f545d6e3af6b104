"""Whatever is said: long runs of digits never come through, and hiding twice changes nothing."""

import string
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from live_sentiment.events import Word
from live_sentiment.redaction import ALWAYS_HIDDEN, CallContext, Redactor, TurnRedactor
from live_sentiment.spoken_digits import digit_runs

REDACTOR = Redactor()
NL = ["nul", "één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"]
EN = ["oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
PLAIN = ["ik", "bel", "voor", "het", "pakket", "thanks", "please", "at", "dot", "is", "een", "en", "and", "pas", "code"]
LANGUAGES = st.sampled_from(["nl", "en", "de"])
anything = st.lists(
    st.sampled_from([*PLAIN, *NL, *EN, "dubbel", "double", "4111", "12", "@", "nl", "[card]", "[postcode]."]),
    max_size=30,
)
digits = st.text(string.digits, min_size=ALWAYS_HIDDEN, max_size=19)


def says(number: str, words: list[str]) -> list[str]:
    return [words[int(digit)] for digit in number]


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=200), LANGUAGES)
def test_any_text_is_taken(text: str, language: str) -> None:
    once = REDACTOR.redact(text, language)
    assert REDACTOR.redact(once, language) == once


@settings(deadline=None)  # the machine may be busy
@given(anything, LANGUAGES)
def test_hiding_twice_changes_nothing(words: list[str], language: str) -> None:
    # a hidden number is one word, which brings a payment word nearer to what comes before it
    words = [word for word in words if word not in ("pas", "code")]
    once = REDACTOR.redact(" ".join(words), language)
    assert REDACTOR.redact(once, language) == once


@settings(deadline=None)  # the machine may be busy
@given(anything, LANGUAGES)
def test_no_long_run_comes_through(words: list[str], language: str) -> None:
    left = REDACTOR.redact(" ".join(words), language).split()
    assert all(len(run.digits) < ALWAYS_HIDDEN for run in digit_runs(left, language))


@settings(deadline=None)  # the machine may be busy
@given(digits, st.sampled_from([("nl", NL), ("en", EN)]))
def test_a_spoken_number_leaves_no_digit_behind(number: str, way: tuple[str, list[str]]) -> None:
    language, words = way
    text = " ".join(["dat", "is", *says(number, words), "zeg"])
    hidden = REDACTOR.redact(text, language).split()
    assert hidden[0] == "dat"
    assert hidden[-1] == "zeg"
    assert len(hidden) <= 5
    assert not digit_runs(hidden, language)


@settings(deadline=None)  # the machine may be busy
@given(digits, st.data())
def test_a_written_number_leaves_no_digit_behind_however_grouped(number: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(number) - 1))))
    groups = [number[a:b] for a, b in zip([0, *cuts], [*cuts, len(number)], strict=True)]
    glue = data.draw(st.sampled_from([" ", "-", " - ", ", ", " eh "]))
    hidden = REDACTOR.redact(f"het is {glue.join(groups)} dus", "nl")
    assert not any(char.isdigit() for char in hidden)


@settings(deadline=None)  # the machine may be busy
@given(st.text(string.digits, min_size=12, max_size=19), st.data())
def test_split_over_turns_at_most_eight_digits_are_ever_seen(number: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(number) - 1), max_size=4)))
    redactor = TurnRedactor(REDACTOR, CallContext())
    seen = ""
    for turn, (a, b) in enumerate(zip([0, *cuts], [*cuts, len(number)], strict=True)):
        word = Word(text=number[a:b], start=turn * 2.0, end=turn * 2.0 + 1, probability=0.9)
        seen += "".join(w.text for w in redactor.redact_words([word], "nl", turn * 2.0 + 1))
    assert sum(char.isdigit() for char in seen) < ALWAYS_HIDDEN


@settings(deadline=None)  # the machine may be busy
@given(anything, LANGUAGES)
def test_words_and_text_agree(words: list[str], language: str) -> None:
    timed = [Word(text=w, start=i, end=i + 1, probability=0.5) for i, w in enumerate(words)]
    redacted = TurnRedactor(REDACTOR, CallContext()).redact_words(timed, language, float(len(words)))
    assert " ".join(w.text for w in redacted) == REDACTOR.redact(" ".join(words), language)
    assert all(a.end <= b.start for a, b in pairwise(redacted))


@settings(deadline=None)  # the machine may be busy
@given(anything, st.integers(0, 30), LANGUAGES)
def test_a_partial_never_commits_more_than_it_says(words: list[str], committed: int, language: str) -> None:
    redactor = TurnRedactor(REDACTOR, CallContext())
    text, kept = redactor.redact_partial(" ".join(words), min(committed, len(words)), language, 5.0)
    assert 0 <= kept <= len(text.split())
