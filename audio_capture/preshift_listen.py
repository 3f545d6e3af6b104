"""Listens to both devices for the check before a shift, and plays the tone. Nothing is kept."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import numpy as np
from numpy.typing import NDArray

from audio_capture.devices import DeviceChoice, DeviceSystem, pick
from audio_capture.headset import HeadsetSource
from audio_capture.preshift import TONE_HERTZ, Listened
from audio_capture.recorder import OPENING
from audio_capture.source import Heard
from live_sentiment.events import CHANNELS, FRAME_SAMPLES, SAMPLE_RATE, AudioFrame, Channel

LISTEN_SECONDS = 8.0
TONE_AT, TONE_SECONDS, TONE_LEVEL = 5.0, 1.0, 0.1
_TONE_RATE = 48_000
_FADE_SECONDS = 0.02


async def listen(
    system: DeviceSystem,
    chosen: Callable[[], DeviceChoice],
    *,
    tone: bool = False,
    seconds: float = LISTEN_SECONDS,
    reached: Callable[[float], None] = lambda _: None,
) -> Listened:
    """Both channels for ``seconds``, told to ``reached`` as they pass; with ``tone``, it plays a short one on the way.

    Raises:
        DeviceError: the devices cannot be listened to, or the tone cannot be played.
    """
    source = HeadsetSource(system, chosen)
    await source.open(0.0)
    playing: asyncio.Future[None] | None = None
    items: list[Heard] = []
    try:
        async with aclosing(source.stream()) as stream:
            async for item in stream:
                items.append(item)
                reached(min(item.end, seconds))
                if tone and playing is None and item.end >= min(TONE_AT, seconds / 2):
                    playing = asyncio.ensure_future(asyncio.to_thread(_play_tone, system, chosen()))
                if min(_reached(items, channel) for channel in CHANNELS) >= seconds:
                    break
        if playing is not None:
            await playing
    finally:
        await source.close()
    return _listened(items, seconds, tone=tone)


def a_tone() -> NDArray[np.float32]:
    """A second of the tone at 48 kHz, with soft edges."""
    times = np.arange(round(TONE_SECONDS * _TONE_RATE)) / _TONE_RATE
    edges = np.clip(np.minimum(times, TONE_SECONDS - times) / _FADE_SECONDS, 0, 1)
    return (TONE_LEVEL * edges * np.sin(2 * np.pi * TONE_HERTZ * times)).astype(np.float32)


def _play_tone(system: DeviceSystem, choice: DeviceChoice) -> None:
    system.play(pick(system.devices(), "output", choice.output), a_tone(), _TONE_RATE)


def _reached(items: list[Heard], channel: Channel) -> float:
    return next((item.end for item in reversed(items) if item.channel == channel), 0.0)


def _listened(items: list[Heard], seconds: float, *, tone: bool) -> Listened:
    """Both channels at the same times; silence stands in for what is missing."""
    size = round(seconds * SAMPLE_RATE)
    samples: dict[Channel, NDArray[np.int16]] = {channel: np.zeros(size, dtype=np.int16) for channel in CHANNELS}
    missing: dict[Channel, float] = dict.fromkeys(CHANNELS, 0.0)
    for item in items:
        if isinstance(item, AudioFrame):
            at = round(item.start * SAMPLE_RATE)
            part = samples[item.channel][at : at + FRAME_SAMPLES]
            part[:] = np.frombuffer(item.pcm, dtype="<i2")[: part.size]
        elif item.channel is not None and item.cause != OPENING:
            missing[item.channel] += max(0.0, min(item.end, seconds) - item.start)
    return Listened(samples, missing, tone)
