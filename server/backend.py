"""Everything behind the sockets and pages of one server, put together: hub, log, calls, status, models loading.

Made, used and closed on the event loop.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from datetime import datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import structlog

from live_sentiment.errors import SpeechError
from server.call_session import SessionParts
from server.calls import Calls, CallsConfig
from server.errors import ServerFault, StoreUnavailable, Unreadable
from server.hub import Hub
from server.outbox import Outbox
from server.playbook_watch import LOOK_EVERY, PlaybookSource, watch
from server.presence import PresenceBoard
from server.protocol import PROTOCOL_VERSION, FeedbackCard, ResumeFrom, Today, ToOverlay, Welcome
from server.status import StatusBoard
from server.store.rows import CallDetail, StoredFeedback
from server.store.store import Store
from server.store.writer import WriterConfig
from server.worker import PipelineFactory, deaf_factory

Load = Callable[[Callable[[float, str], None]], PipelineFactory]
"""Loads the models, telling how far it is (0 to 1, and a name), and returns what makes a call's pipeline."""

_CARDS = 20
_FEEDBACK_WAIT = 5.0
_log = structlog.get_logger(__name__)


class BackendConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What a test may want otherwise. ``window`` is how many envelopes of a call can be replayed.

    ``playbook`` is looked at for changes every ``look_every`` seconds; None when there is nothing to look at.
    """

    calls: CallsConfig = CallsConfig()
    writer: WriterConfig = WriterConfig()
    window: int = 2000
    queue_seconds: float = 30.0
    playbook: PlaybookSource | None = None
    look_every: float = LOOK_EVERY


class Backend:
    """The server without its sockets; ``database`` is the log's file."""

    def __init__(self, database: Path, load: Load, config: BackendConfig | None = None) -> None:
        config = config or BackendConfig()
        self._playbook, self._look_every = config.playbook, config.look_every
        self._loop = asyncio.get_running_loop()
        self._load = load
        self._factory: Future[PipelineFactory] = Future()
        self._cards: deque[FeedbackCard] = deque(maxlen=_CARDS)
        self._tasks: set[asyncio.Task[None]] = set()
        self.hub = Hub(config.window)
        self.status = StatusBoard(self.hub.broadcast)
        self.presence = PresenceBoard(self.hub.broadcast, later=self._loop.call_later)
        self.store = Store(database, self._store_trouble, config.writer)
        parts = SessionParts(self.hub, self.store, self._factory, config.queue_seconds)
        self.calls = Calls(
            parts, self.presence, self.tell_today, config.calls, lambda detail: self.status.trouble("pipeline", detail)
        )

    async def start(self) -> None:
        """Opens the log, begins to load the models, and takes up what a killed server left."""
        threading.Thread(target=self._load_models, name="load-models", daemon=True).start()
        if self._playbook is not None:
            self._playbook_trouble(self._playbook.trouble)
            self._keep(watch(self._playbook, self._playbook_trouble, every=self._look_every))
        await asyncio.to_thread(self.store.start)
        try:
            self._cards.extend(reversed(await asyncio.to_thread(self.store.feedback, _CARDS)))
            rows = await asyncio.to_thread(self.store.unfinished)
            details = [await asyncio.to_thread(self._unfinished, row.call_id) for row in rows]
            self.calls.adopt([detail for detail in details if detail is not None], time.time())
        except ServerFault as error:
            _log.warning("log_not_read_at_start", error=error.what)

    def _unfinished(self, call_id: str) -> CallDetail | None:
        """A call that a killed server left open; None when it cannot be read, and is over with that."""
        try:
            return self.store.call(call_id)
        except Unreadable as error:
            _log.warning("call_unreadable", call_id=call_id, error=error.what)
            self.store.close_as_lost(call_id)
            return None

    async def close(self) -> None:
        """Ends the calls and writes what waits."""
        if not self._factory.done():
            self._factory.set_result(deaf_factory)
        await self.calls.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self.store.close)

    def join(self, resume_from: ResumeFrom | None) -> Outbox:
        """A new overlay's outbox, with everything it needs to draw the present."""
        welcome = Welcome(version=PROTOCOL_VERSION, now=time.time(), call_id=self.hub.present_call)
        greetings: list[ToOverlay] = [welcome, self.status.status, self.presence.presence, *self._cards]
        outbox = self.hub.join(greetings, resume_from)
        self.tell_today()
        return outbox

    async def add_feedback(self, card: FeedbackCard, key: str | None) -> StoredFeedback:
        """Keeps feedback, then shows it.

        Raises:
            StoreUnavailable: it could not be kept in time.
            Conflict: the key came before with something else.
        """
        future = self.store.add_feedback(card, key)
        future.add_done_callback(lambda done: self._post(lambda: self._show_kept(done)))
        try:
            async with asyncio.timeout(_FEEDBACK_WAIT):
                return await asyncio.wrap_future(future)
        except TimeoutError as error:  # cancelled with that, unless the log is at it already
            advice = "Send it again later, with an Idempotency-Key, as it may have been kept after all."
            raise StoreUnavailable("The feedback could not be kept in time.", advice) from error

    def _show_kept(self, future: "Future[StoredFeedback]") -> None:
        """Shows feedback once it is in the log, whether or not anybody still waits for that."""
        if future.cancelled() or future.exception() is not None:
            return
        stored = future.result()
        if stored.fresh:
            self._cards.append(stored.card)
            self.hub.broadcast(stored.card)
            self.tell_today()

    def seen(self, feedback_id: str) -> None:
        """The agent has read a card."""
        self.store.mark_seen(feedback_id)
        kept = [
            msgspec.structs.replace(card, seen=card.seen or card.feedback_id == feedback_id) for card in self._cards
        ]
        self._cards = deque(kept, maxlen=_CARDS)

    def tell_today(self) -> None:
        """Counts the agent's day anew and tells every overlay."""
        self._keep(self._tell_today())

    async def _tell_today(self) -> None:
        try:
            today: Today = await asyncio.to_thread(self._count_today)
        except StoreUnavailable:
            return  # the status says so already
        self.hub.broadcast(today)

    def _count_today(self) -> Today:
        """Blocks; after all that has been handed to the log by now."""
        self.store.flush()
        midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        return self.store.today(midnight.timestamp(), (midnight + timedelta(days=1)).timestamp())

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Works at it on the event loop, until it is done or the server ends."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _playbook_trouble(self, detail: dict[str, str] | None) -> None:
        self.status.trouble("playbook", detail)

    def _store_trouble(self, detail: dict[str, str] | None) -> None:
        """Called by the writing thread."""
        self._post(lambda: self.status.trouble("store", detail))

    def _load_models(self) -> None:
        """Runs on a thread of its own."""
        try:
            factory = self._load(lambda done, what: self._post(lambda: self.status.loading(done, what)))
        except SpeechError as error:
            self._models_failed(f"{error.what} {error.advice}")
        except Exception as error:  # noqa: BLE001 - a thread's outermost loop: without words, but up
            _log.exception("models_failed", error=type(error).__name__)
            self._models_failed(f"{type(error).__name__}: {error}")
        else:
            self._post(lambda: self._loaded(factory))

    def _models_failed(self, why: str) -> None:
        _log.error("models_failed", error=why)
        detail = {
            "nl": f"De spraakmodellen konden niet worden geladen, er komen geen woorden. {why}",
            "en": f"The speech models could not be loaded, so there will be no words. {why}",
        }
        self._post(lambda: self.status.trouble("models", detail))
        self._post(lambda: self._loaded(deaf_factory))

    def _loaded(self, factory: PipelineFactory) -> None:
        if not self._factory.done():
            self._factory.set_result(factory)
        self.status.ready()

    def _post(self, action: Callable[[], None]) -> None:
        """Does something on the event loop, unless that is over."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(action)


def new_id() -> str:
    """An id for something new."""
    return uuid4().hex


def version() -> str:
    """The installed version."""
    try:
        return metadata.version("spiegel")
    except metadata.PackageNotFoundError:
        return "unknown"
