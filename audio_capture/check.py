"""Whether the agent's devices could be listened to, in words; nothing is recorded."""

import sys

from audio_capture.devices import ROLES, DeviceChoice, pick, this_system
from audio_capture.errors import CaptureError
from live_sentiment.events import CHANNELS


def check_sound(choice: DeviceChoice | None = None, platform: str = sys.platform) -> tuple[bool, str, str]:
    """Whether both channels have a device, which ones (or what is wrong), and what to do about it."""
    choice = choice or DeviceChoice()
    try:
        devices = this_system(platform).devices()
        pair = {channel: pick(devices, ROLES[channel], choice.of(ROLES[channel])) for channel in CHANNELS}
    except CaptureError as error:
        return False, error.what, error.advice
    return True, f"you: {pair['agent'].label}; the customer: {pair['customer'].label}", ""
