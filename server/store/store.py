"""The session log, as the server uses it: what may be written, what may be asked. No SQL leaves this folder.

Writes go to one thread and return at once; reads block, on connections of their own, and belong in a worker thread.
"""

from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from live_sentiment.events import AnyEvent, CallStarted, ConversationMetrics
from server.errors import StoreUnavailable
from server.protocol import CallNote, CueReply, FeedbackCard, Today
from server.store import reading, writing
from server.store.database import make_engine, trouble
from server.store.rows import CallDetail, CallRow, EndOfCall, StoredFeedback
from server.store.writer import Trouble, Writer, WriterConfig


class Store:
    """The session log in the SQLite file ``path``.

    ``on_trouble`` is told, from the writing thread, when the log begins to give trouble (a sentence per language) and
    when it is well again (None). All methods may be called from any thread.
    """

    def __init__(self, path: Path, on_trouble: Trouble, config: WriterConfig | None = None) -> None:
        self._path = path
        self._engine = make_engine(path)
        self._writer = Writer(self._engine, path, on_trouble, config)

    def start(self) -> None:
        """Opens the log and brings its tables up to date; trouble is told, not raised."""
        self._writer.start()

    def close(self) -> None:
        """Writes what waits and closes the log."""
        self._writer.close()
        self._engine.dispose()

    # --- writing

    def begin_call(self, started: CallStarted, language: str) -> "Future[None]":
        """A call begins; its ``CallStarted`` becomes event 1."""
        return self._writer.submit(lambda connection: writing.begin_call(connection, started, language))

    def add_event(self, call_id: str, seq: int, event: AnyEvent) -> "Future[None]":
        """Keeps a durable event."""
        body = msgspec.json.encode(event).decode()
        return self._writer.submit(lambda connection: writing.add_event(connection, call_id, seq, event, body))

    def end_call(self, call_id: str, end: EndOfCall) -> "Future[None]":
        """Keeps the end of a call."""
        return self._writer.submit(lambda connection: writing.end_call(connection, call_id, end))

    def keep_metrics(self, call_id: str, metrics: ConversationMetrics) -> "Future[None]":
        """Keeps the numbers of a call that goes on, instead of earlier ones."""
        return self._writer.submit(lambda connection: writing.keep_metrics(connection, call_id, metrics))

    def close_as_lost(self, call_id: str) -> "Future[None]":
        """Ends a call whose events cannot be read."""
        return self._writer.submit(lambda connection: writing.close_as_lost(connection, call_id))

    def add_note(self, note: CallNote, written_at: float) -> "Future[None]":
        """Keeps the agent's note; a later one replaces it. Fails with NotFound when there is no such call."""
        return self._writer.submit(lambda connection: writing.add_note(connection, note, written_at))

    def add_outcome(self, reply: CueReply) -> "Future[bool]":
        """Keeps what became of a cue; False when that was known. Fails with NotFound when there is no such call."""
        return self._writer.submit(lambda connection: writing.add_outcome(connection, reply))

    def add_feedback(self, card: FeedbackCard, key: str | None) -> "Future[StoredFeedback]":
        """Keeps a customer's feedback, once for each idempotency ``key``.

        Fails with Conflict when the key came with something else.
        """
        return self._writer.submit(lambda connection: writing.add_feedback(connection, card, key))

    def mark_seen(self, feedback_id: str) -> "Future[None]":
        """The agent has read a card."""
        return self._writer.submit(lambda connection: writing.mark_seen(connection, feedback_id))

    def submit(self, work: Callable[[Connection], None]) -> "Future[None]":
        """Hands any other work to the writing thread."""
        return self._writer.submit(work)

    def flush(self, timeout: float = 2.0) -> bool:
        """Blocks until what was handed in before is written; False when that takes over ``timeout`` seconds."""
        try:
            self._writer.submit(lambda _: None).result(timeout)
        except (TimeoutError, StoreUnavailable):
            return False
        return True

    # --- reading (all raise StoreUnavailable when the log cannot be read)

    def calls(self, limit: int = 50, before: float | None = None) -> list[CallRow]:
        """The newest calls first; those that started ``before`` a Unix time."""
        with self._reading() as connection:
            return reading.calls(connection, limit, before)

    def call(self, call_id: str) -> CallDetail:
        """One call with its events.

        Raises:
            NotFound: no such call.
            Unreadable: one of its events cannot be understood.
        """
        with self._reading() as connection:
            return reading.call(connection, call_id)

    def call_row(self, call_id: str) -> CallRow:
        """One call without its events.

        Raises:
            NotFound: no such call.
        """
        with self._reading() as connection:
            return reading.call_row(connection, call_id)

    def unfinished(self) -> list[CallRow]:
        """Calls without an end, oldest first: a server was killed, or they go on."""
        with self._reading() as connection:
            return reading.unfinished(connection)

    def ended(self, limit: int) -> list[CallRow]:
        """The newest calls that are over, the newest first."""
        with self._reading() as connection:
            return reading.ended(connection, limit)

    def feedback(self, limit: int = 50, before: float | None = None) -> list[FeedbackCard]:
        """The newest feedback first; that received ``before`` a Unix time."""
        with self._reading() as connection:
            return reading.feedback(connection, limit, before)

    def today(self, since: float, until: float) -> Today:
        """Counts of what happened between two Unix times."""
        with self._reading() as connection:
            return reading.today(connection, since, until)

    @contextmanager
    def _reading(self) -> Generator[Connection, None, None]:
        if not self._path.exists():  # reading must not make an empty log
            raise StoreUnavailable(f"{self._path} is not there.", "Check its folder.")
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StoreUnavailable(trouble(error, self._path)["en"]) from error
