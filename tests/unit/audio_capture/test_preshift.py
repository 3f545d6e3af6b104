"""What is said of eight seconds of both channels: made of noise that comes and goes as a voice does."""

import numpy as np
import pytest
from numpy.typing import NDArray

from audio_capture import preshift_words
from audio_capture.preshift import Listened, judge
from audio_capture.preshift_listen import a_tone
from audio_capture.preshift_words import Judged, Text
from live_sentiment.events import SAMPLE_RATE

SECONDS = 8
Samples = NDArray[np.int16]


def noise(dbfs: float, seed: int = 1) -> Samples:
    rng = np.random.default_rng(seed)
    return as_pcm(rng.normal(0, 10 ** (dbfs / 20), SECONDS * SAMPLE_RATE))


def voice(dbfs: float = -24, seed: int = 2, floor: float = -65) -> Samples:
    """Syllables of noise, four a second, over a quiet room; the loud moments are at ``dbfs``."""
    times = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    syllables = (np.sin(2 * np.pi * 2 * times) > 0) & (times % 4 < 3)
    rng = np.random.default_rng(seed)
    return as_pcm(rng.normal(0, 10 ** (dbfs / 20), times.size) * syllables) + noise(floor, seed + 1)


def with_tone(samples: Samples, gain: float = 1.0) -> Samples:
    tone = a_tone()[::3] * gain
    out = samples.astype(np.float64) / 32_768
    out[5 * SAMPLE_RATE : 5 * SAMPLE_RATE + tone.size] += tone
    return as_pcm(out)


def as_pcm(samples: NDArray[np.float64]) -> Samples:
    return np.clip(np.rint(samples * 32_768), -32_768, 32_767).astype(np.int16)


SILENCE = np.zeros(SECONDS * SAMPLE_RATE, dtype=np.int16)


def found(agent: Samples, customer: Samples, *, tone: bool = False, missing: float = 0.0) -> dict[str, tuple[str, str]]:
    judged = judge(Listened({"agent": agent, "customer": customer}, {"agent": 0.0, "customer": missing}, tone))
    return {one.about: (one.state, one.said.en) for one in judged}


def test_all_is_well() -> None:
    assert found(voice(), with_tone(SILENCE), tone=True) == {
        "microphone": ("good", "You are heard well."),
        "customer": ("good", "What you hear in your headset, Spiegel hears too."),
    }


@pytest.mark.parametrize(
    ("agent", "state", "said"),
    [
        (SILENCE, "bad", "silence only"),
        (noise(-60), "bad", "was not heard"),
        (noise(-30), "bad", "was not heard"),  # a fan, not a voice
        (voice(-48), "unsure", "is soft"),
        (voice(-3), "bad", "too loud"),
        (as_pcm(np.clip(voice().astype(float) / 32_768 * 30, -1, 1)), "bad", "distorts"),
        (voice(-30, floor=-55), "good", "heard well"),
    ],
)
def test_the_microphone(agent: Samples, state: str, said: str) -> None:
    about = found(agent, with_tone(SILENCE), tone=True)["microphone"]
    assert about[0] == state
    assert said in about[1]


def test_the_customers_side() -> None:
    assert found(voice(), SILENCE, tone=True)["customer"][0] == "bad"
    assert found(voice(), SILENCE)["customer"][0] == "unsure"
    assert found(voice(), voice(seed=9))["customer"] == ("good", "There was sound on the customer's side.")
    assert found(voice(), noise(-20), tone=True)["customer"][0] == "bad"  # music is not the tone
    assert "drops out" in found(voice(), SILENCE, missing=3.0)["customer"][1]
    assert found(voice(), with_tone(SILENCE), tone=True, missing=0.1)["customer"][0] == "good"


def test_the_same_device_twice() -> None:
    mine = voice()
    later = np.concatenate([np.zeros(200, dtype=np.int16), mine[:-200]])
    for customer in (mine, later, (mine / 2).astype(np.int16)):
        assert found(mine, customer)["channels"][1] == "You and the customer are the same sound."
    assert "channels" not in found(mine, voice(seed=50))


def test_swapped() -> None:
    assert "swapped" in found(with_tone(SILENCE), voice(), tone=True)["channels"][1]
    assert "swapped" in found(noise(-70), voice())["channels"][1]
    assert "channels" not in found(voice(), SILENCE)


def test_echo() -> None:
    assert found(with_tone(voice(-40), 0.1), with_tone(SILENCE), tone=True)["echo"][0] == "unsure"
    assert "echo" not in found(with_tone(voice(-40), 0.0), with_tone(SILENCE), tone=True)
    theirs = voice(seed=70)
    leaked = (np.concatenate([np.zeros(1600, dtype=np.int16), theirs[:-1600]]) // 4) + noise(-60, 5)
    assert found((voice() // 4 + leaked).astype(np.int16), theirs)["echo"][0] == "unsure"
    assert "echo" not in found(voice(), theirs)


def test_nothing_at_all_crashes_nothing() -> None:
    empty = np.zeros(0, dtype=np.int16)
    assert {state for state, _ in found(empty, empty).values()} == {"bad"}


def test_every_sentence_is_there_in_both_languages_and_bad_news_says_what_to_do() -> None:
    texts = [value for value in vars(preshift_words).values() if isinstance(value, Text)]
    judged = [value for value in vars(preshift_words).values() if isinstance(value, Judged)]
    assert len(texts) > 10
    assert all(bool(text.nl) == bool(text.en) for text in texts)
    assert all(one.advice.nl and one.advice.en for one in judged if one.state != "good")
