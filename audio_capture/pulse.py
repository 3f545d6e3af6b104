"""Linux: the default microphone, and the monitor of the default output, through PulseAudio or PipeWire's pulse server.

Which devices are the defaults is asked when a call opens, and the streams stay with these until it is suspended. That
the daemon may move a stream to another device is not watched here yet.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any

import pulsectl

from audio_capture.errors import DeviceLost, DeviceMissing, SoundDaemonAway
from audio_capture.interleave import Interleaver
from audio_capture.pulse_stream import PulseStream
from audio_capture.recorder import ChannelRecorder
from audio_capture.source import Heard
from live_sentiment.events import CHANNELS, FRAME_SAMPLES, SAMPLE_RATE, Channel

RECORD_RATE = 48_000
"""What nearly every headset runs at; soxr then makes 16 kHz of it, better than the daemon's quick resampler would."""
_APP = "Spiegel"
_DAEMON_ADVICE = "Log in to the desktop again, or start it: systemctl --user restart pipewire-pulse (or pulseaudio)."
_PLUG_ADVICE = "Plug in the headset and choose it in the sound settings; Spiegel goes on by itself."


@dataclass(frozen=True, slots=True)
class Device:
    """A source of the daemon: ``name`` for the daemon, ``label`` for people."""

    name: str
    label: str


def default_pair() -> dict[Channel, Device]:
    """The default microphone as the agent's, the monitor of the default output as the customer's.

    Raises:
        SoundDaemonAway: no daemon answers.
        DeviceMissing: it has no microphone or no output.
    """
    try:
        with pulsectl.Pulse(_APP) as connected:
            pulse: Any = connected
            info = pulse.server_info()
            sources: dict[str, Any] = {source.name: source for source in pulse.source_list()}
            sinks: dict[str, Any] = {sink.name: sink for sink in pulse.sink_list()}
    except pulsectl.PulseError as error:
        raise SoundDaemonAway("The sound server does not answer.", _DAEMON_ADVICE) from error
    microphone = sources.get(info.default_source_name)
    output = sinks.get(info.default_sink_name)
    monitor = None if output is None else sources.get(output.monitor_source_name)
    if microphone is None or microphone.monitor_of_sink_name:
        raise DeviceMissing("There is no microphone.", _PLUG_ADVICE)
    if output is None or monitor is None:
        raise DeviceMissing("There is no headset or speaker to listen to.", _PLUG_ADVICE)
    return {"agent": _device(microphone), "customer": _device(monitor)}


class PulseSource:
    """The default devices. Closed until ``open``; all methods on the event loop's thread."""

    channels: tuple[Channel, ...] = CHANNELS
    live = True

    def __init__(self) -> None:
        self.name = "default microphone and output"
        self._recorders: dict[Channel, ChannelRecorder] = {}
        self._interleaver: Interleaver | None = None

    async def open(self, at: float, *, resuming: bool = False) -> None:
        """Opens both streams; a headset knows no difference between a new call and a resumed one.

        Raises:
            SoundDaemonAway, DeviceMissing, DeviceLost: it cannot be opened now.
        """
        del resuming
        await self.suspend()
        wake = asyncio.Event()
        loop = asyncio.get_running_loop()
        devices = await asyncio.to_thread(default_pair)
        self.name = " + ".join(device.label for device in devices.values())
        self._recorders = {
            channel: ChannelRecorder(channel, _opener(device, channel), at, lambda: _set(loop, wake))
            for channel, device in devices.items()
        }
        self._interleaver = Interleaver(self._recorders, wake)
        for recorder in self._recorders.values():
            recorder.start()

    async def stream(self) -> AsyncGenerator[Heard]:
        """Frames and gaps of both channels.

        Raises:
            DeviceLost: a stream ended.
        """
        interleaver = self._interleaver
        if interleaver is None:
            return
        async for item in interleaver.heard(self._raise_lost):
            yield item

    async def suspend(self) -> None:
        """Closes both streams."""
        recorders, self._recorders = self._recorders, {}
        if self._interleaver is not None:
            self._interleaver.close()
            self._interleaver = None
        for recorder in recorders.values():
            recorder.ask_stop()
        for recorder in recorders.values():
            await asyncio.to_thread(recorder.join)

    async def close(self) -> None:
        """Closes both streams."""
        await self.suspend()

    def _raise_lost(self) -> None:
        for recorder in self._recorders.values():
            if recorder.over:
                why = recorder.failure or "the recording broke off"
                raise DeviceLost(f"The {recorder.channel}'s sound stopped: {str(why).rstrip('.')}.", _PLUG_ADVICE)


def _device(source: Any) -> Device:
    return Device(source.name, source.description or source.name)


def _opener(device: Device, channel: Channel) -> Callable[[], PulseStream]:
    block = RECORD_RATE * FRAME_SAMPLES // SAMPLE_RATE
    return lambda: PulseStream(device.name, RECORD_RATE, f"{channel}'s channel", block)


def _set(loop: asyncio.AbstractEventLoop, wake: asyncio.Event) -> None:
    """From a recording thread, which may outlive the loop for a moment."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(wake.set)
