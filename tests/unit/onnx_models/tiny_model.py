"""A tiny model made by hand, in a folder with its manifest, to be damaged in every way by the tests."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HEADS = {"sentiment": 3, "emotion": 15, "signals": 14}
MANIFEST = Path(__file__).resolve().parents[3] / "onnx_models" / "manifest.toml"
Change = Callable[[onnx.ModelProto], None]


def network(heads: dict[str, int] | None = None, inputs: Sequence[str] = ("pieces", "words")) -> onnx.ModelProto:
    """A model with the right ports, whose probabilities are always the same."""
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []
    heads = heads or HEADS
    nodes.append(helper.make_node("Cast", [inputs[-1]], ["asfloat"], to=TensorProto.FLOAT))
    nodes.append(helper.make_node("ReduceSum", ["asfloat", "axis"], ["summed"], keepdims=1))
    constants.append(numpy_helper.from_array(np.array([1], dtype=np.int64), "axis"))
    for name, size in heads.items():
        constants.append(numpy_helper.from_array(np.zeros((1, size), dtype=np.float32), f"w_{name}"))
        nodes.append(helper.make_node("MatMul", ["summed", f"w_{name}"], [f"z_{name}"]))
        nodes.append(helper.make_node("Softmax", [f"z_{name}"], [name], axis=1))
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(n, TensorProto.INT64, [f"{n}0", f"{n}1"]) for n in inputs],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["b", size]) for n, size in heads.items()],
        constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def write(folder: Path, model: onnx.ModelProto | bytes | None = None) -> Path:
    """A folder with ``model`` and the shipped manifest, which pins it."""
    raw = model if isinstance(model, bytes) else (model or network()).SerializeToString()
    (folder / "sentiment.onnx").write_bytes(raw)
    pin(folder, raw)
    return folder


def pin(folder: Path, raw: bytes) -> None:
    """Writes a manifest for ``raw``."""
    lines = MANIFEST.read_text(encoding="utf-8").splitlines()
    pinned = {"size": str(len(raw)), "sha256": f'"{hashlib.sha256(raw).hexdigest()}"'}
    out = [f"{key} = {pinned[key]}" if (key := line.split(" =")[0]) in pinned else line for line in lines]
    (folder / "manifest.toml").write_text("\n".join(out) + "\n", encoding="utf-8")


def edit_manifest(folder: Path, old: str, new: str) -> None:
    """Replaces ``old``, which must be there, by ``new`` in the manifest."""
    path = folder / "manifest.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
