"""Pulling and adding a model: all of it or nothing, and what was pulled can be heard with."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hub_server import REVISION, SMALL, HubServer

from live_sentiment.engines import candidates, load_engine
from live_sentiment.whisper import files
from server.errors import DamagedDownload, NameTaken, NoRoom, NotAModel, SourceAway, UnknownModel
from server.models import record
from server.models.catalogue import Wanted
from server.models.hub import Hub
from server.models.pull import add, pull
from server.models.shelf import Shelf

WANTED = Wanted("small", SMALL)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "models")


def left(shelf: Shelf) -> list[str]:
    return sorted(path.name for path in shelf.folder.iterdir())


def words(shelf: Shelf, name: str) -> list[str]:
    """What the model hears in half a second of noise."""
    engine = load_engine(candidates(name, "nl", shelf.folder.parent)[0])
    ear = engine.transcriber("nl")
    ear.accept(np.random.default_rng(1).normal(0, 0.1, 8000).astype(np.float32))
    return [word.text for word in ear.flush().words]


def test_a_pulled_model_is_heard_with_and_its_origin_written_down(hub: HubServer, shelf: Shelf) -> None:
    told: list[tuple[int, int]] = []
    installed = pull(WANTED, shelf, Hub(hub.url), told=lambda done, total: told.append((done, total)))
    assert installed.fresh
    assert installed.place == shelf.place("small")
    assert words(shelf, "small") == ["goedemorgen", "met", "Anna."]
    known = record.read(installed.place)
    assert known is not None
    assert (known.source, known.repository, known.revision) == (hub.url, SMALL, REVISION)
    assert known.size_bytes == installed.size_bytes
    assert record.changed(installed.place, known) == []
    assert left(shelf) == ["small"]
    assert not (installed.place / "README.md").exists(), "only a model's files are fetched"
    assert told == sorted(told)
    assert told[-1] == (installed.size_bytes, installed.size_bytes)


def test_a_pull_goes_on_where_the_last_one_broke_off(hub: HubServer, shelf: Shelf) -> None:
    hub.breaks["model.bin"] = [1_000_000, 0]
    with pytest.raises(SourceAway):
        pull(WANTED, shelf, Hub(hub.url))
    assert left(shelf) == [".pulling-small"]
    told: list[int] = []
    installed = pull(WANTED, shelf, Hub(hub.url), told=lambda done, _: told.append(done))
    assert sum(hub.sent.values()) == installed.size_bytes, "no byte is fetched twice"
    assert told[0] > 1_000_000, "what was there is there"
    assert left(shelf) == ["small"]


def test_parts_of_an_older_revision_do_not_stay(hub: HubServer, shelf: Shelf, tmp_path: Path) -> None:
    hub.breaks["model.bin"] = [1_000_000, 0]
    with pytest.raises(SourceAway):
        pull(WANTED, shelf, Hub(hub.url))
    newer = Path(shutil.copytree(hub.repositories[SMALL], tmp_path / "newer"))
    tokens = json.loads((newer / "vocabulary.json").read_text("utf-8"))
    (newer / "vocabulary.txt").write_text("\n".join(tokens), "utf-8")
    (newer / "vocabulary.json").unlink()
    weights = (newer / "model.bin").read_bytes()
    (newer / "model.bin").write_bytes(weights + b"\0")
    hub.repositories[SMALL], hub.revision = newer, "f" * 40
    installed = pull(WANTED, shelf, Hub(hub.url))
    assert sorted(path.name for path in installed.place.iterdir()) == [
        "config.json",
        record.FILE,
        "model.bin",
        "preprocessor_config.json",
        "tokenizer.json",
        "vocabulary.txt",
    ]
    known = record.read(installed.place)
    assert known is not None
    assert known.revision == "f" * 40
    assert record.changed(installed.place, known) == []


def test_a_flipped_bit_installs_nothing(hub: HubServer, shelf: Shelf) -> None:
    hub.flipped.add("model.bin")
    with pytest.raises(DamagedDownload):
        pull(WANTED, shelf, Hub(hub.url))
    assert not shelf.place("small").exists()
    hub.flipped.clear()
    pull(WANTED, shelf, Hub(hub.url))
    assert shelf.has("small")


def test_a_pull_that_is_stopped_keeps_what_came(hub: HubServer, shelf: Shelf) -> None:
    def stop(done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(WANTED, shelf, Hub(hub.url), told=stop)
    (kept,) = shelf.unfinished()
    assert (kept.name, left(shelf)) == ("small", [".pulling-small"])
    installed = pull(WANTED, shelf, Hub(hub.url))
    assert kept.size_bytes > installed.size_bytes // 2


def test_what_is_here_is_not_fetched_again_unless_it_must(hub: HubServer, shelf: Shelf) -> None:
    pull(WANTED, shelf, Hub(hub.url))
    asked = len(hub.asked)
    again = pull(WANTED, shelf, Hub("http://127.0.0.1:9"))
    assert (again.fresh, again.place, len(hub.asked)) == (False, shelf.place("small"), asked)
    (shelf.place("small") / "model.bin").write_bytes(b"damaged")
    assert pull(WANTED, shelf, Hub(hub.url), force=True).fresh
    assert words(shelf, "small")
    assert left(shelf) == ["small"]


def test_another_model_of_that_name_stays(hub: HubServer, shelf: Shelf, tiny_whisper: Path) -> None:
    add(tiny_whisper, shelf)
    with pytest.raises(NameTaken):
        pull(WANTED, shelf, Hub(hub.url))
    assert hub.asked == []
    pull(Wanted("small-2", SMALL), shelf, Hub(hub.url))
    assert left(shelf) == ["small", "small-2"]


def test_a_repository_of_something_else_is_refused_before_anything_is_fetched(
    hub: HubServer, shelf: Shelf, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "config.json").write_text("{}")
    (tmp_path / "other" / "pytorch_model.bin").write_bytes(b"x" * 1000)
    hub.repositories["us/other"] = tmp_path / "other"
    with pytest.raises(NotAModel, match=r"model\.bin, tokenizer\.json, vocabulary\.json missing") as caught:
        pull(Wanted("other", "us/other"), shelf, Hub(hub.url))
    assert "converted" in caught.value.advice
    assert (not hub.sent, left(shelf)) == (True, [])
    with pytest.raises(UnknownModel):
        pull(Wanted("none", "us/none"), shelf, Hub(hub.url))


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("config.json", "{", "us/broken/config.json cannot be read"),
        ("config.json", "[]", "in us/broken does not load"),
        ("tokenizer.json", "{}", "in us/broken does not load"),
        ("preprocessor_config.json", '{"feature_size": 128}', "hears 80 bands .* makes 128"),
        ("model.bin", "no weights", "in us/broken does not load"),
    ],
)
def test_a_model_that_does_not_load_is_not_pulled(
    hub: HubServer, shelf: Shelf, tmp_path: Path, name: str, text: str, told: str
) -> None:
    broken = Path(shutil.copytree(hub.repositories[SMALL], tmp_path / "broken"))
    (broken / name).write_text(text)
    hub.repositories["us/broken"] = broken
    with pytest.raises(NotAModel, match=told) as caught:
        pull(Wanted("broken", "us/broken"), shelf, Hub(hub.url))
    assert "Systran/faster-whisper-small" in caught.value.advice
    assert ".pulling" not in caught.value.sentence
    assert (left(shelf), shelf.unfinished()) == ([], [])


def test_a_model_that_does_not_load_replaces_none(hub: HubServer, shelf: Shelf, tmp_path: Path) -> None:
    pull(WANTED, shelf, Hub(hub.url))
    newer = Path(shutil.copytree(hub.repositories[SMALL], tmp_path / "newer"))
    (newer / "tokenizer.json").write_text("{}")
    hub.repositories[SMALL] = newer
    with pytest.raises(NotAModel):
        pull(WANTED, shelf, Hub(hub.url), force=True)
    assert words(shelf, "small") == ["goedemorgen", "met", "Anna."]
    assert left(shelf) == ["small"]


def test_nothing_is_fetched_that_does_not_fit(hub: HubServer, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.models.shelf.SPARE", 1 << 60)
    with pytest.raises(NoRoom):
        pull(WANTED, shelf, Hub(hub.url))
    assert not hub.sent


def test_a_copied_model_is_loaded_and_written_down(shelf: Shelf, tiny_whisper: Path) -> None:
    told: list[tuple[int, int]] = []
    installed = add(tiny_whisper, shelf, told=lambda done, total: told.append((done, total)))
    assert (installed.name, words(shelf, "small")) == ("small", ["goedemorgen", "met", "Anna."])
    known = record.read(installed.place)
    assert known is not None
    assert (known.source, known.repository) == (str(tiny_whisper), "")
    assert record.changed(installed.place, known) == []
    assert told[-1] == (installed.size_bytes, installed.size_bytes)
    assert left(shelf) == ["small"]
    with pytest.raises(NameTaken):
        add(tiny_whisper, shelf)
    assert add(tiny_whisper, shelf, "other").place == shelf.place("other")


def test_a_model_that_does_not_load_is_not_added(shelf: Shelf, tiny_whisper: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(tiny_whisper, tmp_path / "broken"))
    (broken / "model.bin").write_bytes(b"no weights")
    with pytest.raises(NotAModel, match=rf"in {broken} does not load") as caught:
        add(broken, shelf)
    assert left(shelf) == []
    assert ".adding" not in caught.value.sentence


def test_what_is_wrong_with_a_folder_is_said_of_the_folder(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / files.FOLDER / "half").mkdir(parents=True)
    for folder, told in ((tmp_path / files.FOLDER / "half", "incomplete"), (tmp_path / "nowhere", "not a directory")):
        with pytest.raises(NotAModel, match=told) as caught:
            add(folder, shelf)
        assert caught.value.advice == files.ADVICE
        assert "again" not in caught.value.advice


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("models--Systran--faster-whisper-small/snapshots/0123456789", "small"),
        ("faster-whisper-base", "base"),
        ("ours.nl", "ours.nl"),
    ],
)
def test_a_copied_model_is_called_as_its_folder(
    shelf: Shelf, tiny_whisper: Path, tmp_path: Path, place: str, name: str
) -> None:
    shutil.copytree(tiny_whisper, tmp_path / place)
    assert add(tmp_path / place, shelf).name == name
