"""The questions asked of the session log, and the shape of their answers."""

from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, Select, func, select

from live_sentiment.events import AnyEvent, ConversationMetrics
from server.errors import NotFound, Unreadable
from server.protocol import CallNote, FeedbackCard, Today
from server.store.rows import CallDetail, CallRow, StoredOutcome
from server.store.tables import calls as calls_table
from server.store.tables import cue_outcomes, events, notes
from server.store.tables import feedback as feedback_table

_decode_event = msgspec.json.Decoder(AnyEvent).decode
_decode_metrics = msgspec.json.Decoder(ConversationMetrics).decode
_CARD_FIELDS = FeedbackCard.__struct_fields__
_CALL_FIELDS = CallRow.__struct_fields__


def card_of(row: RowMapping) -> FeedbackCard:
    """The feedback card in a row of the feedback table."""
    return FeedbackCard(**_pick(row, _CARD_FIELDS))


def has_call(connection: Connection, call_id: str) -> bool:
    """Whether the log has this call."""
    return connection.execute(select(calls_table.c.call_id).where(calls_table.c.call_id == call_id)).first() is not None


def calls(connection: Connection, limit: int, before: float | None) -> list[CallRow]:
    """The newest first."""
    query = select(calls_table).order_by(calls_table.c.started_at.desc()).limit(limit)
    if before is not None:
        query = query.where(calls_table.c.started_at < before)
    return _call_rows(connection, query)


def unfinished(connection: Connection) -> list[CallRow]:
    """Calls without an end, oldest first."""
    query = select(calls_table).where(calls_table.c.reason.is_(None)).order_by(calls_table.c.started_at)
    return _call_rows(connection, query)


def ended(connection: Connection, limit: int) -> list[CallRow]:
    """The newest calls that are over, the newest first."""
    query = select(calls_table).where(calls_table.c.reason.is_not(None)).order_by(calls_table.c.started_at.desc())
    return _call_rows(connection, query.limit(limit))


def call_row(connection: Connection, call_id: str) -> CallRow:
    """One call without its events.

    Raises:
        NotFound: no such call.
    """
    return CallRow(**_pick(_call_mapping(connection, call_id), _CALL_FIELDS))


def call(connection: Connection, call_id: str) -> CallDetail:
    """One call with its events, note and outcomes.

    Raises:
        NotFound: no such call.
        Unreadable: one of its events cannot be understood.
    """
    row = _call_mapping(connection, call_id)
    query = select(events.c.seq, events.c.body).where(events.c.call_id == call_id).order_by(events.c.seq)
    found = connection.execute(query).all()
    metrics: str | None = row["metrics"]
    try:
        decoded = tuple(_decode_event(body) for _, body in found)
        last_metrics = None if metrics is None else _decode_metrics(metrics)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Unreadable(
            f"The call {call_id!r} in the log cannot be read.", "Update Spiegel, should a newer one have written it."
        ) from error
    return CallDetail(
        call=CallRow(**_pick(row, _CALL_FIELDS)),
        events=decoded,
        numbers=tuple(seq for seq, _ in found),
        metrics=last_metrics,
        note=_note(connection, call_id),
        outcomes=_outcomes(connection, call_id),
    )


def feedback(connection: Connection, limit: int, before: float | None) -> list[FeedbackCard]:
    """The newest first."""
    query = select(feedback_table).order_by(feedback_table.c.received_at.desc()).limit(limit)
    if before is not None:
        query = query.where(feedback_table.c.received_at < before)
    return [card_of(row) for row in connection.execute(query).mappings()]


def today(connection: Connection, since: float, until: float) -> Today:
    """Counts between two Unix times."""
    started = calls_table.c.started_at
    column = feedback_table.c
    call_count = connection.execute(select(func.count()).where((started >= since) & (started < until))).scalar_one()
    answers, stars, solved_yes, solved_said = connection.execute(
        select(
            func.count(column.feedback_id),
            func.avg(column.stars),
            func.count().filter(column.solved.is_(True)),
            func.count(column.solved),
        ).where((column.received_at >= since) & (column.received_at < until))
    ).one()
    return Today(
        calls=call_count,
        answers=answers,
        stars=None if stars is None else round(float(stars), 2),
        solved_yes=solved_yes,
        solved_said=solved_said,
    )


def _call_rows(connection: Connection, query: Select[Any]) -> list[CallRow]:
    return [CallRow(**_pick(row, _CALL_FIELDS)) for row in connection.execute(query).mappings()]


def _call_mapping(connection: Connection, call_id: str) -> RowMapping:
    row = connection.execute(select(calls_table).where(calls_table.c.call_id == call_id)).mappings().first()
    if row is None:
        raise NotFound(f"There is no call {call_id!r} in the log.")
    return row


def _note(connection: Connection, call_id: str) -> CallNote | None:
    row = connection.execute(select(notes).where(notes.c.call_id == call_id)).mappings().first()
    return None if row is None else CallNote(**_pick(row, CallNote.__struct_fields__))


def _outcomes(connection: Connection, call_id: str) -> tuple[StoredOutcome, ...]:
    query = select(cue_outcomes).where(cue_outcomes.c.call_id == call_id).order_by(cue_outcomes.c.shown_at)
    return tuple(
        StoredOutcome(**_pick(row, StoredOutcome.__struct_fields__)) for row in connection.execute(query).mappings()
    )


def _pick(row: RowMapping, fields: tuple[str, ...]) -> dict[str, Any]:
    """The named columns of a row."""
    return {name: row[name] for name in fields}
