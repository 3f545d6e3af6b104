"""Who gets which event with which number: numbering, replay, snapshots, and one outbox for each overlay.

**Numbers.** The events of a call that are kept ("durable": all but ``TranscriptPartial`` and ``ConversationMetrics``)
are numbered 1, 2, 3, ... The other two are only worth something while they are new: they are never stored or replayed,
a newer one of the same channel takes the place of one still waiting, and so they cannot have numbers of their own.
Their envelope carries the number of the last durable event before them. A client therefore sees durable events
numbered without holes, whatever was conflated, and what it resumes from is simply the number of its last envelope.

**Resuming.** The last ``window`` durable envelopes of each call are kept. A client that was away no longer than that
gets exactly what it missed; otherwise a ``Snapshot``. A call brought back from the log by a restarted server has a
``boundary``: the last number known to be in the log. The server that was killed may have sent numbers past it, and
these now mean other events; so a client that resumes from beyond the boundary gets a snapshot, which is always right.

Nothing here knows sockets or the store. Everything belongs to the event loop's thread.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable

from live_sentiment.events import AnyEvent, CallEnded, ConversationMetrics, TranscriptPartial
from server.outbox import Key, Outbox, OutboxLimits
from server.protocol import Envelope, ResumeFrom, ToOverlay, encode, is_durable
from server.snapshot import SnapshotMemory

_CALLS_KEPT = 3


def live_key(event: AnyEvent) -> Key | None:
    """What an event that is not durable conflates on in an outbox, or None."""
    if isinstance(event, TranscriptPartial):
        return ("partial", event.channel)
    if isinstance(event, ConversationMetrics):
        return ("metrics",)
    return None


class CallRecord:
    """The numbers and the recent past of one call."""

    def __init__(self, call_id: str, window: int) -> None:
        self.call_id = call_id
        self.seq = 0
        self.boundary: int | None = None
        self.ended = False
        self.memory = SnapshotMemory()
        self._ring: deque[str] = deque(maxlen=window)

    def restore(self, seq: int, event: AnyEvent) -> None:
        """Takes in an event that had number ``seq``; nothing before a hole can be replayed."""
        if seq != self.seq + 1:
            self._ring.clear()
        self.seq = seq - 1
        self.add(event)

    def add(self, event: AnyEvent) -> str:
        """Takes an event in and returns its envelope's text."""
        durable = is_durable(event)
        if durable:
            self.seq += 1
        self.memory.add(event)
        self.ended = self.ended or isinstance(event, CallEnded)
        text = encode(Envelope(call_id=self.call_id, seq=self.seq, event=event))
        if durable:
            self._ring.append(text)
        return text

    def missed_since(self, seq: int) -> list[str] | None:
        """The envelopes after number ``seq``; None when they are not all here, or ``seq`` may mean another event."""
        missing = self.seq - seq
        if missing < 0 or seq < 0 or missing > len(self._ring):
            return None
        if self.boundary is not None and seq > self.boundary:
            return None
        return list(self._ring)[len(self._ring) - missing :]

    def snapshot(self) -> str:
        """Where the call stands now."""
        return encode(self.memory.snapshot(self.call_id, self.seq))


class Hub:
    """All overlays of this server and the calls they watch; ``window`` is how many envelopes can be replayed."""

    def __init__(self, window: int = 2000, limits: OutboxLimits | None = None) -> None:
        self._window = window
        self._limits = limits
        self._calls: OrderedDict[str, CallRecord] = OrderedDict()
        self._outboxes: set[Outbox] = set()

    @property
    def clients(self) -> int:
        """How many overlays are connected."""
        return len(self._outboxes)

    @property
    def present_call(self) -> str | None:
        """The call in progress, the newest if there are several."""
        return next((call.call_id for call in reversed(self._calls.values()) if not call.ended), None)

    def seq(self, call_id: str) -> int:
        """The number of the call's last durable event, 0 before the first."""
        return self._calls[call_id].seq if call_id in self._calls else 0

    def join(self, greetings: Iterable[ToOverlay], resume_from: ResumeFrom | None = None) -> Outbox:
        """A new overlay: its outbox holds the ``greetings``, then what brings it to the present of the calls."""
        outbox = Outbox(self._limits)
        for message in greetings:
            outbox.put(encode(message))
        resumed = self._resume(outbox, resume_from)
        present = self.present_call
        if present is not None and present != resumed:
            outbox.put(self._calls[present].snapshot())
        self._outboxes.add(outbox)
        return outbox

    def leave(self, outbox: Outbox) -> None:
        """An overlay is gone."""
        self._outboxes.discard(outbox)

    def publish(self, call_id: str, event: AnyEvent) -> int:
        """Sends an event of a call to everybody and returns its number (for live ones, that of the last durable)."""
        record = self._record(call_id)
        text = record.add(event)
        self._send(text, live_key(event))
        return record.seq

    def restore(self, call_id: str, events: Iterable[tuple[int, AnyEvent]]) -> None:
        """Brings a call back from the log, with the numbers of its events, and shows everybody where it stands."""
        self._calls.pop(call_id, None)
        record = self._record(call_id)
        for seq, event in events:
            record.restore(seq, event)
        record.boundary = record.seq
        for outbox in self._outboxes:
            outbox.put(record.snapshot())

    def broadcast(self, message: ToOverlay) -> None:
        """Sends a message that belongs to no call to everybody."""
        self._send(encode(message), None)

    def _resume(self, outbox: Outbox, resume_from: ResumeFrom | None) -> str | None:
        """Queues what a returning client missed; returns the call that is thereby complete."""
        record = self._calls.get(resume_from.call_id) if resume_from is not None else None
        if record is None or resume_from is None:
            return None
        missed = record.missed_since(resume_from.seq)
        for text in [record.snapshot()] if missed is None else missed:
            outbox.put(text)
        return record.call_id

    def _record(self, call_id: str) -> CallRecord:
        if call_id not in self._calls:
            self._calls[call_id] = CallRecord(call_id, self._window)
            self._forget_old()
        return self._calls[call_id]

    def _forget_old(self) -> None:
        """Keeps the last few calls, for those who come back after the end of one."""
        over = [call.call_id for call in self._calls.values() if call.ended]
        for call_id in over[: max(0, len(self._calls) - _CALLS_KEPT)]:
            del self._calls[call_id]

    def _send(self, text: str, key: Key | None) -> None:
        for outbox in self._outboxes:
            outbox.put(text, key)
