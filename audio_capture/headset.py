"""The agent's headset: the two devices of a call, kept open through whatever happens to them.

Each channel has a recorder of its own, so that one that is lost does not stop the other. Twice a second the system is
asked which devices are meant: whoever follows the default goes along when it changes, and another choice counts at
once.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable

from audio_capture.devices import ROLES, BlockStream, Device, DeviceChoice, DeviceSystem, pick
from audio_capture.errors import DeviceError, DeviceLost, DeviceMissing
from audio_capture.interleave import Interleaver
from audio_capture.recorder import ChannelRecorder
from audio_capture.source import Heard
from live_sentiment.events import CHANNELS, Channel

LOOK_SECONDS = 1.0


class HeadsetSource:
    """The devices of ``system`` that ``chosen`` names; it is asked again and again, on any thread.

    All methods on the event loop's thread.
    """

    channels: tuple[Channel, ...] = CHANNELS
    live = True

    def __init__(self, system: DeviceSystem, chosen: Callable[[], DeviceChoice] = DeviceChoice) -> None:
        self._system = system
        self._chosen = chosen
        self._recorders: dict[Channel, ChannelRecorder] = {}
        self._attached: dict[Channel, Device] = {}
        self._interleaver: Interleaver | None = None
        self._looking: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """The devices, as far as they are known."""
        known = [self._attached[channel].label for channel in CHANNELS if channel in self._attached]
        return " + ".join(known) or "microphone and output"

    async def open(self, at: float, *, resuming: bool = False) -> None:
        """Begins to listen to both, or to wait for them; a headset knows no difference between new and resumed."""
        del resuming
        await self.suspend()
        wake = asyncio.Event()
        loop = asyncio.get_running_loop()

        def notify() -> None:
            """From a recording thread, which may outlive the loop for a moment."""
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(wake.set)

        self._recorders = {
            channel: ChannelRecorder(channel, lambda channel=channel: self._open(channel), at, notify)
            for channel in CHANNELS
        }
        self._interleaver = Interleaver({c: recorder.lane for c, recorder in self._recorders.items()}, wake)
        for recorder in self._recorders.values():
            recorder.start()
        self._looking = asyncio.create_task(self._look())

    async def stream(self) -> AsyncGenerator[Heard]:
        """Frames and gaps of both channels; a device that is away gives gaps until it is back.

        Raises:
            DeviceError: a channel is over for good.
        """
        interleaver = self._interleaver
        if interleaver is None:
            return
        async for item in interleaver.heard(self._raise_failure):
            yield item

    async def suspend(self) -> None:
        """Closes both devices."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
            self._looking = None
        recorders, self._recorders = self._recorders, {}
        if self._interleaver is not None:
            self._interleaver.close()
            self._interleaver = None
        for recorder in recorders.values():
            recorder.ask_stop()
        for recorder in recorders.values():
            await asyncio.to_thread(recorder.join)

    async def close(self) -> None:
        """Closes both devices."""
        await self.suspend()

    def _open(self, channel: Channel) -> contextlib.AbstractContextManager[BlockStream]:
        """Opens the device that is meant for ``channel`` now; on its recording thread."""
        try:
            device = self._meant(self._system.devices(), channel)
        except DeviceMissing as error:
            known = self._attached.get(channel)
            if known is None or not self._chosen().of(ROLES[channel]):
                raise
            raise DeviceMissing(f"{known.label} is not there.", error.advice) from error  # people know its label
        self._attached[channel] = device
        return self._system.stream(device)

    def _meant(self, devices: list[Device], channel: Channel) -> Device:
        role = ROLES[channel]
        return pick(devices, role, self._chosen().of(role))

    async def _look(self) -> None:
        """Has a channel opened anew when another device is meant than it has."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                devices = await asyncio.to_thread(self._system.devices)
            except DeviceError:
                continue  # the recorders notice it themselves
            for channel, recorder in self._recorders.items():
                with contextlib.suppress(DeviceError):
                    meant, attached = self._meant(devices, channel), self._attached.get(channel)
                    if attached is not None and meant.record != attached.record:
                        recorder.reopen(f"the sound went over to {meant.label}")

    def _raise_failure(self) -> None:
        for recorder in self._recorders.values():
            if recorder.failure is not None:
                raise recorder.failure
            if recorder.over:
                raise DeviceLost(f"The {recorder.channel}'s recording broke off.", "Spiegel begins it again by itself.")
