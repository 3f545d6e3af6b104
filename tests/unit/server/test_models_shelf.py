"""The folder of pulled models: putting in whole, taking away, and what lies there unfinished."""

import errno
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from live_sentiment.whisper import files
from live_sentiment.whisper.family import FAMILY
from server.errors import BeingPulled, FolderUnusable, NameTaken, NoRoom, UnknownModel
from server.models.shelf import SPARE, Shelf, Unfinished, megabytes


def fill(folder: Path, size: int = 10) -> Path:
    """A folder that looks like a model."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (files.CONFIG, files.TOKENIZER, files.VOCABULARIES[0]):
        (folder / name).write_text("{}")
    (folder / files.MODEL).write_bytes(b"x" * size)
    return folder


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "models")


def left(shelf: Shelf) -> list[str]:
    return sorted(path.name for path in shelf.folder.iterdir())


def test_a_model_appears_whole_and_nothing_else_is_left(shelf: Shelf) -> None:
    with shelf.pulling("small") as folder:
        fill(folder)
        assert FAMILY.models(shelf.folder.parent) == [], "what is under way is no model yet"
        assert not shelf.has("small")
        assert shelf.install(folder, "small") == shelf.place("small")
    assert shelf.has("small")
    assert left(shelf) == ["small"]


def test_a_new_model_takes_the_place_of_an_old_one(shelf: Shelf) -> None:
    fill(shelf.place("small"), 10)
    with shelf.pulling("small") as folder:
        shelf.install(fill(folder, 20), "small")
    assert (shelf.place("small") / files.MODEL).stat().st_size == 20
    assert left(shelf) == ["small"]


def test_what_was_pulled_of_a_model_stays_and_what_was_added_does_not(shelf: Shelf) -> None:
    with shelf.pulling("small") as folder:
        (folder / "model.bin.part").write_bytes(b"12345")
    with shelf.adding("base") as folder:
        (folder / "model.bin").write_bytes(b"12345")
    assert shelf.unfinished() == [Unfinished("small", 5)]
    assert left(shelf) == [".pulling-small"]
    with shelf.pulling("small") as folder:
        assert (folder / "model.bin.part").read_bytes() == b"12345"


def test_a_pull_that_brought_nothing_leaves_nothing(shelf: Shelf) -> None:
    with shelf.pulling("small"):
        pass
    assert left(shelf) == []
    assert shelf.unfinished() == []


def test_one_model_is_one_processs_at_a_time_and_others_are_free(shelf: Shelf) -> None:
    fill(shelf.place("small"))
    with shelf.pulling("small"):
        for other in (lambda: shelf.pulling("small").__enter__(), lambda: shelf.adding("small").__enter__()):
            with pytest.raises(BeingPulled, match='"small"') as caught:
                other()
            assert caught.value.retryable
        with pytest.raises(BeingPulled):
            shelf.remove("small")
        with shelf.pulling("base"):
            pass
    with shelf.pulling("small"):
        pass


def test_a_taken_name_is_refused_even_when_what_has_it_is_broken(shelf: Shelf) -> None:
    shelf.check_free("small")
    shelf.place("small").mkdir(parents=True)
    with pytest.raises(NameTaken) as caught:
        shelf.check_free("small")
    assert "spiegel models remove small" in caught.value.advice


@pytest.mark.parametrize("name", ["small", "whisper-small"])
def test_removing_tells_what_was_freed_with_the_unfinished_part(shelf: Shelf, name: str) -> None:
    fill(shelf.place("small"), 1000)
    fill(shelf.place("base"))
    with shelf.pulling("small") as folder:
        (folder / "part").write_bytes(b"x" * 500)
    assert shelf.here(name) == "small"
    assert shelf.remove(name) == 1000 + 3 * len("{}") + 500
    assert left(shelf) == ["base"]


@pytest.mark.parametrize("name", ["small", "moonshine-tiny-en", "..", "../models", "."])
def test_only_what_lies_here_is_removed(shelf: Shelf, name: str) -> None:
    fill(shelf.place("base"))
    with pytest.raises(UnknownModel):
        shelf.remove(name)
    assert left(shelf) == ["base"]


def test_of_a_linked_model_only_the_link_goes(shelf: Shelf, tmp_path: Path) -> None:
    own = fill(tmp_path / "elsewhere")
    shelf.folder.mkdir(parents=True)
    shelf.place("small").symlink_to(own)
    assert shelf.remove("small") == 0
    assert files.is_model(own)
    assert left(shelf) == []


def test_what_a_killed_process_left_is_in_nobodys_way(shelf: Shelf) -> None:
    for name in (".adding-small", ".removing-small", "small"):
        fill(shelf.folder / name)
    (shelf.folder / ".small.lock").touch()
    shelf.remove("small")
    with shelf.adding("small") as folder:
        assert list(folder.iterdir()) == []
    assert left(shelf) == []


def test_a_full_disk_is_seen_before(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=SPARE + 1_000_000))
    shelf.check_room(1_000_000)
    with pytest.raises(NoRoom, match=r"484 MB more are needed and 51 MB are free") as caught:
        shelf.check_room(484_000_000)
    assert "spiegel models remove" in caught.value.advice


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_becomes_full_on_the_way_is_said_and_what_came_is_kept(shelf: Shelf, code: int) -> None:
    def fill_up() -> None:
        with shelf.pulling("small") as folder:
            (folder / "part").write_bytes(b"123")
            raise OSError(code, os.strerror(code))

    with pytest.raises(NoRoom, match="became full"):
        fill_up()
    assert shelf.unfinished() == [Unfinished("small", 3)]


def test_what_cannot_be_read_or_written_is_named(tmp_path: Path, shelf: Shelf) -> None:
    (tmp_path / "blocked").write_text("in the way")
    with pytest.raises(FolderUnusable):
        Shelf(tmp_path / "blocked").pulling("small").__enter__()
    shelf.folder.mkdir(parents=True)
    (shelf.folder / ".pulling-small").write_text("in the way")
    with pytest.raises(FolderUnusable, match=r"\.pulling-small cannot be used: File exists") as caught:
        shelf.pulling("small").__enter__()
    assert "models in settings.toml" in caught.value.advice
    with pytest.raises(FolderUnusable, match=r"/nowhere cannot be used"), shelf.adding("small"):
        shutil.copyfile("/nowhere", shelf.folder)
    assert left(shelf) == [".pulling-small"]


def test_sizes_are_told_for_people() -> None:
    assert [megabytes(size) for size in (0, 75_540_000, 3_800_000, 1_528_000_000)] == [
        "0.0 MB",
        "76 MB",
        "3.8 MB",
        "1,528 MB",
    ]
