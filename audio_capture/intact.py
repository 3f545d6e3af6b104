"""Whether a sound file is whole, judged by its own container before anything is decoded.

libsndfile reads a cut-off WAV, AIFF, AU, W64 or Ogg file without a word, as if it had always been that short. Here the
size that the header announces is compared with the file's. Formats that announce a number of samples (FLAC, MP3) are
judged in ``track`` by reading their end.
"""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

_STREAMED_FROM = 0x7FFF_F000
"""Sizes from here on are what programs write that did not know the length: a stream, not a promise."""
_OGG_TAIL = 2 * 65_307
"""Bytes at an Ogg file's end that surely hold one whole page."""
_OGG_LAST_PAGE = 0x04
_OGG_HEADER = 27
_CHUNKS = 1_000


def looks_whole(path: Path) -> bool:
    """False when the file at ``path`` is surely shorter than it announces; True when whole, or nothing is announced.

    Raises:
        OSError: the file cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        check = _CHECKS.get(file.read(4))
        file.seek(0)
        return check is None or check(file, size)


def _riff(file: BinaryIO, size: int) -> bool:
    return _chunked(file, size, "<", b"data")


def _rifx(file: BinaryIO, size: int) -> bool:
    return _chunked(file, size, ">", b"data")


def _aiff(file: BinaryIO, size: int) -> bool:
    return _chunked(file, size, ">", b"SSND")


def _chunked(file: BinaryIO, size: int, order: str, sound: bytes) -> bool:
    """Walks the chunks up to the one with the sound, and sees whether it ends within the file."""
    position = 12
    for _ in range(_CHUNKS):
        file.seek(position)
        header = file.read(8)
        if len(header) < 8:  # noqa: PLR2004 - a chunk's name and size
            return False
        name, length = struct.unpack(order + "4sI", header)
        if name == sound:
            return length == 0 or length >= _STREAMED_FROM or position + 8 + length <= size
        position += 8 + length + length % 2
    return True


def _rf64(file: BinaryIO, size: int) -> bool:
    file.seek(20)
    (announced,) = struct.unpack("<Q", file.read(8).ljust(8, b"\0"))
    return announced + 8 <= size


def _w64(file: BinaryIO, size: int) -> bool:
    file.seek(16)
    (announced,) = struct.unpack("<Q", file.read(8).ljust(8, b"\0"))
    return announced <= size


def _au(file: BinaryIO, size: int) -> bool:
    file.seek(4)
    start, length = struct.unpack(">II", file.read(8).ljust(8, b"\0"))
    return length >= _STREAMED_FROM or start + length <= size


def _ogg(file: BinaryIO, size: int) -> bool:
    """The last page must be complete and call itself the last."""
    file.seek(max(0, size - _OGG_TAIL))
    tail = file.read()
    page = tail.rfind(b"OggS")
    if page < 0 or len(tail) - page < _OGG_HEADER:
        return False
    lacing = tail[page + _OGG_HEADER : page + _OGG_HEADER + tail[page + 26]]
    length = _OGG_HEADER + len(lacing) + sum(lacing)
    return page + length <= len(tail) and bool(tail[page + 5] & _OGG_LAST_PAGE)


_CHECKS: dict[bytes, Callable[[BinaryIO, int], bool]] = {
    b"RIFF": _riff,
    b"RIFX": _rifx,
    b"FORM": _aiff,
    b"RF64": _rf64,
    b"riff": _w64,
    b".snd": _au,
    b"OggS": _ogg,
}
