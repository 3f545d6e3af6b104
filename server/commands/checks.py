"""``spiegel check``: what works on this machine, in plain words, with what to do."""

import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import structs
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from live_sentiment.errors import PlaybookError, SpeechError
from live_sentiment.playbook import default_playbook
from live_sentiment.playbook_file import read_playbook
from onnx_models.errors import ModelError
from server.commands.loopback import has_display, health
from server.commands.pace import pace
from server.errors import PortTaken
from server.loading import load_here
from server.places import Places
from server.serve import listen
from server.settings import Settings

_WORKS, _DOES_NOT = 0, 1


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at. ``needed`` False: Spiegel can do without it."""

    name: str
    works: bool
    detail: str
    advice: str = ""
    needed: bool = True


Sound = Callable[[], Iterable[tuple[str, bool, str, str, bool]]]
"""Looks at the devices, and may listen to them for some seconds; the fields of a ``Finding`` in order."""


def run_checks(
    places: Places, settings: Settings, *, sound: Sound, as_json: bool = False, measure: bool = False
) -> int:
    """Looks at everything and says it; 0 when all that is needed works, else 1. ``measure``: anew what fits."""
    findings: list[Finding] = []
    for finding in _findings(places, settings, sound, measure=measure):
        findings.append(finding)
        if as_json:
            sys.stdout.buffer.write(msgspec.json.encode(finding) + b"\n")
    works = all(finding.works for finding in findings if finding.needed)
    if not as_json:
        Console().print(Group(_table(findings), _verdict(findings, works=works)))
    return _WORKS if works else _DOES_NOT


def _findings(places: Places, settings: Settings, sound: Sound, *, measure: bool) -> Iterator[Finding]:
    version = platform.python_version()
    yield Finding(name="Python", works=True, detail=f"{version} on {platform.system()}")
    yield from _models(places, settings, measure=measure)
    yield _playbook(settings)
    yield _folder(places.data)
    yield _port(settings)
    yield _files(places)
    shown = has_display()
    yield Finding(
        name="display",
        works=shown,
        detail="a window can be shown" if shown else "none",
        advice="" if shown else "Log in to a desktop for the window; `spiegel demo` and `analyze` work without one.",
        needed=False,
    )
    for name, works, detail, advice, needed in sound():  # last, as it may ask its user to speak
        yield Finding(name=name, works=works, detail=detail, advice=advice, needed=needed)


def _models(places: Places, settings: Settings, *, measure: bool) -> Iterator[Finding]:
    """What is loaded, and how well it fits."""
    try:
        loaded = load_here(structs.replace(settings, playbook=""), places, anew=measure)
    except (SpeechError, ModelError) as error:
        yield Finding(name="models", works=False, detail=error.what, advice=error.advice)
        return
    languages = loaded.parts.engine.languages
    detail = f"{loaded.parts.engine.name} understands {', '.join(languages) or 'many languages'}"
    missing = "nl" if languages and "nl" not in languages else ""
    dutch = ("For Dutch: spiegel models pull small",) if missing and not loaded.skipped else ()
    yield Finding(name="models", works=True, detail=detail, advice="\n".join((*loaded.skipped, *dutch)))
    works, detail, advice = pace(loaded.fit)
    advice = f"{advice}\n{loaded.trouble}".strip()
    yield Finding(name="pace", works=works, detail=detail, advice=advice, needed=False)


def _playbook(settings: Settings) -> Finding:
    """The playbook; without a good one the server takes the one that ships."""
    path = Path(settings.playbook).expanduser()
    try:
        playbook = read_playbook(path) if settings.playbook else default_playbook()
    except PlaybookError as error:
        where = str(path) if error.line is None else f"{path}:{error.line}"
        what = error.mistake if str(path) in error.mistake else f"{where}: {error.mistake}"
        advice = f"{error.advice} Until then the playbook that ships is used."
        return Finding(name="playbook", works=False, detail=what, advice=advice, needed=False)
    detail = f"{playbook.name}, {len(playbook.rules)} rules"
    return Finding(name="playbook", works=True, detail=f"{detail}, from {path}" if settings.playbook else detail)


def _folder(folder: Path) -> Finding:
    place = next(place for place in (folder, *folder.parents) if place.exists())
    works = place.is_dir() and os.access(place, os.W_OK)
    advice = "" if works else "Give yourself the right to write there, or choose another folder with --home."
    return Finding(name="session log", works=works, detail=str(folder), advice=advice)


def _files(places: Places) -> Finding:
    found = "read from" if places.settings.exists() else "none, the defaults hold; would be read from"
    return Finding(name="settings", works=True, detail=f"{found} {places.settings}; token in {places.token}")


def _port(settings: Settings) -> Finding:
    if health(settings.port, settings.client_host) is not None:
        return Finding(name="server", works=True, detail=f"is running on port {settings.port}")
    try:
        listen(settings.host, settings.port).close()
    except PortTaken as error:
        return Finding(name="server", works=False, detail=error.what, advice=error.advice)
    except OSError as error:
        return Finding(name="server", works=False, detail=str(error), advice="Correct host in settings.toml.")
    return Finding(name="server", works=True, detail=f"port {settings.port} is free")


def _verdict(findings: list[Finding], *, works: bool) -> Text:
    if not works:
        return Text("Spiegel cannot work here yet: put right what has a ✗.", style="red")
    if all(finding.works for finding in findings):
        return Text("Everything works. Start with: spiegel run", style="green")
    return Text("All that is needed works. What has a - can wait, and says what to do.")


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for finding in findings:
        sign, style = ("✓", "green") if finding.works else ("✗", "red") if finding.needed else ("-", "yellow")
        text = Text(finding.detail)
        if finding.advice:
            text.append(f"\n{finding.advice}", style="dim")
        table.add_row(Text(sign, style=style), finding.name, text)
    return table
