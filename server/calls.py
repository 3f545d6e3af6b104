"""Which call is in progress and whose audio it gets: begin, go on, lose, pause, stop.

One capture feeds one call at a time; the newest connection is the capture. A capture that is lost has ``grace`` seconds
to come back with the same call id. The log's unfinished calls of a killed server get the same chance, then they are
closed as lost.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from live_sentiment.events import AudioFrame, CallEnded, Gap
from server.call_session import CallSession, SessionParts
from server.errors import NotFound, StoreUnavailable
from server.presence import PresenceBoard
from server.protocol import CallBegin, CallControl, CallFinish, CaptureControl, ChannelLevels, CueReply, Error
from server.store.rows import CallDetail, EndOfCall

_RECENT = 60.0
"""Seconds since the last sign of a call within which a restarted server still expects its capture."""
_log = structlog.get_logger(__name__)


class Timer(Protocol):
    """What ``asyncio.loop.call_later`` returns."""

    def cancel(self) -> None:
        """It must not happen any more."""
        ...


Later = Callable[[float, Callable[[], None]], Timer]
"""Does something after so many seconds: ``asyncio.loop.call_later``, or a test's clock."""


class CaptureLink(Protocol):
    """The way to a connected capture."""

    def control(self, message: CaptureControl) -> None:
        """Tells it what the agent wants."""
        ...

    def replaced(self) -> None:
        """Another capture took its place: its connection ends."""
        ...


@dataclass(frozen=True, slots=True)
class CallsConfig:
    """``grace``: seconds a lost capture has to come back; ``later``: the clock that measures them."""

    grace: float = 10.0
    later: Later | None = None


class Calls:
    """The call in progress. Event loop's thread. ``on_end`` is called after each call's end."""

    def __init__(
        self,
        parts: SessionParts,
        presence: PresenceBoard,
        on_end: Callable[[], None],
        config: CallsConfig | None = None,
    ) -> None:
        self._parts = parts
        self._presence = presence
        self._on_end = on_end
        self._config = config or CallsConfig()
        self._later: Later = self._config.later or asyncio.get_running_loop().call_later
        self._link: CaptureLink | None = None
        self._session: CallSession | None = None
        self._ending: set[CallSession] = set()
        self._orphans: dict[str, CallDetail] = {}
        self._timer: Timer | None = None
        self._orphan_timer: Timer | None = None

    @property
    def present(self) -> CallSession | None:
        """The call in progress."""
        return self._session

    # --- the capture's side

    def attach(self, link: CaptureLink) -> None:
        """A capture connected; an older one is replaced."""
        if self._link is not None:
            self._link.replaced()
            self._lost()
        self._link = link
        self._presence.capture(there=True)

    def detach(self, link: CaptureLink) -> None:
        """A capture's connection ended; nothing happens when another had taken its place."""
        if self._link is not link:
            return
        self._link = None
        self._presence.capture(there=False)
        self._lost()

    async def begin(self, begin: CallBegin) -> Error | None:
        """A call begins or goes on; answers with an Error when it cannot."""
        session = self._session
        if session is not None and session.call_id == begin.call_id and not session.ending:
            self._cancel_grace()
            session.interrupted("connection")
            if session.paused and self._link is not None:
                self._link.control(CaptureControl(action="pause"))
            self._show()
            return None
        if session is not None:
            session.finish("lost")
            self._set_aside()
        earlier = self._orphans.pop(begin.call_id, None)
        if earlier is None and await self._known(begin.call_id):
            return Error(code="call_over", message="This call has ended; begin a new one.", retryable=False)
        self._cancel_grace()
        self._session = CallSession(begin, self._parts, self._ended, earlier)
        _log.info("call_resumed" if earlier else "call_began", call_id=begin.call_id)
        self._show()
        return None

    async def frame(self, frame: AudioFrame) -> None:
        """Audio of the present call; waits for room when the recording can wait."""
        session = self._session
        if session is None:
            return
        await session.room()
        session.frame(frame)

    def gap(self, gap: Gap) -> None:
        """Lost audio, as the capture reports it."""
        if self._session is not None:
            self._session.gap(gap)

    def levels(self, levels: ChannelLevels) -> None:
        """Loudness, as the capture reports it."""
        self._presence.levels(levels)

    def finish(self, finish: CallFinish) -> None:
        """The capture has no more audio."""
        if self._session is not None:
            self._session.finish(finish.reason, finish.at)
            self._set_aside()

    # --- the overlay's side

    def control(self, control: CallControl) -> Error | None:
        """The agent starts, stops, pauses or resumes; answers with an Error when nobody can do it."""
        session = self._session
        if control.action == "stop" and session is not None and self._link is None:
            session.finish("stopped")
            self._set_aside()
            return None
        if self._link is None:
            return Error(code="no_capture", message="Nothing listens to your headset at the moment.", retryable=True)
        if session is not None and control.action == "pause":
            session.pause()
        elif session is not None and control.action == "resume":
            session.resume()
        self._link.control(CaptureControl(action=control.action))
        self._show()
        return None

    def reply(self, reply: CueReply) -> None:
        """What became of a cue."""
        for session in (self._session, *self._ending):
            if session is not None and session.call_id == reply.call_id:
                session.reply(reply)

    # --- the server's side

    def adopt(self, unfinished: list[CallDetail], now: float) -> None:
        """Calls that a killed server left open: those of the last minute may go on within the grace.

        ``now`` is Unix time in seconds. Older ones are closed at once, without anybody watching.
        """
        for detail in unfinished:
            if now - detail.call.started_at - _length(detail) < _RECENT:
                self._parts.hub.restore(detail.call.call_id, detail.events)
                self._orphans[detail.call.call_id] = detail
            else:
                self._close_as_lost(detail, len(detail.events) + 1)
        if self._orphans:
            self._orphan_timer = self._later(self._config.grace, self._close_orphans)

    async def close(self) -> None:
        """Ends everything, for the end of the server; blocks for a few seconds at most."""
        for timer in (self._timer, self._orphan_timer):
            if timer is not None:
                timer.cancel()
        self._close_orphans()
        sessions = [session for session in (self._session, *self._ending) if session is not None]
        for session in sessions:
            session.finish("lost")
        for session in sessions:
            try:
                async with asyncio.timeout(5):
                    await session.finished.wait()
            except TimeoutError:
                _log.warning("call_not_finished", call_id=session.call_id)

    async def _known(self, call_id: str) -> bool:
        """Whether this call was here before, and is over or about to be."""
        if self._parts.hub.seq(call_id) > 0:
            return True
        try:
            await asyncio.to_thread(self._parts.store.call, call_id)
        except (NotFound, StoreUnavailable):
            return False
        return True

    def _lost(self) -> None:
        """The capture went in the middle of a call: it may come back."""
        if self._session is not None and not self._session.ending:
            self._timer = self._later(self._config.grace, self._grace_over)

    def _grace_over(self) -> None:
        if self._session is not None:
            self._session.finish("lost")
            self._set_aside()

    def _cancel_grace(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set_aside(self) -> None:
        """The present call only has its finals to come; another may begin."""
        if self._session is not None:
            self._ending.add(self._session)
            self._session = None
        self._cancel_grace()
        self._show()

    def _ended(self, session: CallSession) -> None:
        self._ending.discard(session)
        if self._session is session:
            self._session = None
            self._cancel_grace()
        self._show()
        self._on_end()

    def _show(self) -> None:
        session = self._session
        self._presence.call(going=session is not None, paused=session is not None and session.paused)

    def _close_orphans(self) -> None:
        orphans, self._orphans = self._orphans, {}
        for call_id, detail in orphans.items():
            seq = self._parts.hub.publish(call_id, CallEnded(at=_length(detail), reason="lost"))
            self._close_as_lost(detail, seq)
        if orphans:
            self._on_end()

    def _close_as_lost(self, detail: CallDetail, seq: int) -> None:
        end = EndOfCall(seq=seq, ended=CallEnded(at=_length(detail), reason="lost"))
        self._parts.store.end_call(detail.call.call_id, end)
        _log.info("call_closed_as_lost", call_id=detail.call.call_id)


def _length(detail: CallDetail) -> float:
    """How far a call in the log has come, in seconds."""
    return max((event.at for event in detail.events), default=0.0)
