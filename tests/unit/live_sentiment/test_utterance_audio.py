"""The audio of a growing utterance."""

import numpy as np
import pytest

from live_sentiment.errors import UnsupportedAudio
from live_sentiment.events import SAMPLE_RATE
from live_sentiment.utterance_audio import UtteranceAudio


def second(value: float) -> np.ndarray:
    return np.full(SAMPLE_RATE, value, np.float32)


def test_chunks_come_back_in_one_piece() -> None:
    audio = UtteranceAudio()
    assert audio.samples().shape == (0,)
    audio.append(second(1))
    audio.append(second(2))
    assert audio.samples().tolist() == [*second(1), *second(2)]
    audio.append(second(3))
    assert audio.size == audio.samples().size == 3 * SAMPLE_RATE


def test_the_oldest_goes_when_it_gets_too_long_and_times_stay_right() -> None:
    audio = UtteranceAudio(longest=2.0)
    for value in range(5):
        audio.append(second(value))
    assert audio.size == 2 * SAMPLE_RATE
    assert audio.offset == pytest.approx(3.0)
    assert audio.samples()[0] == 3
    audio.clear()
    assert (audio.size, audio.offset) == (0, 0.0)


def test_each_change_is_a_new_version() -> None:
    audio = UtteranceAudio()
    before = audio.version
    audio.append(np.zeros(0, np.float32))
    assert audio.version == before
    audio.append(second(0))
    assert audio.version > before


@pytest.mark.parametrize("samples", [np.zeros(5), np.zeros(5, np.int16), np.zeros((5, 1), np.float32)])
def test_samples_of_another_kind_are_refused(samples: np.ndarray) -> None:
    with pytest.raises(UnsupportedAudio, match="float32"):
        UtteranceAudio().append(samples)
