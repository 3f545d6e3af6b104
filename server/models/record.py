"""What is known of an installed model: where its files came from and what each one's hash is (``installed.json``).

Reading and writing that file, and comparing it with what lies on the disk. Fetching and copying are elsewhere.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from server.errors import SpeechModelFault

FILE = "installed.json"
_CHUNK = 1 << 20


class FileRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One file: its name, its ``size`` in bytes, and its SHA-256 in hexadecimal digits."""

    name: str
    size: int
    sha256: str


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A model's origin: the ``source`` (an address, or a directory that was copied), ``repository`` and ``revision``.

    The last two are "" for a directory.
    """

    source: str
    files: tuple[FileRecord, ...]
    repository: str = ""
    revision: str = ""

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(file.size for file in self.files)


class Hashes(msgspec.Struct, frozen=True):
    """Of one file, in hexadecimal digits: SHA-256, and the SHA-1 by which git knows it."""

    sha256: str
    git: str


def hashes(path: Path, told: Callable[[int], None] = lambda _: None) -> Hashes:
    """Reads the whole file once. ``told`` is called with the bytes read by now."""
    sha256 = hashlib.sha256()
    git = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    read = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            sha256.update(chunk)
            git.update(chunk)
            read += len(chunk)
            told(read)
    return Hashes(sha256.hexdigest(), git.hexdigest())


def record_of(path: Path) -> FileRecord:
    """The file as it lies there."""
    return FileRecord(name=path.name, size=path.stat().st_size, sha256=hashes(path).sha256)


def write(folder: Path, record: Record) -> None:
    """Puts ``record`` beside the model's files."""
    (folder / FILE).write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")


def read(folder: Path) -> Record | None:
    """The record in ``folder``; None when there is none, as with a directory that was copied there by hand.

    Raises:
        SpeechModelFault: there is one, and it cannot be read.
    """
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Record)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SpeechModelFault(
            f"{folder / FILE} cannot be read: {error}.",
            f"Fetch the model again (`spiegel models pull {folder.name} --force`), or remove that file.",
        ) from error


def changed(folder: Path, record: Record) -> list[str]:
    """The names of the files that are missing or not what ``record`` says; reads them all."""
    return [file.name for file in record.files if not _is(folder / file.name, file)]


def _is(path: Path, file: FileRecord) -> bool:
    return path.is_file() and path.stat().st_size == file.size and hashes(path).sha256 == file.sha256
