import numpy as np
import pytest

from live_sentiment import vad
from live_sentiment.errors import UnsupportedAudio
from live_sentiment.events import FRAME_SAMPLES
from live_sentiment.levels import frames_in
from live_sentiment.silero import SileroModel
from live_sentiment.vad import SpeechGate, VadCascade, VadConfig

SILENCE = bytes(2 * FRAME_SAMPLES)


class Session:
    """A network that says what it is told, and keeps what it heard."""

    def __init__(self, says: float = 0.95) -> None:
        self.says = says
        self.heard: list[np.ndarray] = []

    def run(self, _names: object, feed: dict[str, np.ndarray]) -> list[np.ndarray]:
        self.heard.append(feed["input"][0, 64:].copy())
        return [np.array([self.says], np.float32), feed["h"], feed["c"]]


def loud(seed: int = 0) -> bytes:
    noise = np.random.default_rng(seed).normal(0, 4000, FRAME_SAMPLES)
    return noise.clip(-32768, 32767).astype("<i2").tobytes()


def quiet(frame: int) -> bytes:
    """Near silence that can be told apart: every sample is the frame's number."""
    return np.full(FRAME_SAMPLES, frame, "<i2").tobytes()


def cascade(session: Session, config: VadConfig | None = None) -> VadCascade:
    return VadCascade(SileroModel(session), config)


def test_silence_never_wakes_the_network() -> None:
    session = Session()
    ear = cascade(session)
    assert {ear.accept(SILENCE) for _ in range(100)} == {0.0}
    assert ear.asleep
    assert session.heard == []


def test_the_network_first_hears_what_came_before_the_gate_opened() -> None:
    session = Session()
    ear = cascade(session)
    for frame in range(1, 31):
        assert ear.accept(quiet(frame)) == 0.0
    assert ear.accept(loud()) == pytest.approx(0.95)
    assert not ear.asleep
    levels = [round(float(samples[0]) * 32768) for samples in session.heard[:-1]]
    assert levels == list(range(22, 31)), "300 ms of frames, in order, each once"


def test_the_network_sleeps_again_a_second_after_the_last_sign_of_speech() -> None:
    session = Session()
    ear = cascade(session)
    for seed in range(10):
        ear.accept(loud(seed))
    session.says = 0.0
    awake = 0
    while not ear.asleep:
        ear.accept(SILENCE)
        awake += 1
        assert awake < 100
    assert frames_in(1.0) <= awake <= frames_in(1.5), "webrtcvad itself lingers for some frames"


def test_the_gate_stays_open_while_the_network_hears_a_voice() -> None:
    ear = cascade(Session(says=0.6))
    ear.accept(loud())
    for _ in range(200):
        ear.accept(SILENCE)
    assert not ear.asleep


def test_without_the_gate_the_network_hears_everything() -> None:
    session = Session(says=0.2)
    ear = cascade(session, VadConfig(gate=False))
    assert [ear.accept(SILENCE) for _ in range(5)] == pytest.approx([0.2] * 5)
    assert len(session.heard) == 5


def test_a_short_last_frame_is_filled_up_with_silence() -> None:
    session = Session()
    ear = cascade(session, VadConfig(gate=False))
    ear.accept(loud()[:200])
    assert session.heard[0].shape == (FRAME_SAMPLES,)
    assert not session.heard[0][100:].any()
    assert session.heard[0][:100].any()


@pytest.mark.parametrize("size", [2 * FRAME_SAMPLES + 2, 3])
def test_what_is_no_frame_is_refused(size: int) -> None:
    with pytest.raises(UnsupportedAudio):
        cascade(Session()).accept(bytes(size))


def test_a_reset_cascade_is_as_good_as_new() -> None:
    frames = [loud(seed) for seed in range(5)] + [SILENCE] * 50
    used, fresh = cascade(Session()), cascade(Session())
    for frame in frames:
        used.accept(frame)
    used.reset()
    assert used.asleep
    assert [used.accept(frame) for frame in frames] == [fresh.accept(frame) for frame in frames]


def test_gate_pieces_run_on_across_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    class Counting:
        def __init__(self, _mode: int) -> None: ...

        def is_speech(self, piece: bytes, _rate: int) -> bool:
            sizes.append(len(piece))
            return False

    monkeypatch.setattr(vad.webrtcvad, "Vad", Counting)
    gate = SpeechGate(VadConfig())
    for _ in range(5):
        gate.accept(SILENCE)
    assert set(sizes) == {320}
    assert len(sizes) == 5 * FRAME_SAMPLES // 160


def test_a_voice_that_the_network_hears_out_of_habit_only_begins_nothing() -> None:
    """With its past it says 0.8, from an empty state 0.2; that also makes it forget its past."""

    class Habit(Session):
        def run(self, _names: object, feed: dict[str, np.ndarray]) -> list[np.ndarray]:
            self.heard.append(feed["input"][0, 64:].copy())
            says = 0.8 if feed["h"].any() else 0.2
            return [np.array([says], np.float32), feed["h"], feed["c"]]

    session = Habit()
    ear = cascade(session)
    ear._silero._hidden = np.ones_like(ear._silero._hidden)
    told = [ear.accept(loud(seed)) for seed in range(60)]
    assert max(told) < 0.5
    assert told[-1] == pytest.approx(0.2)
    assert len(session.heard) == 60 + 13, "the frames since the gate opened, heard twice, but for the first of them"


def test_a_voice_that_the_network_hears_anew_too_is_believed() -> None:
    ear = cascade(Session(says=0.8))
    told = [ear.accept(loud(seed)) for seed in range(30)]
    assert told[:13] == pytest.approx([0.45] * 13)
    assert told[13:] == pytest.approx([0.8] * 17)
