"""The one thread that writes the session log: a bounded queue of work, done in batches, one commit for each.

When the log gives trouble, what waits is kept and tried again every second, until the queue is full; then new work is
refused. Whoever handed work in never waits, unless on the future he got.
"""

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import structlog
from alembic.util import CommandError
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, ProgrammingError, SQLAlchemyError

from server.errors import StoreUnavailable
from server.store.database import make_file, migrate, trouble

T = TypeVar("T")
Work = Callable[[Connection], Any]
Trouble = Callable[[dict[str, str] | None], None]
"""Told what is wrong, by language, and None when all is well again. Called from the writing thread."""

_THE_WORK_ITSELF = (IntegrityError, DataError, ProgrammingError, InterfaceError)
"""What a database says when one piece of work is wrong, not the log."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WriterConfig:
    """How the writer works, in seconds and pieces of work."""

    commit_within: float = 0.1
    queue: int = 20_000
    batch: int = 500
    retry_after: float = 1.0


@dataclass(slots=True)
class _Item:
    work: Work
    future: "Future[Any]"
    started: bool = False

    def wanted(self) -> bool:
        """Whether the one who asked still waits for it; from then on it cannot be cancelled."""
        if not self.started:
            self.started = self.future.set_running_or_notify_cancel()
        return self.started


class Writer:
    """Writes to ``engine``, whose file is ``path``. ``submit`` may be called from any thread."""

    def __init__(self, engine: Engine, path: Path, on_trouble: Trouble, config: WriterConfig | None = None) -> None:
        self._engine = engine
        self._path = path
        self._on_trouble = on_trouble
        self._config = config or WriterConfig()
        self._queue: queue.Queue[_Item | None] = queue.Queue(self._config.queue)
        self._closing = threading.Event()
        self._opened = threading.Event()
        self._troubled = False
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)

    def start(self, wait: float = 10.0) -> None:
        """Starts the thread and waits until the log is open or known not to open."""
        self._thread.start()
        self._opened.wait(wait)

    def submit(self, work: Callable[[Connection], T]) -> "Future[T]":
        """Hands in work that only talks to its connection; it may be done twice when a commit fails.

        The future is done after the commit. It fails with StoreUnavailable when too much waits already.
        """
        future: Future[T] = Future()
        if self._closing.is_set():
            future.set_exception(StoreUnavailable("The server is stopping.", "Try again shortly."))
            return future
        try:
            self._queue.put_nowait(_Item(work, future))
        except queue.Full:
            future.set_exception(StoreUnavailable("The session log takes nothing more.", "Free some disk space."))
        return future

    def close(self, wait: float = 5.0) -> None:
        """Writes what waits, as far as the log lets it within ``wait`` seconds, and ends the thread."""
        if not self._thread.is_alive():
            return
        self._closing.set()
        try:
            self._queue.put_nowait(None)
        except queue.Full:
            _log.debug("store_queue_full_at_close")
        self._thread.join(wait)

    def _run(self) -> None:
        batch: list[_Item] = []
        while True:
            batch = [item for item in batch or self._collect() if item.wanted()]
            if self._open() and self._write(batch):
                batch = []
            elif self._closing.is_set():
                break
            else:
                self._closing.wait(self._config.retry_after)
            if not batch and self._closing.is_set() and self._queue.empty():
                break
        self._give_up(batch)

    def _open(self) -> bool:
        """Whether there is a connection with the tables up to date; tries to make one."""
        if self._connection is not None:
            return True
        try:
            make_file(self._path)
            connection = self._engine.connect()
            try:
                migrate(connection)
            except BaseException:
                connection.close()
                raise
        except (SQLAlchemyError, CommandError, OSError) as error:
            self._say(error)
            self._opened.set()
            return False
        self._connection = connection
        self._say(None)
        self._opened.set()
        return True

    def _collect(self) -> list[_Item]:
        """The next batch: blocks for the first piece of work, then takes what comes within the commit time.

        While the log is not open it blocks for nothing, so that opening it is tried again.
        """
        if self._connection is None:
            return self._at_hand()
        items: list[_Item] = []
        until = float("inf")
        while len(items) < self._config.batch:
            left = until - time.monotonic()
            if left <= 0:
                break
            try:
                item = self._queue.get(timeout=None if until == float("inf") else left)
            except queue.Empty:
                break
            if item is None:
                break
            items.append(item)
            until = min(until, time.monotonic() + self._config.commit_within / 2)
        return items

    def _at_hand(self) -> list[_Item]:
        """What is in the queue already, at most a batch."""
        items: list[_Item] = []
        while len(items) < self._config.batch:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
            if item is not None:
                items.append(item)
        return items

    def _write(self, batch: list[_Item]) -> bool:
        """Does a batch in one transaction; piece by piece when one of them is wrong. False when the log is."""
        if not batch or self._connection is None:
            return True
        try:
            self._commit(self._connection, batch)
        except Exception as error:  # noqa: BLE001 - whatever one piece of work does, the thread that keeps the log stays
            if isinstance(error, DBAPIError) and not isinstance(error, _THE_WORK_ITSELF):
                self._drop_connection()
                self._say(error)
                return False
            self._connection.rollback()
            return self._write_singly(batch, error)
        self._say(None)
        return True

    def _write_singly(self, batch: list[_Item], error: Exception) -> bool:
        """Does the pieces one by one, so that only the wrong ones fail."""
        if len(batch) == 1:
            batch[0].future.set_exception(error)
            _log.warning("store_work_refused", error=type(error).__name__)
            return True
        while batch:
            if not self._write(batch[:1]):
                return False
            del batch[0]
        return True

    def _commit(self, connection: Connection, batch: list[_Item]) -> None:
        results = [item.work(connection) for item in batch]
        connection.commit()
        for item, result in zip(batch, results, strict=True):
            item.future.set_result(result)

    def _drop_connection(self) -> None:
        """A connection that failed may be in any state; the next try makes a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _say(self, error: Exception | None) -> None:
        """Tells of trouble once at its beginning and once at its end."""
        if error is None:
            if self._troubled:
                _log.info("store_works_again")
                self._on_trouble(None)
            self._troubled = False
            return
        if not self._troubled:
            _log.error("store_trouble", error=_error_text(error))
            self._on_trouble(trouble(error, self._path))
        self._troubled = True

    def _give_up(self, batch: list[_Item]) -> None:
        """Fails what could not be written before the end, and lets the log go."""
        while True:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
            if item is not None and item.wanted():
                batch.append(item)
        for item in batch:
            item.future.set_exception(StoreUnavailable("The session log could not be written before the end."))
        if self._connection is not None:
            self._connection.close()


def _error_text(error: Exception) -> str:
    """The error without the statement and its values, which hold people's words."""
    return str(getattr(error, "orig", None) or error)
