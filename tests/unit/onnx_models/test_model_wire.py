"""The look into the ONNX file finds references to other files, and is not led astray by damaged bytes."""

from pathlib import Path

import onnx
import pytest
import tiny_model as tiny
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from onnx_models.wire import has_external_data

SHIPPED = Path(tiny.MANIFEST).with_name("sentiment.onnx")


def external(name: str) -> onnx.TensorProto:
    tensor = helper.make_tensor(name, TensorProto.FLOAT, [0], [])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="elsewhere.bin")
    return tensor


def test_our_models_are_self_contained() -> None:
    assert not has_external_data(SHIPPED.read_bytes())
    assert not has_external_data(tiny.network().SerializeToString())


def test_a_constant_outside_is_found() -> None:
    model = tiny.network()
    model.graph.initializer.append(external("w"))
    assert has_external_data(model.SerializeToString())


def test_a_constant_outside_deep_in_a_branch_is_found() -> None:
    inner = helper.make_graph([], "inner", [], [], [external("w")])
    model = tiny.network()
    model.graph.node.append(helper.make_node("If", ["c"], ["d"], then_branch=inner))
    assert has_external_data(model.SerializeToString())


def test_a_sparse_constant_outside_is_found() -> None:
    model = tiny.network()
    model.graph.sparse_initializer.add().values.CopyFrom(external("w"))
    assert has_external_data(model.SerializeToString())


def test_weights_that_spell_external_are_no_alarm() -> None:
    model = tiny.network()
    named = numpy_helper.from_array(numpy_helper.to_array(model.graph.initializer[1]), "location external_data")
    model.graph.initializer.append(named)
    assert not has_external_data(model.SerializeToString())


@pytest.mark.parametrize("raw", [b"\x07", b"\x3a\x7f", b"\x80" * 20, b"\x3a"])
def test_damaged_bytes_are_named_so(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        has_external_data(raw)


def test_nesting_has_an_end() -> None:
    message = b""
    for _ in range(40):
        for field in (11, 5, 1):  # attribute's graph, node's attribute, graph's node
            message = bytes([field << 3 | 2]) + varint(len(message)) + message
    with pytest.raises(ValueError, match="deep"):
        has_external_data(b"\x3a" + varint(len(message)) + message)


def varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


@given(st.binary(max_size=200))
def test_any_bytes_give_an_answer_or_a_value_error(raw: bytes) -> None:
    try:
        answer = has_external_data(raw)
    except ValueError:
        return
    assert answer in {True, False}
