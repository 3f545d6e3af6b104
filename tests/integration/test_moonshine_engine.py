"""The embedded English engine with its real weights, on the recording that comes in the same wheel."""

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import soxr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from live_sentiment.clips import check_clip
from live_sentiment.errors import UnsupportedAudio
from live_sentiment.events import SAMPLE_RATE
from live_sentiment.guards import LOOP
from live_sentiment.moonshine.decoding import Reading
from live_sentiment.moonshine.engine import MoonshineEngine
from live_sentiment.moonshine.files import installed_folder
from live_sentiment.transcriber import Samples
from live_sentiment.wer import compare, normalise

SAID = "It was the best of times, it was the worst of times"


@pytest.fixture(scope="module")
def engine() -> MoonshineEngine:
    return MoonshineEngine.load()


@pytest.fixture(scope="module")
def speech() -> Samples:
    """About 4 s of clear reading."""
    audio, rate = sf.read(installed_folder().parent / "two_cities.wav", dtype="float32", always_2d=True)
    return np.asarray(soxr.resample(audio.mean(axis=1), rate, SAMPLE_RATE), np.float32)[: int(4.2 * SAMPLE_RATE)]


def test_it_reads_what_is_said(engine: MoonshineEngine, speech: Samples) -> None:
    ear = engine.transcriber()
    ear.accept(speech)
    hypothesis = ear.flush()
    assert compare(SAID, hypothesis.text).rate < 0.1
    assert hypothesis.language == "en"
    assert hypothesis.suspicious == ""
    assert hypothesis.average_log_probability > -0.5
    assert all(0 < word.probability <= 1 for word in hypothesis.words)
    assert all(0 <= word.start <= word.end <= speech.size / SAMPLE_RATE for word in hypothesis.words)
    assert engine.languages == ("en",)


def test_a_growing_utterance_costs_few_runs_and_ends_the_same(engine: MoonshineEngine, speech: Samples) -> None:
    draft: tuple[int, ...] = ()
    runs, plain_runs = 0, 0
    for end in range(SAMPLE_RATE, speech.size, 4800):
        reading = engine.read(speech[:end], draft)
        plain_runs += len(reading.tokens) + 1
        runs += reading.runs
        draft = tuple(reading.tokens)
    last = engine.read(speech, draft)
    assert normalise(engine.tokenizer.decode(last.tokens)) == normalise(
        engine.tokenizer.decode(engine.read(speech).tokens)
    )
    assert runs < 0.7 * plain_runs


def test_a_draft_that_is_right_costs_one_run(engine: MoonshineEngine, speech: Samples) -> None:
    first = engine.read(speech)
    assert first.runs == len(first.tokens) + 1
    assert engine.read(speech, first.tokens).runs == 1


def test_committed_words_stay_and_the_rest_goes_on_after_them(engine: MoonshineEngine, speech: Samples) -> None:
    ear = engine.transcriber()
    ear.accept(speech)
    free = ear.decode()
    kept = [word.text for word in free.words[:4]]
    ear.accept(np.zeros(1600, np.float32))
    assert normalise(ear.decode(kept).text) == normalise(free.text)
    changed = ["It", "is", "the", "best."]
    hypothesis = ear.decode(changed)
    assert [word.text for word in hypothesis.words[:4]] == changed
    assert "worst" in hypothesis.text


def test_a_full_stop_that_was_committed_does_not_end_the_sentence(engine: MoonshineEngine, speech: Samples) -> None:
    ear = engine.transcriber()
    ear.accept(speech)
    hypothesis = ear.flush(["It", "was", "the", "best", "of", "times."])
    assert hypothesis.words[5].text == "times."
    assert "worst" in hypothesis.text


def test_flush_uses_the_last_reading_and_forgets_the_audio(
    engine: MoonshineEngine, speech: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    ear = engine.transcriber()
    ear.accept(speech)
    first = ear.decode()

    def again(*_: object) -> None:
        raise AssertionError("it was read again")

    monkeypatch.setattr(MoonshineEngine, "read", again)
    assert ear.flush([word.text for word in first.words[:3]]) == first
    assert ear.decode() == ear.flush()
    assert ear.flush().words == ()
    monkeypatch.undo()
    ear.accept(speech)
    assert ear.flush().text == first.text


def test_two_channels_do_not_disturb_each_other(engine: MoonshineEngine, speech: Samples) -> None:
    one, other = engine.transcriber(), engine.transcriber()
    half = speech.size // 2
    one.accept(speech)
    other.accept(speech[:half])
    expected = one.decode().text
    other.decode()
    assert one.flush().text == expected
    other.accept(speech[half:])
    assert "worst" in other.flush().text
    one.close()
    other.close()


def test_a_finished_sentence_is_told_from_an_unfinished_one(engine: MoonshineEngine) -> None:
    """The clip up to "... about my order.", and on to "It has"."""
    finished, unfinished = engine.transcriber(), engine.transcriber()
    finished.accept(check_clip()[: int(3.0 * SAMPLE_RATE)])
    unfinished.accept(check_clip()[: int(3.5 * SAMPLE_RATE)])
    assert (finished.decode().completeness or 0.0) > 0.8
    assert (unfinished.decode().completeness or 1.0) < 0.4


def test_where_nothing_was_read_nobody_knows_whether_a_sentence_ended(engine: MoonshineEngine) -> None:
    assert engine.transcriber().flush().completeness is None
    assert engine.completeness(Reading([], [])) is None


@pytest.mark.parametrize("size", [0, 1, 500, 1599, 1601])
def test_very_short_audio_is_no_problem(engine: MoonshineEngine, size: int) -> None:
    ear = engine.transcriber()
    ear.accept(np.zeros(size, np.float32))
    hypothesis = ear.flush(["Hello", "there."])
    assert [word.text for word in hypothesis.words[:2]] == ["Hello", "there."]
    assert all(word.end <= size / SAMPLE_RATE for word in hypothesis.words)


def test_loops_are_stopped_and_reported(engine: MoonshineEngine) -> None:
    """Silence after words said again and again makes it go on with them."""
    forced = engine.tokenizer.encode("I am going home. " * 6)
    reading = engine.read(np.zeros(10 * SAMPLE_RATE, np.float32), forced, len(forced))
    assert len(reading.tokens) <= len(forced) + 10 * 6.5 + 6
    ear = engine.transcriber()
    ear.accept(np.zeros(10 * SAMPLE_RATE, np.float32))
    assert ear.flush(("I am going home. " * 6).split()).suspicious == LOOP


def test_samples_of_another_kind_are_refused(engine: MoonshineEngine) -> None:
    with pytest.raises(UnsupportedAudio):
        engine.transcriber().accept(np.zeros(100))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(committed=st.lists(st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=6), max_size=4))
def test_any_committed_words_come_back_to_the_letter(
    engine: MoonshineEngine, speech: Samples, committed: list[str]
) -> None:
    ear = engine.transcriber()
    ear.accept(speech[: SAMPLE_RATE // 2])
    ear.decode()
    assert [word.text for word in ear.decode(committed).words[: len(committed)]] == committed


@pytest.mark.shared
def test_reading_aloud_has_few_errors(engine: MoonshineEngine, shared: Path) -> None:
    folder = shared / "audio" / "speech"
    ear = engine.transcriber()
    wrong = words = 0
    for path in sorted(folder.glob("sense*.flac")):
        audio, rate = sf.read(path, dtype="float32")
        assert rate == SAMPLE_RATE
        ear.accept(audio)
        errors = compare(path.with_suffix(".txt").read_text(), ear.flush().text)
        wrong, words = wrong + errors.wrong, words + errors.words
    assert words > 50
    assert wrong / words < 0.12
