"""A playbook tried on past calls: events of a call in, the cues that its agent would have been given out.

Every event is played back at the call time it tells of, whatever a slow machine made of it. The cues of the log, and
the answers to them, are not played back: the playbook under trial makes its own, and nobody answers those. But what
agents made of a logged cue of the same rule at nearly the same moment is counted as what they would have made of this
one. Figures over many calls are made in ``backtest_report``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from live_sentiment.cues import CueEngine
from live_sentiment.events import (
    AnyEvent,
    CallEnded,
    CallStarted,
    ConversationMetrics,
    Cue,
    CueOutcome,
    RecognitionQuality,
    TranscriptFinal,
)
from live_sentiment.playbook_rules import Playbook
from live_sentiment.replayed_talk import TalkReplay

SAME_MOMENT = 15.0
"""Seconds between a would-be cue and a logged one of the same rule within which they are taken for the same."""

Answer = Literal["helped", "acted", "dismissed", "muted", "expired", "unanswered", "not shown"]
"""What became of a cue; "not shown": at that moment there was none in the call."""

_WEIGHTIEST_FIRST: tuple[Answer, ...] = ("helped", "muted", "dismissed", "acted", "expired")
"""Of several outcomes the first counts: what agents said before what they did, and both before time that ran out."""


@dataclass(frozen=True, slots=True)
class PastCall:
    """One call of the log; ``outcomes`` are pairs of cue id and outcome, besides those among the ``events``."""

    call_id: str
    events: Sequence[AnyEvent]
    outcomes: Iterable[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class WouldBe:
    """A cue that the playbook would have given ``at`` so many seconds, and how the agent took the logged one then."""

    at: float
    rule: str
    because: tuple[str, ...]
    why: Mapping[str, str]
    shadow: bool
    answer: Answer


@dataclass(frozen=True, slots=True)
class TriedCall:
    """A call of ``length`` seconds and its would-be cues."""

    call_id: str
    length: float
    cues: tuple[WouldBe, ...] = field(default_factory=tuple[WouldBe, ...])


def try_playbook(call: PastCall, playbook: Playbook) -> TriedCall:
    """The would-be cues of one call."""
    cues = replay(call.events, playbook)
    shown = [event for event in call.events if isinstance(event, Cue) and not event.shadow]
    same = _same_moments(cues, shown)
    answers = _answers(call)
    would_be = [
        WouldBe(
            at=cue.at,
            rule=cue.rule,
            because=cue.because,
            why=cue.why,
            shadow=cue.shadow,
            answer=answers.get(same[index].cue_id, "unanswered") if index in same else "not shown",
        )
        for index, cue in enumerate(cues)
    ]
    length = max((event.at for event in call.events), default=0.0)
    return TriedCall(call.call_id, length, tuple(would_be))


def replay(events: Sequence[AnyEvent], playbook: Playbook) -> list[Cue]:
    """The cues that ``playbook`` gives in a call with these events, as the pipeline would have let them through."""
    ordered = sorted(events, key=_in_order)
    engine, talk = CueEngine(playbook), TalkReplay(ordered)
    given: list[Cue] = []

    def play(event: AnyEvent) -> None:
        given.extend(cue for cue in engine.accept(event) if isinstance(cue, Cue))

    for event in ordered:
        if isinstance(event, CallStarted | ConversationMetrics | Cue | CueOutcome):  # made here, or not heard live
            continue
        for numbers in talk.before(event.at):
            play(numbers)
        if isinstance(event, TranscriptFinal):
            talk.said(event)
        play(event)
    return given


def _in_order(event: AnyEvent) -> tuple[bool, float, bool]:
    """By call time; whether words can be relied upon is known before they are, as live."""
    return isinstance(event, CallEnded), event.at, not isinstance(event, RecognitionQuality)


def _same_moments(cues: Sequence[Cue], shown: Sequence[Cue]) -> dict[int, Cue]:
    """For would-be cues by index the logged one that they stand for; each stands for one, the nearest first."""
    near = sorted(
        (abs(cue.at - other.at), index, number)
        for index, cue in enumerate(cues)
        for number, other in enumerate(shown)
        if cue.rule == other.rule and abs(cue.at - other.at) <= SAME_MOMENT
    )
    same: dict[int, int] = {}
    for _, index, number in near:
        if index not in same and number not in same.values():
            same[index] = number
    return {index: shown[number] for index, number in same.items()}


def _answers(call: PastCall) -> dict[str, Answer]:
    """By cue id, what counts of what was said of it; without those that were only shown."""
    told: dict[str, set[str]] = {}
    for cue_id, outcome in call.outcomes:
        told.setdefault(cue_id, set()).add(outcome)
    for event in call.events:
        if isinstance(event, CueOutcome):
            told.setdefault(event.cue_id, set()).add(event.outcome)
    return {
        cue_id: next(answer for answer in _WEIGHTIEST_FIRST if answer in outcomes)
        for cue_id, outcomes in told.items()
        if outcomes & set(_WEIGHTIEST_FIRST)
    }
