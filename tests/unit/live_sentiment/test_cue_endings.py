"""A customer on hold, the end of a good call, and the work after it."""

import pytest
from call_simulation import final, reading
from cue_kit import CHURN, answer, book, feed, mood, signal, tick

from live_sentiment.cues import CueEngine
from live_sentiment.events import AnyEvent, CallEnded, Gap, SpeechStarted, WrapUp
from live_sentiment.playbook import default_playbook

HOLD = """[phrases.holds]
nl = ["momentje"]
en = ["one moment"]
[[rule]]
id = "hold"
ttl = 10
cooldown = 30
max_per_call = 2
trigger = { kind = "hold", phrases = "holds", over = 20 }
"""
GOOD = '[[rule]]\nid = "good"\nttl = 20\ntrigger = { kind = "good_end", above = 0.2 }\n'
WRAP = '[[rule]]\nid = "wrap"\nttl = 30\ntrigger = { kind = "wrap_up", over = 60 }\n'
ANNOUNCED = final("agent", "Een momentje graag", 3, 5)


def ticks(first: int, last: int) -> list[AnyEvent]:
    return [tick(at) for at in range(first, last)]


def after(call: float, *seconds: float) -> list[WrapUp]:
    return [WrapUp(at=call + each, ended_at=call) for each in seconds]


def held(*events: AnyEvent, until: int = 60) -> list[float]:
    """When the hold rule speaks, with a tick every second among the events."""
    mixed = sorted([*events, *ticks(6, until)], key=lambda event: event.at)
    return [cue.at for cue in feed(CueEngine(book(HOLD)), mixed)]


def test_a_customer_who_waits_is_told_of_again_and_again() -> None:
    (first, second) = feed(CueEngine(book(HOLD)), [ANNOUNCED, *ticks(6, 120)])
    assert (first.at, second.at) == (26, 56)
    assert first.because == ("21 s",)
    assert second.why["nl"] == "51"


def test_nobody_waits_before_a_hold_is_announced() -> None:
    assert held() == []
    assert held(final("agent", "Ik denk van wel", 3, 5)) == []
    assert held(final("customer", "Een momentje graag", 3, 5)) == []


def test_a_customer_who_agrees_to_wait_waits() -> None:
    assert held(final("agent", "Kan ik u even laten wachten?", 1, 3), signal(5, "hold_ok")) == [26, 56]


def test_a_doubtful_agreement_to_wait_is_none() -> None:
    assert held(final("agent", "Kan ik u even laten wachten?", 1, 3), signal(5, "hold_ok", 0.4)) == []


def test_what_was_not_heard_may_have_ended_the_hold() -> None:
    assert held(ANNOUNCED, Gap(at=19, start=14, end=19, cause="pause")) == []
    assert held(ANNOUNCED, Gap(at=14.5, start=14, end=14.5, cause="lost"))[0] == 26


def test_what_still_belongs_to_the_announcement_does_not_end_the_hold() -> None:
    assert held(ANNOUNCED, final("agent", "ik pak het er even bij", 6, 9)) == [30]


def test_a_hold_ends_when_the_agent_speaks() -> None:
    assert held(ANNOUNCED, final("agent", "Daar ben ik weer", 18, 20)) == []


def test_a_sound_at_the_agents_desk_begins_the_wait_anew() -> None:
    assert held(ANNOUNCED, SpeechStarted(at=15, channel="agent", utterance=2), final("agent", "", 15, 16)) == [37]


def test_short_sounds_of_the_customer_do_not_end_a_hold_but_talk_does() -> None:
    assert held(ANNOUNCED, final("customer", "Hm hm ja", 12, 13))[0] == 26
    assert held(ANNOUNCED, final("customer", "Ja hoor ik haal intussen wel even koffie", 6, 9))[0] == 26
    assert held(ANNOUNCED, final("customer", "En weet u wat er toen nog gebeurde met die man", 14, 19)) == []


def test_a_happy_goodbye_is_a_good_end() -> None:
    (cue,) = feed(CueEngine(book(GOOD)), [mood(4, 0.5), final("customer", "Dag hoor", 4, 5), signal(5, "closing")])
    assert cue.because == ("dag hoor",)
    assert not feed(CueEngine(book(GOOD)), [mood(4, 0.5), signal(5, "closing", 0.4)])
    assert not feed(CueEngine(book(GOOD)), [mood(4, 0.1), signal(5, "closing")])
    assert not feed(CueEngine(book(GOOD)), [signal(5, "closing")])


def test_a_good_mood_is_no_good_end_when_the_last_words_are_angry_or_it_is_long_ago() -> None:
    angry = [mood(4, 0.9), reading(5, "negative", "belachelijk"), signal(5, "closing")]
    assert not feed(CueEngine(book(GOOD)), angry)
    assert not feed(CueEngine(book(GOOD)), [mood(4, 0.9), tick(200), CallEnded(at=600, reason="finished")])


def test_the_end_of_a_call_is_a_good_end_when_the_mood_is() -> None:
    ended = CallEnded(at=9, reason="finished")
    assert [cue.at for cue in feed(CueEngine(book(GOOD)), [mood(4, 0.5), ended])] == [9]
    assert not feed(CueEngine(book(GOOD)), [mood(4, -0.5), ended])


@pytest.mark.parametrize("trouble", ["unresolved", "escalation", "churn"])
def test_what_is_left_unsolved_spoils_the_end(trouble: str) -> None:
    left = [mood(4, 0.5), signal(4, "resolved"), signal(5, trouble)]
    end = CallEnded(at=9, reason="finished")
    assert not feed(CueEngine(book(GOOD)), [*left, end])
    assert feed(CueEngine(book(GOOD)), [*left, signal(6, "resolved"), end])


def test_long_work_after_a_call() -> None:
    engine = CueEngine(book(WRAP))
    assert engine.after_call == 90
    assert not feed(engine, [*after(0, 70), *ticks(1, 9), CallEnded(at=9, reason="finished")])
    (cue,) = feed(engine, after(9, 5, 60, 65, 70, 200))
    assert (cue.at, cue.expires_at, cue.because) == (74, 104, ("65 s",))


def test_after_the_end_only_the_end_counts() -> None:
    engine = CueEngine(book(CHURN + "wait = 3\n" + WRAP))
    events = [signal(8, "churn"), CallEnded(at=9, reason="finished"), signal(10, "churn"), tick(12)]
    assert [cue.rule for cue in feed(engine, [*events, *after(9, 5, 65)])] == ["wrap"]
    assert CueEngine(book(CHURN)).after_call == 0


def test_a_cue_that_is_on_the_screen_at_the_end_makes_room_but_the_quiet_holds() -> None:
    events = [mood(4, 0.5), signal(5, "churn"), signal(6, "resolved"), CallEnded(at=9, reason="finished")]
    rules = CHURN + "ttl = 60\n" + GOOD
    assert [cue.at for cue in feed(CueEngine(book(rules, "min_gap = 2")), events)] == [5, 9]
    later = CueEngine(book(rules, "min_gap = 20"))
    assert [cue.at for cue in feed(later, [*events, *after(9, 5, 10, 15, 20, 25)])] == [5, 29]


def test_cues_after_a_call_count_in_its_maximum_and_can_be_muted() -> None:
    events = [signal(5, "churn"), CallEnded(at=9, reason="finished"), *after(9, 65)]
    assert [cue.rule for cue in feed(CueEngine(book(CHURN + WRAP, "max_cues = 1")), events)] == ["stay"]
    engine = CueEngine(book(WRAP.replace("ttl = 30", "ttl = 1") + "max_per_call = 3\ncooldown = 0\n"))
    (cue,) = feed(engine, events)
    assert not feed(engine, [answer(cue, "muted"), *after(9, 70, 75)])


def test_the_default_says_one_thing_at_the_end_of_a_call() -> None:
    goodbye = [mood(60, 0.8), final("customer", "Bedankt, dag!", 60, 62), signal(62, "closing"), tick(64), tick(66)]
    end = [CallEnded(at=100, reason="finished"), *after(100, 5, 10)]
    assert [cue.rule for cue in feed(CueEngine(default_playbook()), [*goodbye, *end])] == ["good_end"]
    asked = final("agent", "U krijgt zo een korte enquête", 50, 55)
    assert [cue.rule for cue in feed(CueEngine(default_playbook()), [asked, *goodbye, *end])] == ["close_warmly"]
    warm = [*goodbye[:3], final("agent", "Fijne dag nog", 62.2, 62.8), *goodbye[3:]]
    assert feed(CueEngine(default_playbook()), [asked, *warm, *end]) == []
