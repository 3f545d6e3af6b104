"""The Whisper engine on a tiny model that is written on the spot and says what a script says."""

import math
import socket
from pathlib import Path
from string import ascii_letters

import numpy as np
import pytest
from tiny_whisper import make_tiny_whisper

from live_sentiment.engine_family import EngineOptions, Windows
from live_sentiment.errors import EngineUnavailable
from live_sentiment.events import SAMPLE_RATE
from live_sentiment.guards import LOOP, TOO_FAST
from live_sentiment.hypothesis import HypothesisBuffer
from live_sentiment.transcriber import Samples
from live_sentiment.whisper import files
from live_sentiment.whisper.doubts import ECHO
from live_sentiment.whisper.engine import WhisperEngine, WhisperTranscriber
from live_sentiment.whisper.language import LanguageChoice
from live_sentiment.whisper.plan import Heard, Plan
from live_sentiment.whisper.reader import WhisperReader
from live_sentiment.whisper.windows import PADDED, WindowConfig
from live_sentiment.word_times import spread

SCRIPT = ("goedemorgen", "met", "Anna", "de", "Vries.")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_whisper(tmp_path_factory.mktemp("whisper") / "tiny", SCRIPT)


@pytest.fixture(scope="module")
def engine(model: Path) -> WhisperEngine:
    return WhisperEngine.load(model, EngineOptions())


def noise(seconds: float) -> Samples:
    generator = np.random.default_rng(3)
    return (0.1 * generator.standard_normal(int(seconds * SAMPLE_RATE))).astype(np.float32)


def test_it_reads_the_script_in_the_language_it_hears(engine: WhisperEngine) -> None:
    ear = engine.transcriber()
    ear.accept(noise(2.0))
    hypothesis = ear.decode()
    assert hypothesis.text == " ".join(SCRIPT)
    assert hypothesis.language == "nl"
    assert hypothesis.suspicious == ""
    assert hypothesis.average_log_probability == pytest.approx(0.0, abs=0.01)
    assert (engine.name, engine.languages) == ("whisper-tiny", ())


def test_only_the_allowed_languages_are_chosen_among(model: Path) -> None:
    ear = WhisperEngine.load(model, EngineOptions(languages=("en", "de"))).transcriber()
    ear.accept(noise(1.0))
    assert ear.flush().language in {"en", "de"}


def test_a_given_language_is_not_argued_with(engine: WhisperEngine) -> None:
    ear = engine.transcriber("en")
    ear.accept(noise(1.0))
    assert ear.flush().language == "en"
    with pytest.raises(EngineUnavailable, match="xx"):
        engine.transcriber("xx")


def test_each_word_has_its_own_probability(tmp_path: Path) -> None:
    ear = WhisperEngine.load(make_tiny_whisper(tmp_path, SCRIPT, unsure=["Anna"]), EngineOptions()).transcriber("nl")
    ear.accept(noise(2.0))
    before = ear.decode()
    after = ear.decode(["goedemorgen,"])
    for hypothesis in (before, after):
        certain = [word.probability for word in hypothesis.words]
        assert certain[2] == pytest.approx(0.6, abs=0.06)
        assert [certain[at] for at in (0, 1, 3, 4)] == pytest.approx([1.0] * 4, abs=0.01)


def test_words_before_an_unsure_one_are_committed_while_the_utterance_grows(tmp_path: Path) -> None:
    script = ("goedemorgen", "u", "spreekt", "met", "Anna", "de", "Vries", "van", "onze", "klantenservice.")
    unsure = ("Anna", "van")
    ear = WhisperEngine.load(make_tiny_whisper(tmp_path, script, unsure=unsure), EngineOptions()).transcriber("nl")
    buffer = HypothesisBuffer()
    for number in range(3):
        ear.accept(noise(1.0))
        said = buffer.insert(ear.decode([word.text for word in buffer.committed]).words, 0.2 * (number + 1))
    assert [word.text for word in said.committed] == list(script[:4])


def test_a_doubtful_reading_is_no_evidence_of_a_language(tmp_path: Path) -> None:
    """A loop on hold music, heard as Dutch, must not make the English that follows Dutch."""
    looping = make_tiny_whisper(tmp_path / "loop", ["ja"] * 8)
    choice = LanguageChoice(("en", "nl"))
    ear = WhisperTranscriber(WhisperEngine.load(looping, EngineOptions()), choice)
    ear.accept(noise(2.0))
    assert ear.decode().language == "nl"
    assert ear.flush().suspicious
    assert choice.best == "en", "as before anything was heard"


def test_a_trusted_reading_is_evidence_of_a_language(engine: WhisperEngine) -> None:
    choice = LanguageChoice(("en", "nl"))
    ear = WhisperTranscriber(engine, choice)
    ear.accept(noise(2.0))
    assert not ear.flush().suspicious
    assert choice.best == "nl"


def test_committed_words_are_continued_to_the_letter(engine: WhisperEngine) -> None:
    ear = engine.transcriber()
    ear.accept(noise(2.0))
    assert ear.decode(["goedemorgen", "met,"]).text == "goedemorgen met, Anna de Vries."
    ear.accept(noise(0.3))
    hypothesis = ear.decode(["Anna", "Anna."])
    assert hypothesis.text == "Anna Anna. Anna de Vries."
    assert hypothesis.average_log_probability == pytest.approx(0.0, abs=0.01), "forced words do not count as doubt"


def test_the_last_reading_has_aligned_times_within_the_audio(engine: WhisperEngine) -> None:
    ear = engine.transcriber()
    ear.accept(noise(2.0))
    estimated = ear.decode()
    hypothesis = ear.flush()
    assert hypothesis.text == estimated.text
    assert [word.start for word in hypothesis.words] != [word.start for word in estimated.words]
    borders = [border for word in hypothesis.words for border in (word.start, word.end)]
    assert borders == sorted(borders)
    assert borders[-1] <= 2.0


def test_flush_uses_the_last_reading_and_forgets_the_audio(
    engine: WhisperEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ear = engine.transcriber()
    ear.accept(noise(1.0))
    text = ear.decode().text

    def again(*_: object) -> None:
        raise AssertionError("it was read again")

    monkeypatch.setattr(WhisperReader, "read", again)
    assert ear.flush(["goedemorgen"]).text == text
    assert ear.flush().words == ()
    assert ear.flush(["ja"]).text == "ja"
    ear.close()


@pytest.mark.parametrize("windows", ["trimmed", "padded"])
@pytest.mark.parametrize("seconds", [0.0001, 0.1, 0.5, 1.49, 2.5, 7.3, 12.0, 27.6, 29.5, 40.0])
def test_any_length_of_audio_is_read(model: Path, windows: Windows, seconds: float) -> None:
    ear = WhisperEngine.load(model, EngineOptions(windows=windows)).transcriber("nl")
    audio = noise(seconds + 1.0)[: math.ceil(seconds * SAMPLE_RATE)]
    for start in range(0, audio.size, SAMPLE_RATE // 2):
        ear.accept(audio[start : start + SAMPLE_RATE // 2])
    hypothesis = ear.flush()
    assert hypothesis.text == " ".join(SCRIPT)
    times = [(word.start, word.end) for word in hypothesis.words]
    assert times == sorted(times)
    assert max(0.0, seconds - 30.0) <= times[0][0] <= times[-1][1] <= audio.size / SAMPLE_RATE


def test_the_model_says_when_nobody_speaks(tmp_path: Path) -> None:
    reader = WhisperReader.load(make_tiny_whisper(tmp_path, silent=True), threads=1)
    assert reader.read(reader.hear(noise(1.0)), Plan("nl", 20)).no_speech > 0.9


def test_a_reading_that_does_not_end_is_cut_off_and_doubted(tmp_path: Path) -> None:
    script = [f"woord{number}" for number in range(60)]
    ear = WhisperEngine.load(make_tiny_whisper(tmp_path, script), EngineOptions()).transcriber()
    ear.accept(noise(1.0))
    hypothesis = ear.flush()
    assert len(hypothesis.words) < 25
    assert hypothesis.suspicious == TOO_FAST


def test_nothing_is_asked_of_a_network(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    ear = WhisperEngine.load(model, EngineOptions()).transcriber()
    ear.accept(noise(0.5))
    assert ear.flush().words


def test_weights_cut_short_are_refused_with_what_to_do(tmp_path: Path) -> None:
    broken = make_tiny_whisper(tmp_path)
    weights = (broken / "model.bin").read_bytes()
    (broken / "model.bin").write_bytes(weights[: len(weights) // 2])
    with pytest.raises(EngineUnavailable, match="does not load") as caught:
        WhisperEngine.load(broken, EngineOptions())
    assert caught.value.advice == files.ADVICE


@pytest.mark.parametrize("windows", ["check", "trimmed", "padded"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tokenizer.json", "{}"),
        ("config.json", "[]"),
        ("preprocessor_config.json", "[]"),
        ("preprocessor_config.json", '{"n_fft": 0}'),
        ("vocabulary.json", "[]"),
    ],
)
def test_files_that_do_not_fit_are_refused_with_what_to_do(
    tmp_path: Path, name: str, text: str, windows: Windows
) -> None:
    broken = make_tiny_whisper(tmp_path / files.FOLDER / "good")
    (broken / name).write_text(text)
    with pytest.raises(EngineUnavailable, match="does not load") as caught:
        WhisperEngine.load(broken, EngineOptions(windows=windows))
    assert "spiegel models pull good --force" in caught.value.advice


@pytest.mark.parametrize("windows", ["check", "padded"])
def test_the_file_that_says_what_a_model_hears_is_named_when_it_is_missing(tmp_path: Path, windows: Windows) -> None:
    model = make_tiny_whisper(tmp_path, mels=128)
    ear = WhisperEngine.load(model, EngineOptions(windows=windows)).transcriber("nl")
    ear.accept(noise(1.0))
    assert ear.flush().words, "with the file all is well"
    (model / "preprocessor_config.json").unlink()
    with pytest.raises(EngineUnavailable, match=r"128 bands .* preprocessor_config\.json.* is missing") as caught:
        WhisperEngine.load(model, EngineOptions(windows=windows))
    assert "Take preprocessor_config.json" in caught.value.advice


def test_a_directory_without_a_tokenizer_is_refused_before_a_hub_is_asked(tmp_path: Path) -> None:
    broken = make_tiny_whisper(tmp_path)
    (broken / "tokenizer.json").unlink()
    with pytest.raises(EngineUnavailable, match=r"tokenizer\.json missing"):
        WhisperEngine.load(broken, EngineOptions())


def test_a_model_that_reads_the_same_in_short_windows_gets_them(engine: WhisperEngine) -> None:
    assert (engine.windows, engine.window) == ("trimmed", WindowConfig())
    assert "the same" in engine.note
    heard = engine.reader.hear(noise(2.0), engine.window)
    assert heard.features.shape[1] == 452 / 2


def test_a_model_that_misreads_in_short_windows_falls_back_to_30_s(tmp_path: Path) -> None:
    model = make_tiny_whisper(tmp_path, SCRIPT, short_says=["dank"])
    engine = WhisperEngine.load(model, EngineOptions())
    assert (engine.windows, engine.window) == ("padded", PADDED)
    assert "otherwise" in engine.note
    ear = engine.transcriber("nl")
    ear.accept(noise(2.0))
    assert ear.flush().text == " ".join(SCRIPT)
    forced = WhisperEngine.load(model, EngineOptions(windows="trimmed")).transcriber("nl")
    forced.accept(noise(2.0))
    assert forced.flush().words[0].text == "dank", "the check has a reason"


def test_the_window_can_be_set(model: Path) -> None:
    window = WindowConfig(margin=1.0, shortest=1.0)
    engine = WhisperEngine.load(model, EngineOptions(windows="trimmed"), window)
    assert engine.reader.hear(noise(2.0), engine.window).features.shape[1] == 302 / 2


def test_a_known_answer_costs_next_to_nothing_at_the_start(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Heard] = []
    hear = WhisperReader.hear
    monkeypatch.setattr(WhisperReader, "hear", lambda self, *given: heard.append(found := hear(self, *given)) or found)
    for windows in ("trimmed", "padded"):
        assert WhisperEngine.load(model, EngineOptions(windows=windows)).windows == windows
    assert [one.features.shape[1] for one in heard] == [6, 6], "each step is tried, on a tenth of a second"


def test_without_alignment_heads_word_times_stay_estimates(tmp_path: Path) -> None:
    ear = WhisperEngine.load(make_tiny_whisper(tmp_path, SCRIPT, aligns=False), EngineOptions()).transcriber("nl")
    ear.accept(noise(2.0))
    estimated = ear.decode()
    hypothesis = ear.flush()
    assert hypothesis == estimated
    assert [(word.start, word.end) for word in hypothesis.words] == spread(SCRIPT, noise(2.0))


def test_what_the_model_is_told_comes_before_and_is_never_text(tmp_path: Path) -> None:
    model = make_tiny_whisper(tmp_path, SCRIPT, context=8)
    engine = WhisperEngine.load(model, EngineOptions(prompt="wij bellen", hotwords=("Anna", "Bas", "Cor")))
    assert len(engine.context) == 7
    ear = engine.transcriber()
    ear.accept(noise(2.0))
    assert ear.decode().text == " ".join(SCRIPT)
    assert ear.decode(["goedemorgen", "met,"]).text == "goedemorgen met, Anna de Vries."
    assert ear.flush(["goedemorgen"]).text == "goedemorgen met, Anna de Vries."


def test_more_names_than_fit_are_left_out_and_told(model: Path) -> None:
    engine = WhisperEngine.load(model, EngineOptions(hotwords=("Bas",) * 300))
    assert len(engine.context) == 223
    assert "first 112 of 300 hotwords" in engine.note
    ear = engine.transcriber("nl")
    ear.accept(noise(29.0))
    assert ear.decode(["goedemorgen"] * 100).words[99].text == "goedemorgen"


def test_the_prompt_said_on_silence_is_doubted(tmp_path: Path) -> None:
    model = make_tiny_whisper(tmp_path, ["over", "Blauwe", "Reiger"], context=6, silent=True)
    ear = WhisperEngine.load(model, EngineOptions(prompt="Gesprekken over Blauwe Reiger.")).transcriber("nl")
    ear.accept(noise(2.0))
    hypothesis = ear.flush()
    assert (hypothesis.text, hypothesis.suspicious) == ("over Blauwe Reiger", ECHO)


def test_a_last_reading_in_a_loop_is_tried_again_without_what_was_told(tmp_path: Path) -> None:
    model = make_tiny_whisper(tmp_path, ["nou"] * 30, context=9, otherwise=["ja", "dat", "klopt."])
    ear = WhisperEngine.load(model, EngineOptions(prompt="een twee drie vier vijf zes zeven acht")).transcriber("nl")
    ear.accept(noise(1.0))
    assert ear.decode().suspicious == LOOP
    hypothesis = ear.flush()
    assert (hypothesis.text, hypothesis.suspicious) == ("ja dat klopt.", "")


def test_a_loop_that_stays_one_is_cut_and_doubted(tmp_path: Path) -> None:
    ear = WhisperEngine.load(make_tiny_whisper(tmp_path, ["ja", *["nou"] * 40]), EngineOptions()).transcriber("nl")
    ear.accept(noise(2.0))
    hypothesis = ear.flush()
    assert (hypothesis.text, hypothesis.suspicious) == ("ja nou nou nou", LOOP)


def test_a_last_reading_that_does_not_end_in_a_short_window_is_tried_again_in_30_s(tmp_path: Path) -> None:
    model = make_tiny_whisper(tmp_path, SCRIPT, short_says=[f"{letter}nd" for letter in ascii_letters])
    ear = WhisperEngine.load(model, EngineOptions(windows="trimmed")).transcriber("nl")
    ear.accept(noise(2.0))
    assert ear.decode().suspicious == TOO_FAST
    hypothesis = ear.flush()
    assert (hypothesis.text, hypothesis.suspicious) == (" ".join(SCRIPT), "")


@pytest.mark.parametrize("script", [["ja"] * 3, ["nul", "zes", "een", "twee", "drie", "vier"] * 2])
def test_what_people_repeat_is_read_as_it_is(tmp_path: Path, script: list[str]) -> None:
    ear = WhisperEngine.load(make_tiny_whisper(tmp_path, script), EngineOptions()).transcriber("nl")
    ear.accept(noise(4.0))
    hypothesis = ear.flush()
    assert (hypothesis.text, hypothesis.suspicious) == (" ".join(script), "")


def test_once_the_language_stands_it_is_asked_once_an_utterance(
    engine: WhisperEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Heard] = []
    ask = WhisperReader.languages
    monkeypatch.setattr(WhisperReader, "languages", lambda self, heard: (asked.append(heard), ask(self, heard))[1])
    ear = engine.transcriber()
    counts: list[int] = []
    for _ in range(3):
        for _ in range(4):
            ear.accept(noise(0.6))
            assert ear.decode().language == "nl"
        ear.flush()
        counts.append(len(asked))
    assert counts == [4, 5, 6]


def test_a_model_that_knows_none_of_the_languages_is_refused(model: Path) -> None:
    with pytest.raises(EngineUnavailable, match="none of the languages xx, fr"):
        WhisperEngine.load(model, EngineOptions(languages=("xx", "fr")))
    assert WhisperEngine.load(model, EngineOptions(languages=("xx", "nl"))).language_choices == ("nl",)
