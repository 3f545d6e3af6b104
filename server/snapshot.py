"""What is remembered of a call so that a newcomer sees where it stands: a few of the newest events of each kind."""

from collections import deque
from itertools import count

from live_sentiment.events import (
    AnyEvent,
    CallEnded,
    CallStarted,
    ConversationMetrics,
    Cue,
    CueOutcome,
    Delay,
    Gap,
    RecognitionQuality,
    SentimentReading,
    SentimentTrend,
    SignalDetected,
    TranscriptFinal,
)
from server.protocol import Snapshot

_KEPT: dict[type[AnyEvent], int] = {
    CallStarted: 1,
    CallEnded: 1,
    Gap: 3,
    Delay: 1,
    RecognitionQuality: 4,
    TranscriptFinal: 20,
    SentimentReading: 20,
    SentimentTrend: 60,
    SignalDetected: 20,
    ConversationMetrics: 1,
}


class SnapshotMemory:
    """The newest events of each kind, and the cue that is on the screen now."""

    def __init__(self) -> None:
        self._order = count()
        self._kept: dict[type[AnyEvent], deque[tuple[int, AnyEvent]]] = {
            kind: deque(maxlen=number) for kind, number in _KEPT.items()
        }
        self._cue: tuple[int, Cue] | None = None
        self._now = 0.0

    def add(self, event: AnyEvent) -> None:
        """Remembers an event; others of its kind may be forgotten for it."""
        self._now = max(self._now, event.at)
        if isinstance(event, Cue):
            self._cue = self._cue if event.shadow else (next(self._order), event)
        elif isinstance(event, CueOutcome):
            self._close_cue(event)
        elif type(event) in self._kept:
            self._cue = None if isinstance(event, CallEnded) else self._cue  # the screen lets go of it as well
            self._kept[type(event)].append((next(self._order), event))

    def snapshot(self, call_id: str, seq: int) -> Snapshot:
        """The remembered events in the order in which they came."""
        found = [item for kept in self._kept.values() for item in kept]
        if self._cue is not None and self._cue[1].expires_at > self._now:
            found.append(self._cue)
        events = tuple(event for _, event in sorted(found, key=lambda item: item[0]))
        return Snapshot(call_id=call_id, seq=seq, events=events)

    def _close_cue(self, outcome: CueOutcome) -> None:
        """A cue that was answered or ran out is not shown again; one that was merely shown is."""
        if self._cue is not None and self._cue[1].cue_id == outcome.cue_id and outcome.outcome != "shown":
            self._cue = None
