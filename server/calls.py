"""Which call is in progress and whose audio it gets: begin, go on, lose, pause, stop.

One capture feeds one call at a time; the newest connection is the capture. A capture that is lost has ``grace`` seconds
to come back with the same call id. The log's unfinished calls of a killed server get the same chance, then they are
closed as lost.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

import msgspec
import structlog

from live_sentiment.events import AudioFrame, CallEnded, Gap
from server.after_call import AfterCall, Later, Timer
from server.call_session import CallSession, Reason, SessionParts
from server.call_starts import Asked, CallGoing, CallStarts, NoCapture
from server.capture_link import CaptureLink
from server.errors import NotFound, StoreUnavailable
from server.presence import PresenceBoard
from server.protocol import CallBegin, CallControl, CallFinish, CaptureControl, ChannelLevels, CueReply, Error
from server.store.rows import CallDetail, EndOfCall

_RECENT = 60.0
"""Seconds since the last sign of a call within which a restarted server still expects its capture."""
_OVER_KEPT = 50
"""How many calls are remembered for why they ended."""
_WORTH_GOING_ON = 10.0
"""Seconds a call must have lasted when its pipeline failed for the capture to go on with a new one by itself."""
CALL_OVER = Error(code="call_over", message="This call has ended; begin a new one.", retryable=False)
CALL_STOPPED = Error(code="call_stopped", message="This call was ended by the agent or its capture.", retryable=False)
_PIPELINE_FAILED = {
    "nl": "Het luisteren is door een fout gestopt. Begin opnieuw met luisteren; blijft het misgaan, herstart Spiegel.",
    "en": "Listening stopped because of an error. Start listening again; if it keeps failing, restart Spiegel.",
}
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CallsConfig:
    """``grace``: seconds a lost capture has to come back; ``later``: the clock that measures them.

    After ``settle_after`` seconds without the capture, what was said so far is closed; a capture that is told to stop
    has ``stop_within`` seconds to finish the call.
    """

    grace: float = 10.0
    settle_after: float = 1.0
    stop_within: float = 5.0
    later: Later | None = None


class Calls:
    """The call in progress. Event loop's thread. ``on_end`` is called after each call's end.

    ``on_trouble`` is told, by language, when a pipeline failed, and None when the next call begins.
    """

    def __init__(
        self,
        parts: SessionParts,
        presence: PresenceBoard,
        on_end: Callable[[], None],
        config: CallsConfig | None = None,
        on_trouble: Callable[[dict[str, str] | None], None] = lambda _: None,
    ) -> None:
        self._parts = parts
        self._presence = presence
        self._on_end = on_end
        self._on_trouble = on_trouble
        self._config = config or CallsConfig()
        self._later: Later = self._config.later or asyncio.get_running_loop().call_later
        self._link: CaptureLink | None = None
        self._session: CallSession | None = None
        self._ending: set[CallSession] = set()
        self._after: AfterCall | None = None
        self._orphans: dict[str, CallDetail] = {}
        self._over: OrderedDict[str, Reason] = OrderedDict()
        self._timers: list[Timer] = []
        self._orphan_timer: Timer | None = None
        self._starts = CallStarts(self._later)
        self._closing = False

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
            self._resumed(session, begin)
            return None
        if session is not None:
            self._finish(session, "lost")
        earlier = self._orphans.pop(begin.call_id, None)
        over = None if earlier is not None else await self._why_over(begin.call_id)
        if over is not None:
            return CALL_OVER if over == "lost" else CALL_STOPPED
        if self._session is not None:  # begun by another capture while the log was asked
            self._finish(self._session, "lost")
        self._cancel_timers()
        self._leave_last()
        self._on_trouble(None)
        self._session = CallSession(begin, self._parts, self._ended, earlier)
        _log.info("call_resumed" if earlier else "call_began", call_id=begin.call_id)
        if self._starts.began(begin.call_id):
            self.control(CallControl(action="stop"))
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
            self._finish(self._session, finish.reason, finish.at)

    # --- the overlay's side

    def control(self, control: CallControl) -> Error | None:
        """The agent starts, stops, pauses or resumes; answers with an Error when nobody can do it."""
        session = self._session
        if control.action == "stop" and session is not None and self._link is None:
            self._finish(session, "stopped")
            return None
        if control.action == "stop" and self._starts.awaited is not None:
            self._starts.awaited.stop = True  # it ends as soon as it has begun
        if self._link is None:
            return Error(code=NoCapture.code, message=NoCapture().what, retryable=True)
        if control.action == "start":
            self.start()
            return None
        if session is not None and control.action == "pause":
            session.pause()
        elif session is not None and control.action == "resume":
            session.resume()
        elif session is not None and control.action == "stop":
            self._expect_end(session)
        self._link.control(CaptureControl(action=control.action))
        self._show()
        return None

    def start(self, *, external_id: str = "", key: str = "") -> Asked:
        """Begins a call, unless the conversation has one: asked for with the same key or id, or begun by the agent.

        Raises:
            NoCapture: nothing listens to the headset.
            CallGoing: another conversation is going on.
        """
        known = self._starts.call_of(key=key, external_id=external_id)
        if known is not None:
            return self._asked(known)
        going = self._going
        if going is not None:
            if external_id and self._starts.external_id(going) not in ("", external_id):
                raise CallGoing
            self._starts.link(going, key=key, external_id=external_id)
            return self._asked(going)
        if self._link is None:
            raise NoCapture
        call_id = uuid4().hex
        self._starts.link(call_id, key=key, external_id=external_id)
        self._starts.expect(call_id, lambda: _log.warning("call_did_not_begin", call_id=call_id))
        self._link.control(CaptureControl(action="start", call_id=call_id))
        return self._asked(call_id, fresh=True)

    async def end(self, name: str) -> Asked:
        """Ends the call with this id, ours or that of the program that asked for it; once it is over, does nothing.

        Raises:
            NotFound: there is and was no such call.
        """
        call_id = self._starts.call_of(external_id=name) or name
        awaited, session = self._starts.awaited, self._session
        if awaited is not None and awaited.call_id == call_id:
            awaited.stop = True
        elif session is not None and session.call_id == call_id:
            if not session.stop_asked:
                self.control(CallControl(action="stop"))
        elif await self._why_over(call_id) is None:
            raise NotFound(f"There is no call {name}.")
        return self._asked(call_id)

    @property
    def _going(self) -> str | None:
        """The call that goes on, or is about to begin."""
        if self._starts.awaited is not None and not self._starts.awaited.stop:
            return self._starts.awaited.call_id
        session = self._session
        return session.call_id if session is not None and not (session.ending or session.stop_asked) else None

    def _asked(self, call_id: str, *, fresh: bool = False) -> Asked:
        awaited, session = self._starts.awaited, self._session
        if awaited is not None and awaited.call_id == call_id:
            state = "ending" if awaited.stop else "starting"
        elif session is not None and session.call_id == call_id:
            state = "ending" if session.stop_asked or session.ending else "going"
        else:
            state = "over"
        return Asked(call_id=call_id, external_id=self._starts.external_id(call_id), state=state, fresh=fresh)

    def reply(self, reply: CueReply) -> None:
        """What became of a cue."""
        last = None if self._after is None else self._after.session
        for session in (self._session, *self._ending, last):
            if session is not None and session.call_id == reply.call_id:
                session.reply(reply)

    # --- the server's side

    def adopt(self, unfinished: list[CallDetail], now: float) -> None:
        """Calls that a killed server left open: those of the last minute may go on within the grace.

        ``now`` is Unix time in seconds. Older ones are closed at once, without anybody watching.
        """
        for detail in unfinished:
            if now - detail.call.started_at - _length(detail) < _RECENT:
                self._parts.hub.restore(detail.call.call_id, zip(detail.numbers, detail.events, strict=True))
                self._orphans[detail.call.call_id] = detail
            else:
                self._close_as_lost(detail, max(detail.numbers, default=0) + 1)
        if self._orphans:
            self._orphan_timer = self._later(self._config.grace, self._close_orphans)

    async def close(self) -> None:
        """Ends everything, for the end of the server; blocks for a few seconds at most."""
        if self._orphan_timer is not None:
            self._orphan_timer.cancel()
        self._close_orphans()
        if self._session is not None:
            self._finish(self._session, "lost")
        self._closing = True
        self._leave_last()
        for session in tuple(self._ending):
            try:
                async with asyncio.timeout(5):
                    await session.finished.wait()
            except TimeoutError:
                _log.warning("call_not_finished", call_id=session.call_id)

    def _resumed(self, session: CallSession, begin: CallBegin) -> None:
        """The present call's capture came back; what the agent wanted last holds, should it not have heard."""
        self._cancel_timers()
        session.interrupted("connection")
        if session.stop_asked:
            self._say("stop")
            self._expect_end(session)
        elif session.paused:
            self._say("pause")
        elif begin.paused:
            self._say("resume")
        self._show()

    def _say(self, action: Literal["stop", "pause", "resume"]) -> None:
        if self._link is not None:
            self._link.control(CaptureControl(action=action))

    def _expect_end(self, session: CallSession) -> None:
        session.stop_asked = True
        self._timers.append(self._later(self._config.stop_within, lambda: self._not_stopped(session)))

    async def _why_over(self, call_id: str) -> Reason | None:
        """Why this call, which was here before, is over or about to be; None when it never was here."""
        if call_id in self._over:
            return self._over[call_id]
        try:
            row = await asyncio.to_thread(self._parts.store.call_row, call_id)
        except (NotFound, StoreUnavailable):
            return "lost" if self._parts.hub.seq(call_id) > 0 else None
        return msgspec.convert(row.reason or "lost", Reason)

    def _lost(self) -> None:
        """The capture went in the middle of a call: it may come back."""
        self._cancel_timers()
        session = self._session
        if session is not None and not session.ending:
            self._timers = [
                self._later(self._config.settle_after, session.settle),
                self._later(self._config.grace, lambda: self._grace_over(session)),
            ]

    def _grace_over(self, session: CallSession) -> None:
        if self._session is session:
            self._finish(session, "stopped" if session.stop_asked else "lost")

    def _not_stopped(self, session: CallSession) -> None:
        """The capture did not do what it was told: the call ends all the same."""
        if self._session is not session:
            return
        _log.warning("capture_did_not_stop", call_id=session.call_id)
        self._finish(session, "stopped")
        if self._link is not None:
            self._link.tell(CALL_STOPPED)

    def _cancel_timers(self) -> None:
        timers, self._timers = self._timers, []
        for timer in timers:
            timer.cancel()

    def _finish(self, session: CallSession, reason: Reason, at: float | None = None) -> None:
        """The present call only has its finals to come; another may begin."""
        session.finish(reason, at)
        self._remember(session)
        self._ending.add(session)
        self._session = None
        self._cancel_timers()
        self._show()

    def _remember(self, session: CallSession) -> None:
        self._over[session.call_id] = session.reason
        if len(self._over) > _OVER_KEPT:
            self._over.popitem(last=False)

    def _ended(self, session: CallSession) -> None:
        self._ending.discard(session)
        if session.failed:
            self._on_trouble(_PIPELINE_FAILED)
        if self._session is session:
            self._ended_by_itself(session)
        self._show()
        self._on_end()
        if self._session is None and session.ended is not None and not self._closing:
            self._leave_last()
            self._after = AfterCall(session, session.ended, self._later)

    def _leave_last(self) -> None:
        """The work after the last call is of no account any more."""
        if self._after is not None:
            self._after.stop()
            self._after = None

    def _ended_by_itself(self, session: CallSession) -> None:
        """Tells the capture, or it would listen for nothing; a call that fails at once is not followed by another."""
        self._session = None
        self._remember(session)
        self._cancel_timers()
        if self._link is not None:
            self._link.tell(CALL_OVER if session.length >= _WORTH_GOING_ON else CALL_STOPPED)

    def _show(self) -> None:
        session = self._session
        live = session is not None and session.begin.speed is not None
        self._presence.call(going=session is not None, paused=session is not None and session.paused, live=live)

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
