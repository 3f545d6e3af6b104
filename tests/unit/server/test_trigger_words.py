"""Triggers in words."""

import pytest

from live_sentiment.playbook import default_playbook
from live_sentiment.playbook_rules import (
    TRIGGERS,
    DeadAirTrigger,
    GoodEndTrigger,
    HoldTrigger,
    MonologueTrigger,
    Rule,
    SaidTrigger,
    SentimentTrigger,
    SignalTrigger,
    Trigger,
    Unless,
    WrapUpTrigger,
)
from server.commands.trigger_words import rule_words, trigger_words


class NewTrigger(Trigger, frozen=True, tag="brand_new", kw_only=True):
    """A kind that nobody found words for."""

    over: float = 20.0
    any_of: tuple[str, ...] = ("a", "b")
    until: float | None = None


@pytest.mark.parametrize(
    ("trigger", "words"),
    [
        (SentimentTrigger(below=-0.3, falling=True), "mood below -0.3 and falling"),
        (SignalTrigger(any_of=("churn", "effort"), mood_above=0), "signal churn or effort in a mood above 0"),
        (SaidTrigger(who="agent", phrases="bye", after=5, until=30), "the agent says one of bye after 5 s until 30 s"),
        (MonologueTrigger(over=60), "the agent speaks for over 60 s"),
        (HoldTrigger(phrases="hold"), "the customer waits for over 20 s, after the agent says one of hold"),
        (GoodEndTrigger(), "goodbye or the call's end, in a mood above 0.2, with nothing left unsolved"),
        (WrapUpTrigger(over=90), "the work after the call takes over 90 s"),
        (NewTrigger(), "brand new over 20, any_of a or b"),
    ],
)
def test_each_kind_in_words(trigger: Trigger, words: str) -> None:
    assert trigger_words(trigger) == words


def test_what_makes_it_needless_and_the_wait_are_told() -> None:
    texts = {"nl": "Zeg iets.", "en": "Say something."}
    unless = Unless(phrases="sorry", signals=("resolved",), speaks=True)
    rule = Rule(id="x", trigger=DeadAirTrigger(over=9), advice=texts, why=texts, unless=unless, wait=2)
    assert rule_words(rule) == (
        "nobody speaks for over 9 s, then 2 s wait; "
        "unless the agent says one of sorry or the agent speaks or signal resolved"
    )


def test_no_rule_that_ships_and_no_kind_is_without_words() -> None:
    assert all(rule_words(rule) for rule in default_playbook().rules)
    assert {type(rule.trigger) for rule in default_playbook().rules} <= set(TRIGGERS.values())
