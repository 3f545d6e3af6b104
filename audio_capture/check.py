"""Whether the default devices could be listened to, in words; nothing is recorded."""

import sys

from audio_capture.errors import CaptureError
from audio_capture.pulse_stream import libpulse_missing


def check_sound(platform: str = sys.platform) -> tuple[bool, str, str]:
    """Whether both channels have a device, which ones (or what is wrong), and what to do about it."""
    if not platform.startswith("linux"):
        return False, "Listening to the headset works on Linux only so far.", "Recordings work: spiegel demo"
    try:
        from audio_capture.pulse import default_pair  # noqa: PLC0415  needs libpulse, which other systems lack

        pair = default_pair()
    except CaptureError as error:
        return False, error.what, error.advice
    except OSError:  # pulsectl loads libpulse as it is imported
        missing = libpulse_missing()
        return False, missing.what, missing.advice
    return True, f"you: {pair['agent'].label}; the customer: {pair['customer'].label}", ""
