"""Whether the agent did what a cue advised."""

import pytest
from call_simulation import final
from cue_kit import REPEAT, acted, answer, book, feed, signal, tick

from live_sentiment.cues import CueEngine
from live_sentiment.events import CallEnded, SpeechStarted

RULE = REPEAT + 'ttl = 10\nunless = { phrases = "sorry", within = 5 }\n'
ACTED = [("own@5.0", "acted")]
ASKED = signal(5, "repeat_contact")


def test_what_was_advised_and_then_said_was_acted_upon_once() -> None:
    sorry = [final("agent", "sorry daarvoor", 8, 9), final("agent", "nogmaals sorry", 12, 14), tick(15)]
    assert acted(CueEngine(book(RULE)), [ASKED, *sorry]) == ACTED
    assert acted(CueEngine(book(RULE + "shadow = true\n")), [ASKED, *sorry]) == ACTED


@pytest.mark.parametrize(("end", "told"), [(4.9, []), (24.5, ACTED), (25.5, [])])
def test_it_counts_until_a_little_after_the_cue_has_left(end: float, told: list[tuple[str, str]]) -> None:
    rule = RULE.replace("within = 5", "within = 0.01")
    said = final("agent", "sorry", end - 1, end)
    assert acted(CueEngine(book(rule)), sorted([ASKED, said], key=lambda event: event.at)) == told


def test_others_and_other_words_do_not_count() -> None:
    said = [final("customer", "sorry hoor", 8, 9), final("agent", "uw klantnummer graag", 10, 11)]
    assert acted(CueEngine(book(RULE)), [ASKED, *said]) == []


def test_a_cue_that_was_not_wanted_was_not_acted_upon() -> None:
    for outcome, told in (("dismissed", []), ("muted", []), ("helped", ACTED), ("shown", ACTED), ("expired", ACTED)):
        engine = CueEngine(book(RULE))
        (cue,) = feed(engine, [ASKED])
        assert acted(engine, [answer(cue, "shown"), answer(cue, outcome), final("agent", "sorry", 8, 9)]) == told


def test_a_cue_that_the_screen_turned_away_was_not_acted_upon() -> None:
    engine = CueEngine(book(RULE))
    (cue,) = feed(engine, [ASKED])
    assert acted(engine, [answer(cue, "expired"), final("agent", "sorry", 8, 9)]) == []


def test_signals_and_any_word_can_be_what_was_advised() -> None:
    resolved = REPEAT + 'unless = { signals = ["resolved"] }\n'
    assert acted(CueEngine(book(resolved)), [ASKED, signal(8, "resolved")]) == ACTED
    speaks = REPEAT + "unless = { speaks = true }\n"
    assert acted(CueEngine(book(speaks)), [ASKED, SpeechStarted(at=7, channel="agent", utterance=2)]) == ACTED


def test_a_rule_can_say_what_it_wants_done() -> None:
    rule = REPEAT + 'unless = { signals = ["resolved"] }\ndone = { phrases = "sorry", who = "customer" }\n'
    assert acted(CueEngine(book(rule)), [ASKED, signal(8, "resolved")]) == []
    assert acted(CueEngine(book(rule)), [ASKED, final("customer", "sorry", 8, 9)]) == ACTED


def test_a_rule_that_says_nothing_of_it_is_never_acted_upon() -> None:
    assert acted(CueEngine(book(REPEAT)), [ASKED, final("agent", "sorry", 8, 9)]) == []


def test_what_was_done_makes_room_for_the_next_cue() -> None:
    other = '[[rule]]\nid = "other"\nttl = 30\ntrigger = { kind = "signal", any_of = ["effort"] }\n'
    events = [ASKED, signal(6, "effort"), final("agent", "sorry", 7, 8), tick(9)]
    assert [(cue.rule, cue.at) for cue in feed(CueEngine(book(RULE + other)), events)] == [("own", 5), ("other", 8)]


def test_a_call_that_is_taken_up_again_remembers_its_cue_and_whether_it_was_acted_upon() -> None:
    (cue,) = feed(CueEngine(book(RULE)), [ASKED])
    sorry = final("agent", "sorry", 8, 9)
    again = CueEngine(book(RULE))
    again.recall(cue)
    assert acted(again, [sorry]) == ACTED
    known = CueEngine(book(RULE))
    for event in (cue, sorry, answer(cue, "acted")):
        known.recall(event)
    assert acted(known, [tick(10), CallEnded(at=11, reason="finished")]) == []
