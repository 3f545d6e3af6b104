"""The recording thread, with a device in virtual time: each read takes 32 ms of it, each rest what it asks for."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from numpy.typing import NDArray

from audio_capture.errors import DeviceLost, DeviceMissing, PlatformNotYet
from audio_capture.recorder import ASLEEP, OPENING, RETRY_SECONDS, ChannelRecorder, Times
from audio_capture.ring import Missing
from live_sentiment.events import FRAME_SAMPLES, FRAME_SECONDS, SAMPLE_RATE


class Desk:
    """A device that plays ``script``, one entry a block: True sounds, False is lost, a number is a sleep in seconds.

    An error in it is raised by the read, or by the opening when it comes first. After the script it stops the recorder.
    """

    def __init__(self, script: list[bool | float | Exception]) -> None:
        self.now = 50.0
        self.slept = 0.0
        self.opened = 0
        self.rate = SAMPLE_RATE
        self.hole: str | None = None
        self.script = script
        self.recorder = ChannelRecorder(
            "agent", self.open, 0.0, self._news, Times(lambda: self.now, lambda: self.now - self.slept, self._rest)
        )
        self.news = 0

    @contextmanager
    def open(self) -> Iterator["Desk"]:
        self.opened += 1
        if self.script and isinstance(self.script[0], Exception):
            raise self.script.pop(0)  # type: ignore[misc]  # an exception, as the line before says
        yield self

    def read(self) -> NDArray[np.float32]:
        if not self.script:
            self.recorder.ask_stop()
            return np.zeros(0, dtype=np.float32)
        entry = self.script.pop(0)
        if isinstance(entry, Exception):
            raise entry
        self.now += FRAME_SECONDS
        if isinstance(entry, float):
            self.now += entry
            self.slept += entry
        return np.full(FRAME_SAMPLES if entry is True else 0, 0.1, dtype=np.float32)

    def play(self) -> list[tuple[str, int, str]]:
        """What the lane holds at the end: kind, frames, reason; equal neighbours together."""
        self.recorder.start()
        self.recorder.join()
        assert self.recorder.over
        out: list[tuple[str, int, str]] = []
        while (piece := self.recorder.lane.ring.read(FRAME_SAMPLES)) is not None:
            one = (
                ("missing", piece.samples // FRAME_SAMPLES, piece.cause)
                if isinstance(piece, Missing)
                else ("heard", 1, "")
            )
            if out and out[-1][::2] == one[::2]:
                one = (one[0], one[1] + out.pop()[1], one[2])
            out.append(one)
        return out

    def _news(self) -> None:
        self.news += 1

    def _rest(self, seconds: float) -> None:
        self.now += seconds


def gone(what: str = "The headset is gone.") -> DeviceLost:
    return DeviceLost(what, "plug it in")


def test_a_device_that_is_lost_and_back_leaves_one_exact_hole() -> None:
    away = [gone() for _ in range(8)]
    desk = Desk([*[True] * 100, *away, *[True] * 100])
    (_, first, _), (_, hole, cause), (_, second, _) = desk.play()
    assert (first, second, cause) == (100, 99, "The headset is gone.")
    assert hole * FRAME_SECONDS == pytest.approx(8 * RETRY_SECONDS, abs=FRAME_SECONDS)
    assert desk.opened == 9
    assert desk.recorder.failure is None


def test_until_a_device_is_there_it_is_waited_for() -> None:
    desk = Desk([*[DeviceMissing("There is no microphone.", "plug it in") for _ in range(20)], *[True] * 50])
    (_, hole, cause), (_, heard, _) = desk.play()
    assert cause == "There is no microphone."
    assert (hole + heard) * FRAME_SECONDS == pytest.approx(20 * RETRY_SECONDS + 50 * FRAME_SECONDS, abs=FRAME_SECONDS)


def test_what_is_missing_is_told_while_it_lasts() -> None:
    desk = Desk([*[gone() for _ in range(40)], PlatformNotYet("no", "no")])
    told = desk.play()
    assert sum(frames for _, frames, _ in told) * FRAME_SECONDS > 40 * RETRY_SECONDS - 5


def test_an_error_that_waiting_does_not_mend_ends_it() -> None:
    desk = Desk([PlatformNotYet("Not here.", "Elsewhere.")])
    assert desk.play() == []
    assert isinstance(desk.recorder.failure, PlatformNotYet)


def test_the_sleep_of_the_computer_is_the_reason() -> None:
    desk = Desk([*[True] * 100, 60.0, *[True] * 100])
    told = desk.play()
    assert [kind for kind, *_ in told] == ["heard", "missing", "heard"]
    assert told[1][2] == ASLEEP
    assert told[1][1] * FRAME_SECONDS == pytest.approx(60, abs=0.1)


def test_asked_for_another_device_it_opens_anew_with_the_reason() -> None:
    desk = Desk([*[True] * 100, *[True] * 100])
    was = desk.read

    def read() -> NDArray[np.float32]:
        if len(desk.script) == 100 and desk.opened == 1:
            desk.recorder.reopen("another default")
            return np.zeros(0, dtype=np.float32)
        return was()

    desk.read = read  # type: ignore[method-assign]  # a wish in the middle of the script
    told = desk.play()
    assert desk.opened == 2
    assert sum(frames for kind, frames, _ in told if kind == "heard") == 200
    assert all(cause in ("", OPENING, "another default") for *_, cause in told)


def test_asked_to_stop_it_stops_and_has_told_of_its_news() -> None:
    desk = Desk([True] * 10)
    desk.play()
    assert not desk.recorder._thread.is_alive()
    assert desk.news >= 10


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_of_anything_else_tells_that_too() -> None:
    desk = Desk([MemoryError()])
    assert desk.play() == []
    assert (desk.recorder.over, desk.recorder.failure) == (True, None)
