"""Measuring a speech model on a recording with its text."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from live_sentiment.errors import EngineUnavailable
from live_sentiment.events import (
    CHANNELS,
    FRAME_SAMPLES,
    FRAME_SECONDS,
    SAMPLE_RATE,
    AudioFrame,
    TranscriptFinal,
    Word,
)
from live_sentiment.fitting import Fit
from live_sentiment.moonshine.files import installed_folder
from live_sentiment.pipeline import PipelineConfig, PipelineParts
from live_sentiment.playbook import default_playbook
from live_sentiment.rehearsal import Told
from live_sentiment.transcriber import Hypothesis, ScriptedEngine, ScriptedTranscriber
from onnx_models.sentiment import SentimentModel
from server import fit_file
from server.loading import Loaded
from server.models import check as models_check_module
from server.models.check import Findings, Recording, Said, check
from server.places import Places
from server.settings import Settings
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


def test_finals_are_late_by_the_silence_that_ends_an_utterance_when_work_takes_no_time(parts: PipelineParts) -> None:
    """The speech ends at 3.0 s, in the frame that ends at 3.008 s; no word is told to last until then."""
    silence = PipelineConfig().channel.endpointer.hangover
    found = check(parts, recording(), "nl", timer=no_time)
    assert found.late == pytest.approx(silence, abs=2 * FRAME_SECONDS)
    assert found.late >= silence


@pytest.mark.parametrize(
    ("ends", "late"),
    [([2.2, 2.9], 1.1), ([2.96], 1.04), ([3.0], 1.0), ([], 1.1)],
    ids=["silence", "a cut in speech, soon after a word", "a cut at a word's end", "no words"],
)
def test_the_tail_of_an_utterance_is_no_speech(ends: list[float], late: float) -> None:
    words = tuple(Word(text="word", start=end - 0.2, end=end, probability=0.9) for end in ends)
    spoken = TranscriptFinal(
        at=3.0, channel="agent", utterance=1, text="", start=1.0, end=3.0, language="en", confidence=0.9, words=words
    )
    assert models_check_module._late([Told(4.0, spoken)], tail=0.1) == pytest.approx(late)


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


class Loads:
    """In place of loading: notes what it was asked to load, and answers with models that ``fit`` as they do."""

    def __init__(self, parts: PipelineParts, fit: Fit) -> None:
        self.parts, self.fit = parts, fit
        self.asked: list[Settings] = []
        self.skipped: tuple[str, ...] = ()

    def __call__(self, settings: Settings, places: Places) -> Loaded:
        del places
        self.asked.append(settings)
        return Loaded(self.parts, self.fit, "", "", self.skipped)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch, parts: PipelineParts) -> Loads:
    loads = Loads(parts, Fit("scripted", 1, 0.2, 0.04, 0.1, in_time=True))
    monkeypatch.setattr("server.loading.load_here", loads)
    return loads


class Played:
    """In place of playing a recording: notes how it was to be heard."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, PipelineConfig]] = []

    def __call__(
        self, _parts: object, _recording: object, language: str, _told: object, config: PipelineConfig
    ) -> Findings:
        self.heard.append((language, config))
        raise EngineUnavailable("no", "no")


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Played:
    played = Played()
    monkeypatch.setattr("server.models.check.check", played)
    return played


def settings_say(home: Path, text: str) -> None:
    places = Places.below(home / "home")
    places.config.mkdir(parents=True)
    places.settings.write_text(text)


def test_without_a_recording_the_demo_call_is_played(loads: Loads) -> None:
    loads.skipped = ("whisper-small is damaged.",)
    result = models_check("--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["recording"] == "demo_call.flac"
    assert found["words"] > 150, "its turns are what is said"
    assert result.stderr == "whisper-small is damaged.\n"


def test_a_named_model_comes_before_the_settings(own_home: Path, loads: Loads, played: Played) -> None:
    settings_say(own_home, 'whisper_model = "/nowhere"\n')
    assert [models_check("small").exit_code, models_check().exit_code] == [2, 2]
    assert [(one.engine, one.whisper_model) for one in loads.asked] == [("small", ""), ("auto", "/nowhere")]
    assert len(played.heard) == 2


@pytest.mark.parametrize(("step", "first"), [(0.5, PipelineConfig().channel.first_partial), (None, math.inf)])
def test_partial_text_comes_as_often_as_in_calls(
    step: float | None, first: float, loads: Loads, played: Played
) -> None:
    loads.fit = replace(loads.fit, step=step)
    models_check("small")
    (_, config) = played.heard[0]
    assert config.channel.first_partial == first
    assert step is None or config.shedding.step == step


@pytest.mark.parametrize(("given", "heard"), [((), "nl"), (("--language", "en"), "en")])
def test_the_language_is_that_of_the_settings_unless_it_is_given(
    given: tuple[str, ...], heard: str, own_home: Path, clip: Path, loads: Loads, played: Played
) -> None:
    settings_say(own_home, 'language = "nl"\n')
    models_check("auto", "--agent", clip, *given)
    assert ([one.language for one in loads.asked], [language for language, _ in played.heard]) == ([heard], [heard])


def test_the_english_demo_call_is_not_heard_in_dutch_though_calls_are(
    own_home: Path, loads: Loads, played: Played
) -> None:
    settings_say(own_home, 'language = "nl"\n')
    models_check()
    assert (loads.asked[0].language, played.heard[0][0]) == ("nl", "auto")


def test_what_is_measured_of_a_model_is_kept_for_calls_and_what_calls_found_counts(own_home: Path, clip: Path) -> None:
    settings_say(own_home, 'language = "en"\n')
    places = Places.below(own_home / "home")
    places.make()
    assert models_check("auto", "--agent", clip).exit_code == 0
    kept = (places.data / fit_file.FILE).read_bytes()
    assert b"moonshine-tiny-en" in kept
    assert models_check("moonshine-tiny-en", "--agent", clip).exit_code == 0
    assert (places.data / fit_file.FILE).read_bytes() == kept, "nothing was measured anew"


@pytest.mark.parametrize(
    ("words", "right"), [(["call.flac"], "check auto call.flac"), (["my.WAV", "small"], "check small my.WAV")]
)
def test_a_recording_in_the_models_place_is_said(words: list[str], right: str) -> None:
    result = models_check(*words)
    assert result.exit_code == 2
    assert f"The model comes first, then the recording: spiegel models {right}" in result.stderr
