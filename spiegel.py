"""The front door: one command line. Each verb is handed, lazily, to the folder that owns it."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from msgspec import structs

from server.commands import models, playbook

if TYPE_CHECKING:
    from audio_capture.devices import DeviceChoice
    from audio_capture.recording import RecordingSource
    from server.places import Places
    from server.settings import Settings

BAD_INPUT = 2
"""Exit code when what was given cannot be used."""
Language = Literal["auto", "en", "nl"]
Theme = Literal["auto", "light", "dark", "contrast"]
Spoken = Annotated[Language | None, typer.Option(help="What is spoken; left out, as settings.toml says.")]

app = typer.Typer(
    name="spiegel",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A mirror for customer-service agents: words, the customer's mood and one good cue, all on this machine.",
    epilog="First time? `spiegel demo` plays a whole call. On your own headset: `spiegel check`, then `spiegel run`.",
)
app.add_typer(models.app, name="models")
app.add_typer(playbook.app, name="playbook")


@app.callback()
def common(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(help="Keep settings, session log and models in this one folder.", envvar="SPIEGEL_HOME"),
    ] = None,
) -> None:
    """What all verbs share."""
    context.obj = models.Door(_places, _settings, _plain_errors, _open_recording, _demo_call)
    if home is not None:
        os.environ["SPIEGEL_HOME"] = str(home.resolve())  # the processes we start inherit it


# --- the parts of a running Spiegel ---------------------------------------------------------------------------------


@app.command()
def run(
    *,
    language: Spoken = None,
    theme: Annotated[Theme, typer.Option(help="The window's colours.")] = "auto",
) -> None:
    """Start everything on your own headset: server, capture and overlay. Ctrl-C stops all three."""
    from server.commands.run import run_all

    places = _places()
    settings = _settings(places)
    with _plain_errors():
        _leave(run_all(places, structs.replace(settings, language=language or settings.language), theme=theme))


@app.command()
def server(
    *,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Listen here instead of the settings' port (0: any free one).")
    ] = None,
    language: Spoken = None,
) -> None:
    """Run the server alone: recognition, sentiment, cues, feedback and the session log, on loopback."""
    from server.loading import load_pipelines
    from server.serve import serve

    places = _places()
    settings = _settings(places)
    settings = structs.replace(
        settings, port=settings.port if port is None else port, language=language or settings.language
    )
    with _plain_errors():
        _leave(serve(settings, places, lambda progress, source: load_pipelines(settings, places, progress, source)))


@app.command()
def capture(  # noqa: PLR0913  a command line's options
    recording: Annotated[Path | None, typer.Argument(help="Play this recording instead of the headset.")] = None,
    *,
    agent: Annotated[Path | None, typer.Option(help="The agent's voice, when each voice has its own file.")] = None,
    customer: Annotated[Path | None, typer.Option(help="The customer's voice, likewise.")] = None,
    swap: Annotated[bool, typer.Option("--swap", help="The customer is on the left channel.")] = False,
    fast: Annotated[bool, typer.Option("--fast", help="As fast as the server takes it, not in real time.")] = False,
    speed: Annotated[float, typer.Option(min=0.1, max=20, help="Times real time.")] = 1.0,
    start: Annotated[bool, typer.Option("--start", help="Headset: begin a call now, not when the agent says.")] = False,
    on_demand: Annotated[
        bool, typer.Option("--on-demand", help="Recording: wait for the agent to start the call, as a headset does.")
    ] = False,
    url: Annotated[str | None, typer.Option(help="The server, for example ws://127.0.0.1:8477.")] = None,
    language: Spoken = None,
) -> None:
    """Run the capture alone: the headset, or a recording, to the server."""
    from audio_capture import main as capturing

    places = _places()
    settings = _settings(places)
    options = capturing.CaptureOptions(
        url=url or settings.url,
        token=_token(places),
        recording=recording,
        agent=agent,
        customer=customer,
        swap=swap,
        speed=None if fast else speed,
        language=language or settings.language,
        devices=lambda: _device_choice(places, settings),
        start_at_once=start,
        on_demand=on_demand,
    )
    with _plain_errors():
        _leave(capturing.run(options))


@app.command()
def overlay(
    *,
    url: Annotated[str | None, typer.Option(help="The server, for example ws://127.0.0.1:8477.")] = None,
    screen_language: Annotated[Literal["en", "nl"] | None, typer.Option(help="The screen's language.")] = None,
    theme: Annotated[Theme, typer.Option(help="The window's colours.")] = "auto",
    save: Annotated[Path | None, typer.Option(help="Save a picture of each new screen here.")] = None,
    trace: Annotated[Path | None, typer.Option(help="Write down when what was painted (JSON lines).")] = None,
    exit_after_call: Annotated[bool, typer.Option("--exit-after-call", help="Leave after one call.")] = False,
) -> None:
    """Run the overlay alone: the small window on top."""
    from overlay import main as window

    places = _places()
    settings = _settings(places)
    options = window.OverlayOptions(
        url=url or settings.url,
        token=_token(places),
        language=screen_language or settings.window_language,
        theme=theme,
        save_dir=save,
        trace=trace,
        exit_after_call=exit_after_call,
        settings_file=places.data / "overlay.ini",
    )
    with _plain_errors():
        _leave(window.run(options))


@app.command()
def demo(
    *,
    call: Annotated[Path | None, typer.Option(help="Another recording: left the agent, right the customer.")] = None,
    speed: Annotated[float, typer.Option(min=0.5, max=4, help="Times real time.")] = 1.0,
    out: Annotated[Path, typer.Option(help="Pictures, trace and session log go here.")] = Path("demo-out"),
    language: Spoken = None,
) -> None:
    """Play a whole call: capture in real time, recognition, mood and cues in the overlay, the session in the log.

    Without a display the overlay is drawn off screen, and pictures of each state and cue are saved.
    """
    from audio_capture.demo_call import path as own_call
    from audio_capture.recording import open_recording
    from server.commands.demo import DemoOptions, run_demo
    from server.commands.spoken import spoken_in

    recording = call or own_call()
    spoken = spoken_in(_settings(_places()), language, demo_call=call is None)
    with _plain_errors():
        duration = open_recording(recording).duration  # says now, not in a child's log, what is wrong with it
        _leave(run_demo(DemoOptions(recording, duration, speed, out, spoken)))


# --- without a running Spiegel --------------------------------------------------------------------------------------


@app.command()
def analyze(
    recording: Annotated[Path | None, typer.Argument(help="A stereo recording: left the agent.")] = None,
    *,
    agent: Annotated[Path | None, typer.Option(help="The agent's voice, when each voice has its own file.")] = None,
    customer: Annotated[Path | None, typer.Option(help="The customer's voice, likewise.")] = None,
    swap: Annotated[bool, typer.Option("--swap", help="The customer is on the left channel.")] = False,
    language: Spoken = None,
    as_json: Annotated[bool, typer.Option("--json", help="One event a line on standard output.")] = False,
) -> None:
    """Run the whole pipeline over a recording, faster than real time, and report.

    A recording with one voice in it: name the voice with --agent FILE or --customer FILE.
    """
    from audio_capture.recording import open_recording
    from live_sentiment.analysis import analyze as run_analysis
    from live_sentiment.assembly import load_parts
    from server.commands.progress import progress_bar
    from server.loading import assembly_config

    with _plain_errors():
        source = open_recording(recording, agent=agent, customer=customer, swap=swap)
        places = _places()
        settings = _settings(places)
        settings = structs.replace(settings, language=language or settings.language)
        parts = load_parts(assembly_config(settings, places), skipped=_say_skipped)
        with progress_bar(f"Listening to {source.name}", source.duration) as reached:
            events = run_analysis(
                source.frames(), parts, source=source.name, language=settings.language, progress=reached
            )
        if as_json:
            from server.protocol import encode

            for event in events:
                typer.echo(encode(event))
        else:
            from rich.console import Console

            from server.commands.report import report

            Console().print(report(events))


@app.command()
def classify(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Read lines of text on standard input and say how each sounds, and why.

    For example:  echo "this is the third time i call" | spiegel classify
    """
    from server.commands.classify import classify_lines

    with _plain_errors():
        classify_lines(as_json=as_json)


@app.command()
def devices(
    *,
    microphone: Annotated[
        str, typer.Option(help='Listen to this microphone from now on, by name or label ("default": follow it).')
    ] = "",
    output: Annotated[str, typer.Option(help="Take what this output plays for the customer's voice, likewise.")] = "",
    watch: Annotated[bool, typer.Option("--watch", help="Show how loud each one is, until Ctrl-C.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List the microphones and outputs, and choose which ones a call listens to.

    The choice is kept in settings.toml, and counts at once, also in a call.
    """
    from audio_capture.devices import DeviceChoice, named_devices, this_system
    from audio_capture.devices_shown import show_devices
    from server.settings import change_settings

    places = _places()
    with _plain_errors():
        system = this_system()
        changes = named_devices(system.devices(), DeviceChoice(microphone=microphone, output=output))
        settings = change_settings(places.settings, **changes) if changes else _settings(places)
        _leave(show_devices(system, _device_choice(places, settings), watch=watch, as_json=as_json))


@app.command()
def check(
    *,
    listening: Annotated[
        bool, typer.Option("--listen/--no-listen", help="Listen to the headset for eight seconds, too.")
    ] = True,
    tone: Annotated[bool, typer.Option("--tone", help="Play a short tone into the headset meanwhile.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    measure: Annotated[bool, typer.Option("--measure", help="Measure anew which speech model fits.")] = False,
) -> None:
    """Say what works on this machine and with this headset, and what to do about what does not.

    Before a shift: `spiegel check --tone`, and say something aloud. Nothing of it is kept.
    """
    from audio_capture.check import check_sound
    from server.commands.checks import run_checks
    from server.commands.progress import progress_bar

    places = _places()
    settings = _settings(places)

    sound = partial(
        check_sound,
        lambda: _device_choice(places, settings),
        language=settings.window_language,
        listening=listening,
        tone=tone,
        progress=progress_bar,
    )
    _leave(run_checks(places, settings, sound=sound, as_json=as_json, measure=measure))


@app.command()
def log(
    call_id: Annotated[str | None, typer.Argument(help="Show this call (its first letters are enough).")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One event a line.")] = False,
) -> None:
    """List the calls in the session log, or show one."""
    from server.commands.session_log import show_log

    with _plain_errors():
        _leave(show_log(_places(), call_id, as_json=as_json))


# --- helpers --------------------------------------------------------------------------------------------------------


def _places() -> "Places":
    from server.places import Places

    return Places.default()


def _settings(places: "Places") -> "Settings":
    from server.settings import load_settings

    with _plain_errors():
        return load_settings(places.settings)


def _device_choice(places: "Places", before: "Settings") -> "DeviceChoice":
    """What settings.toml says now of the devices; while there is a mistake in it, what it said ``before``."""
    from audio_capture.devices import DeviceChoice
    from server.errors import SettingsError
    from server.settings import load_settings

    with suppress(SettingsError):
        before = load_settings(places.settings)
    return DeviceChoice(microphone=before.microphone, output=before.output)


def _token(places: "Places") -> str:
    from server.token import load_token

    with _plain_errors():
        return load_token(places.token)


def _open_recording(path: Path | None, **options: Any) -> "RecordingSource":
    from audio_capture.recording import open_recording

    return open_recording(path, **options)


def _demo_call() -> tuple[Path, Path]:
    from audio_capture.demo_call import path, turns_path

    return path(), turns_path()


def _say_skipped(model: Any, why: Any) -> None:
    """What is wrong with a speech model that another one stands in for."""
    from server.loading import said_of_skipped

    typer.echo(f"spiegel: {said_of_skipped(model, why)}", err=True)


def _leave(code: int) -> None:
    raise typer.Exit(code)


@contextmanager
def _plain_errors() -> Generator[None]:
    """Turns the folders' own errors into two plain lines and an exit code; bugs keep their traceback."""
    try:
        yield
    except _expected_errors() as error:
        sys.stderr.write(f"spiegel: {error}\n{getattr(error, 'advice', '')}\n")
        raise typer.Exit(getattr(error, "exit_code", BAD_INPUT)) from None


def _expected_errors() -> tuple[type[Exception], ...]:
    """The root of each folder's error tree; asked for only when something was raised."""
    from audio_capture.errors import CaptureError
    from live_sentiment.errors import SpeechError
    from onnx_models.errors import ModelError
    from overlay.errors import OverlayError
    from server.errors import ServerFault

    return (CaptureError, SpeechError, ModelError, OverlayError, ServerFault)


def main() -> None:
    """Run the command line. A reader of our output that leaves early, as `head` does, ends it quietly."""
    app()


if __name__ == "__main__":
    main()
