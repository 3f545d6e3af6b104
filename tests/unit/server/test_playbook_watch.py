"""The playbook's file is watched: a good change counts from the next call, a wrong one is told and changes nothing."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from live_sentiment.playbook import default_playbook, default_text
from server.playbook_watch import PlaybookSource, watch


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "ours.toml"
    write(file, "first")
    return file


def write(file: Path, name: str) -> None:
    file.write_text(default_text().replace('name = "Customer service"', f'name = "{name}"'), "utf-8")


def looked(source: PlaybookSource) -> bool:
    """Whether two looks, as it takes, found something new."""
    assert not source.look()
    return source.look()


def test_without_a_file_the_one_that_ships_holds_for_ever() -> None:
    source = PlaybookSource()
    assert (source.playbook, source.trouble, source.look()) == (default_playbook(), None, False)


def test_a_changed_file_is_read_anew_and_an_unchanged_one_is_not(file: Path) -> None:
    source = PlaybookSource(file)
    assert source.playbook.name == "first"
    before = source.playbook
    assert not looked(source)
    assert source.playbook is before
    write(file, "the second")
    assert looked(source)
    assert (source.playbook.name, source.trouble) == ("the second", None)
    assert not source.look()


def test_a_file_that_is_being_written_is_not_called_wrong(file: Path) -> None:
    source = PlaybookSource(file)
    file.write_text("name = ")
    assert not source.look()
    write(file, "whole again")
    assert not source.look()
    assert source.look()
    assert (source.playbook.name, source.trouble) == ("whole again", None)


def test_a_mistake_keeps_the_old_one_and_is_told_with_its_line_until_it_is_mended(file: Path) -> None:
    source = PlaybookSource(file)
    file.write_text('name = "Ours"\nmax_cues = "three"\n')
    with structlog.testing.capture_logs() as logs:
        assert looked(source)
    assert source.playbook.name == "first"
    assert source.trouble is not None
    assert "in regel 2. Zolang blijft het vorige gelden." in source.trouble["nl"]
    assert (
        f"in line 2. The one from before is used meanwhile. See: spiegel playbook check {file}" in source.trouble["en"]
    )
    assert [(log["event"], log["log_level"], log["line"]) for log in logs] == [("playbook_not_taken", "warning", 2)]
    assert not looked(source), "told once"
    write(file, "mended")
    with structlog.testing.capture_logs() as logs:
        assert looked(source)
    assert (source.playbook.name, source.trouble) == ("mended", None)
    assert [log["event"] for log in logs] == ["playbook_taken"]


def test_a_file_that_is_wrong_from_the_start_gives_way_to_the_one_that_ships(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    source = PlaybookSource(file)
    assert source.playbook is default_playbook()
    assert source.trouble is not None
    assert "The playbook that ships is used meanwhile." in source.trouble["en"]
    assert "meegeleverde" in source.trouble["nl"]
    write(file, "there at last")
    assert looked(source)
    assert (source.playbook.name, source.trouble) == ("there at last", None)


def test_a_file_that_goes_away_and_comes_back(file: Path) -> None:
    source = PlaybookSource(file)
    text = file.read_text("utf-8")
    file.unlink()
    assert looked(source)
    assert source.playbook.name == "first"
    assert source.trouble is not None
    assert " in line " not in source.trouble["en"]
    file.write_text(text, "utf-8")
    assert looked(source)
    assert source.trouble is None


def test_the_watch_looks_every_two_seconds_and_tells_what_is_new(file: Path) -> None:
    source = PlaybookSource(file)
    pauses: list[float] = []
    told: list[object] = []
    happens: dict[int, Callable[[], object]] = {3: lambda: file.write_text("name = "), 7: lambda: write(file, "mended")}

    async def pause(seconds: float) -> None:
        """Virtual time: what happens, happens in a pause."""
        pauses.append(seconds)
        happens.get(len(pauses), lambda: None)()
        if len(pauses) > 10:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        asyncio.run(watch(source, lambda trouble: told.append((len(pauses), trouble and "wrong")), pause=pause))
    assert set(pauses) == {2.0}
    assert told == [(4, "wrong"), (8, None)]
