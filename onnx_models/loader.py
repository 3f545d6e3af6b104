"""From a model folder to a running session, or a clear refusal. Nothing here knows what the numbers mean.

The file is read once; the bytes that were hashed are the bytes that run, so nobody can swap the file in between. A
model that keeps weights in further files is refused: those files would not be pinned.
"""

import hashlib
import importlib
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from onnx_models.errors import ModelChanged, ModelMissing, ModelUnfit
from onnx_models.manifest import File, Manifest, Port
from onnx_models.wire import has_external_data

_runtime = importlib.import_module("onnxruntime.capi.onnxruntime_pybind11_state")
_REFUSALS: tuple[type[Exception], ...] = (
    _runtime.EPFail,
    _runtime.Fail,
    _runtime.InvalidArgument,
    _runtime.InvalidGraph,
    _runtime.InvalidProtobuf,
    _runtime.NoModel,
    _runtime.NotImplemented,
    _runtime.RuntimeException,
)
"""ONNX Runtime's errors share no root, and are named only in its extension module, which has no types."""
_ELEMENT = {"tensor(int64)": "int64", "tensor(int32)": "int32", "tensor(float)": "float", "tensor(float16)": "float16"}


class Argument(Protocol):
    """What ONNX Runtime tells of an input or output; a free dimension has a name, or none, instead of a size."""

    name: str
    type: str
    shape: list[int | str | None]


class Session:
    """A loaded model, one thread, which never spins. Any thread may call ``run``, several at once too."""

    def __init__(self, session: ort.InferenceSession) -> None:
        self._session = session
        self.inputs = _ports(cast("list[Argument]", session.get_inputs()))
        self.outputs = _ports(cast("list[Argument]", session.get_outputs()))

    def run(self, names: list[str], feed: dict[str, NDArray[np.int64]]) -> list[NDArray[np.float32]]:
        """The outputs ``names``, in this order, for the inputs ``feed``."""
        return cast("list[NDArray[np.float32]]", self._session.run(names, feed))


def load(directory: Path, manifest: Manifest) -> Session:
    """The model that ``manifest`` pins in ``directory``.

    Raises:
        ModelMissing: the file is not there or cannot be read.
        ModelChanged: its size or hash is another.
        ModelUnfit: it needs external data, does not load, or has other inputs or outputs than the manifest says.
    """
    name = manifest.file.name
    session = _session(verified(directory, manifest.file), name)
    _compare("inputs", manifest.inputs, session.inputs, name)
    _compare("outputs", manifest.outputs, session.outputs, name)
    return session


def verified(directory: Path, file: File) -> bytes:
    """The bytes of ``file`` in ``directory``, which are exactly those of the manifest.

    Raises:
        ModelMissing, ModelChanged: as for ``load``.
    """
    path = directory / file.name
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size == file.size else b""
    except OSError as error:
        raise ModelMissing(
            f"{path} cannot be read: {error.strerror}", "Put the file back beside its manifest, or reinstall Spiegel."
        ) from error
    if size != file.size:
        raise _changed(path, f"has {size} bytes instead of {file.size}")
    if hashlib.sha256(raw).hexdigest() != file.sha256:
        raise _changed(path, "has another SHA-256 than its manifest says")
    return raw


def _changed(path: Path, what: str) -> ModelChanged:
    return ModelChanged(f"{path} {what}", "Copy the model again from where it came, or reinstall Spiegel.")


def _session(raw: bytes, name: str) -> Session:
    try:
        external = has_external_data(raw)
    except ValueError as error:
        raise _unfit(name, f"is not an ONNX model: {error}") from error
    if external:
        raise _unfit(name, "keeps weights in further files (external data), which no hash would protect")
    options = cast("Any", ort).SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # its refusals come back as exceptions; nothing on the terminal
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return Session(ort.InferenceSession(raw, options, providers=["CPUExecutionProvider"]))
    except _REFUSALS as error:
        raise _unfit(name, f"does not load: {error}") from error


def _unfit(name: str, what: str) -> ModelUnfit:
    return ModelUnfit(f"{name} {what}", "Export the model as one self-contained ONNX file, and renew its manifest.")


def _ports(arguments: list[Argument]) -> tuple[Port, ...]:
    return tuple(
        Port(
            name=argument.name,
            dtype=_ELEMENT.get(argument.type, argument.type),
            shape=tuple(size if isinstance(size, int) else -1 for size in argument.shape),
        )
        for argument in arguments
    )


def _compare(side: str, expected: tuple[Port, ...], found: tuple[Port, ...], name: str) -> None:
    if sorted(expected, key=_name) != sorted(found, key=_name):
        raise ModelUnfit(
            f"{name} has the {side} {_describe(found)}; its manifest says {_describe(expected)}",
            "Take the manifest and the model from the same release.",
        )


def _name(port: Port) -> str:
    return port.name


def _describe(ports: tuple[Port, ...]) -> str:
    return "; ".join(f"{port.name} {port.dtype} {list(port.shape)}" for port in ports) or "(none)"
