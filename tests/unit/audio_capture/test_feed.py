"""A device's blocks into its lane, in virtual time: blocks of 32 ms, each when it should come, or not."""

import numpy as np

from audio_capture.feed import LOST, QUIET_SECONDS, Feed
from audio_capture.lane import FrameLane
from audio_capture.recorder import OPENING
from audio_capture.ring import Missing
from live_sentiment.events import FRAME_SAMPLES, FRAME_SECONDS, SAMPLE_RATE

NOTHING = np.zeros(0, dtype=np.float32)


class Device:
    """Delivers a rising ramp, one step a block, at ``rate``; what it does not deliver in time is lost."""

    def __init__(self, rate: int = SAMPLE_RATE) -> None:
        self.lane = FrameLane(at=0.0, now=0.0)
        self.feed = Feed(self.lane, rate, OPENING, 0.0)
        self.now = 0.0
        self._block = round(rate * FRAME_SECONDS)
        self._count = 0

    def deliver(self, blocks: int) -> None:
        for _ in range(blocks):
            self.now += FRAME_SECONDS
            self._count += 1
            self.feed.accept(np.full(self._block, self._count / 2000, dtype=np.float32), self.now)

    def lose(self, blocks: int, hint: str | None = None) -> None:
        for _ in range(blocks):
            self.now += FRAME_SECONDS
            self._count += 1
            self.feed.accept(NOTHING, self.now, hint)

    def burst(self, blocks: int) -> None:
        """Nothing for so many blocks, then all of them at once."""
        self.now += blocks * FRAME_SECONDS
        for _ in range(blocks):
            self._count += 1
            self.feed.accept(np.full(self._block, self._count / 2000, dtype=np.float32), self.now)

    def read(self) -> list[np.ndarray | Missing]:
        out: list[np.ndarray | Missing] = []
        while (piece := self.lane.ring.read(FRAME_SAMPLES)) is not None:
            out.append(piece)
        return out


def missing(pieces: list[np.ndarray | Missing]) -> list[tuple[int, int, str]]:
    """Where in frames, how many frames, and why."""
    out: list[tuple[int, int, str]] = []
    place = 0
    for piece in pieces:
        if isinstance(piece, Missing):
            out.append((place, piece.samples // FRAME_SAMPLES, piece.cause))
            place += piece.samples // FRAME_SAMPLES
        else:
            place += 1
    return out


def test_48_kilohertz_becomes_16() -> None:
    device = Device(48_000)
    device.deliver(200)
    pieces = device.read()
    assert missing(pieces) == []
    assert 198 <= len(pieces) <= 200


def test_44100_hertz_becomes_16_000_and_drifts_nowhere() -> None:
    device = Device(44_100)
    for _ in range(10):
        device.deliver(200)
        assert missing(device.read()) == []
    assert abs(device.feed.drift_seconds) < 0.03


def test_a_hole_is_noted_at_its_place() -> None:
    device = Device()
    device.deliver(100)
    device.lose(50)
    device.deliver(100)
    assert missing(device.read()) == [(100, 50, LOST)]


def test_the_systems_reason_is_told() -> None:
    device = Device()
    device.deliver(100)
    device.lose(20, "suspended")
    device.deliver(100)
    assert missing(device.read()) == [(100, 20, "suspended")]


def test_a_late_burst_loses_nothing() -> None:
    device = Device()
    device.deliver(100)
    device.burst(94)  # three seconds
    device.deliver(100)
    pieces = device.read()
    assert missing(pieces) == []
    assert len(pieces) == 294
    assert [round(float(np.median(piece)) / 32_768 * 2000) for piece in pieces if not isinstance(piece, Missing)] == (
        list(range(1, 295))
    )


def test_a_long_quiet_is_told_while_it_lasts() -> None:
    device = Device()
    device.deliver(100)
    device.read()
    device.lose(round((QUIET_SECONDS + 1) / FRAME_SECONDS))
    so_far = missing(device.read())
    assert sum(count for _, count, _ in so_far) * FRAME_SECONDS > QUIET_SECONDS
    device.lose(1000)
    device.deliver(100)
    pieces = device.read()
    assert so_far[0][1] + sum(count for _, count, _ in missing(pieces)) == pytest_approx_frames(device, pieces)


def pytest_approx_frames(device: Device, pieces: list[np.ndarray | Missing]) -> int:
    """All frames of the call so far, but the first hundred and those heard at the end."""
    return round(device.now / FRAME_SECONDS) - 100 - sum(not isinstance(piece, Missing) for piece in pieces)


def test_a_device_that_delivers_nothing_at_first_is_told_to_be_opening() -> None:
    device = Device()
    device.lose(40)
    assert missing(device.read())[0][2] == OPENING


def test_ten_minutes_of_digital_silence_are_sound() -> None:
    device = Device()
    silence = np.zeros(FRAME_SAMPLES, dtype=np.float32)
    heard = 0
    for _ in range(round(600 / FRAME_SECONDS)):
        device.now += FRAME_SECONDS
        device.feed.accept(silence, device.now)
        pieces = device.read()
        assert missing(pieces) == []
        heard += len(pieces)
    assert heard == round(600 / FRAME_SECONDS)
