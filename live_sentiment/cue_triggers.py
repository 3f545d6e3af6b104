"""When a rule of the playbook fires: the memory of a call, and each trigger asked against it.

Here lives what was said, felt and measured in the call so far, and the moments in which triggers hold. Which of
several moments becomes a cue, and whether it may be shown at all, is decided in ``cues``.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from functools import singledispatchmethod

from live_sentiment.events import (
    AnyEvent,
    CallEnded,
    Channel,
    ConversationMetrics,
    Gap,
    Reason,
    SentimentReading,
    SentimentTrend,
    SignalDetected,
    SpeechStarted,
    TranscriptFinal,
    TranscriptPartial,
    WrapUp,
)
from live_sentiment.phrases import Line, Phrases
from live_sentiment.playbook_rules import (
    DeadAirTrigger,
    GoodEndTrigger,
    HoldTrigger,
    MonologueTrigger,
    NotSaidTrigger,
    OverlapTrigger,
    PaceTrigger,
    Playbook,
    SaidTrigger,
    SentimentTrigger,
    SignalTrigger,
    Trigger,
    Unless,
    WrapUpTrigger,
)
from live_sentiment.trend import TrendConfig

Heard = AnyEvent | WrapUp
"""What triggers are asked with."""

LASTING = (
    OverlapTrigger,
    DeadAirTrigger,
    MonologueTrigger,
    PaceTrigger,
    NotSaidTrigger,
    HoldTrigger,
    WrapUpTrigger,
)
"""Triggers that hold for a while and are asked anew with every event, so that nothing needs to wait for them."""
AFTER_CALL = (GoodEndTrigger, WrapUpTrigger)
"""Triggers that may hold when the call is over."""

_LONGEST_LATE = 5.0
_FELT_WITHIN = 60.0
"""Seconds for which a line counts towards a rule that asks for several."""
_JOINED_LATE = 5.0
"""When the first thing heard is later in the call than this, in seconds, its beginning was missed."""
_NEVER = -math.inf
_QUOTED_WORDS = 6
_HOLD_SETTLES = 5.0
"""Seconds after a hold was announced in which what is said still belongs to it."""
_TALK_WORDS = 6
"""Words from which a customer's line during a hold is talk, and no sound of waiting."""
_UNSOLVED = frozenset(("unresolved", "escalation", "churn"))
_MISSED = 1.0
"""Seconds of sound lost from which something may have been said in them."""
_AGREED = 0.5
"""How sure it must be that the customer agrees to wait, for a hold to begin by it alone."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A trigger held at call time ``at`` (seconds): how sure that is, and the words or numbers that show it."""

    at: float
    confidence: float
    because: tuple[str, ...]
    values: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class _Growing:
    end: float
    line: Line


_Said = tuple[str, Channel]
"""The name of a list of phrases, and who may say one of them."""


class CallMemory:
    """What triggers need to know of a call so far. Fed every event, in order; for one thread."""

    def __init__(self, playbook: Playbook) -> None:
        self.now = 0.0
        self._mood: float | None = None
        self._mood_at = 0.0
        self._half_life = TrendConfig().half_life
        self._phrases = {name: Phrases(phrases) for name, phrases in playbook.phrases.items()}
        self._said_at = dict.fromkeys(_minded(playbook), _NEVER)
        self._last_line: dict[Channel, Line] = {}
        self._partial: dict[Channel, _Growing] = {}
        self._in_partial: dict[_Said, bool] = {}
        self._began: dict[Channel, float] = {}
        self._heard_until: dict[Channel, float] = {}
        self._heard_since: float | None = None
        self._missed_from = math.inf
        self._missed_until = _NEVER
        self._signals: list[SignalDetected] = []
        self._talk_began = _NEVER
        self._readings: deque[SentimentReading] = deque()
        self._metrics: deque[ConversationMetrics] = deque()
        overlaps = [rule.trigger for rule in playbook.rules if isinstance(rule.trigger, OverlapTrigger)]
        self._metrics_kept = max((trigger.window for trigger in overlaps), default=0.0)

    def accept(self, event: Heard) -> None:
        """Remembers ``event``."""
        self.now = max(self.now, event.at)
        if self._heard_since is None:
            self._heard_since = event.end if isinstance(event, Gap) else event.at
        self._keep(event)

    @property
    def mood(self) -> float | None:
        """The customer's mood, -1 to 1. A good one fades as in the trend; a bad one stays until words say otherwise."""
        if self._mood is None or self._mood <= 0:
            return self._mood
        return self._mood * 0.5 ** ((self.now - self._mood_at) / self._half_life)

    @property
    def displeased(self) -> bool:
        """Whether what the customer said last was surely negative; known before the mood follows."""
        return bool(self._readings) and self._readings[-1].sure and self._readings[-1].sentiment == "negative"

    def needless(self, unless: Unless, moment: Moment) -> bool:
        """Whether what the rule would advise was done already, around or since ``moment``."""
        since = moment.at - unless.within
        if any(one.at >= since and one.signal in unless.signals for one in self._signals):
            return True
        if unless.speaks and self._heard_until.get(unless.who, _NEVER) > moment.at:
            return True
        return bool(unless.phrases) and self._said(unless.phrases, unless.who, since)

    def did(self, what: Unless, after: float, until: float) -> bool:
        """Whether ``what`` was done between two call times; asked with every event, so the newest of each is enough."""
        times = [one.at for one in self._signals if one.signal in what.signals]
        if what.phrases:
            times.append(self._said_at[what.phrases, what.who])
        if what.speaks:
            times.append(self._heard_until.get(what.who, _NEVER))
        return any(after < at <= until for at in times)

    @singledispatchmethod
    def _keep(self, event: Heard) -> None:
        """Most events leave nothing behind."""

    @_keep.register
    def _(self, event: TranscriptFinal) -> None:
        line = self._last_line[event.channel] = Line(event.text)
        self._spoke(event, None)
        for said in self._said_at:
            if said[1] == event.channel and self._phrases[said[0]].find(line):
                self._said_at[said] = max(self._said_at[said], event.end)

    @_keep.register
    def _(self, event: TranscriptPartial) -> None:
        self._spoke(event, _Growing(event.end, Line(event.text)))

    @_keep.register
    def _(self, event: SpeechStarted) -> None:
        self._heard_until[event.channel] = max(event.at, self._heard_until.get(event.channel, _NEVER))

    @_keep.register
    def _(self, event: SentimentReading) -> None:
        self._readings.append(event)
        while self._readings[0].at < event.at - _FELT_WITHIN:
            self._readings.popleft()

    @_keep.register
    def _(self, event: SentimentTrend) -> None:
        self._mood, self._mood_at = event.mood, event.at

    @_keep.register
    def _(self, event: SignalDetected) -> None:
        self._signals.append(event)

    @_keep.register
    def _(self, event: Gap) -> None:
        if event.end - event.start >= _MISSED:
            self._missed_from = min(self._missed_from, event.start)
            self._missed_until = max(self._missed_until, event.end)

    @_keep.register
    def _(self, event: ConversationMetrics) -> None:
        self._metrics.append(event)
        while len(self._metrics) > 1 and self._metrics[1].at <= event.at - self._metrics_kept:
            self._metrics.popleft()

    def _spoke(self, event: TranscriptPartial | TranscriptFinal, growing: _Growing | None) -> None:
        """Remembers when somebody spoke, and the line that is still ``growing``, if it is."""
        who = event.channel
        self._began.setdefault(who, event.start)
        self._heard_until[who] = max(event.end, self._heard_until.get(who, _NEVER))
        words = len(event.text.split())
        if words >= (1 if who == "agent" else _TALK_WORDS):
            self._talk_began = max(self._talk_began, event.start)
        self._partial.pop(who, None)
        self._in_partial = {said: found for said, found in self._in_partial.items() if said[1] != who}
        if growing:
            self._partial[who] = growing

    def _said(self, phrases: str, who: Channel, since: float) -> bool:
        if self._said_at[phrases, who] >= since:
            return True
        partial = self._partial.get(who)
        if partial is None or partial.end < since:
            return False
        if (phrases, who) not in self._in_partial:  # asked with every event, so looked for once
            self._in_partial[phrases, who] = bool(self._phrases[phrases].find(partial.line))
        return self._in_partial[phrases, who]

    # --- the triggers, each asked with the event that just came ---

    @singledispatchmethod
    def moment(self, trigger: Trigger, event: Heard) -> Moment | None:
        """The moment in which ``trigger`` holds because of ``event``, which was accepted just before; else None."""
        raise NotImplementedError(type(trigger).__name__)

    @moment.register
    def _(self, trigger: SentimentTrigger, event: Heard) -> Moment | None:
        reading = self._readings[-1] if self._readings else None
        if not isinstance(event, SentimentTrend) or event.mood is None or reading is None or not reading.sure:
            return None
        if sum(one.sure and one.sentiment == reading.sentiment for one in self._readings) < trigger.lines:
            return None
        low = trigger.below is None or (event.mood < trigger.below and reading.sentiment == "negative")
        high = trigger.above is None or (event.mood > trigger.above and reading.sentiment == "positive")
        if not (low and high and (event.direction == "falling" or not trigger.falling)):
            return None
        return self._worded(event.at, reading.confidence, reading.because)

    @moment.register
    def _(self, trigger: SignalTrigger, event: Heard) -> Moment | None:
        if not isinstance(event, SignalDetected) or event.signal not in trigger.any_of:
            return None
        return self._worded(event.at, event.probability, event.because)

    @moment.register
    def _(self, trigger: SaidTrigger, event: Heard) -> Moment | None:
        if not isinstance(event, TranscriptFinal) or event.channel != trigger.who or event.end < trigger.after:
            return None
        said = self._phrases[trigger.phrases].find(self._last_line[event.channel])
        if not said or (trigger.until is not None and event.start > trigger.until):
            return None
        return Moment(event.at, event.confidence, (said,), {"words": said})

    @moment.register
    def _(self, trigger: NotSaidTrigger, event: Heard) -> Moment | None:
        began = self._began.get(trigger.who)
        joined_late = self._heard_since is not None and self._heard_since > _JOINED_LATE
        due = None if began is None or joined_late else began + trigger.within
        if due is None or not due < event.at <= due + _LONGEST_LATE or self._missed_from < due:
            return None
        if self._said(trigger.phrases, trigger.who, 0.0):
            return None
        return _measured(event.at, trigger.within)

    @moment.register
    def _(self, trigger: OverlapTrigger, event: Heard) -> Moment | None:
        if not isinstance(event, ConversationMetrics):
            return None
        past = (one.overlap for one in reversed(self._metrics) if one.at <= event.at - trigger.window)
        overlap = event.overlap - next(past, self._metrics[0].overlap)
        return _measured(event.at, overlap) if overlap > trigger.over else None

    @moment.register
    def _(self, trigger: DeadAirTrigger, event: Heard) -> Moment | None:
        if not isinstance(event, ConversationMetrics) or event.talk_ratio is None:
            return None
        return _measured(event.at, event.dead_air) if event.dead_air > trigger.over else None

    @moment.register
    def _(self, trigger: MonologueTrigger, event: Heard) -> Moment | None:
        if not isinstance(event, ConversationMetrics) or event.monologue <= trigger.over:
            return None
        return _measured(event.at, event.monologue)

    @moment.register
    def _(self, trigger: PaceTrigger, event: Heard) -> Moment | None:
        if not isinstance(event, ConversationMetrics) or event.at < trigger.after:
            return None
        if event.pace is None or event.pace <= trigger.over:
            return None
        wpm = str(round(event.pace))
        return Moment(event.at, 1.0, (f"{wpm} wpm",), {"wpm": wpm})

    @moment.register
    def _(self, trigger: HoldTrigger, event: Heard) -> Moment | None:
        if not isinstance(event, ConversationMetrics):
            return None
        announced = max(self._said_at[trigger.phrases, "agent"], self._last_signal("hold_ok", _AGREED))
        talked = max(self._talk_began, self._missed_until)  # what was not heard may have been talk
        if announced == _NEVER or talked > announced + _HOLD_SETTLES:
            return None
        waited = event.at - max(announced, self._heard_until.get("agent", _NEVER))
        return _measured(event.at, waited) if waited > trigger.over else None

    @moment.register
    def _(self, trigger: GoodEndTrigger, event: Heard) -> Moment | None:
        if self.mood is None or self.mood <= trigger.above or self.displeased:
            return None
        if max(map(self._last_signal, _UNSOLVED)) > self._last_signal("resolved"):
            return None
        if isinstance(event, SignalDetected) and event.signal == "closing":
            return self._worded(event.at, event.probability, event.because)
        return self._worded(event.at, 1.0, ()) if isinstance(event, CallEnded) else None

    @moment.register
    def _(self, trigger: WrapUpTrigger, event: Heard) -> Moment | None:
        if not isinstance(event, WrapUp) or event.at - event.ended_at <= trigger.over:
            return None
        return _measured(event.at, event.at - event.ended_at)

    def _last_signal(self, name: str, least: float = 0.0) -> float:
        """When the signal was found last with a probability of at least ``least``."""
        times = (one.at for one in self._signals if one.signal == name and one.probability >= least)
        return max(times, default=_NEVER)

    def _worded(self, at: float, confidence: float, because: tuple[Reason, ...]) -> Moment:
        """A moment shown by the customer's words: those that weighed most, else the beginning of the line."""
        words = tuple(reason.word for reason in because if reason.weight > 0)
        if not words:
            line = self._last_line.get("customer")
            words = (" ".join(line.words[:_QUOTED_WORDS]),) if line and line.text else ()
        return Moment(at, confidence, words, {"words": ", ".join(words)})


def _measured(at: float, seconds: float) -> Moment:
    whole = str(int(seconds))
    return Moment(at, 1.0, (f"{whole} s",), {"seconds": whole})


def _minded(playbook: Playbook) -> set[_Said]:
    """What it matters to have been said, over all rules."""
    minded: set[_Said] = set()
    for rule in playbook.rules:
        minded |= {(what.phrases, what.who) for what in (rule.unless, rule.done) if what and what.phrases}
        if isinstance(rule.trigger, NotSaidTrigger):
            minded.add((rule.trigger.phrases, rule.trigger.who))
        if isinstance(rule.trigger, HoldTrigger):
            minded.add((rule.trigger.phrases, "agent"))
    return minded
