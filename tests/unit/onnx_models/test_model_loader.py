"""Every way in which a model can be wrong is refused, with an error that says what and what to do."""

from pathlib import Path

import onnx
import pytest
import tiny_model as tiny
from onnx import TensorProto, helper

from onnx_models.errors import ManifestInvalid, ModelChanged, ModelError, ModelMissing, ModelUnfit
from onnx_models.sentiment import SentimentModel


def refused(folder: Path, error: type[ModelError], words: str) -> None:
    with pytest.raises(error) as caught:
        SentimentModel.load(folder)
    assert words in caught.value.what
    assert caught.value.advice


def test_a_whole_model_loads(tmp_path: Path) -> None:
    model = SentimentModel.load(tiny.write(tmp_path))
    assert sum(model.classify("hello").probabilities.values()) == pytest.approx(1, abs=1e-5)


def test_no_folder(tmp_path: Path) -> None:
    refused(tmp_path / "nowhere", ModelMissing, "manifest.toml")


def test_a_missing_file_can_be_put_back_and_tried_again(tmp_path: Path) -> None:
    (tiny.write(tmp_path) / "sentiment.onnx").unlink()
    refused(tmp_path, ModelMissing, "sentiment.onnx")
    assert ModelMissing.retryable
    tiny.write(tmp_path)
    SentimentModel.load(tmp_path)


def test_a_file_that_is_a_folder(tmp_path: Path) -> None:
    (tiny.write(tmp_path) / "sentiment.onnx").unlink()
    (tmp_path / "sentiment.onnx").mkdir()
    with pytest.raises((ModelMissing, ModelChanged)):
        SentimentModel.load(tmp_path)


@pytest.mark.parametrize("place", [0, 100, -1])
def test_a_flipped_byte(tmp_path: Path, place: int) -> None:
    path = tiny.write(tmp_path) / "sentiment.onnx"
    raw = bytearray(path.read_bytes())
    raw[place] ^= 1
    path.write_bytes(raw)
    refused(tmp_path, ModelChanged, "SHA-256")


@pytest.mark.parametrize("change", [slice(0, -1), slice(0, 0)])
def test_a_half_copied_file(tmp_path: Path, change: slice) -> None:
    path = tiny.write(tmp_path) / "sentiment.onnx"
    path.write_bytes(path.read_bytes()[change])
    refused(tmp_path, ModelChanged, "bytes instead of")


def test_a_pinned_file_that_is_no_model(tmp_path: Path) -> None:
    refused(tiny.write(tmp_path, b"this is not a model"), ModelUnfit, "sentiment.onnx")


def test_a_pinned_model_cut_in_half(tmp_path: Path) -> None:
    raw = tiny.network().SerializeToString()
    refused(tiny.write(tmp_path, raw[: len(raw) // 2]), ModelUnfit, "not an ONNX model")


def test_a_graph_that_cannot_run(tmp_path: Path) -> None:
    model = tiny.network()
    model.graph.node[0].op_type = "NoSuchOperator"
    refused(tiny.write(tmp_path, model), ModelUnfit, "does not load")


def test_external_data_is_refused_even_when_the_file_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny.network()
    raw = model.graph.initializer[1].raw_data
    outside(model.graph.initializer[1])
    (tmp_path / "weights.bin").write_bytes(raw)
    monkeypatch.chdir(tmp_path)
    refused(tiny.write(tmp_path, model), ModelUnfit, "external data")


def test_external_data_in_a_nodes_attribute_is_found_too(tmp_path: Path) -> None:
    model = tiny.network()
    tensor = helper.make_tensor("hidden", TensorProto.FLOAT, [1], [0.0])
    outside(tensor)
    model.graph.node.append(helper.make_node("Constant", [], ["unused"], value=tensor))
    refused(tiny.write(tmp_path, model), ModelUnfit, "external data")


def test_wrong_output_shape(tmp_path: Path) -> None:
    model = tiny.network(tiny.HEADS | {"emotion": 14})
    refused(tiny.write(tmp_path, model), ModelUnfit, "outputs")


def test_a_missing_output(tmp_path: Path) -> None:
    model = tiny.network({"sentiment": 3, "emotion": 15})
    refused(tiny.write(tmp_path, model), ModelUnfit, "outputs")


def test_other_inputs(tmp_path: Path) -> None:
    model = tiny.network(inputs=("pieces", "tokens"))
    refused(tiny.write(tmp_path, model), ModelUnfit, "inputs")


def test_wrong_input_type(tmp_path: Path) -> None:
    model = tiny.network()
    model.graph.input[1].type.tensor_type.elem_type = TensorProto.INT32
    refused(tiny.write(tmp_path, model), ModelUnfit, "int32")


def test_a_manifest_for_features_of_another_version(tmp_path: Path) -> None:
    tiny.edit_manifest(tiny.write(tmp_path), 'features = "hashed-subwords-2"', 'features = "wordpiece-9"')
    refused(tmp_path, ManifestInvalid, "wordpiece-9")


def test_a_manifest_with_inputs_that_nobody_feeds(tmp_path: Path) -> None:
    tiny.edit_manifest(tiny.write(tmp_path), 'name = "pieces"', 'name = "pixels"')
    refused(tmp_path, ManifestInvalid, "inputs")


def outside(tensor: onnx.TensorProto) -> None:
    tensor.ClearField("raw_data")
    tensor.ClearField("float_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights.bin")
