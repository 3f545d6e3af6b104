"""The first tables: calls, events, feedback, notes, outcomes of cues."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "calls",
        sa.Column("call_id", sa.String(64), primary_key=True),
        sa.Column("started_at", sa.Float, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("speed", sa.Float),
        sa.Column("length", sa.Float),
        sa.Column("reason", sa.String(16)),
        sa.Column("metrics", sa.Text),
    )
    op.create_index("calls_started_at", "calls", ["started_at"])
    op.create_table(
        "events",
        _call_key(),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    _create_feedback()
    op.create_table(
        "notes",
        _call_key(),
        sa.Column("written_at", sa.Float, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("solved", sa.String(8)),
    )
    op.create_table(
        "cue_outcomes",
        _call_key(),
        sa.Column("cue_id", sa.String(64), primary_key=True),
        sa.Column("outcome", sa.String(16), primary_key=True),
        sa.Column("shown_at", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Removes them."""
    for table in ("cue_outcomes", "notes", "feedback", "events", "calls"):
        op.drop_table(table)


def _call_key() -> sa.Column[str]:
    return sa.Column("call_id", sa.String(64), sa.ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True)


def _create_feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("feedback_id", sa.String(64), primary_key=True),
        sa.Column("received_at", sa.Float, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("stars", sa.Integer),
        sa.Column("solved", sa.Boolean),
        sa.Column("recommend", sa.Integer),
        sa.Column("effort", sa.Integer),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("nominated", sa.Boolean, nullable=False),
        sa.Column("may_share", sa.Boolean, nullable=False),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("call_id", sa.String(64)),
        sa.Column("seen", sa.Boolean, nullable=False),
        sa.Column("idempotency_key", sa.String(200), unique=True),
    )
    op.create_index("feedback_received_at", "feedback", ["received_at"])
