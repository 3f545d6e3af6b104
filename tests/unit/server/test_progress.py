import io

import pytest
from rich.console import Console

from server.commands import progress
from server.commands.progress import bytes_bar, progress_bar


def console_into(out: io.StringIO, monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> None:
    """The bars are drawn into ``out``."""

    def console(*, stderr: bool) -> Console:
        assert stderr, "standard output belongs to the result"
        return Console(file=out, force_terminal=terminal, width=120, color_system=None)

    monkeypatch.setattr(progress, "Console", console)


def shown(monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> str:
    out = io.StringIO()
    console_into(out, monkeypatch, terminal=terminal)
    with progress_bar("Listening to a.flac", 10.0) as reached:
        reached(5.0)
        reached(10.0)
    return out.getvalue()


def test_a_person_sees_what_is_done_and_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    told = shown(monkeypatch, terminal=True)
    assert "Listening to a.flac" in told
    assert "100%" in told


def test_a_program_sees_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, terminal=False).strip() == ""


@pytest.mark.parametrize("terminal", [True, False])
def test_bytes_on_their_way_are_told_with_what_there_is_in_all(
    monkeypatch: pytest.MonkeyPatch, *, terminal: bool
) -> None:
    out = io.StringIO()
    console_into(out, monkeypatch, terminal=terminal)
    with bytes_bar("Pulling small") as told:
        told(100_000_000, 484_000_000)
        told(242_000_000, 484_000_000)
    assert ("Pulling small" in out.getvalue(), "242.0/484.0 MB" in out.getvalue()) == (terminal, terminal)
