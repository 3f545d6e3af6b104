"""Everything the screen shows, as plain frozen data. No Qt, no clock, no logic beyond a look at itself.

Wall clock times are Unix seconds (``..._at`` with a note), call times are seconds since the call started.
"""

from dataclasses import dataclass
from typing import Literal

from live_sentiment.events import (
    CallEnded,
    Channel,
    ConversationMetrics,
    Cue,
    Delay,
    Gap,
    Outcome,
    SentimentReading,
    SentimentTrend,
)
from overlay.state.inputs import CallAction, Solved
from server.protocol import (
    CallControl,
    CallNote,
    CueReply,
    Error,
    FeedbackCard,
    FeedbackSeen,
    Presence,
    ServerStatus,
    Today,
)

Link = Literal["connecting", "up", "down", "refused"]
Outgoing = CueReply | FeedbackSeen | CallControl | CallNote


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one utterance says so far; ``final`` once it will not change any more. ``start`` is call time."""

    channel: Channel
    utterance: int
    text: str
    start: float
    final: bool


@dataclass(frozen=True, slots=True)
class MoodPoint:
    """The customer's mood (-1 to 1) at a call time."""

    at: float
    mood: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CueMark:
    """A cue of this call and what became of it; ``shown`` once it was painted, ``outcome`` None until then."""

    cue_id: str
    rule: str
    at: float
    outcome: Outcome | None = None
    shown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call as the overlay knows it, from its start to the end of its wrap-up.

    ``started_at``, ``ended_at``, ``note_typed_at`` and ``orphaned_at`` are Unix times; ``at`` is the newest call time
    heard of. ``note_typed_at`` is None when the note is sent; ``orphaned_at`` is set when the server no longer knows
    the call. ``replies`` are answers about cues on their way out.
    """

    call_id: str
    started_at: float
    speed: float | None = 1.0
    seq: int = 0
    at: float = 0.0
    trend: SentimentTrend | None = None
    reading: SentimentReading | None = None
    arc: tuple[MoodPoint, ...] = ()
    lines: tuple[Line, ...] = ()
    signals: tuple[str, ...] = ()
    metrics: ConversationMetrics | None = None
    delay: Delay | None = None
    unclear: frozenset[Channel] = frozenset()
    gap: Gap | None = None
    cue: Cue | None = None
    waiting: tuple[Cue, ...] = ()
    marks: tuple[CueMark, ...] = ()
    replies: tuple[CueReply, ...] = ()
    ended: CallEnded | None = None
    ended_at: float | None = None
    orphaned_at: float | None = None
    solved: Solved | None = None
    note: str = ""
    note_typed_at: float | None = None

    def time(self, now: float) -> float:
        """Call time at the Unix time ``now``, which stands still when the call is over."""
        return self.ended.at if self.ended is not None else self.clock(now)

    def clock(self, now: float) -> float:
        """Call time, going on after the end; the newest known time where a recording is played without a pace."""
        return self.at if self.speed is None else max(0.0, (now - self.started_at) * self.speed)

    def wall(self, at: float) -> float:
        """The Unix time at which call time ``at`` is reached."""
        return self.started_at + at / (self.speed or 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlayState:
    """The whole overlay. ``outbox`` holds what must go to the server and is emptied by whoever sends it.

    ``feedback`` is newest first and ``feedback_index`` the card to show; ``card_since`` is the Unix time since when
    that card is in view; ``capture_gone_at`` since when no capture is connected.
    ``cues_off`` is True while the agent wants no cue at all, and ``muted`` the rules that the agent wants none of, each
    with the Unix time at which that ends.
    ``asked`` is what the agent asked of the call and the server did not yet confirm, ``asked_at`` (Unix time) since
    when; ``pause_wanted`` a pause asked for while the line was down, which is sent once it is up.
    """

    link: Link = "connecting"
    retry_at: float | None = None
    ever_up: bool = False
    refusal: Error | None = None
    error: Error | None = None
    error_at: float = 0.0
    server: ServerStatus | None = None
    presence: Presence | None = None
    today: Today | None = None
    feedback: tuple[FeedbackCard, ...] = ()
    feedback_index: int = 0
    card_since: float | None = None
    call: Call | None = None
    past_calls: tuple[str, ...] = ()
    cues_off: bool = False
    muted: tuple[tuple[str, float], ...] = ()
    asked: CallAction | None = None
    asked_at: float = 0.0
    pause_wanted: bool = False
    capture_gone_at: float | None = None
    why_open: bool = False
    transcript_open: bool = False
    collapsed: bool = False
    outbox: tuple[Outgoing, ...] = ()

    def wants(self, cue: Cue, now: float) -> bool:
        """Whether the agent would see ``cue`` at the Unix time ``now``."""
        return not self.cues_off and not any(rule == cue.rule and now < until for rule, until in self.muted)
