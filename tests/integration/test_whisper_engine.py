"""The Whisper engine on a tiny model that is written on the spot and says what a script says."""

import math
import socket
from pathlib import Path

import numpy as np
import pytest
from tiny_whisper import make_tiny_whisper

from live_sentiment.engine_family import EngineOptions
from live_sentiment.errors import EngineUnavailable
from live_sentiment.events import SAMPLE_RATE
from live_sentiment.guards import LOOP, NO_SPEECH, TOO_FAST, UNSURE
from live_sentiment.hypothesis import HypothesisBuffer
from live_sentiment.transcriber import Samples
from live_sentiment.whisper.engine import WhisperEngine, WhisperTranscriber, _doubt
from live_sentiment.whisper.language import LanguageChoice
from live_sentiment.whisper.reader import Said, WhisperReader, word_probabilities

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
    for _ in range(3):
        ear.accept(noise(1.0))
        said = buffer.insert(ear.decode([word.text for word in buffer.committed]).words)
    assert [word.text for word in said.committed] == list(script[:4])


class Spelling:
    """A speller whose token 3 is half a letter."""

    eot = 9
    pieces = (" daar", "om", " heet", " caf\N{LATIN SMALL LETTER E WITH ACUTE}".encode()[:-1], b"\xa9", ".")

    def encode(self, text: str) -> list[int]:
        raise NotImplementedError(text)

    def decode(self, tokens: list[int]) -> str:
        pieces = (self.pieces[token] for token in tokens)
        return b"".join(piece.encode() if isinstance(piece, str) else piece for piece in pieces).decode(
            errors="replace"
        )


def test_a_words_probability_is_the_geometric_mean_of_its_tokens() -> None:
    tokens = {0: 0.9, 1: 0.4, 2: 0.8, 3: 0.5, 4: 0.5, 5: 0.5}
    found = word_probabilities(Spelling(), list(tokens), [math.log(each) for each in tokens.values()])
    assert found == pytest.approx((0.6, 0.8, 0.5))


def test_a_doubtful_reading_is_no_evidence_of_a_language(tmp_path: Path) -> None:
    """A loop on hold music, heard as Dutch, must not make the English that follows Dutch."""
    looping = make_tiny_whisper(tmp_path / "loop", ["ja"] * 8)
    choice = LanguageChoice(("en", "nl"))
    ear = WhisperTranscriber(WhisperReader.load(looping, threads=1), choice)
    ear.accept(noise(2.0))
    assert ear.decode().language == "nl"
    assert ear.flush().suspicious
    assert choice.best == "en", "as before anything was heard"


def test_a_trusted_reading_is_evidence_of_a_language(engine: WhisperEngine) -> None:
    choice = LanguageChoice(("en", "nl"))
    ear = WhisperTranscriber(engine.reader, choice)
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


@pytest.mark.parametrize("size", [1, 300, 40 * SAMPLE_RATE])
def test_any_length_of_audio_is_read(engine: WhisperEngine, size: int) -> None:
    ear = engine.transcriber("nl")
    for start in range(0, size, SAMPLE_RATE):
        ear.accept(noise(1.0)[: min(SAMPLE_RATE, size - start)])
    hypothesis = ear.flush()
    assert hypothesis.text == " ".join(SCRIPT)
    assert hypothesis.words[-1].end <= size / SAMPLE_RATE


def test_the_model_says_when_nobody_speaks(tmp_path: Path) -> None:
    reader = WhisperReader.load(make_tiny_whisper(tmp_path, silent=True), threads=1)
    assert reader.read(reader.hear(noise(1.0)), "nl", "", 20).no_speech > 0.9


def test_a_reading_that_does_not_end_is_cut_off_and_doubted(tmp_path: Path) -> None:
    script = [f"woord{number}" for number in range(60)]
    ear = WhisperEngine.load(make_tiny_whisper(tmp_path, script), EngineOptions()).transcriber()
    ear.accept(noise(1.0))
    hypothesis = ear.flush()
    assert len(hypothesis.words) < 25
    assert hypothesis.suspicious == TOO_FAST


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (Said("ja", (1,), -0.2, 0.99, 1.0, capped=False), ""),
        (Said("ja", (1,), -1.2, 0.99, 1.0, capped=False), NO_SPEECH),
        (Said("ja", (1,), -1.2, 0.1, 1.0, capped=False), UNSURE),
        (Said("ja", (1,), -0.2, 0.1, 3.0, capped=False), LOOP),
        (Said("ja " * 8, (1,), -0.2, 0.1, 1.0, capped=False), LOOP),
        (Said("ja", (1,), -0.2, 0.1, 1.0, capped=True), TOO_FAST),
    ],
)
def test_doubts_follow_whispers_own_limits(said: Said, reason: str) -> None:
    assert _doubt(said) == reason


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
    assert "spiegel models list" in caught.value.advice


def test_a_directory_without_a_tokenizer_is_refused_before_a_hub_is_asked(tmp_path: Path) -> None:
    broken = make_tiny_whisper(tmp_path)
    (broken / "tokenizer.json").unlink()
    with pytest.raises(EngineUnavailable, match=r"tokenizer\.json missing"):
        WhisperEngine.load(broken, EngineOptions())
