"""``spiegel devices``: what could be listened to, and what is; with levels that move, for those who want to see."""

import contextlib
import logging
import sys
import time
from collections.abc import Mapping, Sequence

import msgspec
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from audio_capture.devices import ROLES, Device, DeviceChoice, DeviceSystem, Role, pick
from audio_capture.errors import DeviceMissing
from audio_capture.level_watch import LevelWatch
from audio_capture.levels import SILENCE_DBFS
from audio_capture.logs import log_to_stderr

LOOK_SECONDS = 0.2
_WORKS, _MISSING = 0, 1
_WHOSE: dict[Role, str] = {"microphone": "you", "output": "the customer"}
_BAR = 20
_FLOOR_DBFS = -60.0
Levels = Mapping[Device, float | None]


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A device, for programs: ``used`` is what a call would listen to, ``level_dbfs`` how loud it is just now."""

    role: Role
    name: str
    label: str
    default: bool = False
    used: bool = False
    level_dbfs: float | None = None


def show_devices(system: DeviceSystem, choice: DeviceChoice, *, watch: bool = False, as_json: bool = False) -> int:
    """Lists the devices of ``system``; 0 when a call has both that it needs, else 1.

    ``watch`` goes on with their levels until Ctrl-C; a device plugged in meanwhile is shown with the next start.

    Raises:
        DeviceError: the system does not answer.
    """
    log_to_stderr(level=logging.ERROR)  # what becomes of a device stands in its line
    devices = system.devices()
    used, missing = used_devices(devices, choice)
    if watch:
        with contextlib.suppress(KeyboardInterrupt):
            _watch(system, devices, used, missing, as_json=as_json)
    elif as_json:
        _say_json(rows(devices, used, {}))
    else:
        Console().print(_screen(devices, used, missing, {}))
    return _MISSING if missing else _WORKS


def used_devices(devices: Sequence[Device], choice: DeviceChoice) -> tuple[list[Device], list[DeviceMissing]]:
    """The two that a call would listen to, and what is missing of them."""
    used: list[Device] = []
    missing: list[DeviceMissing] = []
    for role in ROLES.values():
        try:
            used.append(pick(devices, role, choice.of(role)))
        except DeviceMissing as error:
            missing.append(error)
    return used, missing


def rows(devices: Sequence[Device], used: Sequence[Device], levels: Levels) -> list[Row]:
    """Every device as programs get it."""
    return [
        Row(
            role=device.role,
            name=device.name,
            label=device.label,
            default=device.default,
            used=device in used,
            level_dbfs=None if (level := levels.get(device)) is None else round(level, 1),
        )
        for device in devices
    ]


def _watch(
    system: DeviceSystem,
    devices: Sequence[Device],
    used: Sequence[Device],
    missing: Sequence[DeviceMissing],
    *,
    as_json: bool,
) -> None:
    with LevelWatch(system, devices) as watch:
        if as_json:
            while True:
                time.sleep(LOOK_SECONDS)
                _say_json(rows(devices, used, watch.levels()))
        with Live(_screen(devices, used, missing, watch.levels()), auto_refresh=False) as live:
            while True:
                time.sleep(LOOK_SECONDS)
                live.update(_screen(devices, used, missing, watch.levels(), moving=True), refresh=True)


def _say_json(found: Sequence[Row]) -> None:
    for row in found:
        sys.stdout.buffer.write(msgspec.json.encode(row) + b"\n")
    sys.stdout.flush()


def _screen(
    devices: Sequence[Device],
    used: Sequence[Device],
    missing: Sequence[DeviceMissing],
    levels: Levels,
    *,
    moving: bool = False,
) -> RenderableType:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("", "voice", "device", "name") + (("level",) if levels else ()):
        table.add_column(heading, overflow="fold", header_style="dim")
    for device in devices:
        mine = device in used
        label = Text(device.label, style="bold" if mine else "")
        if device.default:
            label.append("  (default)", style="dim")
        level = (_bar(levels.get(device)),) if levels else ()
        mark = Text("✓" if mine else "", style="green")
        table.add_row(mark, _WHOSE[device.role], label, Text(device.name, style="dim"), *level)
    said: list[RenderableType] = [table]
    said += [Text(f"{error.what} {error.advice}", style="yellow") for error in missing]
    if not devices:
        said = [Text("There is nothing to listen to. Plug in the headset.", style="yellow")]
    if moving:
        said.append(Text("Ctrl-C ends this. Nothing is kept.", style="dim"))
    return Group(*said)


def _bar(level: float | None) -> Text:
    if level is None:
        return Text("nothing comes", style="yellow")
    if level <= SILENCE_DBFS:
        return Text(f"{'·' * _BAR}  silent", style="dim")
    filled = round(_BAR * min(1.0, max(0.0, 1 - level / _FLOOR_DBFS)))
    loud = "red" if level > -3 else "green"  # noqa: PLR2004 - about to clip
    return Text.assemble(("█" * filled, loud), ("·" * (_BAR - filled), "dim"), f"  {level:.0f} dBFS")
