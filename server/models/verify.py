"""Whether the files of the models on this machine are what they were, and what to do about those that are not.

A pulled or added model is compared with the record of its installing, one that came with Spiegel with the hashes in the
code or in its manifest. Nothing here loads a model.
"""

import shlex
from typing import Final, NamedTuple

from live_sentiment.engine_family import EngineInfo
from live_sentiment.errors import EngineUnavailable
from live_sentiment.moonshine import files as moonshine
from live_sentiment.moonshine.family import FAMILY as MOONSHINE
from live_sentiment.whisper import files as whisper
from live_sentiment.whisper.family import FAMILY as WHISPER
from onnx_models.errors import ModelError
from onnx_models.loader import verified
from onnx_models.manifest import Manifest
from onnx_models.sentiment import SHIPPED
from server.errors import SpeechModelFault
from server.models import record
from server.models.catalogue import Wanted, asked_as

WHOLE: Final = "whole"
UNKNOWN: Final = "not known"
DAMAGED: Final = "damaged"


class Verdict(NamedTuple):
    """What ``files`` are, for people and programs, and ``advice`` where they are damaged.

    ``WHOLE``: their hashes are right. ``UNKNOWN``: all are there, but nobody took their hashes. ``DAMAGED``, perhaps
    with the names of files behind it. "": nobody can look.
    """

    files: str = ""
    advice: str = ""


def speech(engine: EngineInfo) -> Verdict:
    """Reads all files of a speech model, whole or not."""
    if engine.path is None:
        return Verdict()
    if engine.family == MOONSHINE.name:
        return _embedded(engine)
    return _pulled(engine) if engine.family == WHISPER.name else Verdict()


def sentiment(manifest: Manifest) -> Verdict:
    """Reads the sentiment model that came with Spiegel."""
    try:
        verified(SHIPPED, manifest.file)
    except ModelError as error:
        return Verdict(f"{DAMAGED}: {manifest.file.name}", f"{error} {error.advice}")
    return Verdict(WHOLE)


def _embedded(engine: EngineInfo) -> Verdict:
    try:
        moonshine.find(engine.path)
    except EngineUnavailable as error:
        return Verdict(DAMAGED, f"{error.what} {error.advice}")
    return Verdict(WHOLE)


def _pulled(engine: EngineInfo) -> Verdict:
    """By the record of its installing; without one, by whether all files are there."""
    if engine.path is None:
        return Verdict()
    try:
        known = record.read(engine.path)
    except SpeechModelFault as error:
        return Verdict(f"{DAMAGED}: {record.FILE}", error.sentence)
    wrong = whisper.missing(engine.path) if known is None else record.changed(engine.path, known)
    if not wrong:
        return Verdict(UNKNOWN if known is None else WHOLE)
    advice = whisper.advice(engine.path) if known is None else _repair(engine.path.name, known)
    return Verdict(f"{DAMAGED}: {', '.join(wrong)}", advice)


def _repair(name: str, known: record.Record) -> str:
    """How the model ``name`` is had again, from where it came."""
    if known.repository:
        return f"Get it again: spiegel models pull {asked_as(Wanted(name, known.repository))} --force"
    source = shlex.quote(known.source)
    return f"Add it again: spiegel models remove {name}, then spiegel models add {source} --name {name}"
