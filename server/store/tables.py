"""The tables of the session log, for SQLAlchemy Core. Times are Unix seconds unless said otherwise.

The migrations make these tables; a test compares the two.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

calls = Table(
    "calls",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("started_at", Float, nullable=False),
    Column("source", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("speed", Float),
    Column("length", Float),  # seconds of call time; empty while the call goes on
    Column("reason", String(16)),
    Column("metrics", Text),  # the last ConversationMetrics, as JSON
    Index("calls_started_at", "started_at"),
)

events = Table(
    "events",
    metadata,
    Column("call_id", String(64), ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", Float, nullable=False),  # seconds since the call started
    Column("type", String(32), nullable=False),
    Column("body", Text, nullable=False),  # the event as JSON
)

feedback = Table(
    "feedback",
    metadata,
    Column("feedback_id", String(64), primary_key=True),
    Column("received_at", Float, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("stars", Integer),
    Column("solved", Boolean),
    Column("recommend", Integer),
    Column("effort", Integer),
    Column("comment", Text, nullable=False),
    Column("nominated", Boolean, nullable=False),
    Column("may_share", Boolean, nullable=False),
    Column("customer", Text, nullable=False),
    Column("call_id", String(64)),  # what the sender says; need not be a call of this log
    Column("seen", Boolean, nullable=False),
    Column("idempotency_key", String(200), unique=True),
    Index("feedback_received_at", "received_at"),
)

notes = Table(
    "notes",
    metadata,
    Column("call_id", String(64), ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("written_at", Float, nullable=False),
    Column("note", Text, nullable=False),
    Column("solved", String(8)),
)

cue_outcomes = Table(
    "cue_outcomes",
    metadata,
    Column("call_id", String(64), ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("cue_id", String(64), primary_key=True),
    Column("outcome", String(16), primary_key=True),
    Column("shown_at", Float, nullable=False),
)
