import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from numpy.typing import NDArray

from audio_capture.errors import DeviceLost, DeviceMissing
from audio_capture.pulse import PulseSource
from audio_capture.recorder import ChannelRecorder
from live_sentiment.events import FRAME_SAMPLES, SAMPLE_RATE


class FakeStream:
    """``blocks`` blocks of 32 ms of a rising ramp, in virtual time; then the device is lost."""

    def __init__(self, blocks: int, rate: int = SAMPLE_RATE, lose: range = range(0)) -> None:
        self.rate = rate
        self.now = 50.0
        self._left = blocks
        self._lose = lose
        self._block = rate * FRAME_SAMPLES // SAMPLE_RATE
        self._count = 0

    def read(self) -> NDArray[np.float32]:
        while True:
            if not self._left:
                raise DeviceLost("gone", "plug it in")
            self._left -= 1
            self._count += 1
            self.now += 0.032
            if self._count not in self._lose:
                return np.full(self._block, self._count / 1000, dtype=np.float32)

    def opener(self) -> "contextmanager[FakeStream]":
        @contextmanager
        def opened() -> Iterator[FakeStream]:
            yield self

        return opened()


def recorded(stream: FakeStream, at: float = 0.0) -> tuple[ChannelRecorder, list[NDArray[np.int16] | int]]:
    heard = threading.Event()
    recorder = ChannelRecorder("agent", stream.opener, at, heard.set, lambda: stream.now)
    recorder.start()
    recorder.join()
    out: list[NDArray[np.int16] | int] = []
    while (piece := recorder.ring.read(FRAME_SAMPLES)) is not None:
        out.append(piece)
    assert heard.is_set()
    return recorder, out


def test_frames_begin_at_the_calls_time_and_a_lost_device_is_told() -> None:
    recorder, out = recorded(FakeStream(100), at=3.2)
    assert recorder.first_index == 100
    assert len(out) == 100
    assert recorder.failure is not None
    assert recorder.failure.what == "gone"


def test_frames_stay_on_the_grid_wherever_the_call_is() -> None:
    recorder, out = recorded(FakeStream(100), at=3.21)
    assert recorder.first_index == 101
    assert len(out) == 99
    first = out[0]
    assert not isinstance(first, int)
    assert np.flatnonzero(np.diff(first)) + 1 == pytest.approx(
        FRAME_SAMPLES - (101 * 0.032 - 3.21) * SAMPLE_RATE, abs=1
    )


def test_48_kilohertz_becomes_16() -> None:
    _, out = recorded(FakeStream(200, rate=48_000))
    assert len(out) == pytest.approx(200, abs=2)
    assert not any(isinstance(piece, int) for piece in out)


def test_a_hole_in_the_stream_is_noted_at_its_place() -> None:
    _, out = recorded(FakeStream(200, lose=range(101, 151)))
    skips = [(number, piece) for number, piece in enumerate(out) if isinstance(piece, int)]
    assert skips == [(100, 50 * FRAME_SAMPLES)]


def test_a_device_that_does_not_open_is_told() -> None:
    def opener() -> "contextmanager[FakeStream]":
        raise DeviceMissing("no headset", "plug it in")

    recorder = ChannelRecorder("customer", opener, 0.0, lambda: None)
    recorder.start()
    recorder.join()
    assert recorder.first_index is None
    assert isinstance(recorder.failure, DeviceMissing)


def test_asked_to_stop_it_stops() -> None:
    stream = FakeStream(10**9)
    recorder = ChannelRecorder("agent", stream.opener, 0.0, lambda: None, lambda: stream.now)
    recorder.start()
    recorder.ask_stop()
    recorder.join()
    assert not recorder._thread.is_alive()
    assert recorder.failure is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_of_anything_else_tells_that_too() -> None:
    class Broken(FakeStream):
        def read(self) -> NDArray[np.float32]:
            raise MemoryError

    recorder, out = recorded(Broken(1))
    assert (recorder.over, recorder.failure, out) == (True, None, [])


def test_a_recorder_is_over_only_at_its_end() -> None:
    recorder = ChannelRecorder("agent", FakeStream(3).opener, 0.0, lambda: None)
    assert not recorder.over
    recorder.start()
    recorder.join()
    assert recorder.over


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (DeviceLost("The headset is gone.", "plug it in"), "The agent's sound stopped: The headset is gone."),
        (None, "The agent's sound stopped: the recording broke off."),
    ],
)
def test_a_channel_that_is_over_is_a_lost_device(failure: DeviceLost | None, said: str) -> None:
    source = PulseSource()
    recorder = ChannelRecorder("agent", FakeStream(1).opener, 0.0, lambda: None)
    source._recorders = {"agent": recorder}
    source._raise_lost()
    recorder.over, recorder.failure = True, failure
    with pytest.raises(DeviceLost) as caught:
        source._raise_lost()
    assert caught.value.what == said
