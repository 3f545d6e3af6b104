"""When a rule fires, in a few words for the terminal. A kind without words of its own is told by its keys."""

from collections.abc import Iterable
from functools import singledispatch
from typing import Any, cast

import msgspec

from live_sentiment.playbook_rules import (
    DeadAirTrigger,
    GoodEndTrigger,
    HoldTrigger,
    MonologueTrigger,
    NotSaidTrigger,
    OverlapTrigger,
    PaceTrigger,
    Rule,
    SaidTrigger,
    SentimentTrigger,
    SignalTrigger,
    Trigger,
    WrapUpTrigger,
)


def rule_words(rule: Rule) -> str:
    """When ``rule`` fires, with what makes it needless and the time the agent gets."""
    words = trigger_words(rule.trigger)
    if rule.wait:
        words += f", then {rule.wait:g} s wait"
    unless = rule.unless
    if unless is None:
        return words
    phrases = f"the {unless.who} says one of {unless.phrases}" if unless.phrases else ""
    speaks = f"the {unless.who} speaks" if unless.speaks else ""
    signals = f"signal {_any(unless.signals)}" if unless.signals else ""
    return f"{words}; unless {' or '.join(filter(None, (phrases, speaks, signals)))}"


@singledispatch
def trigger_words(trigger: Trigger) -> str:
    """When ``trigger`` holds."""
    told = cast("dict[str, Any]", msgspec.to_builtins(trigger))
    keys = [f"{key} {_value(value)}" for key, value in told.items() if key != "kind" and value is not None]
    return " ".join([str(told.get("kind", type(trigger).__name__)).replace("_", " "), ", ".join(keys)]).strip()


@trigger_words.register
def _(trigger: SentimentTrigger) -> str:
    bounds = [
        f"below {trigger.below:g}" if trigger.below is not None else "",
        f"above {trigger.above:g}" if trigger.above is not None else "",
        "falling" if trigger.falling else "",
        f"felt in {trigger.lines} lines" if trigger.lines > 1 else "",
    ]
    return f"mood {' and '.join(filter(None, bounds))}"


@trigger_words.register
def _(trigger: SignalTrigger) -> str:
    mood = "" if trigger.mood_above is None else f" in a mood above {trigger.mood_above:g}"
    return f"signal {_any(trigger.any_of)}{mood}"


@trigger_words.register
def _(trigger: SaidTrigger) -> str:
    after = f" after {trigger.after:g} s" if trigger.after else ""
    until = f" until {trigger.until:g} s" if trigger.until is not None else ""
    return f"the {trigger.who} says one of {trigger.phrases}{after}{until}"


@trigger_words.register
def _(trigger: NotSaidTrigger) -> str:
    return f"the {trigger.who} has said none of {trigger.phrases} in {trigger.within:g} s"


@trigger_words.register
def _(trigger: OverlapTrigger) -> str:
    return f"both speak at once, over {trigger.over:g} of {trigger.window:g} s"


@trigger_words.register
def _(trigger: DeadAirTrigger) -> str:
    return f"nobody speaks for over {trigger.over:g} s"


@trigger_words.register
def _(trigger: MonologueTrigger) -> str:
    return f"the agent speaks for over {trigger.over:g} s"


@trigger_words.register
def _(trigger: PaceTrigger) -> str:
    return f"the agent speaks faster than {trigger.over:g} words a minute, after {trigger.after:g} s"


@trigger_words.register
def _(trigger: HoldTrigger) -> str:
    return f"the customer waits for over {trigger.over:g} s, after the agent says one of {trigger.phrases}"


@trigger_words.register
def _(trigger: GoodEndTrigger) -> str:
    return f"goodbye or the call's end, in a mood above {trigger.above:g}, with nothing left unsolved"


@trigger_words.register
def _(trigger: WrapUpTrigger) -> str:
    return f"the work after the call takes over {trigger.over:g} s"


def _any(names: tuple[str, ...]) -> str:
    return " or ".join(names)


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return " or ".join(map(str, cast("Iterable[object]", value)))
    return f"{value:g}" if isinstance(value, float) else str(value)
