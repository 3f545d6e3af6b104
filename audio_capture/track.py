"""One sound file: what is in it, told before it is read, and its samples at 16 kHz in constant memory.

Everything libsndfile reads, at any rate, with one or two channels. What the channels mean is decided in ``recording``.
"""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from audio_capture.errors import (
    LONGEST_HOURS,
    BrokenSamples,
    NotAudio,
    RecordingEmpty,
    RecordingMissing,
    RecordingTooLong,
    RecordingTruncated,
    RecordingUnreadable,
    TooManyChannels,
)
from audio_capture.intact import looks_whole
from live_sentiment.events import SAMPLE_RATE

LONGEST_SECONDS = LONGEST_HOURS * 3600
_UNKNOWN = 1 << 60
"""libsndfile's number of frames is beyond this when the file does not say."""
_LOWEST_RATE = 1_000
_END_SLACK = {"MP3": 0.5, "MPEG": 0.5}
"""Seconds by which a format's announced length may be off: MP3 encoders count their own delay differently."""
_FULL_SCALE = 32_768


@dataclass(frozen=True, slots=True)
class Track:
    """A usable sound file. ``frames`` counts samples per channel at the file's own ``rate`` (Hz)."""

    path: Path
    channels: int
    rate: int
    frames: int
    format: str

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.frames / self.rate

    @property
    def samples(self) -> int:
        """Length in samples at ``SAMPLE_RATE``."""
        return -(-self.frames * SAMPLE_RATE // self.rate)

    def blocks(self) -> Iterator[NDArray[np.int16]]:
        """The samples at ``SAMPLE_RATE``, shape (n, channels), about a second each, together exactly ``samples``.

        Raises:
            RecordingTruncated: there are fewer samples than announced.
            BrokenSamples: samples that are no numbers.
            RecordingMissing, RecordingUnreadable: the file went away since.
        """
        left = self.samples
        with _opened(self.path) as file:
            for block in self._resampled(file):
                part = block[:left]
                left -= len(part)
                if len(part):
                    yield _as_int16(part)
        if left:
            yield np.zeros((left, self.channels), dtype=np.int16)

    def _resampled(self, file: soundfile.SoundFile) -> Iterator[NDArray[np.float32]]:
        if self.rate == SAMPLE_RATE:
            yield from self._read(file)
            return
        resampler = soxr.ResampleStream(self.rate, SAMPLE_RATE, self.channels, dtype="float32", quality="HQ")
        for block in self._read(file):
            yield resampler.resample_chunk(block)
        yield resampler.resample_chunk(np.zeros((0, self.channels), dtype=np.float32), last=True)

    def _read(self, file: soundfile.SoundFile) -> Iterator[NDArray[np.float32]]:
        """Blocks of a second at the file's rate, shape (n, channels)."""
        read = 0
        while read < self.frames:
            try:
                wanted = min(self.rate, self.frames - read)
                block = np.asarray(file.read(wanted, dtype="float32", always_2d=True), dtype=np.float32)
            except soundfile.LibsndfileError as error:
                raise _truncated(self.path) from error
            if not len(block):
                break
            if not np.isfinite(block).all():
                raise BrokenSamples(
                    f"{self.path.name} holds samples that are no numbers, near {read / self.rate:.0f} s.",
                    "Export it again as 16-bit FLAC or WAV from the program that recorded it.",
                )
            read += len(block)
            yield block
        if read + _END_SLACK.get(self.format, 0.0) * self.rate < self.frames:
            raise _truncated(self.path)


def open_track(path: Path) -> Track:
    """What is in the sound file at ``path``, after every check that needs no decoding of the whole.

    Raises:
        RecordingError: one of its kinds, when the file cannot be used.
    """
    _check_file(path)
    whole = looks_whole(path)
    with _opened(path) as file:
        track = Track(path, file.channels, file.samplerate, file.frames, file.format)
        if track.channels > 2:  # noqa: PLR2004 - an agent and a customer
            raise TooManyChannels(
                f"{path.name} has {track.channels} channels; a call has two.",
                "Export the agent and the customer alone: as one stereo file, or as --agent FILE --customer FILE.",
            )
        _check_length(track)
        if not whole or not _ends_where_it_says(file, track):
            raise _truncated(path)
    return track


def _check_file(path: Path) -> None:
    """Is there a file that can be opened, with something in it."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            kind = "a folder" if path.is_dir() else "not an ordinary file"
            raise RecordingUnreadable(f"{path} is {kind}.", "Name the recording itself, for example call.flac.")
        with path.open("rb"):
            pass
    except (FileNotFoundError, NotADirectoryError) as error:
        raise RecordingMissing(f"There is no file {path}.", "Check the name and the folder.") from error
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise RecordingUnreadable(
            f"{path} cannot be read: {reason}.", "Make it readable for yourself, or copy it to a folder of your own."
        ) from error
    if size == 0:
        raise RecordingEmpty(f"{path.name} is empty.", "Look whether it was copied or recorded completely.")


def _check_length(track: Track) -> None:
    name = track.path.name
    if track.rate < _LOWEST_RATE:
        raise NotAudio(
            f"{name} has only {track.rate} samples a second: no speech.", "Use a recording of 8 kHz or more."
        )
    if track.frames <= 0:
        raise RecordingEmpty(f"{name} holds no sound.", "Look whether the recording was started and saved.")
    if track.frames >= _UNKNOWN:
        raise NotAudio(
            f"{name} does not say how long it is.", "Write it anew with its length: ffmpeg -i FILE call.flac"
        )
    if track.duration > LONGEST_SECONDS:
        raise RecordingTooLong(
            f"{name} lasts {track.duration / 3600:.1f} hours; Spiegel reads calls of up to {LONGEST_HOURS} hours.",
            "Cut out the call, for example: ffmpeg -ss 00:10:00 -t 00:30:00 -i FILE call.flac",
        )


@contextmanager
def _opened(path: Path) -> Generator[soundfile.SoundFile]:
    """Opens by descriptor: the format is told by the content, never by the name's ending."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except FileNotFoundError as error:
        raise RecordingMissing(f"There is no file {path}.", "Check the name and the folder.") from error
    except OSError as error:
        raise RecordingUnreadable(f"{path} cannot be read.", "Make it readable for yourself.") from error
    try:
        with _decoder(path, descriptor) as file:
            yield file
    finally:
        os.close(descriptor)


def _decoder(path: Path, descriptor: int) -> soundfile.SoundFile:
    try:
        return soundfile.SoundFile(descriptor, closefd=False)
    except soundfile.LibsndfileError as error:
        raise NotAudio(
            f"{path.name} is not a recording that Spiegel can read.",
            "WAV, FLAC, OGG, Opus, MP3 and AIFF are fine. Convert others, for example: ffmpeg -i FILE call.flac",
        ) from error


def _ends_where_it_says(file: soundfile.SoundFile, track: Track) -> bool:
    """Whether the announced last sample can be read."""
    slack = round(_END_SLACK.get(track.format, 0.0) * track.rate)
    try:
        file.seek(max(0, track.frames - 1 - slack))
        return len(file.read(1)) == 1
    except soundfile.LibsndfileError:
        return False


def _truncated(path: Path) -> RecordingTruncated:
    return RecordingTruncated(
        f"{path.name} is cut off: it holds less sound than it announces.",
        "Copy or download it again. To use what is there: ffmpeg -i FILE whole.flac",
    )


def _as_int16(block: NDArray[np.float32]) -> NDArray[np.int16]:
    return np.clip(np.rint(block * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
