from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import pytest

from server.commands import run
from server.commands.run import AlreadyRunning, NoWindowHere, run_all
from server.commands.supervisor import Child
from server.places import Places
from server.settings import Settings


class Watched:
    """Stands in for the supervisor."""

    made: "list[Watched]" = []  # noqa: RUF012 - reset by the fixture

    def __init__(self, children: Sequence[Child], logs: Path, healthy: Callable[[], bool]) -> None:
        self.children, self.logs, self.healthy, self.closed = children, logs, healthy, False
        self.pids: dict[str, int] = {}
        self.made.append(self)

    def pid(self, name: str) -> int | None:
        return self.pids.get(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True

    def run(self) -> int:
        return 3


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> list[Watched]:
    monkeypatch.setattr(run, "Supervisor", Watched)
    monkeypatch.setattr(run, "set_up_logs", lambda _: None)
    monkeypatch.setattr(run, "health", lambda *_: None)
    monkeypatch.setattr(Watched, "made", [])
    return Watched.made


def test_without_a_display_it_says_what_to_do_and_starts_nothing(
    tmp_path: Path, watched: list[Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "has_display", lambda: False)
    with pytest.raises(NoWindowHere) as error:
        run_all(Places.below(tmp_path), Settings(), theme="auto")
    assert "spiegel demo" in error.value.advice
    assert not watched
    assert not list(tmp_path.iterdir())


def test_a_second_one_is_refused_and_starts_nothing(
    tmp_path: Path, watched: list[Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, str]] = []

    def answers(port: int, host: str) -> dict[str, int]:
        asked.append((port, host))
        return {"pid": 4711}

    monkeypatch.setattr(run, "has_display", lambda: True)
    monkeypatch.setattr(run, "health", answers)
    with pytest.raises(AlreadyRunning, match=r"already running.*4711"):
        run_all(Places.below(tmp_path), Settings(host="::1"), theme="auto")
    assert asked == [(Settings().port, "[::1]")]
    assert not watched
    assert not list(tmp_path.iterdir())


def test_only_the_answer_of_our_own_server_counts(
    tmp_path: Path, watched: list[Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, str, int | None]] = []

    def healthy(port: int, host: str, pid: int | None) -> bool:
        asked.append((port, host, pid))
        return True

    monkeypatch.setattr(run, "has_display", lambda: True)
    monkeypatch.setattr(run, "server_healthy", healthy)
    run_all(Places.below(tmp_path), Settings(port=9), theme="auto")
    watched[0].healthy()
    watched[0].pids["server"] = 12
    watched[0].healthy()
    assert asked == [(9, "127.0.0.1", 0), (9, "127.0.0.1", 12)]


def test_server_first_then_capture_and_the_overlay_ends_all(
    tmp_path: Path, watched: list[Watched], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "has_display", lambda: True)
    places = Places.below(tmp_path)
    assert run_all(places, Settings(language="nl"), theme="dark") == 3
    (supervisor,) = watched
    assert [child.name for child in supervisor.children] == ["server", "capture", "overlay"]
    assert [child.ends_all for child in supervisor.children] == [False, False, True]
    assert all("nl" in child.arguments for child in supervisor.children[:2])
    assert "dark" in supervisor.children[2].arguments
    assert (supervisor.logs, supervisor.closed) == (places.logs, True)
    assert "Ctrl-C" in capsys.readouterr().err
