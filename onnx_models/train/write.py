"""Puts a trained model on the disk: the ONNX file, and the manifest that pins it and says what it is worth."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from onnx_models.classification import EMOTIONS, SENTIMENTS, SIGNALS
from onnx_models.features import SCHEME
from onnx_models.manifest import FORMAT, MANIFEST, Decisions, File, Labels, Manifest, Port, Training
from onnx_models.train.calibrate import Calibration
from onnx_models.train.export import export
from onnx_models.train.model import HEADS
from onnx_models.train.readers import Readers

FILE = "sentiment.onnx"
_REVIEWS = "no LICENSE file in its repository, Apache-2.0 on the authors' Hugging Face page; reviews from older sets"
DATA = (
    "call_lines and train/lines (written for Spiegel)",
    f"M-ABSA nl and en (Wu et al. 2025; {_REVIEWS}), in a first phase",
    "GoEmotions (Demszky et al. 2020, Apache-2.0), in a first phase",
    "XED nl and en (Ohman et al. 2020, CC BY 4.0), in a first phase",
)
HEADING = "# The model that comes with Spiegel. Written by `python -m onnx_models.train`; do not edit by hand.\n\n"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the model's word is taken; see ``manifest.Decisions``."""

    sure: float
    signals: dict[str, float]


@dataclass(frozen=True, slots=True)
class Origin:
    """The first seed, and the measured scores."""

    seed: int
    scores: dict[str, dict[str, float]]


def model(folder: Path, readers: Readers, fitted: Calibration, thresholds: Thresholds, origin: Origin) -> Manifest:
    """Writes the ONNX file, then its manifest, into ``folder``."""
    raw = export(readers, fitted)
    described = Manifest(
        format=FORMAT,
        name="spiegel-sentiment",
        version="3",
        task="customer-sentiment",
        languages=("nl", "en"),
        licence="GPL-3.0-or-later",
        features=SCHEME,
        file=File(FILE, len(raw), hashlib.sha256(raw).hexdigest()),
        inputs=(Port("pieces", "int64", (-1, -1)), Port("words", "int64", (-1, -1))),
        outputs=tuple(Port(name, "float", (-1, size)) for name, size in HEADS.items()),
        labels=Labels(SENTIMENTS, EMOTIONS, SIGNALS),
        decisions=Decisions(thresholds.sure, thresholds.signals),
        training=Training(f"onnx_models.train: n-grams, and {_networks(readers)}", origin.seed, DATA),
        scores=origin.scores,
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_bytes(raw)
    (folder / MANIFEST).write_text(HEADING + toml(msgspec.to_builtins(described)), encoding="utf-8")
    return described


def _networks(readers: Readers) -> str:
    return "one network" if len(readers.networks) == 1 else f"{len(readers.networks)} networks"


def toml(fields: dict[str, object]) -> str:
    """``fields`` as TOML: plain values first, then tables, then lists of tables; strings, numbers, lists, dicts."""
    tables = {key: value for key, value in fields.items() if isinstance(value, dict)}
    plain = [f"{key} = {_value(value)}" for key, value in fields.items() if key not in tables]
    parts = ["\n".join(plain)]
    for name, table in tables.items():
        if table and all(isinstance(value, dict) for value in table.values()):
            parts += [_section(f"{name}.{key}", value) for key, value in table.items()]
        else:
            parts.append(_section(name, table))
    return "\n\n".join(parts) + "\n"


def _section(name: str, table: dict[str, object]) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {_value(value)}" for key, value in table.items())])


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        inner = [_value(item) for item in value]
        short = ", ".join(inner)
        return f"[{short}]" if len(short) < 100 else "[\n  " + ",\n  ".join(inner) + ",\n]"  # noqa: PLR2004 (a line)
    return msgspec.json.encode(value).decode()
