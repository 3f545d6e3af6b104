"""``spiegel models``: the command line's part of listing, pulling, adding, removing and checking speech models.

Each verb imports what it needs when it is called, so that --help is quick. What only the front door may know, such as
recordings, comes in the ``Door`` that it puts into the context.
"""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from server.models.check import Recording
    from server.models.pull import Installed
    from server.models.shelf import Shelf
    from server.places import Places
    from server.settings import Settings

_STOPPED = 130
"""Exit code after Ctrl-C, as shells have it."""
_RECORDINGS = {".aiff", ".flac", ".mp3", ".ogg", ".opus", ".wav"}
"""How files end that are no speech model."""

app = typer.Typer(
    no_args_is_help=True,
    help="The speech and sentiment models on this machine.",
    epilog="For Dutch: `spiegel models pull small`, once. Calls never need the network.",
)


@dataclass(frozen=True, slots=True)
class Door:
    """What the front door lends: its folders, settings and errors, and the recordings, which nobody else may open.

    ``open_recording`` is ``audio_capture.recording.open_recording``; ``demo_call`` answers with the demo call and its
    turns.
    """

    places: Callable[[], "Places"]
    settings: Callable[["Places"], "Settings"]
    plain_errors: Callable[[], AbstractContextManager[None]]
    open_recording: Callable[..., Any]
    demo_call: Callable[[], tuple[Path, Path]]


@app.command("list")
def list_(
    context: typer.Context,
    *,
    verify: Annotated[bool, typer.Option("--verify", help="Read the files and compare their hashes.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List the speech and sentiment models on this machine."""
    from server.commands.models_list import list_models

    door: Door = context.obj
    with door.plain_errors():
        places = door.places()
        _leave(list_models(places, door.settings(places), verify=verify, as_json=as_json))


@app.command()
def pull(
    context: typer.Context,
    model: Annotated[
        str,
        typer.Argument(help="tiny, base, small, medium, large-v3-turbo, large-v3; or owner/repository of another one."),
    ],
    *,
    name: Annotated[str, typer.Option(help="What to call it here, if not as usual.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Fetch it anew, and replace what has its name.")] = False,
) -> None:
    """Fetch a speech model, check every file's hash, load it once, and install it.

    This is the one verb that uses the network. Stopped or broken off, it goes on
    where it was when you give the same command again.
    HTTPS_PROXY names a proxy; models_source in settings.toml names a mirror.

    On the disk: tiny 75 MB, base 145 MB, small 485 MB, medium 1.5 GB,
    large-v3-turbo 1.6 GB, large-v3 3.1 GB. Larger ones hear better and need more
    of the machine: `spiegel models check` tells whether one keeps up with a call.
    """
    from server.commands.progress import bytes_bar
    from server.models.catalogue import wanted
    from server.models.hub import Hub
    from server.models.pull import pull as fetch

    door: Door = context.obj
    with door.plain_errors():
        asked, shelf, settings = wanted(model, name), _shelf(door), door.settings(door.places())
        with _said_when_stopped(shelf, asked.name), bytes_bar(f"Pulling {asked.name}") as told:
            installed = fetch(asked, shelf, Hub(settings.models_source), force=force, told=told)
        _tell(installed)


@app.command()
def add(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a Whisper model for CTranslate2.")],
    *,
    name: Annotated[str, typer.Option(help="What to call it here, if not as the folder.")] = "",
) -> None:
    """Install a speech model from a folder: one that was fetched on another machine, or that you made yourself.

    It is copied, and loaded once to see that it works.
    """
    from server.commands.progress import bytes_bar
    from server.models.pull import add as copy

    door: Door = context.obj
    with door.plain_errors():
        with bytes_bar(f"Adding {directory.name}") as told:
            installed = copy(directory, _shelf(door), name, told)
        _tell(installed)


@app.command()
def remove(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The model, as `spiegel models list` calls it.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a model that was pulled or added, or what is there of a download that broke off."""
    from server.models.shelf import megabytes

    door: Door = context.obj
    with door.plain_errors():
        shelf = _shelf(door)
        known = shelf.here(name)
        if not yes:
            typer.confirm(f"Remove {known} from {shelf.folder}?", abort=True, err=True)
        typer.echo(f"{known} is removed; {megabytes(shelf.remove(known))} freed.")


@app.command()
def check(  # noqa: PLR0913  a command line's options
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="The model; left out, the one that a call would take.")] = "auto",
    recording: Annotated[Path | None, typer.Argument(help="A stereo recording; left out, the demo call.")] = None,
    *,
    agent: Annotated[Path | None, typer.Option(help="A recording of one voice; or of the agent's alone.")] = None,
    customer: Annotated[Path | None, typer.Option(help="The customer's voice, when each has its own file.")] = None,
    text: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="What is said; left out, the recording's name with .txt."),
    ] = None,
    language: Annotated[
        Literal["auto", "en", "nl"] | None, typer.Option(help="What is spoken; left out, as settings.toml says.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Measure a speech model on a recording: how many words are wrong, and how soon they stand there in a call.

    spiegel models check small call.wav                       both voices
    spiegel models check small --agent voice.wav --language nl   one voice

    It is loaded as calls load it: on as many threads, and with partial text as
    often, as fit this machine. Personal data is hidden before the words are
    compared, as in a call: a recording without any measures best.
    """
    from server.commands.models_check import shown

    door: Door = context.obj
    with door.plain_errors():
        _refuse_a_recording(model, recording)
        played = _recording(door, recording, agent, customer, text)
        findings = _measure(door, played, model, language, demo_call=not (recording or agent or customer))
    if as_json:
        from msgspec.json import encode

        typer.echo(encode(findings))
    else:
        from rich.console import Console

        Console().print(shown(findings))


def _refuse_a_recording(model: str, after: Path | None) -> None:
    """Says what comes first, when a recording stands where the model does."""
    from live_sentiment.errors import EngineUnavailable

    if Path(model).suffix.lower() in _RECORDINGS:
        right = f"spiegel models check {after or 'auto'} {model}"
        what = f'There is no speech engine "{model}".'
        raise EngineUnavailable(what, f"The model comes first, then the recording: {right}")


def _measure(
    door: Door, played: "Recording", model: str, language: Literal["auto", "en", "nl"] | None, *, demo_call: bool
) -> Any:
    """Loads the model as a call does, and plays the recording."""
    from msgspec import structs

    from server.commands.progress import progress_bar
    from server.commands.spoken import spoken_in
    from server.loading import call_config, load_here
    from server.models.check import check as measure

    places = door.places()
    settings = door.settings(places)
    spoken = spoken_in(settings, language, demo_call=demo_call)
    settings = structs.replace(settings, language=language or settings.language)
    if model != "auto":
        settings = structs.replace(settings, engine=model, whisper_model="")
    parts, fit, _, _, skipped = load_here(settings, places)
    for why in skipped:
        typer.echo(why, err=True)
    with progress_bar(f"Playing {played.name} to {parts.engine.name}", 1.0) as told:
        return measure(parts, played, spoken, told, config=call_config(spoken, fit.step))


def _recording(
    door: Door, path: Path | None, agent: Path | None, customer: Path | None, text: Path | None
) -> "Recording":
    """What is to be played, and what is said in it."""
    from server.commands.models_check import said_in, said_in_turns
    from server.models.check import Recording

    if path is None and agent is None and customer is None:
        path, turns = door.demo_call()
        said = said_in(path, {}, text) if text else said_in_turns(turns)
    else:
        said = said_in(path, {"agent": agent, "customer": customer}, text)
    source = door.open_recording(path, agent=agent, customer=customer)
    return Recording(source.name, source.duration, source.frames, said)


def _shelf(door: Door) -> "Shelf":
    from server.loading import models_folder
    from server.models.shelf import Shelf

    places = door.places()
    return Shelf(models_folder(door.settings(places), places))


@contextmanager
def _said_when_stopped(shelf: "Shelf", name: str) -> Generator[None]:
    """After Ctrl-C says what is kept."""
    from server.models.shelf import megabytes

    try:
        yield
    except KeyboardInterrupt:
        kept = next((one.size_bytes for one in shelf.unfinished() if one.name == name), 0)
        typer.echo(
            f"Stopped. {megabytes(kept)} are kept, and the same command goes on from there.\n"
            f"To throw them away: spiegel models remove {name}",
            err=True,
        )
        raise typer.Exit(_STOPPED) from None


def _tell(installed: "Installed") -> None:
    """What is there now, and what to do with it."""
    from live_sentiment.engines import LARGEST_LIVE_BYTES
    from server.models.shelf import megabytes

    name = installed.name
    if not installed.fresh:
        typer.echo(f"{name} is here already, in {installed.place}. To fetch it anew: --force")
        return
    typer.echo(f"{name} is installed: {megabytes(installed.size_bytes)} in {installed.place}.")
    if installed.size_bytes > LARGEST_LIVE_BYTES:
        typer.echo(f'It is taken when settings.toml names it (engine = "whisper-{name}"); most machines are too slow.')
    typer.echo(f"How well does it hear, and how soon?  spiegel models check {name} RECORDING")


def _leave(code: int) -> None:
    if code:
        raise typer.Exit(code)
