import io

import pytest
from rich.console import Console

from server.commands import progress
from server.commands.progress import progress_bar


def shown(monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> str:
    out = io.StringIO()

    def console(*, stderr: bool) -> Console:
        assert stderr, "standard output belongs to the result"
        return Console(file=out, force_terminal=terminal, width=80, color_system=None)

    monkeypatch.setattr(progress, "Console", console)
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
