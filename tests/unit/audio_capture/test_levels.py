import math

import numpy as np
import pytest

from audio_capture.fake import frames
from audio_capture.levels import SILENCE_DBFS, LevelMeter, pcm_dbfs
from live_sentiment.events import FRAME_SAMPLES, AudioFrame, Gap


def test_silence_and_nothing_have_the_lowest_level() -> None:
    assert pcm_dbfs(bytes(1024)) == SILENCE_DBFS
    assert pcm_dbfs(b"") == SILENCE_DBFS


def test_full_scale_square_wave_is_zero() -> None:
    assert pcm_dbfs(np.full(FRAME_SAMPLES, -32768, dtype="<i2").tobytes()) == pytest.approx(0.0)


def test_sine_of_a_tenth_is_23_below() -> None:
    sine = (3276.8 * np.sin(np.arange(16_000) * 2 * math.pi * 440 / 16_000)).astype("<i2")
    assert pcm_dbfs(sine.tobytes()) == pytest.approx(-23.01, abs=0.05)


def test_reports_each_second_of_audio_once() -> None:
    meter = LevelMeter()
    reports = [report for frame in frames(31 * 3 + 1) if (report := meter.add(frame))]
    assert len(reports) == 3
    assert reports[0].agent_dbfs == pytest.approx(20 * math.log10(1000 / 32768))
    assert reports[0].customer_dbfs == pytest.approx(reports[0].agent_dbfs - 6.02, abs=0.01)
    assert reports[0].agent_alive
    assert reports[0].customer_alive


def test_a_channel_without_frames_is_not_alive() -> None:
    meter = LevelMeter()
    alone = [frame for frame in frames(40) if frame.channel == "agent"]
    report = next(report for frame in alone if (report := meter.add(frame)))
    assert report.agent_alive
    assert not report.customer_alive
    assert report.customer_dbfs == SILENCE_DBFS


def test_a_channel_that_the_recording_lacks_is_not_alive_though_it_has_frames() -> None:
    meter = LevelMeter(("customer",))
    report = next(report for frame in frames(40) if (report := meter.add(frame)))
    assert not report.agent_alive
    assert report.customer_alive


def test_after_a_gap_the_second_counts_from_there() -> None:
    meter = LevelMeter()
    for frame in frames(10):
        assert meter.add(frame) is None
    later = AudioFrame(channel="agent", start=64.0, pcm=bytes(1024))
    assert meter.add(later) is not None
    assert meter.add(AudioFrame(channel="customer", start=64.0, pcm=bytes(1024))) is None


def test_a_channel_of_which_only_gaps_come_is_told_not_to_be_alive() -> None:
    meter = LevelMeter()
    gone = [Gap(at=at + 0.5, start=at, end=at + 0.5, cause="unplugged", channel="customer") for at in (0.0, 0.5, 1.0)]
    report = next(report for gap in gone if (report := meter.add(gap)))
    assert not report.agent_alive
    assert not report.customer_alive
    assert report.customer_dbfs == SILENCE_DBFS
