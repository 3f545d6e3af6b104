"""Measuring a speech model on a recording with its text."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from live_sentiment.assembly import AssemblyConfig
from live_sentiment.errors import EngineUnavailable
from live_sentiment.events import CHANNELS, FRAME_SAMPLES, SAMPLE_RATE, AudioFrame
from live_sentiment.moonshine.files import installed_folder
from live_sentiment.pipeline import PipelineParts
from live_sentiment.playbook import default_playbook
from live_sentiment.transcriber import Hypothesis, ScriptedEngine, ScriptedTranscriber
from onnx_models.sentiment import SentimentModel
from server.models.check import Recording, Said, check
from server.places import Places
from spiegel import app

SAID = "It was the best of times, it was the worst of times"


SCRIPT = [[("drie", 0.8), ("grote", 1.5), ("dozen", 2.3)]] * 3


def no_time() -> float:
    """Work that takes none."""
    return 0.0


class Loud:
    """Calls a frame speech when any of its samples is not zero."""

    def accept(self, pcm: bytes) -> float:
        return 0.95 if any(pcm) else 0.02

    def reset(self) -> None:
        """It remembers nothing."""


def frames(voice: str = "customer", seconds: float = 4.0) -> list[AudioFrame]:
    """One voice that speaks from the first to the third second, and the silence of the other."""
    found: list[AudioFrame] = []
    for place in range(round(seconds * SAMPLE_RATE / FRAME_SAMPLES)):
        start = place * FRAME_SAMPLES / SAMPLE_RATE
        for channel in CHANNELS:
            loud = channel == voice and 1.0 <= start < 3.0
            pcm = np.full(FRAME_SAMPLES, 8000 if loud else 0, "<i2").tobytes()
            found.append(AudioFrame(channel=channel, start=start, pcm=pcm))
    return found


@dataclass
class Clock:
    now: float = 0.0


class CostlyTranscriber(ScriptedTranscriber):
    """Each reading takes ``cost`` seconds of ``clock``."""

    def __init__(self, clock: Clock, cost: float) -> None:
        super().__init__([list(lines) for lines in SCRIPT])
        self.clock, self.cost = clock, cost

    def decode(self, committed: Sequence[str] = ()) -> Hypothesis:
        self.clock.now += self.cost
        return super().decode(committed)


@dataclass
class CostlyEngine:
    clock: Clock
    cost: float
    name: str = "costly"
    languages: tuple[str, ...] = ()

    def transcriber(self, language: str = "auto") -> CostlyTranscriber:
        del language
        return CostlyTranscriber(self.clock, self.cost)


@pytest.fixture(scope="module")
def parts() -> PipelineParts:
    engine = ScriptedEngine(SCRIPT)
    return PipelineParts(engine, Loud, SentimentModel.load(), default_playbook())


def recording(*said: Said) -> Recording:
    return Recording("clip", 4.0, frames, said)


def test_words_and_delays_are_measured(parts: PipelineParts) -> None:
    told: list[float] = []
    found = check(parts, recording(Said(("customer",), "3 kleine dozen")), "nl", told.append, no_time)
    assert (found.words, found.live_wer, found.whole_wer) == (3, pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert (found.text.count, found.committed.count, found.final.count) == (3, 3, 1)
    assert found.final.p50 == pytest.approx(0.4, abs=0.05), "the silence that ends an utterance"
    assert found.share > 0
    assert (found.languages, found.voices, found.behind, found.verdict) == (("en",), 1, False, "keeps_up")
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_each_voice_is_compared_with_its_own_text(parts: PipelineParts) -> None:
    mine, theirs = Said(("customer",), "drie grote dozen"), Said(("agent",), "hallo")
    assert check(parts, recording(mine), "nl").live_wer == 0.0
    assert check(parts, recording(mine, theirs), "nl").live_wer == pytest.approx(1 / 4)
    assert check(parts, recording(Said(CHANNELS, "drie grote dozen")), "nl").live_wer == 0.0


def test_without_a_text_there_are_delays_only(parts: PipelineParts) -> None:
    found = check(parts, recording())
    assert (found.words, found.live_wer, found.whole_wer) == (0, None, None)
    assert found.text.count == 3


@pytest.mark.parametrize(("cost", "verdict"), [(0.001, "keeps_up"), (0.8, "slower"), (3.0, "too_slow")])
def test_the_verdict_follows_what_the_work_costs(parts: PipelineParts, cost: float, verdict: str) -> None:
    clock = Clock()
    slow = PipelineParts(CostlyEngine(clock, cost), Loud, parts.classifier, parts.playbook)
    assert check(slow, recording(), "nl", timer=lambda: clock.now).verdict == verdict


def test_silence_is_said_to_be_silence(parts: PipelineParts) -> None:
    found = check(parts, Recording("silence", 4.0, lambda: frames("nobody"), (Said(CHANNELS, "drie dozen"),)))
    assert (found.verdict, found.live_wer, found.languages) == ("nothing_heard", 1.0, ())


# --- the verb


def models_check(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["models", "check", *map(str, words)])


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPIEGEL_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The beginning of the recording that comes in the embedded engine's wheel: one voice, its text beside it."""
    audio, rate = soundfile.read(installed_folder().parent / "two_cities.wav", dtype="int16", always_2d=True)
    path = tmp_path_factory.mktemp("clip") / "voice.wav"
    soundfile.write(path, audio[: round(4.2 * rate), 0], rate)
    path.with_suffix(".txt").write_text(SAID)
    return path


def test_a_recording_of_one_voice_is_measured_with_the_text_beside_it(clip: Path) -> None:
    result = models_check("auto", "--agent", clip, "--json")
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    found = json.loads(result.stdout)
    assert found["model"] == "moonshine-tiny-en"
    assert found["words"] > 10
    assert found["live_wer"] < 0.5
    assert found["final"]["count"] >= 1
    assert found["languages"] == ["en"]


def test_for_people_it_says_how_well_and_how_soon(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("something else entirely")
    result = models_check("moonshine", "--customer", clip, "--text", tmp_path / "other.txt")
    assert result.exit_code == 0, result.output
    for words in ("words wrong, in a call", "of 3", "last word → final", "of one core"):
        assert words in result.stdout


def test_without_a_recording_the_demo_call_is_played(monkeypatch: pytest.MonkeyPatch, parts: PipelineParts) -> None:
    monkeypatch.setattr("live_sentiment.assembly.load_parts", lambda _config: parts)
    result = models_check("--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["recording"] == "demo_call.flac"
    assert found["words"] > 150, "its turns are what is said"


def test_a_named_model_comes_before_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    places = Places.below(tmp_path / "home")
    places.config.mkdir(parents=True)
    places.settings.write_text('whisper_model = "/nowhere"\n')
    asked: list[str] = []

    def load(config: AssemblyConfig) -> PipelineParts:
        asked.append(config.engine)
        raise EngineUnavailable("no", "no")

    monkeypatch.setattr("live_sentiment.assembly.load_parts", load)
    assert [models_check("small").exit_code, models_check().exit_code] == [2, 2]
    assert asked == ["small", "/nowhere"]
