"""One call: audio from the capture to the inference thread, events from there to the hub and the log.

The session itself lives on the event loop; only the pipeline is elsewhere. It says ``CallStarted`` first and
``CallEnded`` last, whatever happens in between; only cues for the work after the call, and what became of cues, come
later (see ``after_call``). Which call is whose, and how long a lost capture is waited for, is
decided in ``calls``.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal

import msgspec
import structlog

from live_sentiment.events import (
    AnyEvent,
    AudioFrame,
    CallEnded,
    CallStarted,
    ConversationMetrics,
    CueOutcome,
    Gap,
    WrapUp,
)
from server.hub import Hub
from server.inbox import Finish, Inbox, Recall, Settle
from server.protocol import CallBegin, CueReply, is_durable
from server.store.rows import CallDetail, EndOfCall
from server.store.store import Store
from server.timeline import Timeline
from server.worker import PipelineFactory, Worker

Reason = Literal["finished", "stopped", "lost"]
_METRICS_EVERY = 10.0
"""Seconds of the call between two of its numbers that are kept."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SessionParts:
    """What every call uses: the hub, the log, the pipelines when they are ready, and seconds of audio that may wait."""

    hub: Hub
    store: Store
    factory: "Future[PipelineFactory]"
    queue_seconds: float = 30.0


class CallSession:
    """One call in progress; ``earlier`` is what the log has of it when it goes on after a restart of the server.

    ``on_end`` is called once, on the event loop, after ``CallEnded``. All methods belong to the event loop's thread.
    """

    def __init__(
        self, begin: CallBegin, parts: SessionParts, on_end: Callable[["CallSession"], None], earlier: CallDetail | None
    ) -> None:
        self.begin = begin
        self.paused = begin.paused
        self.ending = False
        self.failed = False
        self.stop_asked = False
        self.ended: CallEnded | None = None
        self._parts = parts
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Event()
        self._inbox = Inbox(parts.queue_seconds, self._from_inbox)
        self._worker = Worker(begin, parts.factory, self._inbox, self._from_worker, self._worker_done)
        self._end: tuple[float, Reason] | None = None
        self._metrics = None if earlier is None else earlier.metrics
        self._metrics_kept = 0.0
        self._utterances = _highest_utterance(earlier)
        self._renumbers: bool | None = None
        self._outcomes: set[tuple[str, str]] = set()
        self._latest = 0.0
        self._timeline = Timeline() if earlier is None else self._go_on(earlier)
        self.finished = asyncio.Event()
        if earlier is None:
            self._start()
        self._worker.start()

    @property
    def call_id(self) -> str:
        """The call."""
        return self.begin.call_id

    @property
    def length(self) -> float:
        """How far it has come, in seconds."""
        return self._timeline.newest

    @property
    def reason(self) -> Reason:
        """Why it ends or has ended; "lost" before that."""
        return "lost" if self._end is None or self.failed else self._end[1]

    async def room(self) -> None:
        """Returns when there is room for more audio, at once if this is not a recording that can wait."""
        while self.begin.speed is None and self._inbox.crowded and not self.ending:
            self._room.clear()
            if self._inbox.crowded:
                await self._room.wait()

    def frame(self, frame: AudioFrame) -> None:
        """Takes in audio; dropped while paused, or when it came before."""
        if self.paused or self.ending:
            return
        new, gap = self._timeline.admit(frame)
        if gap is not None:
            self._inbox.put(gap)
        if new:
            self._inbox.put(frame)

    def gap(self, gap: Gap) -> None:
        """The capture reports audio that was lost."""
        new = None if self.ending else self._timeline.told(gap)
        if new is not None:
            self._inbox.put(new)

    def interrupted(self, cause: str) -> None:
        """Audio is missing from here on."""
        self._timeline.interrupted(cause)

    def settle(self) -> None:
        """Nothing may come for a while: what was said so far gets its finals now, not when the next frame comes."""
        if not self.ending:
            self._inbox.put(Settle(self._timeline.newest))

    def pause(self) -> None:
        """The agent wants nothing heard."""
        if not self.paused:
            self.settle()
        self.paused = True
        self._timeline.interrupted("paused")

    def resume(self) -> None:
        """The agent wants to be heard again."""
        self.paused = False

    def reply(self, reply: CueReply) -> None:
        """What became of a cue; the same answer twice is one event."""
        if (reply.cue_id, reply.outcome) in self._outcomes or (self.ending and self.ended is None):
            return
        self._outcomes.add((reply.cue_id, reply.outcome))
        outcome = CueOutcome(at=self._latest or self._timeline.newest, cue_id=reply.cue_id, outcome=reply.outcome)
        self._publish(outcome)
        if self.ended is None:
            self._inbox.put(outcome)
        else:
            self.wrap_up(outcome)

    @property
    def after_call(self) -> float:
        """Seconds after the end in which its cues may still come or be shown."""
        return 0.0 if self.failed else self._worker.after_call

    def wrap_up(self, event: CallEnded | WrapUp | CueOutcome) -> None:
        """Tells the cue engine of the call's end or of what comes after it; only when ``ended``."""
        self._latest = max(self._latest, event.at)
        if not self.failed:
            for told in self._worker.wrap_up(event):
                self._publish(told)

    def finish(self, reason: Reason, at: float | None = None) -> None:
        """No more audio comes; the finals follow, then ``CallEnded``. ``at`` is the call's length, if known."""
        if self.ending:
            return
        self.ending = True
        length = max(at or 0.0, self._timeline.newest)
        self._end = (length, reason)
        self._room.set()
        for gap in self._timeline.close(length):
            self._inbox.put(gap)
        self._inbox.put(Finish(length))

    def _start(self) -> None:
        begin = self.begin
        started = CallStarted(
            at=0.0, call_id=begin.call_id, started_at=begin.started_at, source=begin.source, speed=begin.speed
        )
        self._parts.hub.publish(begin.call_id, started)
        self._parts.store.begin_call(started, begin.language)

    def _go_on(self, earlier: CallDetail) -> Timeline:
        """Takes up a call from the log, after the server that had it was killed; the hub has it already."""
        self._outcomes = {(outcome.cue_id, outcome.outcome) for outcome in earlier.outcomes}
        numbers = () if earlier.metrics is None else (earlier.metrics,)
        self._inbox.put(Recall((*earlier.events, *numbers)))
        timeline = Timeline(max((event.at for event in earlier.events), default=0.0))
        timeline.interrupted("paused" if self.begin.paused else "restart")
        return timeline

    def _publish(self, event: AnyEvent) -> None:
        if isinstance(event, ConversationMetrics):
            self._metrics = event
            self._keep_metrics(event)
        seq = self._parts.hub.publish(self.call_id, event)
        if is_durable(event):
            self._parts.store.add_event(self.call_id, seq, event)
        if isinstance(event, CueOutcome) and event.outcome == "acted":
            self._keep_acted(event)

    def _keep_acted(self, outcome: CueOutcome) -> None:
        """Nobody replied this; it is kept with what agents replied."""
        self._outcomes.add((outcome.cue_id, outcome.outcome))
        when = self.begin.started_at + outcome.at / (self.begin.speed or 1.0)
        reply = CueReply(call_id=self.call_id, cue_id=outcome.cue_id, outcome=outcome.outcome, shown_at=when)
        self._parts.store.add_outcome(reply)

    def _keep_metrics(self, metrics: ConversationMetrics) -> None:
        """Not each: they come every second, and matter only if this server is killed."""
        if metrics.at >= self._metrics_kept + _METRICS_EVERY:
            self._metrics_kept = metrics.at
            self._parts.store.keep_metrics(self.call_id, metrics)

    def _on_events(self, events: list[AnyEvent]) -> None:
        if self.ended is not None:
            return
        for event in events:
            self._publish(self._renumbered(event))

    def _renumbered(self, event: AnyEvent) -> AnyEvent:
        """A pipeline that took a call up in the middle and counts utterances from 1 again; the call does not."""
        if self._utterances == 0 or not hasattr(event, "utterance"):
            return event
        if self._renumbers is None:
            self._renumbers = getattr(event, "utterance", 0) <= self._utterances
        if not self._renumbers:
            return event
        return msgspec.structs.replace(event, utterance=getattr(event, "utterance", 0) + self._utterances)

    def _on_done(self, completed: bool) -> None:  # noqa: FBT001 - handed on by call_soon_threadsafe
        self.ending = True
        self.failed = not completed
        self._room.set()
        length, _ = self._end or (self._timeline.newest, "lost")
        ended = CallEnded(at=length, reason=self.reason)
        self.ended = ended
        seq = self._parts.hub.publish(self.call_id, ended)
        self._parts.store.end_call(self.call_id, EndOfCall(seq=seq, ended=ended, metrics=self._metrics))
        self.finished.set()
        _log.info("call_ended", call_id=self.call_id, reason=ended.reason, seconds=round(length, 1))
        self._on_end(self)

    def _from_inbox(self) -> None:
        """Called by the inference thread."""
        self._loop.call_soon_threadsafe(self._room.set)

    def _from_worker(self, events: list[AnyEvent]) -> None:
        """Called by the inference thread."""
        self._loop.call_soon_threadsafe(self._on_events, events)

    def _worker_done(self, completed: bool) -> None:  # noqa: FBT001 - the worker's one callback
        """Called by the inference thread."""
        self._loop.call_soon_threadsafe(self._on_done, completed)


def _highest_utterance(earlier: CallDetail | None) -> int:
    events = () if earlier is None else earlier.events
    return max((getattr(event, "utterance", 0) for event in events), default=0)
