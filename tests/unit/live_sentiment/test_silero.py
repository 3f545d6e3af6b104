import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from live_sentiment import silero
from live_sentiment.errors import EngineUnavailable, UnsupportedAudio
from live_sentiment.events import FRAME_SAMPLES
from live_sentiment.silero import RehearingStream, SileroModel, SileroStream


@pytest.fixture(scope="module")
def model() -> SileroModel:
    return SileroModel.load()


def buzz(frames: int) -> np.ndarray:
    """A harmonic tone whose loudness swells four times a second: enough like a voice to move the network."""
    at = np.arange(frames * FRAME_SAMPLES) / 16000
    tone = sum(np.sin(2 * np.pi * 140 * n * at) / n for n in range(1, 20))
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * 4 * at)
    return (0.1 * tone * swell).astype(np.float32).reshape(-1, FRAME_SAMPLES)


def test_silence_is_not_speech(model: SileroModel) -> None:
    stream = SileroStream(model)
    assert max(stream.accept(np.zeros(FRAME_SAMPLES, np.float32)) for _ in range(10)) < 0.1


def test_a_reset_stream_answers_as_a_new_one(model: SileroModel) -> None:
    used, fresh = SileroStream(model), SileroStream(model)
    for frame in buzz(5):
        used.accept(frame)
    used.reset()
    assert [used.accept(frame) for frame in buzz(5)] == [fresh.accept(frame) for frame in buzz(5)]


def test_streams_of_one_model_do_not_disturb_each_other(model: SileroModel) -> None:
    alone = SileroStream(model)
    expected = [alone.accept(frame) for frame in buzz(6)]
    left, right = SileroStream(model), SileroStream(model)
    got: list[float] = []
    for frame in buzz(6):
        got.append(left.accept(frame))
        right.accept(np.zeros(FRAME_SAMPLES, np.float32))
    assert got == expected


def test_a_frame_is_heard_with_the_end_of_the_one_before() -> None:
    windows: list[np.ndarray] = []

    class Session:
        def run(self, _names: object, feed: dict[str, np.ndarray]) -> list[np.ndarray]:
            windows.append(feed["input"].copy())
            return [np.array([0.25], np.float32), feed["h"] + 1, feed["c"] + 2]

    stream = SileroStream(SileroModel(Session()))
    first = np.arange(FRAME_SAMPLES, dtype=np.float32)
    assert stream.accept(first) == 0.25
    stream.accept(first + 1000)
    assert windows[0].shape == (1, 576)
    assert not windows[0][0, :64].any()
    assert windows[1][0, :64].tolist() == first[-64:].tolist()
    assert stream._hidden.max() == 2
    assert stream._cell.max() == 4


@pytest.mark.parametrize("shape", [(511,), (1, FRAME_SAMPLES), (0,)])
def test_another_number_of_samples_is_refused(model: SileroModel, shape: tuple[int, ...]) -> None:
    with pytest.raises(UnsupportedAudio, match="512 samples"):
        SileroStream(model).accept(np.zeros(shape, np.float32))


def test_a_missing_network_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="missing") as caught:
        SileroModel.load(tmp_path / "absent.onnx")
    assert "faster-whisper" in caught.value.advice


@pytest.mark.parametrize("content", [b"", b"not a network " * 50])
def test_a_damaged_network_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "damaged.onnx"
    path.write_bytes(content)
    with pytest.raises(EngineUnavailable, match="does not load") as caught:
        SileroModel.load(path)
    assert caught.value.advice


def test_another_network_is_refused(tmp_path: Path) -> None:
    from onnx import TensorProto, helper, save  # noqa: PLC0415 -- slow to import, and only this test needs it

    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "other", value[:1], value[1:])
    path = tmp_path / "other.onnx"
    save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13)]), str(path))
    with pytest.raises(EngineUnavailable, match="Another network"):
        SileroModel.load(path)


def test_without_the_package_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_name: str) -> None: ...

    monkeypatch.setattr(silero, "find_spec", nothing)
    with pytest.raises(EngineUnavailable, match="faster-whisper"):
        SileroModel.load()


def test_loading_does_not_import_faster_whisper() -> None:
    code = "import sys; from live_sentiment import silero; silero.SileroModel.load(); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "'live_sentiment.silero'" in done.stdout
    assert "'faster_whisper'" not in done.stdout


def test_heard_anew_a_stream_answers_as_one_that_began_there(model: SileroModel) -> None:
    stream, fresh = RehearingStream(model, kept=8), SileroStream(model)
    frames = buzz(20)
    for frame in frames:
        stream.accept(frame)
    fresh.prime(frames[11])
    expected = [fresh.accept(frame) for frame in frames[12:]][-5:]
    assert stream.afresh(5, needed=0.0) == pytest.approx(sum(expected) / 5)


def test_a_stream_goes_on_from_what_it_heard_anew_only_where_that_was_no_voice(model: SileroModel) -> None:
    kept, renewed, fresh = RehearingStream(model, kept=8), RehearingStream(model, kept=8), SileroStream(model)
    plain = SileroStream(model)
    frames = buzz(21)
    for frame in frames[:20]:
        for stream in (kept, renewed, plain):
            stream.accept(frame)
    fresh.prime(frames[11])
    for frame in frames[12:20]:
        fresh.accept(frame)
    kept.afresh(5, needed=0.0)
    renewed.afresh(5, needed=1.0)
    assert kept.accept(frames[20]) == pytest.approx(plain.accept(frames[20]))
    assert renewed.accept(frames[20]) == pytest.approx(fresh.accept(frames[20]))


def test_a_stream_that_has_heard_little_hears_that_anew(model: SileroModel) -> None:
    stream = RehearingStream(model, kept=45)
    for frame in buzz(3):
        stream.accept(frame)
    assert 0.0 <= stream.afresh(12, needed=0.0) <= 1.0
