"""What a playbook is made of: rules, their triggers, and what makes them needless.

Here live frozen structs only; ``playbook`` reads them from a file, ``cue_triggers`` decides when they fire.
"""

from typing import Annotated

import msgspec

from live_sentiment.events import Channel

DAY = 86_400.0
"""The longest time in a rule, in seconds."""
Positive = Annotated[float, msgspec.Meta(gt=0, le=DAY)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=DAY)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Mood = Annotated[float, msgspec.Meta(ge=-1, le=1)]
Text = dict[str, str]


class Trigger(msgspec.Struct, frozen=True, tag_field="kind", forbid_unknown_fields=True, kw_only=True):
    """What all triggers share: frozen, told apart by ``kind``, and strict about their keys."""


class SentimentTrigger(Trigger, frozen=True, tag="sentiment", kw_only=True):
    """The customer's mood is under ``below``, over ``above`` (-1 to 1), ``falling``: all that are given must hold.

    And so many ``lines`` of the last minute felt like that, the one just said among them.
    """

    below: Mood | None = None
    above: Mood | None = None
    falling: bool = False
    lines: Annotated[int, msgspec.Meta(ge=1)] = 1


class SignalTrigger(Trigger, frozen=True, tag="signal", kw_only=True):
    """The customer's words carry one of the signals ``any_of``; with ``mood_above``, only in a mood over that."""

    any_of: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    mood_above: Mood | None = None


class SaidTrigger(Trigger, frozen=True, tag="said", kw_only=True):
    """``who`` says one of the ``phrases`` (the name of a list), between ``after`` and ``until`` seconds of call."""

    who: Channel
    phrases: str
    after: Seconds = 0.0
    until: Positive | None = None


class NotSaidTrigger(Trigger, frozen=True, tag="not_said", kw_only=True):
    """``who`` has not said any of the ``phrases`` within ``within`` seconds of their first words in the call.

    Never in a call that is heard from its middle on, or with sound missing until then: nobody knows what was said.
    """

    who: Channel
    phrases: str
    within: Positive


class OverlapTrigger(Trigger, frozen=True, tag="overlap", kw_only=True):
    """Both spoke at once for over ``over`` seconds of the last ``window``."""

    over: Positive
    window: Positive = 30.0


class DeadAirTrigger(Trigger, frozen=True, tag="dead_air", kw_only=True):
    """Nobody has spoken for over ``over`` seconds."""

    over: Positive


class MonologueTrigger(Trigger, frozen=True, tag="monologue", kw_only=True):
    """The agent has spoken for over ``over`` seconds without a real answer."""

    over: Positive


class PaceTrigger(Trigger, frozen=True, tag="pace", kw_only=True):
    """The agent speaks faster than ``over`` words per minute, after ``after`` seconds of call."""

    over: Positive
    after: Seconds = 30.0


class HoldTrigger(Trigger, frozen=True, tag="hold", kw_only=True):
    """The customer waits, and the agent has been silent for over ``over`` seconds.

    A hold begins when the agent says one of the ``phrases``, or the customer agrees to wait (the signal ``hold_ok``),
    and ends when they talk again, or sound is missing; short sounds of the customer's do not end it.
    """

    phrases: str
    over: Positive = 20.0


class GoodEndTrigger(Trigger, frozen=True, tag="good_end", kw_only=True):
    """The customer says goodbye, or the call ends, in a mood over ``above`` and with nothing left unsolved.

    Not when the last words were negative; a good mood fades while nothing is said.
    """

    above: Mood = 0.2


class WrapUpTrigger(Trigger, frozen=True, tag="wrap_up", kw_only=True):
    """The work after the call has lasted over ``over`` seconds."""

    over: Positive = 60.0


AnyTrigger = (
    SentimentTrigger
    | SignalTrigger
    | SaidTrigger
    | NotSaidTrigger
    | OverlapTrigger
    | DeadAirTrigger
    | MonologueTrigger
    | PaceTrigger
    | HoldTrigger
    | GoodEndTrigger
    | WrapUpTrigger
)
TRIGGERS: dict[str, type[Trigger]] = {
    "sentiment": SentimentTrigger,
    "signal": SignalTrigger,
    "said": SaidTrigger,
    "not_said": NotSaidTrigger,
    "overlap": OverlapTrigger,
    "dead_air": DeadAirTrigger,
    "monologue": MonologueTrigger,
    "pace": PaceTrigger,
    "hold": HoldTrigger,
    "good_end": GoodEndTrigger,
    "wrap_up": WrapUpTrigger,
}


class Unless(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What makes a rule needless: one of the ``phrases`` said by ``who``, or one of the ``signals``.

    It counts when it happened in the last ``within`` seconds (the whole call by default) or while the rule waits. With
    ``speaks``, whatever ``who`` says while the rule waits counts.
    """

    phrases: str = ""
    who: Channel = "agent"
    signals: tuple[str, ...] = ()
    speaks: bool = False
    within: Positive = DAY


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One piece of advice and its moment.

    ``priority`` 1 to 100, the highest wins. ``wait`` is how long in seconds the agent gets to do it unasked; ``ttl``
    how long a cue stays worth showing. What is ``done`` after a cue tells that it was acted upon (``unless`` when left
    out). ``offer`` rules never reach the agent of an unhappy customer. A rule that is not ``enabled`` is read and
    checked but never fires. A ``shadow`` rule is on trial: its cues go into the log, are never shown, and take nothing
    away from the others.
    """

    id: str
    trigger: AnyTrigger
    advice: Text
    why: Text
    unless: Unless | None = None
    done: Unless | None = None
    priority: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50
    cooldown: Seconds = 120.0
    max_per_call: Annotated[int, msgspec.Meta(ge=1)] = 1
    min_confidence: Share = 0.6
    ttl: Positive = 12.0
    wait: Seconds = 0.0
    offer: bool = False
    enabled: bool = True
    shadow: bool = False


class Playbook(msgspec.Struct, frozen=True, kw_only=True):
    """All rules, in the file's order, and what holds for a whole call.

    ``max_cues`` a call, ``min_gap`` seconds between the starts of two cues; ``phrases`` holds the named lists, nl and
    en together. ``origin`` says where it was read, for people.
    """

    name: str
    rules: tuple[Rule, ...]
    phrases: dict[str, tuple[str, ...]]
    max_cues: int = 3
    min_gap: float = 20.0
    origin: str = ""
