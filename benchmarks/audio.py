"""Recordings as samples: read, as heard over a telephone or in noise, with quiet around them, and made into calls.

All samples are mono, float32, -1 to 1, at 16 kHz, shape (n,). Nothing is recognised here.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr

from live_sentiment.events import CHANNELS, FRAME_SAMPLES, FRAME_SECONDS, SAMPLE_RATE, AudioFrame, Channel
from live_sentiment.transcriber import Samples

TELEPHONE_RATE = 8_000
BEFORE, AFTER = 1.0, 2.0
"""Seconds of quiet (or of the same noise) around a clip. Longer after it than any system needs to end by itself."""
PAUSE = 0.4
"""Seconds between two clips of somebody who talks all the time."""


def read_samples(path: Path) -> Samples:
    """A recording with its channels mixed."""
    return read_channels(path).mean(axis=1, dtype=np.float32)


def read_channels(path: Path) -> Samples:
    """A recording's samples, shape (n, channels)."""
    audio, rate = sf.read(path, dtype="float32", always_2d=True)
    return np.asarray(soxr.resample(audio, rate, SAMPLE_RATE), np.float32)


def over_telephone(samples: Samples) -> Samples:
    """``samples`` after a narrow line: 8 kHz, mu-law."""
    narrow = np.asarray(soxr.resample(samples, SAMPLE_RATE, TELEPHONE_RATE), np.float32)
    loudness: Samples = np.clip(np.abs(narrow), 0.0, 1.0)
    levels: Samples = np.rint(127 * np.log1p(255 * loudness) / np.log(256)) / 127
    decoded: Samples = (np.sign(narrow) * np.expm1(levels * np.log(256)) / 255).astype(np.float32)
    return np.asarray(soxr.resample(decoded, TELEPHONE_RATE, SAMPLE_RATE), np.float32)


def with_quiet(samples: Samples) -> Samples:
    """``samples`` with ``BEFORE`` and ``AFTER`` around them."""
    return np.pad(samples, (round(BEFORE * SAMPLE_RATE), round(AFTER * SAMPLE_RATE)))


def without_quiet(samples: Samples) -> Samples:
    """The clip alone, out of ``samples`` that had quiet or noise put around it."""
    return samples[round(BEFORE * SAMPLE_RATE) : samples.size - round(AFTER * SAMPLE_RATE)]


def in_noise(samples: Samples, noise: Samples, decibels: float) -> Samples:
    """``samples`` with quiet around them, and over all of it ``noise``, so many ``decibels`` weaker than they are."""
    share = np.sqrt(np.mean(samples**2) / np.mean(noise**2)) * 10 ** (-decibels / 20)
    quiet = with_quiet(samples)
    return np.asarray(quiet + share * np.resize(noise, quiet.size), np.float32)


def frames(voices: Mapping[Channel, Samples]) -> Iterator[AudioFrame]:
    """A call's frames in order of time; the last ones are filled up with silence."""
    pcm: dict[Channel, bytes] = {name: _as_pcm(voices[name]) for name in CHANNELS if name in voices}
    size = 2 * FRAME_SAMPLES
    for index in range(-(-max(map(len, pcm.values())) // size)):
        for name, audio in pcm.items():
            piece = audio[index * size : (index + 1) * size]
            yield AudioFrame(channel=name, start=index * FRAME_SECONDS, pcm=piece.ljust(size, b"\0"))


def talk(clips: Sequence[Samples], seconds: float) -> Samples:
    """One voice that talks for ``seconds``: the clips one after the other with ``PAUSE`` between, again and again."""
    pause = np.zeros(round(PAUSE * SAMPLE_RATE), np.float32)
    wanted, pieces = round(seconds * SAMPLE_RATE), [np.zeros(0, np.float32)]
    for clip in cycle(clips):
        if sum(piece.size for piece in pieces) >= wanted:
            break
        pieces += [clip, pause]
    return np.concatenate(pieces)[:wanted]


def both_talking(clips: Sequence[Samples], seconds: float) -> dict[Channel, Samples]:
    """A call in which both talk all the time: the agent says the clips in their order, the customer from the middle."""
    middle = len(clips) // 2
    return {"agent": talk(clips, seconds), "customer": talk([*clips[middle:], *clips[:middle]], seconds)}


def write_call(path: Path, voices: Mapping[Channel, Samples]) -> None:
    """Writes a stereo recording, left the agent, right the customer; both must be equally long."""
    sf.write(path, np.stack([voices[name] for name in CHANNELS], axis=1), SAMPLE_RATE)


def said_in(transcript: Path) -> dict[Channel, str]:
    """What a human heard in a call, by channel: the turns of a JSON list, without tags ("[noise]", "<unk>")."""
    said: dict[Channel, list[str]] = {name: [] for name in CHANNELS}
    for turn in json.loads(transcript.read_text("utf-8")):
        said["agent" if turn["speaker"] == "agent" else "customer"].append(without_tags(turn["text"]))
    return {name: " ".join(text for text in texts if text) for name, texts in said.items()}


def without_tags(text: str) -> str:
    """``text`` without what a transcriber notes between brackets, and with single spaces."""
    return " ".join(re.sub(r"\[[^\]]*\]|<[^>]*>", " ", text).split())


def _as_pcm(samples: Samples) -> bytes:
    return np.rint(np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes()
