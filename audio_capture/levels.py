"""Loudness in dBFS, and the once-a-second report of both channels. Numbers only; a level is never a mood."""

import math

import numpy as np

from live_sentiment.events import CHANNELS, FRAME_SAMPLES, SAMPLE_RATE, AudioFrame, Channel, Gap
from server.protocol import ChannelLevels

SILENCE_DBFS = -120.0
FRAMES_PER_REPORT = SAMPLE_RATE // FRAME_SAMPLES
"""31 frames, 0.992 s: the whole frames of a second."""
_FULL_SCALE = 32_768.0


def dbfs(energy: float, samples: int) -> float:
    """The level of ``samples`` int16 samples whose squares add up to ``energy``: 0 is a full-scale square wave.

    Digital silence, and no samples at all, give ``SILENCE_DBFS``.
    """
    if samples == 0 or energy <= 0.0:
        return SILENCE_DBFS
    return max(SILENCE_DBFS, 10 * math.log10(energy / samples / _FULL_SCALE**2))


def pcm_dbfs(pcm: bytes) -> float:
    """The level of signed 16-bit little-endian mono ``pcm``, in dBFS."""
    return dbfs(_energy(pcm), len(pcm) // 2)


class LevelMeter:
    """Adds up frames and reports after each second of audio. One thread at a time.

    ``sounding`` names the channels that carry sound at all; the others are reported as not alive.
    """

    def __init__(self, sounding: tuple[Channel, ...] = CHANNELS) -> None:
        self._sounding = sounding
        self._energy: dict[Channel, float] = dict.fromkeys(CHANNELS, 0.0)
        self._frames: dict[Channel, int] = dict.fromkeys(CHANNELS, 0)
        self._report_at = -1.0

    def add(self, item: AudioFrame | Gap) -> ChannelLevels | None:
        """Counts a frame; the levels of the last second when one is over, else None. A gap moves the time on."""
        report = None
        now = item.start if isinstance(item, AudioFrame) else item.end
        if self._report_at < 0:
            self._report_at = item.start + FRAMES_PER_REPORT * FRAME_SAMPLES / SAMPLE_RATE
        if now >= self._report_at:
            report = self._take()
            self._report_at = now + FRAMES_PER_REPORT * FRAME_SAMPLES / SAMPLE_RATE
        if isinstance(item, AudioFrame):
            self._energy[item.channel] += _energy(item.pcm)
            self._frames[item.channel] += 1
        return report

    def _take(self) -> ChannelLevels:
        level = {c: dbfs(self._energy[c], self._frames[c] * FRAME_SAMPLES) for c in CHANNELS}
        alive = {c: c in self._sounding and self._frames[c] > 0 for c in CHANNELS}
        self._energy = dict.fromkeys(CHANNELS, 0.0)
        self._frames = dict.fromkeys(CHANNELS, 0)
        return ChannelLevels(
            agent_dbfs=level["agent"],
            customer_dbfs=level["customer"],
            agent_alive=alive["agent"],
            customer_alive=alive["customer"],
        )


def _energy(pcm: bytes) -> float:
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
    return float(np.dot(samples, samples))
