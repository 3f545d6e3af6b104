from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import pytest

from server import run
from server.places import Places
from server.run import NoWindowHere, run_all
from server.settings import Settings
from server.supervisor import Child


class Watched:
    """Stands in for the supervisor."""

    made: "list[Watched]" = []  # noqa: RUF012 - reset by the fixture

    def __init__(self, children: Sequence[Child], logs: Path, healthy: Callable[[], bool]) -> None:
        self.children, self.logs, self.healthy, self.closed = children, logs, healthy, False
        self.made.append(self)

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
