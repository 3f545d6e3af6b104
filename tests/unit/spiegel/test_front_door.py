"""What all verbs share: quick help, plain errors, the user's language."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from front_door import refused, spiegel
from typer.main import get_command

import spiegel as door
from audio_capture.errors import RecordingMissing
from audio_capture.main import CaptureOptions
from live_sentiment.assembly import AssemblyConfig
from live_sentiment.engine_family import EngineInfo
from live_sentiment.engines import Skipped
from live_sentiment.errors import EngineUnavailable
from onnx_models.errors import ModelMissing
from overlay.errors import NoDisplay
from overlay.options import OverlayOptions
from server.commands.demo import DemoOptions
from server.commands.loopback import free_port
from server.errors import PortTaken
from server.places import Places
from server.settings import Settings

VERBS = ("run", "server", "capture", "overlay", "demo", "analyze", "classify", "check", "log", "models", "playbook")
HEAVY = (
    "numpy",
    "PyQt6",
    "onnxruntime",
    "soundfile",
    "litestar",
    "sqlalchemy",
    "websockets",
    "faster_whisper",
    "huggingface_hub",
)
ALL_HELP = """
import sys
import spiegel
for verb in sys.argv[1:]:
    try:
        spiegel.app([verb, "--help"])
    except SystemExit as end:
        assert not end.code, verb
print("loaded:", *sys.modules)
"""


def commands() -> dict[str, Any]:
    """Every verb by its name, "models list" among them."""
    top: Any = get_command(door.app)
    found = {"": top, **top.commands}
    for name, group in top.commands.items():
        found |= {f"{name} {sub}": each for sub, each in getattr(group, "commands", {}).items()}
    return found


def test_help_of_every_verb_loads_nothing_heavy() -> None:
    told = subprocess.run([sys.executable, "-c", ALL_HELP, *VERBS], capture_output=True, text=True, check=True)
    *helps, loaded = told.stdout.splitlines()
    assert "\n".join(helps).count("Usage: ") == len(VERBS)
    assert sorted(set(loaded.split()) & set(HEAVY)) == []
    assert not {module for module in loaded.split() if module.startswith(("server.store", "overlay."))}


def test_the_verbs_are_those_that_were_promised() -> None:
    assert set(VERBS) <= set(commands())
    assert {f"models {verb}" for verb in ("list", "pull", "add", "remove", "check")} <= set(commands())
    assert {f"playbook {verb}" for verb in ("check", "show", "backtest")} <= set(commands())


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_verb_and_option_says_what_it_is_for(name: str) -> None:
    command = commands()[name]
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"spiegel {name} {parameter.name}"


def test_without_a_verb_it_shows_what_there_is() -> None:
    result = spiegel()
    assert "Usage" in result.output
    for verb in VERBS:
        assert verb in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["analyse"],
        ["analyze", "--loud"],
        ["analyze", "x.wav", "--language", "fr"],
        ["server", "--port", "65536"],
        ["server", "--port", "-1"],
        ["capture", "x.wav", "--speed", "0"],
        ["demo", "--speed", "9"],
    ],
)
def test_what_it_does_not_know_is_said_plainly(arguments: list[str]) -> None:
    assert "Error" in refused(spiegel(*arguments))


@pytest.mark.parametrize("error", [RecordingMissing, EngineUnavailable, ModelMissing, NoDisplay, PortTaken])
def test_each_folders_errors_become_two_plain_lines(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error("This happened.", "Do that.")

    monkeypatch.setattr("server.commands.session_log.show_log", fail)
    assert refused(spiegel("log")) == "spiegel: This happened.\nDo that.\n"


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr("server.commands.session_log.show_log", fail)
    assert isinstance(spiegel("log").exception, KeyError)


def test_a_mistake_in_the_settings_names_the_setting(tmp_path: Path) -> None:
    places = Places.below(tmp_path)
    places.config.mkdir(parents=True)
    places.settings.write_text("prot = 1\n")
    told = refused(spiegel("--home", tmp_path, "check"))
    assert "prot" in told
    assert "Known settings: language" in told


def test_a_playbook_that_is_not_there_is_said_plainly(tmp_path: Path, demo_call: Path) -> None:
    places = Places.below(tmp_path)
    places.config.mkdir(parents=True)
    places.settings.write_text('playbook = "/nowhere/ours.toml"\n')
    told = refused(spiegel("--home", tmp_path, "analyze", demo_call))
    assert "/nowhere/ours.toml cannot be read" in told
    assert "settings.toml" in told


@pytest.mark.parametrize(
    ("settings", "environment", "expected"),
    [
        (Settings(), {}, "en"),
        (Settings(), {"LANG": "nl_NL.UTF-8"}, "nl"),
        (Settings(), {"LANG": "nl_NL.UTF-8", "LC_ALL": "C"}, "en"),
        (Settings(screen_language="nl"), {"LANG": "en_GB.UTF-8"}, "nl"),
    ],
)
def test_the_screen_speaks_as_the_settings_or_the_desktop_do(
    settings: Settings, environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert settings.window_language == expected


def test_a_demo_says_at_once_what_is_wrong_with_its_recording_or_folder(tmp_path: Path, demo_call: Path) -> None:
    assert "There is no file" in refused(spiegel("demo", "--call", tmp_path / "none.wav", "--out", tmp_path / "out"))
    assert not (tmp_path / "out").exists()
    (tmp_path / "a-file").write_text("in the way")
    told = refused(spiegel("demo", "--call", demo_call, "--out", tmp_path / "a-file"))
    assert "cannot be made" in told


def test_log_and_models_and_check_work_in_an_empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = Places.below(tmp_path)
    places.config.mkdir(parents=True)
    places.settings.write_text(f"port = {free_port()}\n")
    log = spiegel("--home", tmp_path, "log")
    assert (log.exit_code, "No calls yet" in log.stdout) == (0, True)
    listed = spiegel("--home", tmp_path, "models", "list")
    assert (listed.exit_code, "spiegel-sentiment" in listed.stdout) == (0, True)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PULSE_SERVER", "/nowhere")
    checked = spiegel("--home", tmp_path, "check")
    assert checked.exit_code == 0, checked.output
    assert "The sound server does not answer" in " ".join(checked.stdout.split())


@pytest.mark.parametrize(("option", "port"), [((), 8000), (("--port", "0"), 0), (("--port", "9000"), 9000)])
def test_a_port_on_the_command_line_comes_before_the_settings(
    option: tuple[str, ...], port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = Places.below(tmp_path)
    places.config.mkdir(parents=True)
    places.settings.write_text('port = 8000\nlanguage = "nl"\n')
    served: list[Settings] = []

    def serve(settings: Settings, *_: object) -> int:
        served.append(settings)
        return 0

    monkeypatch.setattr("server.serve.serve", serve)
    assert spiegel("--home", tmp_path, "server", *option).exit_code == 0
    assert [(settings.port, settings.language) for settings in served] == [(port, "nl")]


def say_in_settings(home: Path, text: str) -> None:
    places = Places.below(home)
    places.config.mkdir(parents=True)
    places.settings.write_text(text)


@pytest.mark.parametrize(("option", "language"), [((), "nl"), (("--language", "en"), "en")])
def test_a_recording_is_analysed_in_the_language_of_the_settings(
    option: tuple[str, ...], language: str, tmp_path: Path, demo_call: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def load(config: AssemblyConfig, **_: object) -> object:
        asked.append(config.language)
        return object()

    def analyze(*_: object, language: str, **__: object) -> list[object]:
        asked.append(language)
        raise EngineUnavailable("no", "no")

    say_in_settings(tmp_path, 'language = "nl"\n')
    monkeypatch.setattr("live_sentiment.assembly.load_parts", load)
    monkeypatch.setattr("live_sentiment.analysis.analyze", analyze)
    assert spiegel("--home", tmp_path, "analyze", demo_call, *option).exit_code == 2
    assert asked == [language, language]


def test_a_damaged_model_is_told_beside_the_events_of_a_recording(
    tmp_path: Path, demo_call: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(_: object, *, skipped: Skipped) -> None:
        why = EngineUnavailable("It is cut short.", "Pull it again.")
        skipped(EngineInfo("whisper-small", "whisper", None, (), True, 1, ""), why)
        raise EngineUnavailable("no", "no")

    monkeypatch.setattr("live_sentiment.assembly.load_parts", load)
    told = refused(spiegel("--home", tmp_path, "analyze", demo_call))
    assert told.startswith("spiegel: whisper-small does not load, so another model is taken: It is cut short.")


@pytest.mark.parametrize(
    ("setting", "words", "heard"),
    [("en", (), "en"), ("nl", (), "auto"), ("nl", ("--call",), "nl"), ("nl", ("--language", "nl"), "nl")],
)
def test_a_demo_is_heard_in_the_language_of_the_settings_if_that_may_be_its(
    setting: str, words: tuple[str, ...], heard: str, tmp_path: Path, demo_call: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[DemoOptions] = []

    def run(options: DemoOptions) -> int:
        asked.append(options)
        return 0

    say_in_settings(tmp_path, f'language = "{setting}"\n')
    monkeypatch.setattr("server.commands.demo.run_demo", run)
    call = (demo_call,) if "--call" in words else ()
    assert spiegel("--home", tmp_path, "demo", *words, *call).exit_code == 0
    assert [options.language for options in asked] == [heard]


def test_the_options_of_a_capture_reach_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[CaptureOptions] = []

    def run(options: CaptureOptions) -> int:
        asked.append(options)
        return 3

    monkeypatch.setattr("audio_capture.main.run", run)
    first = spiegel("--home", tmp_path, "capture", "x.wav", "--speed", "2", "--on-demand", "--language", "nl")
    assert first.exit_code == 3, "the capture's own exit code"
    spiegel("--home", tmp_path, "capture", "--agent", "a.wav", "--fast", "--swap", "--url", "ws://elsewhere:1")
    one, other = asked
    assert (one.recording, one.speed, one.on_demand, one.language) == (Path("x.wav"), 2.0, True, "nl")
    assert one.url == "ws://127.0.0.1:8477"
    assert one.token == Places.below(tmp_path).token.read_text("utf-8").strip()
    assert (other.agent, other.speed, other.swap, other.url) == (Path("a.wav"), None, True, "ws://elsewhere:1")


def test_the_options_of_an_overlay_reach_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[OverlayOptions] = []

    def run(options: OverlayOptions) -> int:
        asked.append(options)
        return 0

    monkeypatch.setattr("overlay.main.run", run)
    told = spiegel("--home", tmp_path, "overlay", "--screen-language", "nl", "--theme", "dark", "--exit-after-call")
    assert told.exit_code == 0, told.output
    (options,) = asked
    assert (options.language, options.theme, options.exit_after_call) == ("nl", "dark", True)
    assert options.settings_file == Places.below(tmp_path).data / "overlay.ini"
