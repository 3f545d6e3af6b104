"""``spiegel models list``: which models are on this machine, and whether their files are still what they were."""

import sys

import msgspec
from rich.console import Console
from rich.table import Table

from live_sentiment.engine_family import EngineInfo
from live_sentiment.engines import list_engines
from live_sentiment.whisper.family import FAMILY
from onnx_models import manifest as manifests
from onnx_models.sentiment import SHIPPED
from server.loading import models_folder
from server.models import verify as check
from server.models.shelf import Shelf, Unfinished, megabytes
from server.models.verify import DAMAGED, Verdict
from server.places import Places
from server.settings import Settings

_WORKS, _DAMAGED = 0, 1


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A model for people and programs; ``kind`` is "speech" or "sentiment".

    ``files`` is told when they were looked at (see ``verify.Verdict``); ``note`` then says what to do about damage.
    """

    name: str
    kind: str
    languages: str
    installed: bool
    size_bytes: int
    note: str
    files: str = ""


def list_models(places: Places, settings: Settings | None = None, *, verify: bool = False, as_json: bool) -> int:
    """Says which models there are; ``verify`` reads all their files.

    1 when one of them is damaged, else 0.
    """
    models_dir = models_folder(settings or Settings(), places)
    rows = [_speech(engine, verify=verify) for engine in list_engines(models_dir)]
    rows += [_unfinished(one) for one in Shelf(models_dir).unfinished()]
    rows.append(_sentiment(verify=verify))
    if as_json:
        for row in rows:
            sys.stdout.buffer.write(msgspec.json.encode(row) + b"\n")
    else:
        Console().print(_table(rows))
    return _DAMAGED if any(row.files.startswith(DAMAGED) for row in rows) else _WORKS


def _speech(engine: EngineInfo, *, verify: bool) -> Row:
    verdict = check.speech(engine) if verify else Verdict()
    return Row(
        name=engine.name,
        kind="speech",
        languages=", ".join(engine.languages) or "many",
        installed=engine.installed,
        size_bytes=engine.size_bytes,
        note=verdict.advice or engine.note,
        files=verdict.files,
    )


def _unfinished(one: Unfinished) -> Row:
    name = f"{FAMILY.name}-{one.name}"
    note = f"A download that broke off; it goes on with: spiegel models pull {one.name}"
    return Row(name=name, kind="speech", languages="", installed=False, size_bytes=one.size_bytes, note=note)


def _sentiment(*, verify: bool) -> Row:
    manifest = manifests.read(SHIPPED)
    verdict = check.sentiment(manifest) if verify else Verdict()
    return Row(
        name=manifest.name,
        kind="sentiment",
        languages=", ".join(manifest.languages),
        installed=True,
        size_bytes=manifest.file.size,
        note=verdict.advice or f"{manifest.task}; {manifest.licence}",
        files=verdict.files,
    )


def _table(rows: list[Row]) -> Table:
    verified = any(row.files for row in rows)
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("model", "for", "languages", "here", "size", *(("files",) if verified else ()), ""):
        table.add_column(name, no_wrap=name in ("model", "size"))
    for row in rows:
        here = "yes" if row.installed else "no"
        cells = (row.name, row.kind, row.languages, here, megabytes(row.size_bytes))
        table.add_row(*cells, *((row.files,) if verified else ()), row.note)
    return table
