"""Pulling a model from a source, and adding one from a directory: into a hidden folder, checked, then put in place.

Checked means that all files are what was announced, and that CTranslate2 loads them.
"""

import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from live_sentiment.engine_family import EngineInfo, EngineOptions
from live_sentiment.engines import load_engine
from live_sentiment.errors import EngineUnavailable
from live_sentiment.whisper import files
from live_sentiment.whisper.family import FAMILY
from server.errors import NotAModel
from server.models import record
from server.models.catalogue import Wanted, checked_name
from server.models.hub import Hub, Listing
from server.models.record import FileRecord, Record
from server.models.shelf import MODEL_FILES, Shelf
from server.models.transfer import fetch, present

Told = Callable[[int, int], None]
"""Called with the bytes that are there by now, and all that there will be."""

_EXAMPLE = "for example Systran/faster-whisper-small"
_TAKE_ANOTHER = (
    f"Take one that was converted, {_EXAMPLE}, or convert it yourself with ct2-transformers-converter and its "
    "--copy_files tokenizer.json preprocessor_config.json."
)


@dataclass(frozen=True, slots=True)
class Installed:
    """A model that is in its ``place``; ``fresh``: it came there just now. ``size_bytes`` are its files'."""

    name: str
    place: Path
    size_bytes: int
    fresh: bool


def pull(
    wanted: Wanted, shelf: Shelf, hub: Hub, *, force: bool = False, told: Told = lambda _done, _total: None
) -> Installed:
    """Fetches the model that is ``wanted`` and installs it; one that was pulled from there before is left as it is.

    ``force`` fetches it anew and replaces what has its name.

    Raises:
        NameTaken: another model has the name.
        NotAModel: the repository holds no Whisper model for CTranslate2, or none that loads; nothing of it stays.
        SpeechModelFault: another of its kinds. What has come is kept, and the next pull goes on from there.
    """
    if not force:
        if (here := _pulled_before(wanted, shelf)) is not None:
            return here
        shelf.check_free(wanted.name)
    with shelf.pulling(wanted.name) as folder:
        listing = hub.listing(wanted.repository)
        _check_files(listing)
        there = {file.name: present(file, folder) for file in listing.files}
        shelf.check_room(listing.size_bytes - sum(there.values()))
        made: list[FileRecord] = []
        for file in listing.files:

            def reached(size: int, name: str = file.name) -> None:
                there[name] = size
                told(sum(there.values()), listing.size_bytes)

            reached(there[file.name])
            made.append(fetch(hub, file, folder, reached))
        return _install(shelf, folder, wanted.name, _record(listing, made))


def add(directory: Path, shelf: Shelf, name: str = "", told: Told = lambda _done, _total: None) -> Installed:
    """Copies the model in ``directory``, sees whether CTranslate2 takes it, and installs it under ``name``.

    Raises:
        NotAModel: it is no Whisper model for CTranslate2, or does not load.
        NameTaken: another model has the name.
        NoRoom, FolderUnusable: it cannot be copied.
    """
    with _blaming(str(directory), files.ADVICE, directory):
        files.check(directory)
    name = checked_name(name or _usual_name(directory))
    shelf.check_free(name)
    found = [directory / one for one in MODEL_FILES if (directory / one).is_file()]
    total, copied = sum(path.stat().st_size for path in found), 0
    with shelf.adding(name) as folder:
        shelf.check_room(total)
        for path in found:
            shutil.copyfile(path, folder / path.name)
            copied += path.stat().st_size
            told(copied, total)
        with _blaming(str(directory), files.ADVICE, folder):
            _load(folder)
        made = tuple(record.record_of(folder / path.name) for path in found)
        record.write(folder, Record(source=str(directory.resolve()), files=made))
        return Installed(name, shelf.install(folder, name), total, fresh=True)


def _pulled_before(wanted: Wanted, shelf: Shelf) -> Installed | None:
    """The model, when it is there and came from the same repository."""
    if not shelf.has(wanted.name):
        return None
    place = shelf.place(wanted.name)
    known = record.read(place)
    if known is None or known.repository != wanted.repository:
        return None
    return Installed(wanted.name, place, known.size_bytes, fresh=False)


def _check_files(listing: Listing) -> None:
    """Before anything is fetched: whether the repository can be a model at all."""
    names = {file.name for file in listing.files}
    lacking = [name for name in (files.MODEL, files.CONFIG, files.TOKENIZER) if name not in names]
    if not names.intersection(files.VOCABULARIES):
        lacking.append(files.VOCABULARIES[0])
    if lacking:
        raise NotAModel(
            f"{listing.repository} holds no Whisper model for CTranslate2: {', '.join(lacking)} missing.",
            _TAKE_ANOTHER,
        )


def _record(listing: Listing, made: list[FileRecord]) -> Record:
    return Record(source=listing.source, repository=listing.repository, revision=listing.revision, files=tuple(made))


def _install(shelf: Shelf, folder: Path, name: str, known: Record) -> Installed:
    """All files are there and right: writes down what they are, and moves them into place."""
    names = {file.name for file in known.files}
    for path in folder.iterdir():
        if path.name not in names:  # parts of another revision
            path.unlink()
    try:
        with _blaming(known.repository, _TAKE_ANOTHER, folder):
            _load(folder)
    except NotAModel:
        for path in folder.iterdir():  # to go on from here would lead here again
            path.unlink()
        raise
    record.write(folder, known)
    return Installed(name, shelf.install(folder, name), known.size_bytes, fresh=True)


def _load(folder: Path) -> None:
    """Whether CTranslate2 takes it, which takes seconds; not whether it bears short windows."""
    info = EngineInfo(
        name=folder.name, family=FAMILY.name, path=folder, languages=(), installed=True, size_bytes=0, note=""
    )
    load_engine(info, EngineOptions(windows="padded"))


@contextmanager
def _blaming(origin: str, advice: str, folder: Path) -> Generator[None]:
    """Says of the model's ``origin``, with ``advice`` on it, what is wrong in ``folder``, which nobody is to see.

    Raises:
        NotAModel: something is.
    """
    try:
        yield
    except EngineUnavailable as error:
        raise NotAModel(error.what.replace(str(folder), origin), advice) from error


def _usual_name(directory: Path) -> str:
    """The directory's name; in a hub's cache (models--owner--name/snapshots/revision) the model's."""
    directory = directory.resolve()
    named = directory.parent.parent if directory.parent.name == "snapshots" else directory
    return named.name.rpartition("--")[2].removeprefix("faster-whisper-")
