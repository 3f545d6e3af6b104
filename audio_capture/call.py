"""One call: from a source into an outbox, with pause, stop, levels, and no hole without its ``Gap``.

Knows no socket; ``client`` empties the outbox. Runs on the event loop's thread.
"""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

import msgspec
import structlog

from audio_capture.errors import DeviceError
from audio_capture.levels import SILENCE_DBFS, LevelMeter
from audio_capture.outbox import Outbox
from audio_capture.pacing import Clock, paced
from audio_capture.source import AudioSource, Heard
from live_sentiment.events import CHANNELS, Channel, Gap
from server.protocol import CallBegin, CallFinish, ChannelLevels

DEVICE_RETRY_SECONDS = 0.5
PAUSED = "paused"
"""The cause of the gap that a pause leaves."""
STOPPED = "the call was stopped"
"""The cause of the gap at the end of the channel that was behind when the call was stopped."""
_MISSING = "audio was missing"
_NOTHING_HEARD = ChannelLevels(
    agent_dbfs=SILENCE_DBFS, customer_dbfs=SILENCE_DBFS, agent_alive=False, customer_alive=False
)
_HAIR = 1e-6
"""Seconds; less than a sample, more than the error of adding times."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlan:
    """How a call is played. ``speed`` is 1 for real time, None for as fast as possible."""

    call_id: str
    language: str = "auto"
    speed: float | None = 1.0


class Call:
    """Listens to ``source`` until it ends or ``stop``; everything heard goes to ``outbox``.

    ``abandoned`` is True once the server did not want it any more, ``unfinished`` too when nobody had wished it to end.
    """

    def __init__(self, plan: CallPlan, source: AudioSource, clock: Clock) -> None:
        self.outbox = Outbox()
        self._plan = plan
        self._source = source
        self._clock = clock
        self._meter = LevelMeter(source.channels)
        self._began = clock.monotonic()
        self._begin = CallBegin(
            call_id=plan.call_id,
            started_at=clock.wall(),
            source=source.name,
            language=plan.language,
            speed=plan.speed,
        )
        self._heard_until: dict[Channel, float] = dict.fromkeys(CHANNELS, 0.0)
        self._causes: dict[Channel, str] = dict.fromkeys(CHANNELS, "the devices were being opened")
        self._ended_paused = False
        self.abandoned = False
        self.unfinished = False
        self._want: Literal["listen", "pause", "stop"] = "listen"
        self._changed = asyncio.Event()
        self._interrupted = False
        self._listened = False

    @property
    def begin(self) -> CallBegin:
        """The message that announces it, or on a new connection says how it goes on."""
        return msgspec.structs.replace(self._begin, paused=self._want == "pause")

    @property
    def position(self) -> float:
        """Up to where everything is accounted for, in seconds of the call."""
        return max(self._heard_until.values())

    @property
    def ending(self) -> bool:
        """Whether it was stopped, though perhaps not all of it is delivered yet."""
        return self._want == "stop"

    async def run(self) -> None:
        """Listens to the end; the last item in the outbox is then ``CallFinish``.

        Raises:
            CaptureError: the source broke for good; what was heard before is in the outbox, with its ``CallFinish``.
        """
        try:
            while self._want != "stop" and not await self._listen():
                await self._until_wanted()
        finally:
            await self._source.suspend()
            self._finish()

    async def pause(self) -> None:
        """Hears and keeps nothing from now on."""
        if self._want == "listen":
            self._want = "pause"
            self._causes = dict.fromkeys(CHANNELS, PAUSED)
            self._interrupted = True
            await self._source.suspend()

    async def resume(self) -> None:
        """Listens again."""
        if self._want == "pause":
            self._wish("listen")

    async def stop(self) -> None:
        """Ends the call here."""
        if self._want != "stop":
            self._ended_paused = self._want == "pause"
            self._wish("stop")
            self._interrupted = True
            await self._source.suspend()

    async def abandon(self, *, wanted: bool = False) -> None:
        """The server has ended this call: ends it and forgets what was not delivered.

        It is ``unfinished`` unless that was ``wanted``, or it had been stopped already.
        """
        self.abandoned = True
        self.unfinished = not (wanted or self.ending)
        self.outbox.abandon()
        await self.stop()

    def _wish(self, want: Literal["listen", "stop"]) -> None:
        self._want = want
        self._changed.set()

    async def _listen(self) -> bool:
        """Listens until the source ends (True), or the agent wants otherwise or the devices are away (False)."""
        self._interrupted = False
        try:
            await self._source.open(self._now(), resuming=self._listened)
            self._listened = True
            if not self._interrupted:
                await self._hear()
        except DeviceError as error:
            if not error.retryable:
                raise
            await self._devices_away(error)
            return False
        if self._interrupted:
            await self._source.suspend()
        return not self._interrupted

    async def _hear(self) -> None:
        async with aclosing(self._source.stream()) as stream:
            async for item in paced(stream, self._plan.speed, self._clock, self._began):
                if self._interrupted:
                    return
                await self._accept(item)

    async def _accept(self, item: Heard) -> None:
        self._tell_hole(item)
        await self._put(item)
        cause = item.cause if isinstance(item, Gap) else _MISSING
        self._causes.update(dict.fromkeys(CHANNELS if item.channel is None else (item.channel,), cause))
        report = self._meter.add(item)
        if report is not None:
            await self._put(report)

    async def _put(self, item: Heard | ChannelLevels) -> None:
        """A source that cannot wait drops; one played as fast as possible waits."""
        if self._plan.speed is None and not self._source.live:
            await self.outbox.put_patiently(item)
        else:
            self.outbox.put(item)

    def _tell_hole(self, item: Heard) -> None:
        """Puts a gap where the source goes on later than it left off, and notes how far everything is told."""
        mine = CHANNELS if item.channel is None else (item.channel,)
        left_off = self._heard_until[mine[0]]
        if item.start > left_off + _HAIR:
            together = len(set(self._heard_until.values())) == 1
            channel = None if together else item.channel
            cause = self._causes[mine[0]]
            self.outbox.put(Gap(at=item.start, start=left_off, end=item.start, cause=cause, channel=channel))
            mine = CHANNELS if together else mine
            self._heard_until.update(dict.fromkeys(mine, item.start))
        mine = CHANNELS if item.channel is None else (item.channel,)
        self._heard_until.update(dict.fromkeys(mine, round(item.end, 6)))

    async def _devices_away(self, error: DeviceError) -> None:
        """Says so, in the log and in the levels, and waits a moment."""
        if error.what not in self._causes.values():
            _log.warning("devices away", what=error.what, advice=error.advice)
        self._causes = dict.fromkeys(CHANNELS, error.what)
        self.outbox.put(_NOTHING_HEARD)
        await self._source.suspend()
        await self._clock.sleep(DEVICE_RETRY_SECONDS)

    async def _until_wanted(self) -> None:
        while self._want == "pause":
            self._changed.clear()
            await self._changed.wait()

    def _now(self) -> float:
        """Where the call is by the clock; a recording played as fast as possible stays where it was."""
        if self._plan.speed is None:
            return self.position
        return max(self.position, (self._clock.monotonic() - self._began) * self._plan.speed)

    def _finish(self) -> None:
        end = self.position
        if self._ended_paused:
            end = max(end, self._now())
        for channel, until in self._heard_until.items():
            if end > until + _HAIR:
                cause = self._causes[channel]
                cause = STOPPED if cause == _MISSING and self._want == "stop" else cause
                self.outbox.put(Gap(at=end, start=until, end=end, cause=cause, channel=channel))
        self.outbox.put(CallFinish(at=end, reason="stopped" if self._want == "stop" else "finished"))
