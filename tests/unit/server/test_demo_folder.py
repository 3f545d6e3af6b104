"""The demo around its processes: its folder, its last words and its exit code. The processes are tested end to end."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from rich.console import Console

from live_sentiment.events import CallEnded, CallStarted
from server.commands import demo
from server.commands.delays import Trace
from server.commands.demo import DemoOptions, FolderInUse, run_demo
from server.errors import ChildGaveUp, FolderUnusable
from server.loading import assembly_config
from server.places import Places
from server.settings import Settings, load_settings
from server.store.rows import EndOfCall
from server.store.store import Store


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A demo sets environment variables for its children, and how this process logs."""
    monkeypatch.setenv("SPIEGEL_HOME", "")
    monkeypatch.setenv("QT_QPA_PLATFORM", "")
    monkeypatch.setenv("DISPLAY", "")
    monkeypatch.setenv("WAYLAND_DISPLAY", "")
    yield
    structlog.reset_defaults()


def options(out: Path) -> DemoOptions:
    return DemoOptions(recording=Path("call.flac"), duration=10.0, speed=1.0, out=out)


def keep_call(out: Path, reason: str) -> None:
    store = Store(Places.below(out / "session").database, lambda _: None)
    store.start()
    store.begin_call(CallStarted(at=0.0, call_id="feedc0ffee", started_at=1.0, source="call.flac"), "en")
    if reason:
        ended = CallEnded(at=9.0, reason=reason)  # type: ignore[arg-type]  # one of the three, from the test's list
        store.end_call("feedc0ffee", EndOfCall(seq=2, ended=ended))
    store.close()


@pytest.mark.parametrize(
    ("reason", "code", "told"),
    [
        ("finished", 0, "log feedc0ff"),
        ("lost", 1, "It ended before the recording did (lost)."),
        ("stopped", 1, "It ended before the recording did (stopped)."),
        ("", 1, "(not closed)"),
    ],
)
def test_the_exit_code_says_whether_all_of_it_was_seen(
    reason: str,
    code: int,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def play(_: object) -> Trace:
        keep_call(tmp_path, reason)
        return Trace()

    monkeypatch.setattr(demo._Show, "play", play)
    assert run_demo(options(tmp_path)) == code
    assert told in capsys.readouterr().out


def test_a_session_that_is_not_in_the_log_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def play(_: object) -> Trace:
        store = Store(Places.below(tmp_path / "session").database, lambda _: None)
        store.start()
        store.close()
        return Trace()

    monkeypatch.setattr(demo._Show, "play", play)
    assert run_demo(options(tmp_path)) == 1
    assert "not in the log" in capsys.readouterr().out


def test_an_earlier_demo_makes_room_and_nothing_else_is_touched(tmp_path: Path) -> None:
    demo._fresh_folder(tmp_path)
    keep_call(tmp_path, "finished")
    for name in ("01-ready.png", "12-cue.png", "trace.jsonl"):
        (tmp_path / name).touch()
    kept = ["holiday.png", "notes.txt", "1-one.png"]
    for name in kept:
        (tmp_path / name).touch()
    places = demo._fresh_folder(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*kept, ".spiegel-demo", "session"])
    assert not places.database.exists()


def test_a_folder_that_is_no_demos_is_refused_and_left_alone(tmp_path: Path) -> None:
    mine = [tmp_path / "01-holiday.png", tmp_path / "trace.jsonl", tmp_path / "session/data/mine.txt"]
    for path in mine:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    with pytest.raises(FolderInUse, match="no demo made") as refused:
        run_demo(options(tmp_path))
    assert "--out" in refused.value.advice
    assert [path.read_text() for path in mine] == ["mine"] * 3
    assert not (tmp_path / "session/config").exists()


def test_a_folder_that_cannot_be_cleaned_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    demo._fresh_folder(tmp_path)
    monkeypatch.setattr(demo.shutil, "rmtree", refuse)
    with pytest.raises(FolderUnusable, match="Permission denied"):
        demo._fresh_folder(tmp_path)


def test_the_users_own_models_and_choices_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def play(_: object) -> Trace:
        raise ChildGaveUp("It did not come up.")

    home = tmp_path / 'my "home" é'
    own = Places.below(home)
    own.make()
    own.settings.write_text(
        'engine = "whisper"\nwhisper_model = "/models/nl"\nscreen_language = "nl"\n'
        'port = 9\nhost = "::1"\nhosts = ["x"]\n'
    )
    monkeypatch.setenv("SPIEGEL_HOME", str(home))
    monkeypatch.setattr(demo._Show, "play", play)
    with pytest.raises(ChildGaveUp):
        run_demo(options(tmp_path / "out"))
    there = load_settings(Places.default().settings)
    assert there == Settings(engine="whisper", whisper_model="/models/nl", screen_language="nl", models=str(own.models))
    assert assembly_config(there, Places.default()).models == own.models


def test_its_processes_share_the_demos_own_folder_and_need_no_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def play(_: object) -> Trace:
        raise ChildGaveUp("It did not come up.")

    monkeypatch.setattr(demo._Show, "play", play)
    with pytest.raises(ChildGaveUp):
        run_demo(options(tmp_path))
    assert os.environ["SPIEGEL_HOME"] == str(tmp_path / "session")
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"


def test_a_folder_that_cannot_be_made_is_said_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderUnusable) as error:
        run_demo(options(tmp_path / "file"))
    assert error.value.advice


class Stage:
    """A supervisor all of whose children are well."""

    failure = None


def test_without_models_there_is_nothing_to_show_and_it_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detail = {"en": "The speech models could not be loaded.", "nl": "-"}
    found = {"models": "failed", "status": {"state": "degraded", "detail": detail}}
    monkeypatch.setattr(demo.loopback, "is_complete", lambda _: True)
    monkeypatch.setattr(demo.loopback, "health", lambda _: found)
    show = demo._Show(options(tmp_path), Places.below(tmp_path), Console(quiet=True))
    with pytest.raises(ChildGaveUp, match="could not be loaded") as error:
        show._wait_until_ready(Stage())
    assert "spiegel check" in error.value.advice


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")
def test_make_clean_removes_no_folder_that_the_environment_names(tmp_path: Path) -> None:
    told = subprocess.run(
        ["make", "-n", "clean"],
        cwd=Path(__file__).resolve().parents[3],
        env={**os.environ, "OUT": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert "demo-out" in told.stdout
    assert str(tmp_path) not in told.stdout
