"""The samples that benchmarks measure with: quiet and noise around them, calls made of clips, what a human heard."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from benchmarks.audio import (
    PAUSE,
    both_talking,
    frames,
    in_noise,
    over_telephone,
    read_channels,
    read_samples,
    said_in,
    talk,
    with_quiet,
    without_quiet,
    without_tags,
    write_call,
)
from live_sentiment.events import SAMPLE_RATE


def tone(hertz: float, seconds: float = 1.0) -> np.ndarray:
    return np.float32(0.5) * np.sin(
        2 * np.pi * hertz * np.arange(round(seconds * SAMPLE_RATE), dtype=np.float32) / SAMPLE_RATE
    )


def power(samples: np.ndarray) -> float:
    return float(np.mean(np.square(samples)))


def test_quiet_goes_around_a_clip_and_off_again() -> None:
    clip = tone(440)
    quiet = with_quiet(clip)
    assert quiet.size == 4 * SAMPLE_RATE
    assert not quiet[:SAMPLE_RATE].any()
    assert not quiet[-2 * SAMPLE_RATE :].any()
    assert np.array_equal(without_quiet(quiet), clip)


def test_noise_is_as_much_weaker_as_was_said_and_lies_around_the_clip_too() -> None:
    clip, noise = tone(440), np.random.default_rng(1).normal(size=SAMPLE_RATE // 2).astype(np.float32)
    heard = in_noise(clip, noise, 10.0)
    assert power(clip) / power(heard[:SAMPLE_RATE]) == pytest.approx(10.0, rel=0.05)
    assert np.corrcoef(without_quiet(heard), clip)[0, 1] > 0.9


def test_a_telephone_lets_voices_through_and_nothing_high() -> None:
    assert np.corrcoef(over_telephone(tone(440)), tone(440))[0, 1] > 0.99
    assert power(over_telephone(tone(6000))) < 0.001 * power(tone(6000))


def test_frames_come_in_turn_and_the_last_is_filled_up() -> None:
    made = list(frames({"customer": np.full(600, 0.5, np.float32), "agent": np.full(1024, -2.0, np.float32)}))
    assert [(frame.channel, frame.start) for frame in made] == [
        *(("agent", 0.0), ("customer", 0.0)),
        *(("agent", 0.032), ("customer", 0.032)),
    ]
    assert {len(frame.pcm) for frame in made} == {1024}
    agent, customer = (np.frombuffer(frame.pcm, "<i2") for frame in made[-2:])
    assert set(agent) == {-32767}, "too loud is clipped, not turned over"
    assert customer[:88].all()
    assert not customer[88:].any()


def test_somebody_talks_all_the_time_with_short_pauses() -> None:
    one, two = np.full(SAMPLE_RATE, 0.1, np.float32), np.full(SAMPLE_RATE, 0.2, np.float32)
    said = talk([one, two], 5.0)
    assert said.size == 5 * SAMPLE_RATE
    changes = [round(float(after), 1) for before, after in pairwise(said) if before != after]
    assert changes == [0.0, 0.2, 0.0, 0.1, 0.0, 0.2]
    assert np.count_nonzero(said == 0.0) == 3 * round(PAUSE * SAMPLE_RATE)


def test_both_say_the_same_at_different_times(tmp_path: Path) -> None:
    clips = [np.full(SAMPLE_RATE, level, np.float32) for level in (0.1, 0.2, 0.3)]
    voices = both_talking(clips, 3.0)
    assert voices["agent"][0] == pytest.approx(0.1)
    assert voices["customer"][0] == pytest.approx(0.2)
    write_call(tmp_path / "call.flac", voices)
    columns = read_channels(tmp_path / "call.flac")
    assert columns.shape == (3 * SAMPLE_RATE, 2)
    assert np.allclose(columns[:, 0], voices["agent"], atol=1e-4)
    assert read_samples(tmp_path / "call.flac")[0] == pytest.approx(0.15, abs=1e-4)


def test_what_a_human_heard_is_told_by_channel_without_tags(tmp_path: Path) -> None:
    turns = [("agent", "hello <unk> there"), ("caller", "[noise]"), ("caller", "hi"), ("agent", "bye")]
    transcript = tmp_path / "call.json"
    transcript.write_text(json.dumps([{"speaker": who, "text": text} for who, text in turns]))
    assert said_in(transcript) == {"agent": "hello there bye", "customer": "hi"}
    assert without_tags("[noise]  a <unk>[laughter] b") == "a b"
