"""A recording as a source: one stereo file (left the agent, right the customer), two files, or one named channel.

Reads in constant memory, whatever the length. How fast it is played is not decided here but in ``pacing``.
"""

from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio_capture.errors import NotStereo, UnclearChoice
from audio_capture.source import Heard, frame_index, frame_start
from audio_capture.track import Track, open_track
from live_sentiment.events import CHANNELS, FRAME_SAMPLES, AudioFrame, Channel

_SILENCE = bytes(2 * FRAME_SAMPLES)
_Frames = Iterator[NDArray[np.int16]]


@dataclass(frozen=True, slots=True)
class _Voice:
    """Where a channel's voice is: column ``column`` of track ``track``."""

    track: int
    column: int


class RecordingSource:
    """A recording that was found usable. ``duration`` is its length in seconds, known beforehand.

    ``frames`` may be called any number of times; each call reads the files anew.
    """

    live = False

    def __init__(self, tracks: tuple[Track, ...], voices: dict[Channel, _Voice]) -> None:
        self._tracks = tracks
        self._voices = voices
        self._reading: Iterator[AudioFrame] | None = None
        self._from = 0
        self._open = False

    @property
    def name(self) -> str:
        """The file's name, or both."""
        return " + ".join(track.path.name for track in self._tracks)

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that the recording holds; the other one is given as silence."""
        return tuple(channel for channel in CHANNELS if channel in self._voices)

    @property
    def duration(self) -> float:
        """Length in seconds, that of the longer file."""
        return max(track.duration for track in self._tracks)

    def frames(self) -> Iterator[AudioFrame]:
        """Both channels by time, the agent's first; exactly 512 samples each, the last one filled up with silence.

        Raises:
            RecordingError: the recording turns out to be broken while it is read.
        """
        readers = [_in_frames(track) for track in self._tracks]
        for index, columns in enumerate(zip_longest(*readers)):
            for channel in CHANNELS:
                voice = self._voices.get(channel)
                samples = None if voice is None else columns[voice.track]
                pcm = _SILENCE if voice is None or samples is None else samples[:, voice.column].astype("<i2").tobytes()
                yield AudioFrame(channel=channel, start=frame_start(index), pcm=pcm)

    async def open(self, at: float, *, resuming: bool = False) -> None:
        """A new call begins at the beginning; ``resuming`` goes on from ``at`` seconds and passes over what is before.

        Resuming what was never begun begins.
        """
        self._open = True
        self._from = frame_index(at) if resuming else 0
        if self._reading is None or not resuming:
            self._reading = self.frames()

    async def stream(self) -> AsyncGenerator[Heard]:
        """The frames, from where it was opened."""
        while self._open and self._reading is not None:
            frame = next(self._reading, None)
            if frame is None:
                return
            if frame.start >= frame_start(self._from):
                yield frame

    async def suspend(self) -> None:
        """Stops the stream; ``open`` goes on."""
        self._open = False

    async def close(self) -> None:
        """Closes the files."""
        self._open = False
        self._reading = None


def open_recording(
    path: Path | None = None,
    *,
    agent: Path | None = None,
    customer: Path | None = None,
    swap: bool = False,
    single_channel: Channel | None = None,
) -> RecordingSource:
    """A recording to play: ``path`` with both voices, or one file a voice in ``agent`` and ``customer``.

    ``single_channel`` says whose voice a mono ``path`` is. ``swap`` exchanges agent and customer.

    Raises:
        RecordingError: one of its kinds, with advice, when a file cannot be used or the choice is unclear.
    """
    if (path is None) == (agent is None and customer is None):
        raise UnclearChoice(
            "Say which recording: one file with both voices, or one file for each voice.",
            "For example: call.flac, or --agent a.wav --customer c.wav",
        )
    if path is None:
        tracks, voices = _separate(agent, customer)
    else:
        tracks, voices = _together(path, single_channel)
    if swap:
        exchanged: dict[Channel, _Voice] = {_other(channel): voice for channel, voice in voices.items()}
        return RecordingSource(tracks, exchanged)
    return RecordingSource(tracks, voices)


def _together(path: Path, single_channel: Channel | None) -> tuple[tuple[Track, ...], dict[Channel, _Voice]]:
    track = open_track(path)
    if track.channels == 1 and single_channel is None:
        raise NotStereo(
            f"{path.name} has one channel, and Spiegel cannot know whose voice it is.",
            f"Name it: --agent {path.name} or --customer {path.name}. With a file for each voice, give both.",
        )
    if track.channels == 1 and single_channel is not None:
        return (track,), {single_channel: _Voice(0, 0)}
    if single_channel is not None:
        return (track,), {single_channel: _Voice(0, CHANNELS.index(single_channel))}
    return (track,), {channel: _Voice(0, column) for column, channel in enumerate(CHANNELS)}


def _separate(agent: Path | None, customer: Path | None) -> tuple[tuple[Track, ...], dict[Channel, _Voice]]:
    tracks: list[Track] = []
    voices: dict[Channel, _Voice] = {}
    for channel, path in zip(CHANNELS, (agent, customer), strict=True):
        if path is None:
            continue
        track = open_track(path)
        if track.channels != 1:
            raise UnclearChoice(
                f"{path.name} has two channels, but was named as the {channel}'s alone.",
                f"Leave out --{channel} to use it as a whole call, or export one voice to a mono file.",
            )
        voices[channel] = _Voice(len(tracks), 0)
        tracks.append(track)
    return tuple(tracks), voices


def _in_frames(track: Track) -> _Frames:
    """The track cut into arrays of shape (512, channels); the last one filled up with zeros."""
    rest = np.zeros((0, track.channels), dtype=np.int16)
    for block in track.blocks():
        rest = np.concatenate([rest, block])
        whole = len(rest) // FRAME_SAMPLES * FRAME_SAMPLES
        yield from rest[:whole].reshape(-1, FRAME_SAMPLES, track.channels)
        rest = rest[whole:]
    if len(rest):
        yield np.pad(rest, ((0, FRAME_SAMPLES - len(rest)), (0, 0)))


def _other(channel: Channel) -> Channel:
    return "customer" if channel == "agent" else "agent"
