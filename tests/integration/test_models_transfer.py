"""One file on its way: it goes on where it broke off, and only the right bytes stay."""

from pathlib import Path

import pytest
from hub_server import SMALL, HubServer

from server.errors import DamagedDownload, SourceAway, SourceBusy
from server.models.hub import Hub, RemoteFile
from server.models.transfer import MOST_BREAKS, fetch, part_of, present


@pytest.fixture
def source(hub: HubServer) -> Hub:
    return Hub(hub.url)


@pytest.fixture
def large(source: Hub) -> RemoteFile:
    return source.listing(SMALL).files[-1]


def test_a_file_comes_whole_and_each_step_is_told(
    source: Hub, large: RemoteFile, tiny_whisper: Path, tmp_path: Path
) -> None:
    told: list[int] = []
    known = fetch(source, large, tmp_path, told.append)
    assert (known.name, known.size, known.sha256) == (large.name, large.size, large.sha256)
    assert (tmp_path / large.name).read_bytes() == (tiny_whisper / large.name).read_bytes()
    assert told == sorted(told)
    assert told[-1] == large.size
    assert len(told) > 5
    assert [path.name for path in tmp_path.iterdir()] == [large.name]


def test_a_connection_that_breaks_is_made_anew_for_the_rest_only(
    hub: HubServer, source: Hub, large: RemoteFile, tmp_path: Path
) -> None:
    hub.breaks[large.name] = [1_000_000, 500_000, 1]
    fetch(source, large, tmp_path)
    assert hub.sent[large.name] == large.size


def test_what_came_before_is_kept_for_the_next_time(
    hub: HubServer, source: Hub, large: RemoteFile, tmp_path: Path
) -> None:
    hub.breaks[large.name] = [1_000_000, 0]
    with pytest.raises(SourceAway, match="broke") as caught:
        fetch(source, large, tmp_path)
    assert "goes on where it stopped" in caught.value.advice
    assert present(large, tmp_path) == 1_000_000
    hub.answer = 503
    with pytest.raises(SourceBusy):
        fetch(source, large, tmp_path)
    hub.answer = 0
    fetch(source, large, tmp_path)
    assert hub.sent[large.name] == large.size
    assert present(large, tmp_path) == large.size


def test_it_gives_up_on_a_connection_that_breaks_all_the_time(
    hub: HubServer, source: Hub, large: RemoteFile, tmp_path: Path
) -> None:
    hub.breaks[large.name] = [10] * (MOST_BREAKS + 5)
    with pytest.raises(SourceAway, match="again and again"):
        fetch(source, large, tmp_path)
    assert present(large, tmp_path) == 10 * MOST_BREAKS


@pytest.mark.parametrize("name", ["model.bin", "config.json"])
def test_a_flipped_bit_is_refused_and_thrown_away(hub: HubServer, source: Hub, tmp_path: Path, name: str) -> None:
    hub.flipped.add(name)
    file = next(file for file in source.listing(SMALL).files if file.name == name)
    with pytest.raises(DamagedDownload, match=rf"as {name} is not what was announced") as caught:
        fetch(source, file, tmp_path)
    assert caught.value.retryable
    assert list(tmp_path.iterdir()) == []
    hub.flipped.clear()
    fetch(source, file, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_whole_file_is_not_fetched_again_and_a_changed_one_is(
    hub: HubServer, source: Hub, large: RemoteFile, tmp_path: Path
) -> None:
    fetch(source, large, tmp_path)
    told: list[int] = []
    fetch(source, large, tmp_path, told.append)
    assert (hub.sent[large.name], told) == (large.size, [large.size])
    (tmp_path / large.name).write_bytes(b"x" * large.size)
    fetch(source, large, tmp_path)
    assert hub.sent[large.name] == 2 * large.size


@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_a_part_that_was_changed_does_not_get_through(
    hub: HubServer, source: Hub, large: RemoteFile, tmp_path: Path, beyond: int
) -> None:
    part_of(large, tmp_path).write_bytes(b"x" * (large.size + beyond))
    with pytest.raises(DamagedDownload):
        fetch(source, large, tmp_path)
    assert list(tmp_path.iterdir()) == []
    fetch(source, large, tmp_path)
    assert hub.sent[large.name] == large.size + max(0, -beyond)
