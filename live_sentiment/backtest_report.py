"""Figures of a playbook over many past calls: how often it would have spoken, rule by rule, and how agents took it.

Frozen data that goes out as JSON as it is; made from what ``backtest`` found in each call.
"""

from collections import Counter
from collections.abc import Sequence
from math import ceil
from statistics import median

import msgspec

from live_sentiment.backtest import Answer, TriedCall, WouldBe
from live_sentiment.playbook_rules import Playbook, Rule
from live_sentiment.wilson import wilson

USEFUL: frozenset[Answer] = frozenset(("helped", "acted"))
NOT_USEFUL: frozenset[Answer] = frozenset(("dismissed", "muted"))


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """``hits`` of ``tries`` as a ``share`` (0 to 1), and Wilson's 95 % interval from ``low`` to ``high``."""

    hits: int
    tries: int
    share: float
    low: float
    high: float


class RuleFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One rule over all calls.

    ``cues`` it would have given in ``calls`` different calls, ``per_call`` on average over all calls read. ``answers``
    counts what became of logged cues of the rule at the same moments. ``precision`` is the useful ones (helped, acted)
    among those judged (these, dismissed and muted); None without any. A ``shadow`` rule is never shown.
    """

    rule: str
    enabled: bool
    shadow: bool
    cues: int
    calls: int
    per_call: float
    answers: dict[str, int]
    precision: Share | None


class BacktestMoment(msgspec.Struct, frozen=True, kw_only=True):
    """One would-be cue: ``at`` in seconds of the call ``call_id``."""

    call_id: str
    at: float
    rule: str
    because: tuple[str, ...]
    why: dict[str, str]
    shadow: bool
    answer: Answer


class BacktestReport(msgspec.Struct, frozen=True, kw_only=True):
    """All figures. Cues per call are those that would be shown, without shadow rules; None when no call was read."""

    playbook: str
    calls: int
    seconds: float
    cues: int
    cues_per_call_median: float | None
    cues_per_call_p95: int | None
    calls_without: Share | None
    rules: tuple[RuleFigures, ...]
    moments: tuple[BacktestMoment, ...]


def figures(playbook: Playbook, calls: Sequence[TriedCall]) -> BacktestReport:
    """The figures of ``playbook`` over ``calls``; rules in the playbook's order, moments in the calls'."""
    shown = sorted(sum(not cue.shadow for cue in call.cues) for call in calls)
    return BacktestReport(
        playbook=playbook.name,
        calls=len(calls),
        seconds=round(sum(call.length for call in calls), 1),
        cues=sum(shown),
        cues_per_call_median=median(shown) if shown else None,
        cues_per_call_p95=shown[ceil(0.95 * len(shown)) - 1] if shown else None,
        calls_without=share_of(shown.count(0), len(shown)),
        rules=tuple(_rule_figures(rule, calls) for rule in playbook.rules),
        moments=tuple(_moment(call, cue) for call in calls for cue in call.cues),
    )


def share_of(hits: int, tries: int) -> Share | None:
    """``hits`` of ``tries`` with its interval; None when nothing was tried."""
    if not tries:
        return None
    low, high = wilson(hits, tries)
    return Share(hits=hits, tries=tries, share=hits / tries, low=low, high=high)


def _rule_figures(rule: Rule, calls: Sequence[TriedCall]) -> RuleFigures:
    per_call = [[cue for cue in call.cues if cue.rule == rule.id] for call in calls]
    answers = Counter(cue.answer for cues in per_call for cue in cues)
    useful = sum(answers[answer] for answer in USEFUL)
    judged = useful + sum(answers[answer] for answer in NOT_USEFUL)
    count = sum(map(len, per_call))
    return RuleFigures(
        rule=rule.id,
        enabled=rule.enabled,
        shadow=rule.shadow,
        cues=count,
        calls=sum(bool(cues) for cues in per_call),
        per_call=count / len(calls) if calls else 0.0,
        answers=dict(answers),
        precision=share_of(useful, judged),
    )


def _moment(call: TriedCall, cue: WouldBe) -> BacktestMoment:
    return BacktestMoment(
        call_id=call.call_id,
        at=cue.at,
        rule=cue.rule,
        because=cue.because,
        why=dict(cue.why),
        shadow=cue.shadow,
        answer=cue.answer,
    )
