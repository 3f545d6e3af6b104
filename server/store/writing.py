"""The statements that write the session log. Each may be done twice: a commit that failed is tried again."""

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update

from live_sentiment.events import AnyEvent, CallEnded, CallStarted, ConversationMetrics
from server.errors import Conflict, NotFound
from server.protocol import CallNote, CueReply, FeedbackCard
from server.store.reading import card_of, has_call
from server.store.rows import EndOfCall, StoredFeedback
from server.store.tables import calls, cue_outcomes, events, feedback, notes


def begin_call(connection: Connection, started: CallStarted, language: str) -> None:
    """Inserts the call and its first event."""
    connection.execute(
        insert(calls).values(
            call_id=started.call_id,
            started_at=started.started_at,
            source=started.source,
            language=language,
            speed=started.speed,
        )
    )
    add_event(connection, started.call_id, 1, started, msgspec.json.encode(started).decode())


def add_event(connection: Connection, call_id: str, seq: int, event: AnyEvent, body: str) -> None:
    """Inserts one event."""
    connection.execute(
        insert(events).values(call_id=call_id, seq=seq, at=event.at, type=type(event).__name__, body=body)
    )


def end_call(connection: Connection, call_id: str, end: EndOfCall) -> None:
    """Inserts the last event and closes the call."""
    add_event(connection, call_id, end.seq, end.ended, msgspec.json.encode(end.ended).decode())
    metrics = None if end.metrics is None else msgspec.json.encode(end.metrics).decode()
    connection.execute(
        update(calls)
        .where(calls.c.call_id == call_id)
        .values(length=end.ended.at, reason=end.ended.reason, metrics=metrics)
    )


def keep_metrics(connection: Connection, call_id: str, metrics: ConversationMetrics) -> None:
    """Keeps how far the numbers of a call that goes on have come, for a server that must take it up."""
    body = msgspec.json.encode(metrics).decode()
    connection.execute(update(calls).where(calls.c.call_id == call_id).values(metrics=body))


def close_as_lost(connection: Connection, call_id: str) -> None:
    """Ends a call where its last event is, without reading any."""
    column = events.c
    last = select(func.max(column.seq), func.max(column.at)).where(column.call_id == call_id)
    seq, at = connection.execute(last).one()
    end_call(connection, call_id, EndOfCall(seq=(seq or 0) + 1, ended=CallEnded(at=at or 0.0, reason="lost")))


def add_note(connection: Connection, note: CallNote, written_at: float) -> None:
    """Puts the note in the place of an earlier one.

    Raises:
        NotFound: no such call.
    """
    _require_call(connection, note.call_id)
    connection.execute(delete(notes).where(notes.c.call_id == note.call_id))
    connection.execute(
        insert(notes).values(call_id=note.call_id, written_at=written_at, note=note.note, solved=note.solved)
    )


def add_outcome(connection: Connection, reply: CueReply) -> bool:
    """Inserts the outcome unless it is there.

    Raises:
        NotFound: no such call.
    """
    _require_call(connection, reply.call_id)
    table = cue_outcomes.c
    same = (table.call_id == reply.call_id) & (table.cue_id == reply.cue_id) & (table.outcome == reply.outcome)
    if connection.execute(select(table.cue_id).where(same)).first() is not None:
        return False
    connection.execute(
        insert(cue_outcomes).values(
            call_id=reply.call_id, cue_id=reply.cue_id, outcome=reply.outcome, shown_at=reply.shown_at
        )
    )
    return True


def add_feedback(connection: Connection, card: FeedbackCard, key: str | None) -> StoredFeedback:
    """Inserts the card; a known key answers with the card it brought the first time.

    Raises:
        Conflict: the key came with another card.
    """
    if key is not None:
        row = connection.execute(select(feedback).where(feedback.c.idempotency_key == key)).mappings().first()
        if row is not None:
            return StoredFeedback(card=_same(card_of(row), card), fresh=False)
    connection.execute(insert(feedback).values(**msgspec.structs.asdict(card), idempotency_key=key))
    return StoredFeedback(card=card, fresh=True)


def mark_seen(connection: Connection, feedback_id: str) -> None:
    """Remembers that the agent has read the card."""
    connection.execute(update(feedback).where(feedback.c.feedback_id == feedback_id).values(seen=True))


def _same(stored: FeedbackCard, again: FeedbackCard) -> FeedbackCard:
    """The stored card, if the customer's answers in both are the same."""
    answers = msgspec.structs.replace(
        again, feedback_id=stored.feedback_id, received_at=stored.received_at, seen=stored.seen
    )
    if answers != stored:
        raise Conflict("This Idempotency-Key came before with other answers.", "Use a new key for new feedback.")
    return stored


def _require_call(connection: Connection, call_id: str) -> None:
    if not has_call(connection, call_id):
        raise NotFound(f"There is no call {call_id!r} in the log.")
