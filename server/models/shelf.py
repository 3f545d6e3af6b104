"""The folder of pulled models: what is installed, what is unfinished, putting a model in whole, and taking one away.

A model appears and disappears with one rename, so nobody ever loads half of one. What is under way lies in hidden
folders beside them, which the engines pass over. No network here, and no model is loaded.
"""

import errno
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from live_sentiment.whisper import files
from server.errors import BeingPulled, FolderUnusable, NameTaken, NoRoom, UnknownModel
from server.models.catalogue import FAMILY_PREFIX, checked_name
from server.places import make_folder

MODEL_FILES = (files.CONFIG, files.PREPROCESSOR, files.TOKENIZER, *files.VOCABULARIES, files.MODEL)
"""All that is fetched or copied of a model, the small ones first."""
MEGABYTE = 1_000_000
SPARE = 50 * MEGABYTE
"""Bytes that are left free on the disk."""

_PULLING, _ADDING, _REMOVING = ".pulling-", ".adding-", ".removing-"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A download that broke off: the model's ``name``, and how much of it is kept."""

    name: str
    size_bytes: int


class Shelf:
    """The Whisper models in ``models_dir``."""

    def __init__(self, models_dir: Path) -> None:
        self.folder = models_dir / files.FOLDER

    def place(self, name: str) -> Path:
        """Where the model ``name`` is or would be.

        Raises:
            UnknownModel: no model can be called so.
        """
        return self.folder / checked_name(name)

    def has(self, name: str) -> bool:
        """Whether a whole model of that name is installed."""
        return files.is_model(self.place(name))

    def unfinished(self) -> list[Unfinished]:
        """The downloads that broke off and can go on."""
        found = sorted(self.folder.glob(f"{_PULLING}*/")) if self.folder.is_dir() else []
        return [Unfinished(path.name.removeprefix(_PULLING), files.size_bytes(path)) for path in found]

    def check_free(self, name: str) -> None:
        """Looks whether ``name`` can be given.

        Raises:
            NameTaken: a model, or what is left of one, has that name.
        """
        if self.place(name).exists():
            raise NameTaken(
                f'There is a model "{name}" already, in {self.place(name)}.',
                f"Give the new one another name (--name), or remove that one first: spiegel models remove {name}",
            )

    @contextmanager
    def pulling(self, name: str) -> Generator[Path]:
        """The folder in which ``name`` is downloaded, for us alone; what is in it stays for the next time.

        Raises:
            BeingPulled: another process is at it.
            FolderUnusable, NoRoom: nothing can be written there, also while the block runs.
        """
        with self._alone(name), writing(self.folder):
            folder = self.folder / f"{_PULLING}{name}"
            folder.mkdir(exist_ok=True)
            try:
                yield folder
            finally:
                if folder.is_dir() and not any(folder.iterdir()):
                    folder.rmdir()

    @contextmanager
    def adding(self, name: str) -> Generator[Path]:
        """An empty folder in which ``name`` is put together, for us alone; nothing of it stays.

        Raises:
            BeingPulled, FolderUnusable, NoRoom: as ``pulling`` does.
        """
        with self._alone(name), writing(self.folder):
            folder = self.folder / f"{_ADDING}{name}"
            shutil.rmtree(folder, ignore_errors=True)  # of one that was killed
            folder.mkdir(exist_ok=True)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def check_room(self, needed: int) -> None:
        """Looks whether ``needed`` more bytes fit on the disk.

        Raises:
            NoRoom: they do not.
        """
        free = shutil.disk_usage(self.folder).free
        if needed + SPARE > free:
            raise _no_room(self.folder, f"{megabytes(needed)} more are needed and {megabytes(free)} are free")

    def install(self, folder: Path, name: str) -> Path:
        """Moves what lies in ``folder`` into place, and answers with where that is. A model of that name goes."""
        place = self.place(name)
        old = self._hide(place) if place.exists() else None
        folder.replace(place)
        if old is not None:
            self._delete(old)
        return place

    def remove(self, name: str) -> int:
        """Removes the model ``name``, whole or not, and any unfinished download of it; answers with the bytes freed.

        Raises:
            UnknownModel: there is nothing of that name here.
            BeingPulled: another process is at it.
        """
        name = self.here(name)
        with self._alone(name), writing(self.folder):
            return sum(self._delete(self._hide(path)) for path in self._of(name))

    def here(self, name: str) -> str:
        """The name of the model that ``name`` means: "small", or "whisper-small" as it is listed.

        Raises:
            UnknownModel: there is nothing of that name here.
        """
        found = next((one for one in (name, name.removeprefix(FAMILY_PREFIX)) if self._of(checked_name(one))), None)
        if found is None:
            raise UnknownModel(
                f'There is no pulled or added model "{name}" in {self.folder}.',
                "`spiegel models list` shows what there is; the ones that came with Spiegel stay.",
            )
        return found

    def _of(self, name: str) -> list[Path]:
        """All that is there of a model."""
        return [path for path in (self.folder / name, self.folder / f"{_PULLING}{name}") if path.is_dir()]

    def _hide(self, path: Path) -> Path:
        """Renames a folder so that nobody meets half of it while it is deleted."""
        hidden = self.folder / f"{_REMOVING}{path.name}"
        self._delete(hidden)  # of one that was killed
        return path.replace(hidden)

    def _delete(self, path: Path) -> int:
        """Deletes a folder, if it is there; answers with the bytes freed."""
        if path.is_symlink():  # what it leads to is somebody else's
            path.unlink()
            return 0
        if not path.exists():
            return 0
        freed = files.size_bytes(path)
        shutil.rmtree(path)
        return freed

    @contextmanager
    def _alone(self, name: str) -> Generator[None]:
        """No other process is at the model ``name`` meanwhile."""
        make_folder(self.folder)
        file = self.folder / f".{checked_name(name)}.lock"
        lock = FileLock(file, blocking=False)
        try:
            with writing(self.folder):
                lock.acquire()
        except Timeout as error:
            raise BeingPulled(
                f'Another process is pulling, adding or removing the model "{name}".',
                "Wait for it to end, or stop it.",
            ) from error
        try:
            yield
        finally:
            file.unlink(missing_ok=True)  # while it is ours; filelock notices a file that was unlinked under it
            lock.release()


def megabytes(size: int) -> str:
    """``size`` bytes for people."""
    return f"{size / MEGABYTE:,.0f} MB" if size >= 10 * MEGABYTE else f"{size / MEGABYTE:.1f} MB"


@contextmanager
def writing(folder: Path) -> Generator[None]:
    """Says plainly what the operating system has against reading and writing files while the block runs.

    Raises:
        NoRoom: the disk is full.
        FolderUnusable: anything else, for example a right that is lacking.
    """
    try:
        yield
    except Timeout:  # a lock that another process has; filelock counts it among the operating system's errors
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _no_room(folder, "it became full on the way") from error
        raise FolderUnusable(
            f"{error.filename or folder} cannot be used: {error.strerror or error}.",
            "Look at its permissions, or name another folder for models: models in settings.toml.",
        ) from error


def _no_room(folder: Path, why: str) -> NoRoom:
    return NoRoom(
        f"The disk of {folder} is too full: {why}.",
        "Make room, remove a model that is not needed (spiegel models remove NAME), or name a folder on another disk: "
        "models in settings.toml.",
    )
