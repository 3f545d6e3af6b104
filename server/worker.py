"""The inference thread of one call: hears all frames that wait, does one decode, says what follows, again.

The pipeline is used by this thread alone. What it says goes back to the event loop in order; a pipeline that fails ends
the call, never the server.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Protocol

import structlog

from live_sentiment.events import AnyEvent, AudioFrame, CallEnded, CueOutcome, Gap, WrapUp
from server.inbox import Finish, Inbox, Item, Recall, Settle
from server.protocol import CallBegin

_log = structlog.get_logger(__name__)


class Pipeline(Protocol):
    """One call from audio to cues; see ``live_sentiment.pipeline``. All calls come from one thread.

    After ``close`` only ``wrap_up`` and ``after_call`` are asked, from another one.
    """

    @property
    def after_call(self) -> float:
        """Seconds after the call's end in which cues may still come or be shown."""
        ...

    def accept(self, frame: AudioFrame) -> list[AnyEvent]:
        """Hears a frame; cheap, never decodes."""
        ...

    def step(self) -> list[AnyEvent] | None:
        """Does the most urgent decode; None when nothing is pending."""
        ...

    def gap(self, gap: Gap) -> list[AnyEvent]:
        """Takes note of lost audio; the gap itself is among the events."""
        ...

    def outcome(self, outcome: CueOutcome) -> list[AnyEvent]:
        """Takes note of what became of a cue; the outcome itself is not among the events."""
        ...

    def settle(self, at: float) -> list[AnyEvent]:
        """Closes what is being said at ``at`` seconds, as nothing may follow for a while; finals come from ``step``."""
        ...

    def recall(self, events: Sequence[AnyEvent]) -> None:
        """Takes up a call whose earlier ``events`` another pipeline found; before any frame."""
        ...

    def finish(self, at: float) -> list[AnyEvent]:
        """Ends the call at ``at`` seconds; all finals."""
        ...

    def wrap_up(self, event: CallEnded | WrapUp | CueOutcome) -> list[AnyEvent]:
        """What the call's end, and the time and answers after it, lead to. Cheap, without models."""
        ...

    def close(self) -> None:
        """Gives back what it holds."""
        ...


PipelineFactory = Callable[[CallBegin], Pipeline]


class DeafPipeline:
    """Stands in when no model could be loaded: the call is kept, without words. Gaps are still told."""

    after_call = 0.0

    def accept(self, frame: AudioFrame) -> list[AnyEvent]:
        """Hears nothing."""
        del frame
        return []

    def step(self) -> list[AnyEvent] | None:
        """Never has anything to do."""
        return None

    def gap(self, gap: Gap) -> list[AnyEvent]:
        """Passes it on."""
        return [gap]

    def outcome(self, outcome: CueOutcome) -> list[AnyEvent]:
        """Has no cues."""
        del outcome
        return []

    def settle(self, at: float) -> list[AnyEvent]:
        """Has nothing open."""
        del at
        return []

    def recall(self, events: Sequence[AnyEvent]) -> None:
        """Remembers nothing."""
        del events

    def finish(self, at: float) -> list[AnyEvent]:
        """Has no finals."""
        del at
        return []

    def wrap_up(self, event: CallEnded | WrapUp | CueOutcome) -> list[AnyEvent]:
        """Has no cues."""
        del event
        return []

    def close(self) -> None:
        """Holds nothing."""


def deaf_factory(begin: CallBegin) -> Pipeline:
    """Makes a ``DeafPipeline``."""
    del begin
    return DeafPipeline()


class Worker:
    """Runs one call's pipeline on a thread of its own.

    ``factory`` becomes known when the models are loaded; until then audio waits in ``inbox``. ``deliver`` gets every
    list of events, ``done`` is called last, with whether the pipeline came to its end; both from this thread.
    """

    def __init__(
        self,
        begin: CallBegin,
        factory: "Future[PipelineFactory]",
        inbox: Inbox,
        deliver: Callable[[list[AnyEvent]], None],
        done: Callable[[bool], None],
    ) -> None:
        self._begin = begin
        self._factory = factory
        self._inbox = inbox
        self._deliver = deliver
        self._done = done
        self._pipeline: Pipeline | None = None
        self._thread = threading.Thread(target=self._run, name=f"call-{begin.call_id[:8]}", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def join(self, wait: float) -> bool:
        """Waits for the thread's end, which comes after a ``Finish``; False when it takes longer."""
        self._thread.join(wait)
        return not self._thread.is_alive()

    @property
    def after_call(self) -> float:
        """Seconds after the call's end in which cues may still come; known when ``done`` was called."""
        return 0.0 if self._pipeline is None else self._pipeline.after_call

    def wrap_up(self, event: CallEnded | WrapUp | CueOutcome) -> list[AnyEvent]:
        """What follows from the call's end and what comes after it; only when ``done`` was called, from one thread."""
        return [] if self._pipeline is None else self._pipeline.wrap_up(event)

    def _run(self) -> None:
        try:
            self._work()
        except Exception as error:  # noqa: BLE001 - a thread's outermost loop: the call ends, the server stays
            _log.exception("pipeline_failed", call_id=self._begin.call_id, error=type(error).__name__)
            self._done(False)
        else:
            self._done(True)

    def _work(self) -> None:
        pipeline = self._pipeline = self._factory.result()(self._begin)
        try:
            idle = True
            while not self._hear(pipeline, self._inbox.take(block=idle)):
                events = pipeline.step()
                idle = events is None
                self._say(events or [])
        finally:
            pipeline.close()

    def _hear(self, pipeline: Pipeline, items: Sequence[Item]) -> bool:
        """Hands the items over in order; True when the last was the call's end."""
        events: list[AnyEvent] = []
        for item in items:
            match item:
                case AudioFrame():
                    events += pipeline.accept(item)
                case Gap():
                    events += pipeline.gap(item)
                case CueOutcome():
                    events += pipeline.outcome(item)
                case Settle():
                    events += pipeline.settle(item.at)
                case Recall():
                    pipeline.recall(item.events)
                case Finish():
                    self._say(events)
                    self._say(pipeline.finish(item.at))
                    return True
        self._say(events)
        return False

    def _say(self, events: list[AnyEvent]) -> None:
        if events:
            self._deliver(events)
