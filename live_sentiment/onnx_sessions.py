"""Opening a network of this folder on onnxruntime: the settings all share, and what onnxruntime raises for a bad file.

What a network's inputs and outputs mean is known where it is used (``silero``, ``moonshine.model``).
"""

from importlib import import_module
from pathlib import Path
from typing import Any, cast

import onnxruntime

_errors = import_module("onnxruntime.capi.onnxruntime_pybind11_state")
_NAMES = (
    "EPFail",
    "Fail",
    "InvalidArgument",
    "InvalidGraph",
    "InvalidProtobuf",
    "NoModel",
    "NoSuchFile",
    "NotImplemented",
    "RuntimeException",
)
LOAD_ERRORS: tuple[type[Exception], ...] = (
    *(cast("type[Exception]", getattr(_errors, name)) for name in _NAMES),
    OSError,
    RuntimeError,
    ValueError,
)
"""What opening a missing, damaged or foreign file may raise. onnxruntime's own derive from Exception alone."""


def open_session(path: Path, *, threads: int = 1, keep_memory: bool = True) -> Any:
    """The network in ``path``, on the processor; an ``onnxruntime.InferenceSession``, which carries no types.

    Its threads sleep while there is nothing to do: spinning would eat a core between frames. ``keep_memory`` False
    gives memory back after each run, for a network whose inputs have another length each time.

    Raises:
        Exception: one of ``LOAD_ERRORS``.
    """
    options = cast("Any", onnxruntime.SessionOptions())
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = keep_memory
    options.enable_mem_pattern = keep_memory
    options.log_severity_level = 4  # what fails is raised; nothing is printed besides
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
