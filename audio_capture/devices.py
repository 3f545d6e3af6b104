"""Which devices there are, which of them are meant, and the interface of a system that has them. One module a platform.

A call needs two: the microphone, which is the agent's channel, and the output that the customer's voice is played on,
whose sound is the customer's channel.
"""

import re
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from audio_capture.errors import DeviceMissing, PlatformNotYet
from audio_capture.pulse_stream import libpulse_missing
from live_sentiment.events import Channel

Role = Literal["microphone", "output"]
ROLES: dict[Channel, Role] = {"agent": "microphone", "customer": "output"}
"""What each channel is recorded from."""
DEFAULT = "default"
"""What people say to follow the system's choice."""
_PLUG_ADVICE = "Plug in the headset and choose it in the sound settings; Spiegel goes on by itself."
_MISSING: dict[Role, str] = {
    "microphone": "There is no microphone.",
    "output": "There is no headset or speaker to listen to.",
}
_BLUETOOTH = re.compile(r"bluez_\w+\.([0-9A-Fa-f]{2}(?:[_:][0-9A-Fa-f]{2}){5})")
"""A Bluetooth headset's address in the name that PulseAudio and PipeWire give it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Something to listen to. ``name`` is the system's, which stays the same; ``label`` is for people.

    ``record`` is the system's name of what is recorded: of an output, its monitor. ``default``: the system's choice.
    """

    role: Role
    name: str
    label: str
    record: str
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceChoice:
    """Which devices the agent wants, by name or label; "" follows the system's default, also when that changes."""

    microphone: str = ""
    output: str = ""

    def of(self, role: Role) -> str:
        """The choice for one role."""
        return self.microphone if role == "microphone" else self.output


class BlockStream(Protocol):
    """A device being recorded. ``rate`` in Hz. All of it belongs to one recording thread."""

    rate: int

    @property
    def hole(self) -> str | None:
        """Why nothing comes at the moment, where the system knows it."""
        ...

    def read(self) -> NDArray[np.float32]:
        """The next samples, at most some seconds of them, shape (n,), mono, -1 to 1; none, when none came in 0.1 s.

        Raises:
            DeviceError: it is over. Nothing of another device is ever returned.
        """
        ...


class DeviceSystem(Protocol):
    """The devices of an operating system's sound. Its methods are called on any thread, and may block a little."""

    def devices(self) -> list[Device]:
        """All that could be listened to, in the system's order.

        Raises:
            DeviceError: the system does not answer.
        """
        ...

    def stream(self, device: Device) -> AbstractContextManager[BlockStream]:
        """``device``, recorded while the context is open; ``DeviceError`` is raised as it opens."""
        ...

    def play(self, device: Device, samples: NDArray[np.float32], rate: int) -> None:
        """Plays ``samples``, shape (n,), mono, -1 to 1, at ``rate`` Hz on an output, and waits for their end.

        Raises:
            DeviceError: they cannot be played there.
        """
        ...


def pick(devices: Sequence[Device], role: Role, wanted: str = "") -> Device:
    """The device for ``role``: the default one, or the one ``wanted``, by name or, where that is unclear, by label.

    A Bluetooth headset is the same one in whichever profile it is, though its name changes with it.

    Raises:
        DeviceMissing: it is not there (now).
    """
    mine = [device for device in devices if device.role == role]
    if not wanted:
        for device in mine:
            if device.default:
                return device
        raise DeviceMissing(_MISSING[role], _PLUG_ADVICE)
    for same in (_same_name, _same_headset, _same_label):
        for device in mine:
            if same(device, wanted):
                return device
    raise DeviceMissing(
        f"{wanted} is not there.", "Plug it in, or choose another one; `spiegel devices` shows which there are."
    )


def named_devices(devices: Sequence[Device], wanted: DeviceChoice) -> dict[Role, str]:
    """The system's names of the devices that a person ``wanted``; "" for "default"; nothing for what was left out.

    Raises:
        DeviceMissing: one is not there.
    """
    asked: dict[Role, str] = {role: wanted.of(role) for role in ROLES.values() if wanted.of(role)}
    return {role: "" if said.casefold() == DEFAULT else pick(devices, role, said).name for role, said in asked.items()}


def _same_name(device: Device, wanted: str) -> bool:
    return device.name == wanted


def _same_headset(device: Device, wanted: str) -> bool:
    ours, theirs = _BLUETOOTH.search(device.name), _BLUETOOTH.search(wanted)
    return ours is not None and theirs is not None and _plain(ours[1]) == _plain(theirs[1])


def _same_label(device: Device, wanted: str) -> bool:
    return device.label.casefold() == wanted.casefold()


def _plain(address: str) -> str:
    return address.replace(":", "_").upper()


def this_system(platform: str = sys.platform) -> DeviceSystem:
    """The devices of this machine.

    Raises:
        PlatformNotYet: there is no support for ``platform`` (as in ``sys.platform``) yet.
        SoundDaemonAway: libpulse is not installed.
    """
    if platform.startswith("linux"):
        try:
            from audio_capture.pulse import PulseSystem  # noqa: PLC0415 - no other platform has its libraries
        except OSError as error:  # pulsectl loads libpulse as it is imported
            raise libpulse_missing() from error
        return PulseSystem()
    name = {"win32": "Windows", "darwin": "macOS"}.get(platform, platform)
    raise PlatformNotYet(
        f"Spiegel cannot listen to a headset on {name} yet.",
        "For now play a recording: spiegel capture call.flac. Linux works with PulseAudio and PipeWire.",
    )
