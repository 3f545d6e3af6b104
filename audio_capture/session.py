"""Which call is listened to when: a recording's one call, or a headset's calls as the agent starts and ends them.

Between the calls of a headset its devices are closed: nothing is captured until somebody says so.
"""

import asyncio
import uuid
from dataclasses import dataclass

import structlog

from audio_capture.call import Call, CallPlan
from audio_capture.client import CaptureClient
from audio_capture.errors import CaptureError, ServerRefused
from audio_capture.pacing import Clock
from audio_capture.source import AudioSource
from server.protocol import CaptureControl

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPlan:
    """``one_call``: begin at once and end after it, for recordings. ``start_at_once``: begin without being asked."""

    one_call: bool
    start_at_once: bool = False
    language: str = "auto"
    speed: float | None = 1.0


class Session:
    """Runs the calls of one source over one client. All on the event loop's thread."""

    def __init__(self, plan: SessionPlan, source: AudioSource, client: CaptureClient, clock: Clock) -> None:
        self._plan = plan
        self._source = source
        self._client = client
        self._clock = clock
        self._call: Call | None = None
        self._stopping = asyncio.Event()
        self._wanted = asyncio.Event()
        self._next_id = ""

    async def run(self) -> None:
        """Until the one call is delivered, or until ``stop``.

        Raises:
            CaptureError: the source broke for good; what it gave before has been delivered.
        """
        listening = asyncio.create_task(self._obey())
        calls = asyncio.create_task(self._calls())
        try:
            done, _ = await asyncio.wait({listening, calls}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (listening, calls):
                task.cancel()
            await asyncio.gather(listening, calls, return_exceptions=True)
            await self._source.close()

    async def stop(self) -> None:
        """Ends the present call and the session; ``run`` returns when the call is delivered."""
        self._stopping.set()
        self._wanted.set()
        if self._call is not None:
            await self._call.stop()

    async def _calls(self) -> None:
        if self._plan.one_call or self._plan.start_at_once:
            await self._welcome_or_stop()
            if not self._stopping.is_set():
                await self._one_call()
        while not (self._plan.one_call or self._stopping.is_set()):
            await self._wanted.wait()
            self._wanted.clear()
            if not self._stopping.is_set():
                await self._one_call()

    async def _welcome_or_stop(self) -> None:
        waits = {asyncio.create_task(event.wait()) for event in (self._client.welcomed, self._stopping)}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _one_call(self) -> None:
        call_id, self._next_id = self._next_id or uuid.uuid4().hex, ""
        plan = CallPlan(call_id=call_id, language=self._plan.language, speed=self._plan.speed)
        call = self._call = Call(plan, self._source, self._clock)
        _log.info("call begins", source=self._source.name)
        delivering = asyncio.create_task(self._client.deliver(call))
        try:
            await call.run()
        except CaptureError:
            await delivering
            raise
        else:
            await delivering
        finally:
            self._call = None
            delivering.cancel()
        if call.unfinished:
            self._go_on_after(call)
        elif call.abandoned:
            _log.info("the server has ended the call", seconds=round(call.position, 2))
        else:
            _log.info("call delivered", seconds=round(call.position, 2), dropped_frames=call.outbox.dropped_frames)

    def _go_on_after(self, call: Call) -> None:
        """The server ended the call while it was away; a headset's conversation goes on as a new call."""
        _log.warning("the server has ended the call meanwhile", seconds=round(call.position, 2))
        if self._plan.one_call:
            raise ServerRefused("The server ended the call before it was delivered.", "Play the recording again.")
        self._wanted.set()

    async def _obey(self) -> None:
        while True:
            await self._do(await self._client.controls.get())

    async def _do(self, control: CaptureControl) -> None:
        call = self._call
        if control.action == "start":
            if call is None or call.ending:
                self._next_id = control.call_id
                self._wanted.set()
        elif call is None:
            _log.info("no call to act on", action=control.action)
        elif control.action == "pause":
            await call.pause()
        elif control.action == "resume":
            await call.resume()
        else:
            await call.stop()
