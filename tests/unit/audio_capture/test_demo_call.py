"""The demo call that ships: it is there, it is small, and it is the call that its turns tell of."""

import json

import numpy as np

from audio_capture import demo_call
from audio_capture.recording import open_recording
from live_sentiment.events import CHANNELS, FRAME_SAMPLES, SAMPLE_RATE


def turns() -> list[dict[str, object]]:
    return json.loads(demo_call.turns_path().read_text(encoding="utf-8"))


def test_it_is_a_small_stereo_recording_of_about_75_seconds() -> None:
    assert demo_call.path().stat().st_size < 1_000_000
    assert 60 < open_recording(demo_call.path()).duration < 90


def test_each_voice_is_loud_in_its_turns_and_silent_elsewhere() -> None:
    pcm = {channel: bytearray() for channel in CHANNELS}
    for frame in open_recording(demo_call.path()).frames():
        pcm[frame.channel] += frame.pcm
    for channel in CHANNELS:
        samples = np.frombuffer(bytes(pcm[channel]), dtype="<i2").astype(float)
        speaking = np.zeros(samples.size, dtype=bool)
        for turn in turns():
            if turn["channel"] == channel:
                start, end = float(str(turn["start"])), float(str(turn["end"]))
                speaking[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)] = True
        assert np.sqrt(np.mean(samples[speaking] ** 2)) > 800
        quiet = np.sqrt(np.mean(samples[~speaking] ** 2))
        assert 3 < quiet < 60  # the hiss of a line, not digital silence
    assert samples.size % FRAME_SAMPLES == 0


def test_the_customer_begins_annoyed_and_ends_thankful() -> None:
    moods = [turn["sentiment"] for turn in turns() if turn["channel"] == "customer"]
    assert moods[0] == "negative"
    assert moods[-1] == "positive"
    assert all(turn["sentiment"] is None for turn in turns() if turn["channel"] == "agent")


def test_somewhere_both_speak_at_once() -> None:
    spans = [(str(turn["channel"]), float(str(turn["start"])), float(str(turn["end"]))) for turn in turns()]
    assert any(a[0] != b[0] and a[1] < b[1] < a[2] for a in spans for b in spans)
