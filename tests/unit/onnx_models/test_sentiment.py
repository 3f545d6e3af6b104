"""What the wrapper makes of a model's numbers; the numbers come from a model made by hand, not from the shipped one."""

from pathlib import Path

import numpy as np
import pytest
import tiny_model as tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from onnx_models import manifest, reasons, sentiment
from onnx_models.classification import EMOTIONS, SENTIMENTS, SIGNALS
from onnx_models.features import tokens
from onnx_models.sentiment import SentimentModel

KEPT_APART = Path(sentiment.__file__).parent / "train" / "kept_apart.tsv"

BAD = 1
"""In the scripted model, the first distinct word of a text is the bad one."""


class Scripted:
    """Stands in for a session: negative as long as word ``BAD`` is in the sentence, else neutral."""

    def __init__(self) -> None:
        self.feeds: list[dict[str, np.ndarray]] = []
        self.bad_word = BAD

    def run(self, names: list[str], feed: dict[str, np.ndarray]) -> list[np.ndarray]:
        assert names == ["sentiment", "emotion", "signals"]
        self.feeds.append(feed)
        bad = (feed["words"] == self.bad_word).any(1)
        feeling = np.where(bad[:, None], [[0.8, 0.15, 0.05]], [[0.1, 0.8, 0.1]])
        emotion = np.full((len(bad), len(EMOTIONS)), 0.01)
        emotion[:, EMOTIONS.index("gratitude")] = 0.5  # does not go with negative
        emotion[:, EMOTIONS.index("anger")] = 0.3
        signals = np.zeros((len(bad), len(SIGNALS)))
        signals[:, SIGNALS.index("churn")] = np.where(bad, 0.95, 0.05)
        return [array.astype(np.float32) for array in (feeling, emotion, signals)]


@pytest.fixture
def scripted() -> Scripted:
    return Scripted()


@pytest.fixture
def model(scripted: Scripted) -> SentimentModel:
    return SentimentModel(scripted, manifest.read(sentiment.SHIPPED))  # pyright: ignore[reportArgumentType]


def test_the_word_that_weighs_is_named_as_written(model: SentimentModel) -> None:
    found = model.classify("Terrible, I said")
    assert found.sentiment == "negative"
    assert [reason.word for reason in found.because] == ["Terrible"]
    assert found.because[0].weight == pytest.approx(np.tanh((np.log(0.8 / 0.2) - np.log(0.1 / 0.9)) / 2))


def test_a_word_of_grammar_is_no_reason_by_itself(model: SentimentModel) -> None:
    assert model.classify("this went wrong").because == ()
    assert [reason.word for reason in model.classify("niet goed").because] == ["niet"]


def test_a_neutral_text_needs_no_reasons(model: SentimentModel, scripted: Scripted) -> None:
    scripted.bad_word = 99
    found = model.classify("my order number is four")
    assert (found.sentiment, found.emotion, found.because, found.signals) == ("neutral", "neutral", (), ())


def test_the_emotion_goes_with_the_sentiment(model: SentimentModel) -> None:
    assert model.classify("terrible service").emotion == "anger"


def test_a_signal_has_its_own_reasons(model: SentimentModel) -> None:
    (signal,) = model.classify("quitting is what I do").signals
    assert signal.signal == "churn"
    assert [reason.word for reason in signal.because] == ["quitting"]


def test_one_run_holds_the_text_and_each_leaving_out(model: SentimentModel, scripted: Scripted) -> None:
    model.classify("no no yes?")
    (feed,) = scripted.feeds
    assert feed["words"].tolist() == [[1, 1, 2, 3], [1, 2, 3, 0], [1, 2, 3, 0], [1, 1, 3, 0]]
    assert feed["pieces"].shape[0] == 1 + 3


def test_a_long_text_leaves_out_several_words_at_once(model: SentimentModel, scripted: Scripted) -> None:
    found = model.classify("bad " + " ".join(f"w{i}" for i in range(80)))
    assert len(scripted.feeds[0]["words"]) <= 1 + reasons.MOST_LEFT_OUT
    assert found.because[0].word == "bad w0 w1"


@pytest.mark.parametrize("text", ["", "   ", "...", "?!", "😀👍", "\x00\x1b\x07", "привет как дела", "你好", "\ud800"])
def test_what_cannot_be_read_is_neutral_and_not_sure(model: SentimentModel, scripted: Scripted, text: str) -> None:
    found = model.classify(text)
    assert found.sentiment == "neutral"
    assert not found.sure
    assert not scripted.feeds


@pytest.mark.parametrize(
    "text",
    [
        "Ich habe das Paket immer noch nicht bekommen",
        "je n'ai toujours pas reçu mon colis et personne ne répond",
        "no he recibido mi paquete todavía y estoy muy enfadado",
        "buongiorno vorrei sapere dove è il mio ordine",
        "dzień dobry nie mam jeszcze paczki",
        "merhaba siparişim hala gelmedi neden",
        "привет как дела",
        "mon colis n est pas arrivé",
        "mi pedido no llega",
        "wo ist mein paket",
    ],
)
def test_another_language_is_told_not_guessed_at(model: SentimentModel, scripted: Scripted, text: str) -> None:
    found = model.classify(text)
    assert not found.language_supported
    assert (found.sentiment, found.sure, found.signals) == ("neutral", False, ())
    assert not scripted.feeds


NAME = "my name is maria del carmen de los santos"
PERFUME = "i ordered the perfume pour elle and it leaks"


@pytest.mark.parametrize(
    "text", ["merci", "bonjour, met jan", "adios amigo", "", "...", "ho ho te snel", "he he ja", NAME, PERFUME]
)
def test_a_foreign_word_or_none_at_all_is_no_foreign_language(text: str) -> None:
    assert SHIPPED.classify(text).language_supported


def test_our_own_lines_are_in_our_languages() -> None:
    rows = KEPT_APART.read_text("utf-8").splitlines()
    lines = [line for row in rows for line in row.split("\t")[:2]]
    assert [line for line in lines if not SHIPPED.classify(line).language_supported] == []


def test_ten_thousand_words_are_answered_from_their_end() -> None:
    found = SHIPPED.classify("this is ridiculous " * 3000 + "thank you very much " * 250)
    assert (found.sentiment, found.sure) == ("positive", True)


def test_every_emotion_goes_with_some_sentiment() -> None:
    assert set().union(*sentiment.EMOTIONS_OF.values()) == set(EMOTIONS)


def test_another_model_can_be_chosen(tmp_path: Path) -> None:
    found = SentimentModel.load(tiny.write(tmp_path)).classify_many(["one", "two"])
    assert [f.confidence for f in found] == pytest.approx([1 / 3, 1 / 3])
    assert not any(f.sure for f in found)


@given(st.text(max_size=400))
@settings(max_examples=60, deadline=None)
def test_any_text_is_answered(text: str) -> None:
    found = SHIPPED.classify(text)
    assert found.sentiment in SENTIMENTS
    assert sum(found.probabilities.values()) == pytest.approx(1, abs=1e-4)
    assert found.confidence == max(found.probabilities.values())
    words = {token.text for token in tokens(text)}
    assert all(set(reason.word.split()) <= words for reason in found.because)


SHIPPED = SentimentModel.load()
