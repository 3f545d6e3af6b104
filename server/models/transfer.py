"""Fetches one file of a model into a folder: goes on where the last time broke off, and takes only the right bytes."""

import os
from collections.abc import Callable
from pathlib import Path

from server.errors import DamagedDownload, SourceAway
from server.models.hub import Hub, RemoteFile
from server.models.record import FileRecord, hashes
from server.models.trouble import AGAIN, host

MOST_BREAKS = 20
"""How often a connection may break within one file, each time after it brought something."""

Told = Callable[[int], None]
"""Called with how many bytes of the file are there by now."""


def part_of(file: RemoteFile, folder: Path) -> Path:
    """Where the unfinished ``file`` is kept. Its name tells which bytes it is to become, whatever the revision."""
    return folder / f"{file.name}.{file.digest[:16]}.part"


def present(file: RemoteFile, folder: Path) -> int:
    """How many bytes of ``file`` are in ``folder`` already."""
    return min(file.size, max(_size(folder / file.name), _size(part_of(file, folder))))


def fetch(hub: Hub, file: RemoteFile, folder: Path, told: Told = lambda _: None) -> FileRecord:
    """Brings ``file`` into ``folder``, whole and checked, and answers with what it is.

    Raises:
        DamagedDownload: its hash is wrong; it is thrown away.
        SpeechModelFault: another of its kinds: the source cannot be reached, or does not give it. What came is kept.
        OSError: it cannot be written.
    """
    whole, part = folder / file.name, part_of(file, folder)
    if whole.exists() and (known := _checked(whole, file)):
        told(file.size)
        return known
    _complete(hub, file, part, told)
    known = _checked(part, file)
    if known is None:
        part.unlink()
        raise DamagedDownload(
            f"What came from {host(file.url)} as {file.name} is not what was announced: its hash is another one.",
            "It has been thrown away. Give the same command again; if that does not help, something between here and "
            "there changes the file.",
        )
    part.replace(whole)
    return known


def _complete(hub: Hub, file: RemoteFile, part: Path, told: Told) -> None:
    """Makes ``part`` as long as it must be; a connection that breaks is made anew as long as each brings something."""
    part.touch()
    for _ in range(MOST_BREAKS):
        have = _size(part)
        if have >= file.size:
            return
        try:
            _append(hub, file, part, told)
        except SourceAway:
            if _size(part) == have:
                raise
    if _size(part) < file.size:
        raise SourceAway(f"The connection to {host(file.url)} breaks again and again.", f"Wait a while. {AGAIN}")


def _append(hub: Hub, file: RemoteFile, part: Path, told: Told) -> None:
    """Adds what the source sends; never more than the file's size."""
    have = _size(part)
    with part.open("ab") as out:
        for chunk in hub.chunks(file, have):
            out.write(chunk[: file.size - have])
            have = min(file.size, have + len(chunk))
            told(have)
        out.flush()
        os.fsync(out.fileno())  # the rename that installs it must not survive a power cut that its bytes do not


def _checked(path: Path, file: RemoteFile) -> FileRecord | None:
    """What ``path`` is, when it is the ``file``; else None."""
    if _size(path) != file.size:
        return None
    found = hashes(path)
    right = file.digest == (found.sha256 if file.sha256 else found.git)
    return FileRecord(name=file.name, size=file.size, sha256=found.sha256) if right else None


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
