"""The default microphone and what the default output plays, on whatever system this is. One module a platform."""

import sys

from audio_capture.errors import PlatformNotYet
from audio_capture.pulse_stream import libpulse_missing
from audio_capture.source import AudioSource

_ADVICE = "For now play a recording: spiegel capture call.flac. Linux works with PulseAudio and PipeWire."


def default_devices(platform: str = sys.platform) -> AudioSource:
    """The source that listens to the default devices; nothing is opened yet.

    Raises:
        PlatformNotYet: there is no support for ``platform`` (as in ``sys.platform``) yet.
        SoundDaemonAway: libpulse is not installed.
    """
    if platform.startswith("linux"):
        try:
            from audio_capture.pulse import PulseSource  # noqa: PLC0415 - no other platform has its libraries
        except OSError as error:  # pulsectl loads libpulse as it is imported
            raise libpulse_missing() from error
        return PulseSource()
    name = {"win32": "Windows", "darwin": "macOS"}.get(platform, platform)
    raise PlatformNotYet(f"Spiegel cannot listen to a headset on {name} yet.", _ADVICE)
