from pathlib import Path

import pytest
from msgspec import structs

from audio_capture import client, errors, main
from audio_capture.main import CaptureOptions
from audio_capture.source import frame_index, frame_start
from server.protocol import Error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.NotAudio, 2),
        (errors.RecordingTooLong, 2),
        (errors.ServerAway, 3),
        (errors.ServerRefused, 3),
        (errors.Replaced, 4),
        (errors.PlatformNotYet, 1),
    ],
)
def test_exit_codes(error: type[errors.CaptureError], code: int) -> None:
    assert main.exit_code(error("what", "advice")) == code


def test_a_capture_that_was_replaced_knows_it() -> None:
    replaced = Error(code="replaced", message="Another capture has taken over.", retryable=False)
    assert type(client._from_error(replaced)) is errors.Replaced
    assert type(client._from_error(structs.replace(replaced, code="bad_token"))) is errors.ServerRefused


def test_options_tell_recordings_from_devices() -> None:
    assert not CaptureOptions(url="ws://x", token="").plays_recording
    assert CaptureOptions(url="ws://x", token="", customer=Path("c.wav")).plays_recording


def test_every_error_is_in_the_tree_drawn_above_it() -> None:
    drawn = errors.__doc__ or ""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.CaptureError)]
    assert len(kinds) > 15
    for kind in kinds:
        assert kind.__name__ in drawn
        line = next(line for line in drawn.splitlines() if f" {kind.__name__} " in f" {line.strip('│├└─ ')} ")
        assert kind.retryable == ("(retryable)" in line)


@pytest.mark.parametrize("index", [0, 1, 7, 31, 1000, 112_499, 450_000])
def test_frame_numbers_and_times_are_each_others_inverse(index: int) -> None:
    assert frame_index(frame_start(index)) == index
    assert frame_index(frame_start(index) + 0.001) == index + 1
