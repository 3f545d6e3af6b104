import json
import socket
from pathlib import Path
from typing import Any

import pytest

from live_sentiment.errors import EngineUnavailable
from live_sentiment.fitting import Fit
from live_sentiment.playbook import default_text
from server.commands import checks
from server.commands.checks import run_checks
from server.commands.loopback import free_port
from server.loading import Loaded
from server.places import Places
from server.settings import Settings


class Parts:
    """Loaded models, as far as a check looks at them."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        self.engine = self
        self.name = "an-engine"
        self.languages = languages


FIT = Fit("an-engine", 1, 0.2, 0.04, 0.1, in_time=True)


def loads(
    monkeypatch: pytest.MonkeyPatch,
    languages: tuple[str, ...] = ("en",),
    fit: Fit = FIT,
    trouble: str = "",
    skipped: tuple[str, ...] = (),
) -> list[bool]:
    """Models that load at once; the list tells of each time whether they were measured anew."""
    asked: list[bool] = []

    def load(settings: Settings, places: Places, *, anew: bool) -> Loaded:
        del settings, places
        asked.append(anew)
        return Loaded(Parts(languages), fit, "", trouble, skipped)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(checks, "load_here", load)
    return asked


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    loads(monkeypatch)


def no_sound() -> list[tuple[str, bool, str, str, bool]]:
    return [("headset", False, "The sound server does not answer.", "Start it.", False)]


def found(home: Path, capsys: pytest.CaptureFixture[str], settings: Settings | None = None) -> tuple[int, Any]:
    code = run_checks(Places.below(home), settings or Settings(port=free_port()), sound=no_sound, as_json=True)
    findings = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return code, {finding["name"]: finding for finding in findings}


def test_a_machine_without_display_and_sound_is_good_enough(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    code, findings = found(tmp_path, capsys)
    assert code == 0
    needed = {"Python", "models", "pace", "playbook", "session log", "server", "settings"}
    assert set(findings) == needed | {"headset", "display"}
    for name in ("headset", "display"):
        assert (findings[name]["works"], findings[name]["needed"]) == (False, False)
        assert findings[name]["advice"]


def test_models_that_do_not_load_are_needed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(settings: Settings, places: Places, *, anew: bool) -> None:
        del settings, anew
        raise EngineUnavailable("There is no model.", f"Put one into {places.models}.")

    monkeypatch.setattr(checks, "load_here", missing)
    code, findings = found(tmp_path, capsys)
    assert code == 1
    assert findings["models"]["detail"] == "There is no model."
    assert "pace" not in findings
    assert str(tmp_path) in findings["models"]["advice"]
    run_checks(Places.below(tmp_path), Settings(port=free_port()), sound=no_sound, as_json=False)
    assert "cannot work here yet" in capsys.readouterr().out


def test_a_playbook_with_a_mistake_is_shown_with_its_line_and_is_not_needed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(default_text(), "utf-8")
    settings = Settings(port=free_port(), playbook=str(file))
    assert found(tmp_path, capsys, settings)[1]["playbook"]["detail"].endswith(f"rules, from {file}")
    file.write_text("name = 3\n")
    code, findings = found(tmp_path, capsys, settings)
    assert (code, findings["models"]["works"], findings["playbook"]["works"]) == (0, True, False)
    assert findings["playbook"]["detail"].startswith(f"{file}:1: ")
    file.unlink()
    assert found(tmp_path, capsys, settings)[1]["playbook"]["detail"].count(str(file)) == 1


def test_without_dutch_it_says_what_would_bring_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "spiegel models pull small" in found(tmp_path, capsys)[1]["models"]["advice"]
    loads(monkeypatch, ())
    models = found(tmp_path, capsys)[1]["models"]
    assert (models["advice"], "many languages" in models["detail"]) == ("", True)


def test_a_better_model_that_does_not_load_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    loads(monkeypatch, skipped=("whisper-small is damaged.",))
    models = found(tmp_path, capsys)[1]["models"]
    assert (models["works"], models["advice"]) == (True, "whisper-small is damaged.")


def test_it_says_how_the_model_fits_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pace = found(tmp_path, capsys)[1]["pace"]
    assert (pace["works"], pace["advice"]) == (True, "")
    assert "partial text every 0.2 s on one thread" in pace["detail"]
    loads(monkeypatch, fit=Fit("an-engine", 1, None, 2.0, 2.0, in_time=False), trouble="It is not kept.")
    code, findings = found(tmp_path, capsys)
    assert (code, findings["pace"]["works"]) == (0, False)
    assert "A smaller model is quicker" in findings["pace"]["advice"]
    assert findings["pace"]["advice"].endswith("\nIt is not kept.")


def test_it_measures_anew_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = loads(monkeypatch)
    for measure in (False, True):
        run_checks(Places.below(tmp_path), Settings(port=free_port()), sound=no_sound, as_json=True, measure=measure)
    assert asked == [False, True]


def test_a_taken_port_is_found_and_a_free_one_is_left_free(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, findings = found(tmp_path, capsys, Settings(port=port))
        assert (code, findings["server"]["works"]) == (1, False)
        assert f"--port {port + 1}" in findings["server"]["advice"]
    code, findings = found(tmp_path, capsys, Settings(port=port))
    assert (code, findings["server"]["detail"]) == (0, f"port {port} is free")


def test_a_file_where_the_folder_should_be_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "home").write_text("a file")
    code, findings = found(tmp_path / "home", capsys)
    assert (code, findings["session log"]["works"]) == (1, False)


def test_looking_makes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found(tmp_path / "new", capsys)
    assert not (tmp_path / "new").exists()


def test_for_people_each_finding_has_a_sign_and_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_checks(Places.below(tmp_path), Settings(port=free_port()), sound=no_sound, as_json=False)
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert any(line.startswith("✓  models") for line in lines)
    assert any(line.startswith("-  headset") for line in lines)
    assert "Start it." in lines
    assert lines[-1].startswith("All that is needed works.")
