import numpy as np
import pytest

from live_sentiment import vad
from live_sentiment.errors import UnsupportedAudio
from live_sentiment.events import FRAME_SAMPLES
from live_sentiment.silero import SileroModel
from live_sentiment.vad import Leveller, SpeechGate, StandOut, VadCascade, VadConfig, frames_in, level_of

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


def doubt(levels: list[float], probabilities: list[float]) -> list[float]:
    """What remains of ``probabilities`` after 2 s of background at -40 dBFS."""
    check = StandOut(VadConfig())
    for _ in range(62):
        check.accept(0.0, -40.0)
    return [check.accept(p, level) for p, level in zip(probabilities, levels, strict=True)]


def test_a_middling_voice_that_does_not_stand_out_is_doubted() -> None:
    assert doubt([-30.0] * 8, [0.8] * 8) == [0.45] * 8


def test_a_middling_voice_that_stands_out_is_believed() -> None:
    assert doubt([-20.0] * 4, [0.6] * 4) == [0.6] * 4


def test_a_certain_voice_is_believed_at_any_level() -> None:
    assert doubt([-40.0] * 2, [0.95] * 2) == [0.95] * 2


def test_a_steady_voice_is_believed_at_last() -> None:
    assert doubt([-35.0] * 14, [0.8] * 14) == [0.45] * 11 + [0.8] * 3


def test_once_believed_a_voice_is_believed_for_a_second() -> None:
    told = doubt([-40.0] * 60, [0.95] + [0.1] * 20 + [0.6] + [0.1] * 37 + [0.6])
    assert told[21] == 0.6
    assert told[-1] == 0.45


def test_before_the_background_is_known_only_a_certain_voice_is_believed() -> None:
    check = StandOut(VadConfig())
    assert [check.accept(p, -10.0) for p in (0.8, 0.8, 0.92)] == [0.45, 0.45, 0.92]


def test_low_probabilities_pass_unchanged() -> None:
    assert doubt([-40.0, -10.0], [0.3, 0.5]) == [0.3, 0.5]


def test_levels() -> None:
    assert level_of(np.zeros(FRAME_SAMPLES, np.float32)) == -100.0
    assert level_of(np.full(FRAME_SAMPLES, 0.5, np.float32)) == -100.0
    square = np.tile(np.array([0.1, -0.1], np.float32), FRAME_SAMPLES // 2)
    assert level_of(square) == pytest.approx(-20.0, abs=0.01)


def square(loudness: float) -> np.ndarray:
    """A frame whose root mean square is ``loudness``."""
    return np.tile(np.array([loudness, -loudness], np.float32), FRAME_SAMPLES // 2)


def turned(leveller: Leveller, loudness: float, seconds: float) -> list[float]:
    """How loud each frame of steady sound is after the leveller."""
    return [float(np.abs(leveller.accept(square(loudness))).max()) for _ in range(frames_in(seconds))]


@pytest.mark.parametrize("seconds", [0.032, 0.3, 0.45])
def test_a_beep_turns_nothing_down_but_itself(seconds: float) -> None:
    leveller = Leveller(VadConfig())
    turned(leveller, 0.005, 1.0)
    assert turned(leveller, 0.9, seconds) == pytest.approx([0.02] * frames_in(seconds))
    assert turned(leveller, 0.0089, 1.0) == pytest.approx([0.0089] * 31)


def test_what_stays_loud_is_turned_down_through_its_pauses() -> None:
    leveller = Leveller(VadConfig())
    turned(leveller, 0.4, 2.0)
    pause = turned(leveller, 0.05, 0.3)
    assert max(pause) < 0.003, "18 dB quieter than the voice, and so it stays"


def test_a_long_tone_is_forgotten_soon_when_what_follows_is_far_quieter() -> None:
    leveller = Leveller(VadConfig())
    turned(leveller, 0.9, 1.0)
    after = turned(leveller, 0.0089, 2.0)
    assert after[0] < 0.0003
    assert min(after[frames_in(1.5) :]) > 0.0015


def test_a_reset_leveller_has_forgotten_how_loud_it_was() -> None:
    leveller = Leveller(VadConfig())
    turned(leveller, 0.9, 1.0)
    leveller.reset()
    assert turned(leveller, 0.0089, 0.032) == pytest.approx([0.0089])
