"""The cue engine: every event of a call in, now and then one piece of advice out.

Here lives the choice: what is stale, needless, blocked or outranked, and what is worth the agent's half second. When a
single rule's trigger holds is decided in ``cue_triggers``. There is no clock: the events' own ``at`` is the time, and
``ConversationMetrics``, once a second, is its tick.
"""

from collections import defaultdict
from dataclasses import dataclass

from live_sentiment.acted import ActedWatch
from live_sentiment.cue_triggers import AFTER_CALL, LASTING, CallMemory, Heard, Moment
from live_sentiment.events import AnyEvent, CallEnded, Channel, Cue, CueOutcome, RecognitionQuality, WrapUp
from live_sentiment.playbook_rules import Playbook, Rule, SignalTrigger, WrapUpTrigger

UNHAPPY = -0.2
"""Under this mood no offer is ever shown, whatever the playbook says."""

_OVER = frozenset(("helped", "dismissed", "muted", "expired", "acted"))


@dataclass(frozen=True, slots=True)
class _Pending:
    """A rule that fired, and waits for its time."""

    rule: Rule
    moment: Moment

    @property
    def due(self) -> float:
        return self.moment.at + self.rule.wait


@dataclass(slots=True)
class _Given:
    """A cue on its way to the screen, on it, or gone from it."""

    cue: Cue
    seen: bool = False
    over: bool = False

    def turned_away_by(self, outcome: CueOutcome) -> bool:
        """Whether it is told to have run out before its time, and nobody saw it."""
        early = outcome.outcome == "expired" and outcome.at < self.cue.expires_at
        return early and not self.seen and not self.over


class CueEngine:
    """Gives the cues of one call. For one thread, fed every event in the pipeline's order.

    Quiet by design: at most ``playbook.max_cues`` a call; one at a time, and a new one only when the one before ran
    out, was answered, or is outranked; ``min_gap`` seconds between two starts unless the second outranks the first; a
    rule's own cooldown, maximum and lowest confidence. A rule may ``wait`` for the agent to do it unasked, and is
    dropped when that happens or when its moment is older than its time to live. A cue that the screen turned away, as
    its agent wants none of it, has taken nobody's place. Nothing is said while the words of a channel cannot be relied
    upon (``RecognitionQuality``).

    After ``CallEnded`` only rules about a call's end and the work after it may still speak; ``WrapUp`` is their clock.
    A rule in shadow keeps to its own cooldown and maximum and to nothing else; no other rule notices it.
    """

    def __init__(self, playbook: Playbook) -> None:
        self._playbook = playbook
        self._rules = playbook.rules
        self._memory = CallMemory(playbook)
        self._acted = ActedWatch(playbook, self._memory)
        self._pending: list[_Pending] = []
        self._given: dict[str, list[float]] = defaultdict(list)
        self._muted: set[str] = set()
        self._unclear: set[Channel] = set()
        self._for_screen: dict[str, _Given] = {}
        self._over = False

    @property
    def after_call(self) -> float:
        """Seconds after the call's end in which a cue may still come or be shown."""
        rules = [rule for rule in self._playbook.rules if rule.enabled and isinstance(rule.trigger, AFTER_CALL)]
        over = [rule.trigger.over if isinstance(rule.trigger, WrapUpTrigger) else 0.0 for rule in rules]
        return max((start + rule.wait + rule.ttl for start, rule in zip(over, rules, strict=True)), default=0.0)

    def accept(self, event: Heard) -> tuple[Cue | CueOutcome, ...]:
        """Takes the next event.

        The answer has at most one cue to show now, then those of rules in shadow, then which cues were acted upon.
        """
        if isinstance(event, CueOutcome):
            self.outcome(event)
            return ()
        if isinstance(event, Cue) or self._over != isinstance(event, WrapUp):
            return ()
        if isinstance(event, CallEnded):
            self._end()
        self._understand(event)
        self._memory.accept(event)
        fired = [pending for rule in self._rules if (pending := self._fired(rule, event))]
        self._pending += [pending for pending in fired if not isinstance(pending.rule.trigger, LASTING)]
        acted = self._acted.seen()
        for outcome in acted:
            self.outcome(outcome)
        return *self._given_now([each for each in fired if isinstance(each.rule.trigger, LASTING)]), *acted

    def recall(self, event: AnyEvent) -> None:
        """Takes an event of the call's earlier life: it is remembered, and leads to no cue."""
        if isinstance(event, CueOutcome):
            self.outcome(event)
        elif isinstance(event, Cue):
            self._given[event.rule].append(event.at)
            self._remember(event)
        elif not isinstance(event, CallEnded):
            self._understand(event)
            self._memory.accept(event)

    def outcome(self, outcome: CueOutcome) -> None:
        """Takes what became of a cue: an answer makes room for the next one, "muted" silences its rule in this call."""
        self._acted.answered(outcome)
        given = self._for_screen.get(outcome.cue_id)
        if given is None:
            return
        if given.turned_away_by(outcome):
            del self._for_screen[outcome.cue_id]
            self._acted.unwatch(outcome.cue_id)
        given.seen = given.seen or outcome.outcome == "shown"
        given.over = given.over or outcome.outcome in _OVER
        if outcome.outcome == "muted":
            self._muted.add(given.cue.rule)

    def _end(self) -> None:
        """The call is over: what was to be said in it is no use any more, and the screen has let go of its cue."""
        self._over = True
        self._rules = tuple(rule for rule in self._playbook.rules if isinstance(rule.trigger, AFTER_CALL))
        self._pending = [pending for pending in self._pending if isinstance(pending.rule.trigger, AFTER_CALL)]
        for given in self._for_screen.values():
            given.over = True

    def _understand(self, event: Heard) -> None:
        if isinstance(event, RecognitionQuality):
            (self._unclear.discard if event.reliable else self._unclear.add)(event.channel)

    def _fired(self, rule: Rule, event: Heard) -> _Pending | None:
        if not rule.enabled or rule.id in self._muted:
            return None
        moment = self._memory.moment(rule.trigger, event)
        if moment is None or moment.confidence < rule.min_confidence:
            return None
        return _Pending(rule, moment)

    def _given_now(self, lasting: list[_Pending]) -> tuple[Cue, ...]:
        """What is due of all that fired, made cues."""
        now = self._memory.now
        self._pending = [pending for pending in self._pending if self._worth_keeping(pending, now)]
        waiting = [*self._pending, *(pending for pending in lasting if self._worth_keeping(pending, now))]
        due = [] if self._unclear else [pending for pending in waiting if pending.due <= now]
        ready = [pending for pending in due if self._in_the_mood(pending.rule)]
        best = self._chosen([pending for pending in ready if not pending.rule.shadow], now)
        shadows = {pending.rule.id: pending for pending in ready if pending.rule.shadow}  # the newest of each rule
        return tuple(self._cue(pending, now) for pending in ((best,) if best else ()) + tuple(shadows.values()))

    def _chosen(self, ready: list[_Pending], now: float) -> _Pending | None:
        """The best of what is due, if anything may be shown now."""
        if not ready or len(self._for_screen) >= self._playbook.max_cues:
            return None
        best = max(ready, key=lambda pending: (pending.rule.priority, pending.moment.at))
        return best if self._room(best.rule, now) else None

    def _worth_keeping(self, pending: _Pending, now: float) -> bool:
        rule, given = pending.rule, self._given[pending.rule.id]
        if now > pending.due + rule.ttl or rule.id in self._muted:
            return False
        if len(given) >= rule.max_per_call or (given and now - given[-1] < rule.cooldown):
            return False
        return rule.unless is None or not self._memory.needless(rule.unless, pending.moment)

    def _in_the_mood(self, rule: Rule) -> bool:
        """Whether the customer's mood, as it is now, allows ``rule``."""
        mood = self._memory.mood
        least = rule.trigger.mood_above if isinstance(rule.trigger, SignalTrigger) else None
        if self._memory.displeased and (rule.offer or least is not None):
            return False
        if rule.offer and mood is not None and mood < UNHAPPY:
            return False
        return least is None or (mood is not None and mood > least)

    def _room(self, rule: Rule, now: float) -> bool:
        """Whether there is room on the screen, and enough quiet since the last cue, for ``rule``."""
        last = next(reversed(self._for_screen.values()), None)
        if last is None or rule.priority > last.cue.priority:
            return True
        showing = not last.over and now < last.cue.expires_at
        return not showing and now - last.cue.at >= self._playbook.min_gap

    def _cue(self, pending: _Pending, now: float) -> Cue:
        rule, moment = pending.rule, pending.moment
        before = tuple(self._given[rule.id])
        self._given[rule.id].append(now)
        self._pending = [other for other in self._pending if other.rule.id != rule.id]
        values = defaultdict(str, moment.values)
        cue = Cue(
            at=now,
            cue_id=_named(rule.id, now, before),
            rule=rule.id,
            priority=rule.priority,
            advice=dict(rule.advice),
            why={language: text.format_map(values) for language, text in rule.why.items()},
            because=moment.because,
            confidence=moment.confidence,
            expires_at=now + rule.ttl,
            shadow=rule.shadow,
        )
        self._remember(cue)
        return cue

    def _remember(self, cue: Cue) -> None:
        """A cue on the screen keeps others from it; one in shadow does not."""
        self._acted.watch(cue)
        if not cue.shadow:
            self._for_screen[cue.cue_id] = _Given(cue)


def _named(rule: str, at: float, before: tuple[float, ...]) -> str:
    """A cue's id. It rests on the call's time alone, so that an engine started anew in a call repeats none of them.

    ``before`` are the times of the rule's other cues; those within the same tenth of a second are told apart by number.
    """
    stamp = f"{at:.1f}"
    again = sum(f"{other:.1f}" == stamp for other in before)
    return f"{rule}@{stamp}" + (f"#{again + 1}" if again else "")
