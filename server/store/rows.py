"""What the session log answers with: plain, frozen data that goes out as JSON as it is."""

import msgspec

from live_sentiment.events import AnyEvent, CallEnded, ConversationMetrics
from server.protocol import CallNote, FeedbackCard


class CallRow(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the log. ``started_at`` is Unix time, ``length`` seconds; both ``None`` fields mean: still going."""

    call_id: str
    started_at: float
    source: str
    language: str
    speed: float | None
    length: float | None
    reason: str | None


class StoredOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a cue; ``shown_at`` is Unix time in seconds."""

    cue_id: str
    outcome: str
    shown_at: float


class CallDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One call with all that is kept of it; ``numbers`` are those of ``events``, which may have holes."""

    call: CallRow
    events: tuple[AnyEvent, ...]
    numbers: tuple[int, ...]
    metrics: ConversationMetrics | None
    note: CallNote | None
    outcomes: tuple[StoredOutcome, ...]


class StoredFeedback(msgspec.Struct, frozen=True, kw_only=True):
    """A feedback card as it is in the log; ``fresh`` is False when an earlier request had put it there."""

    card: FeedbackCard
    fresh: bool


class EndOfCall(msgspec.Struct, frozen=True, kw_only=True):
    """What closes a call in the log."""

    seq: int
    ended: CallEnded
    metrics: ConversationMetrics | None = None
