"""How loud each device is at the moment. Every device is recorded in a thread of its own and nothing is kept."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

import numpy as np

from audio_capture.devices import Device, DeviceSystem
from audio_capture.levels import dbfs
from audio_capture.recorder import ChannelRecorder
from audio_capture.ring import Missing
from live_sentiment.events import FRAME_SAMPLES


class LevelWatch:
    """Listens to ``devices`` while it is open. One thread asks for the levels."""

    def __init__(self, system: DeviceSystem, devices: Sequence[Device]) -> None:
        self._recorders = {
            device: ChannelRecorder(
                "agent" if device.role == "microphone" else "customer",
                lambda device=device: system.stream(device),
                at=0.0,
                notify=lambda: None,
            )
            for device in devices
        }

    def __enter__(self) -> Self:
        for recorder in self._recorders.values():
            recorder.start()
        return self

    def levels(self) -> dict[Device, float | None]:
        """The level of each device since the last time, in dBFS; None for one of which nothing came."""
        return {device: _level(recorder) for device, recorder in self._recorders.items()}

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for recorder in self._recorders.values():
            recorder.ask_stop()
        for recorder in self._recorders.values():
            recorder.join()


def _level(recorder: ChannelRecorder) -> float | None:
    energy, samples = 0.0, 0
    while (piece := recorder.lane.ring.read(FRAME_SAMPLES)) is not None:
        if not isinstance(piece, Missing):
            values = piece.astype(np.float32)
            energy += float(np.dot(values, values))
            samples += piece.size
    return dbfs(energy, samples) if samples else None
