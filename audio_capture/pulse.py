"""Linux: the devices of PulseAudio, or of PipeWire's pulse server. An output is heard by the monitor of its sink."""

from typing import Any

import numpy as np
import pulsectl
from numpy.typing import NDArray

from audio_capture.devices import Device
from audio_capture.errors import SoundDaemonAway
from audio_capture.pulse_playback import play
from audio_capture.pulse_stream import PulseStream
from live_sentiment.events import FRAME_SAMPLES, SAMPLE_RATE

RECORD_RATE = 48_000
"""What nearly every headset runs at; soxr then makes 16 kHz of it, better than the daemon's quick resampler would."""
_APP = "Spiegel"
_NO_DEVICE = "auto_null"
"""The sink that both daemons put up when there is none."""
_DAEMON_ADVICE = "Log in to the desktop again, or start it: systemctl --user restart pipewire-pulse (or pulseaudio)."


class PulseSystem:
    """Asks the daemon of this desktop, with a new connection each time: the daemon may be another one by then."""

    def devices(self) -> list[Device]:
        """Microphones, then outputs. The monitor of an output is never taken for a microphone.

        Raises:
            SoundDaemonAway: no daemon answers.
        """
        try:
            with pulsectl.Pulse(_APP) as connected:
                pulse: Any = connected
                info = pulse.server_info()
                sources, sinks = pulse.source_list(), pulse.sink_list()
        except pulsectl.PulseError as error:
            raise SoundDaemonAway("The sound server does not answer.", _DAEMON_ADVICE) from error
        microphones = [
            Device(
                role="microphone",
                name=source.name,
                label=source.description or source.name,
                record=source.name,
                default=source.name == info.default_source_name,
            )
            for source in sources
            if not source.monitor_of_sink_name
        ]
        outputs = [
            Device(
                role="output",
                name=sink.name,
                label=sink.description or sink.name,
                record=sink.monitor_source_name,
                default=sink.name == info.default_sink_name,
            )
            for sink in sinks
            if sink.name != _NO_DEVICE
        ]
        return microphones + outputs

    def stream(self, device: Device) -> PulseStream:
        """``device``, recorded while the context is open.

        Raises (as it opens):
            SoundDaemonAway: no daemon answers.
            DeviceLost: it does not know the device, or does not let it be recorded.
        """
        block = RECORD_RATE * FRAME_SAMPLES // SAMPLE_RATE
        return PulseStream(device.record, device.label, RECORD_RATE, block)

    def play(self, device: Device, samples: NDArray[np.float32], rate: int) -> None:
        """Plays ``samples`` on an output and waits for their end.

        Raises:
            DeviceLost: they cannot be played there.
        """
        play(device.name, device.label, samples, rate)
