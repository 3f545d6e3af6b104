"""What can go wrong between a headset or a recording and the server. Every error says what to do about it.

CaptureError
├── RecordingError            a recording cannot be used
│   ├── RecordingMissing      there is no such file
│   ├── RecordingUnreadable   a folder, a device, or a file one may not open
│   ├── RecordingEmpty        no bytes, or no sound in it
│   ├── NotAudio              not a recording, or of a kind nobody here can read
│   ├── NotStereo             one channel, and nobody said whose
│   ├── TooManyChannels       more than two channels
│   ├── RecordingTruncated    shorter than it says itself
│   ├── RecordingTooLong      longer than ``LONGEST_HOURS``
│   ├── BrokenSamples         samples that are no numbers
│   └── UnclearChoice         files named in a way that cannot be meant
├── DeviceError               the headset cannot be heard
│   ├── SoundDaemonAway       PulseAudio or PipeWire does not answer (retryable)
│   ├── DeviceMissing         no microphone or no output (retryable)
│   ├── DeviceLost            a device went away while listening (retryable)
│   └── PlatformNotYet        this operating system's devices are not supported yet
└── ServerError               the audio cannot be delivered
    ├── ServerAway            nobody answers (retryable)
    └── ServerRefused         the server does not want this capture
        └── Replaced          another capture has taken over
"""

from typing import ClassVar

LONGEST_HOURS = 4


class CaptureError(Exception):
    """The root of this folder's errors: ``what`` happened, and in ``advice`` what to do about it."""

    retryable: ClassVar[bool] = False

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice


class RecordingError(CaptureError):
    """A recording cannot be used."""


class RecordingMissing(RecordingError):
    """There is no such file."""


class RecordingUnreadable(RecordingError):
    """A folder, a device, or a file that may not be opened."""


class RecordingEmpty(RecordingError):
    """No bytes, or no sound in it."""


class NotAudio(RecordingError):
    """Not a recording, or of a kind that libsndfile does not read."""


class NotStereo(RecordingError):
    """One channel where two are needed, and nobody said whose voice it is."""


class TooManyChannels(RecordingError):
    """More channels than an agent and a customer."""


class RecordingTruncated(RecordingError):
    """The file holds less sound than its own header announces."""


class RecordingTooLong(RecordingError):
    """Longer than any call: ``LONGEST_HOURS``."""


class BrokenSamples(RecordingError):
    """Samples that are infinite or not a number."""


class UnclearChoice(RecordingError):
    """Files named in a way that cannot be meant."""


class DeviceError(CaptureError):
    """The headset cannot be heard."""


class SoundDaemonAway(DeviceError):
    """PulseAudio or PipeWire does not answer."""

    retryable = True


class DeviceMissing(DeviceError):
    """There is no microphone, or no output to listen to."""

    retryable = True


class DeviceLost(DeviceError):
    """A device went away while it was listened to."""

    retryable = True


class PlatformNotYet(DeviceError):
    """The devices of this operating system are not supported yet."""


class ServerError(CaptureError):
    """The audio cannot be delivered."""


class ServerAway(ServerError):
    """Nobody answers at the server's address, or the connection was lost."""

    retryable = True


class ServerRefused(ServerError):
    """The server does not want this capture: a wrong token or another version."""


class Replaced(ServerRefused):
    """Another capture of this user has taken over; to come back would only take it away from that one."""
