"""The manifest of a model: what files it has, what goes in and comes out, and what it may be trusted with.

A manifest is a TOML file ``manifest.toml`` beside the ONNX file it pins. Here it is read and judged by itself; whether
the ONNX file agrees with it is the loader's business.
"""

from pathlib import Path
from typing import Annotated

import msgspec

from onnx_models.classification import EMOTIONS, SENTIMENTS, SIGNALS
from onnx_models.errors import ManifestInvalid, ModelMissing

MANIFEST = "manifest.toml"
FORMAT = 1
LARGEST_MODEL = 500_000_000
"""Bytes; a model above it is refused before it is read into memory."""

Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
FileName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*\.onnx$")]
Fraction = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Text = Annotated[str, msgspec.Meta(min_length=1)]


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ONNX file: its name in the manifest's folder, its size in bytes and its SHA-256 in hexadecimal."""

    name: FileName
    size: Annotated[int, msgspec.Meta(gt=0, le=LARGEST_MODEL)]
    sha256: Sha256


class Port(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An input or output: name, element type ("int64", "float"), and shape with -1 for a free dimension."""

    name: Text
    dtype: Text
    shape: tuple[int, ...]


class Labels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the columns of the outputs mean, in order."""

    sentiment: tuple[str, ...]
    emotion: tuple[str, ...]
    signals: tuple[str, ...]


class Decisions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the model's word is taken: least probability to be ``sure``, and per signal to report it."""

    sure: Fraction
    signals: dict[str, Fraction]


class Training(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the model comes from; for people, and printed by ``spiegel models list``."""

    recipe: Text
    seed: int
    data: tuple[str, ...]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All of ``manifest.toml``. ``features`` names the scheme of turning text into numbers that the model expects.

    ``scores`` holds measured figures by name of the test ("held_out_nl") and of the figure ("macro_f1").
    """

    format: int
    name: Text
    version: Text
    task: Text
    languages: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    licence: Text
    features: Text
    file: File
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    labels: Labels
    decisions: Decisions
    training: Training
    scores: dict[str, dict[str, float]] = {}


def read(directory: Path) -> Manifest:
    """The manifest in ``directory``.

    Raises:
        ModelMissing: there is no manifest, or it cannot be read.
        ManifestInvalid: it is not TOML, or says something that cannot be meant.
    """
    path = directory / MANIFEST
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ModelMissing(
            f"{path} cannot be read: {error.strerror}", f"Name the folder that holds the model's {MANIFEST}."
        ) from error
    return parse(raw, str(path))


def parse(raw: bytes, origin: str = MANIFEST) -> Manifest:
    """The manifest in the TOML text ``raw``; ``origin`` names it in errors.

    Raises:
        ManifestInvalid: as for ``read``.
    """
    try:
        manifest = msgspec.toml.decode(raw, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _invalid(origin, str(error)) from error
    complaint = _complaint(manifest)
    if complaint:
        raise _invalid(origin, complaint)
    return manifest


def _complaint(manifest: Manifest) -> str:
    """What is wrong with a manifest that has all its fields, or ""."""
    if manifest.format != FORMAT:
        return f"format {manifest.format} is not known; this version of Spiegel reads format {FORMAT}"
    if manifest.task != "customer-sentiment":
        return f"task {manifest.task!r} is not customer-sentiment"
    labels = manifest.labels
    if labels.sentiment != SENTIMENTS:
        return f"labels.sentiment must be {', '.join(SENTIMENTS)}, in this order"
    unknown = (set(labels.emotion) - set(EMOTIONS)) | (set(labels.signals) - set(SIGNALS))
    if unknown:
        return f"unknown labels: {', '.join(sorted(unknown))}"
    if set(manifest.decisions.signals) != set(labels.signals):
        return "decisions.signals must give one threshold for each of labels.signals"
    return _ports_complaint(manifest)


def _ports_complaint(manifest: Manifest) -> str:
    sizes = {
        "sentiment": len(manifest.labels.sentiment),
        "emotion": len(manifest.labels.emotion),
        "signals": len(manifest.labels.signals),
    }
    found = {port.name: port.shape for port in manifest.outputs}
    if found != {name: (-1, size) for name, size in sizes.items()}:
        return f"outputs must be {', '.join(f'{name} [-1, {size}]' for name, size in sizes.items())}"
    return ""


def _invalid(origin: str, what: str) -> ManifestInvalid:
    return ManifestInvalid(
        f"{origin}: {what}", "Take the manifest that came with the model, or choose another model folder."
    )
