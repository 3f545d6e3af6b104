"""From trained readers to one ONNX file: tables in 8 bits, calibration folded in, nothing but standard operators.

The graph looks a word's pieces up once and multiplies its vector with every column of every convolution once; a
sentence is then sums of those products, gathered by word number. So the sentences of an explanation, which share their
words, cost little more than one. What the readers say is added up before the softmax. The graph is written by hand: it
is short, and then needs no tracing.
"""

from collections.abc import Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from onnx_models.train.calibrate import Calibration
from onnx_models.train.model import DIRECT, HEADS, NOWHERE, Network
from onnx_models.train.ngrams import FACTOR, LEAST, PAIRS, Ngrams
from onnx_models.train.readers import Readers

OPSET, IR_VERSION = 17, 8
FREE = ("n", "s", "b", "w")


class Graph:
    """A graph under construction: nodes in order, and constants."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, value: NDArray[np.generic]) -> str:
        """The name of a new constant."""
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, operator: str, *inputs: str, out: str = "", **attributes: object) -> str:
        """The name of the output of a new node."""
        out = out or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [out], **attributes))
        return out

    def ints(self, *values: int) -> str:
        """The name of a new constant of int64."""
        return self.constant(np.array(values, dtype=np.int64))

    def number(self, value: float) -> str:
        """The name of a new constant of float32, a scalar."""
        return self.constant(np.array(value, dtype=np.float32))


def export(readers: Readers, fitted: Calibration) -> bytes:
    """The ONNX file for what ``readers`` say together, calibrated by ``fitted``."""
    graph = Graph()
    networks = readers.networks
    there = graph.add("Greater", "words", graph.ints(0))
    count = _square_root_of_count(graph)
    pooled = [_pool(graph, network, count, there) for network in networks]
    encoded = [_encode(graph, network, pool) for network, pool in zip(networks, pooled, strict=True)]
    counted = _count(graph, readers.ngrams)
    for name in HEADS:
        layers = [network.heads[name] for network in networks]
        _head(graph, name, layers, pooled if name in DIRECT else encoded, counted[name], fitted)
    inputs = [
        helper.make_tensor_value_info("pieces", TensorProto.INT64, ["n", "s"]),
        helper.make_tensor_value_info("words", TensorProto.INT64, ["b", "w"]),
    ]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["b", size]) for name, size in HEADS.items()]
    built = helper.make_graph(graph.nodes, "spiegel-sentiment", inputs, outputs, graph.constants)
    model = helper.make_model(built, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="spiegel")
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def quantised(weights: Tensor) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """``weights`` [rows, columns] in 8 bits, and the step of each column."""
    values = weights.detach().numpy()
    step = np.maximum(np.abs(values).max(0), 1e-8) / 127
    return np.round(values / step).astype(np.int8), step.astype(np.float32)


def _square_root_of_count(graph: Graph) -> str:
    """[N, 1]: the square root of the number of pieces of each word, at least 1."""
    known = graph.add("Cast", graph.add("Greater", "pieces", graph.ints(0)), to=TensorProto.FLOAT)
    count = graph.add("ReduceSum", known, graph.ints(1), keepdims=1)
    return graph.add("Sqrt", graph.add("Max", count, graph.number(1.0)))


def _encode(graph: Graph, network: Network, pooled: str) -> str:
    """The nodes of ``Network.encode``: [B, hidden]."""
    return graph.add("Relu", _linear(graph, pooled, network.hidden.weight, network.hidden.bias))


def _pool(graph: Graph, network: Network, count: str, there: str) -> str:
    """The nodes of ``Network.pool``: [B, pooled]."""
    vectors = graph.add("Div", _summed(graph, network.embedding.weight, "pieces"), count)
    pools = [
        graph.add(
            "ReduceMax",
            graph.add("Relu", _convolve(graph, vectors, conv.weight, conv.bias, k - 1)),
            axes=[1],
            keepdims=0,
        )
        for k, conv in zip(network.shape.kernels, network.convolutions, strict=True)
    ]
    return graph.add("Concat", *pools, *_recur(graph, network, vectors, there), axis=1)


def _convolve(graph: Graph, vectors: str, weight: Tensor, bias: Tensor, padding: int) -> str:
    """A convolution over words, [B, W + padding, filters], from products with each distinct word."""
    kernel = weight.shape[2]
    edges = graph.ints(0, padding, 0, padding)
    padded = graph.add("Pad", "words", edges) if padding else "words"
    out = ""
    for shift in range(kernel):
        product = graph.add("MatMul", vectors, graph.constant(weight[:, :, shift].detach().numpy().T))
        end = shift - kernel + 1
        ends = graph.ints(end or np.iinfo(np.int64).max)
        part = graph.add("Slice", padded, graph.ints(shift), ends, graph.ints(1)) if kernel > 1 else padded
        placed = graph.add("Gather", product, part)
        out = graph.add("Add", out, placed) if out else placed
    return graph.add("Add", out, graph.constant(bias.detach().numpy()))


def _recur(graph: Graph, network: Network, vectors: str, there: str) -> list[str]:
    """The nodes of ``Network._recur``: mean and maximum, [B, 2 * recurrent] each."""
    units = network.shape.recurrent
    known = graph.add("Cast", there, to=TensorProto.FLOAT)
    count = graph.add("Max", graph.add("ReduceSum", known, graph.ints(1), keepdims=1), graph.number(1.0))
    lengths = graph.add("Reshape", graph.add("Cast", count, to=TensorProto.INT32), graph.ints(-1))
    placed = graph.add("Transpose", graph.add("Gather", vectors, "words"), perm=[1, 0, 2])
    weights = (graph.constant(_both_ways(network, part)) for part in ("weight_ih", "weight_hh", "bias"))
    both = {"direction": "bidirectional", "hidden_size": units, "linear_before_reset": 1}
    said = graph.add("GRU", placed, *weights, lengths, **both)  # [W, 2, B, units]
    said = graph.add("Reshape", graph.add("Transpose", said, perm=[2, 0, 1, 3]), graph.ints(0, 0, 2 * units))
    mask = graph.add("Unsqueeze", there, graph.ints(2))
    here = graph.add("Where", mask, said, graph.number(0.0))
    mean = graph.add("Div", graph.add("ReduceSum", here, graph.ints(1), keepdims=0), count)
    highest = graph.add("ReduceMax", graph.add("Where", mask, said, graph.number(NOWHERE)), axes=[1], keepdims=0)
    return [mean, highest]


def _both_ways(network: Network, part: str) -> NDArray[np.float32]:
    """The weights or biases of both directions, their gates in ONNX's order (update, reset, hidden)."""
    names = (f"{part}_l0",) if part != "bias" else ("bias_ih_l0", "bias_hh_l0")
    ways: list[NDArray[np.float32]] = []
    for suffix in ("", "_reverse"):
        rows: list[NDArray[np.float32]] = []
        for name in names:
            reset, update, new = (
                getattr(network.recurrent, name + suffix).detach().numpy().reshape(3, network.shape.recurrent, -1)
            )
            rows += [update, reset, new]
        stacked = np.concatenate(rows)
        ways.append(stacked[:, 0] if part == "bias" else stacked)
    return np.stack(ways).astype(np.float32)


def _count(graph: Graph, ngrams: Ngrams) -> dict[str, str]:
    """The nodes of ``Ngrams.forward``: the logits by head, [B, labels] each."""
    of_words = _summed(graph, ngrams.pieces, "pieces")
    of_pieces = graph.add("ReduceSum", graph.add("Gather", of_words, "words"), graph.ints(1), keepdims=0)
    of_pairs = _summed(graph, ngrams.pairs, _pairs(graph))
    parts = [_to_length_one(graph, sums) for sums in (of_pieces, of_pairs)]
    total = graph.add("Sum", *parts, graph.constant(ngrams.bias.numpy()))
    ends = np.cumsum([0, *HEADS.values()]).tolist()
    return {
        name: graph.add("Slice", total, graph.ints(first), graph.ints(end), graph.ints(1))
        for name, first, end in zip(HEADS, ends, ends[1:], strict=False)
    }


def _pairs(graph: Graph) -> str:
    """The rows of the pairs, [B, W + 1]."""
    of_words = graph.add("Reshape", graph.add("Gather", "pieces", graph.ints(0), axis=1), graph.ints(-1))
    firsts = graph.add("Gather", of_words, "words")
    before, after = (graph.add("Pad", firsts, graph.ints(*edges)) for edges in ((0, 1, 0, 0), (0, 0, 0, 1)))
    mixed = graph.add("Add", graph.add("Mul", before, graph.ints(FACTOR)), after)
    return graph.add("Mod", mixed, graph.ints(PAIRS))


def _to_length_one(graph: Graph, sums: str) -> str:
    columns = sum(HEADS.values())
    weights = graph.add("Slice", sums, graph.ints(0), graph.ints(columns), graph.ints(1))
    square = graph.add("Slice", sums, graph.ints(columns), graph.ints(columns + 1), graph.ints(1))
    return graph.add("Div", weights, graph.add("Sqrt", graph.add("Max", square, graph.number(LEAST))))


def _summed(graph: Graph, table: Tensor, numbers: str) -> str:
    """The sum of the rows ``numbers`` [N, S] of ``table``, which is kept in 8 bits: [N, columns]."""
    small, step = quantised(table)
    looked_up = graph.add("Cast", graph.add("Gather", graph.constant(small), numbers), to=TensorProto.FLOAT)
    return graph.add("Mul", graph.add("ReduceSum", looked_up, graph.ints(1), keepdims=0), graph.constant(step))


def _head(
    graph: Graph, name: str, layers: Sequence[Tensor], encoded: Sequence[str], counted: str, fitted: Calibration
) -> None:
    """The networks' mean logits and those of the n-grams, calibrated, as probabilities under ``name``."""
    scale = fitted.scale[name]
    share = scale / len(layers)
    parts = [
        _linear(graph, x, layer.weight * share, layer.bias * share) for x, layer in zip(encoded, layers, strict=True)
    ]
    parts.append(graph.add("Mul", counted, graph.number(scale)))
    total = graph.add("Sum", *parts, graph.constant(np.array(fitted.bias[name], dtype=np.float32)))
    if name == "signals":
        graph.add("Sigmoid", total, out=name)
    else:
        graph.add("Softmax", total, out=name, axis=1)


def _linear(graph: Graph, x: str, weight: Tensor, bias: Tensor) -> str:
    return graph.add(
        "Gemm", x, graph.constant(weight.detach().numpy()), graph.constant(bias.detach().numpy()), transB=1
    )
