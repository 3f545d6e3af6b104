import pytest
from msgspec import structs

from live_sentiment.utterance_reading import read_utterance, sentences
from onnx_models.classification import Classification, SignalScore


class Scripted:
    """Answers by the words in a text: "bad", "good" and "maybe" feel, "again:0.6" is a signal of that probability."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def classify(self, text: str) -> Classification:
        self.read.append(text)
        sentiment = "negative" if "bad" in text else "positive" if "good" in text else "neutral"
        scores = [float(word.split(":")[1].rstrip(".?!")) for word in text.split() if word.startswith("again:")]
        return Classification(
            sentiment=sentiment,
            probabilities={"negative": 0.0, "neutral": 0.0, "positive": 0.0, sentiment: 1.0},
            emotion="neutral",
            confidence=1.0,
            sure="maybe" not in text,
            signals=tuple(SignalScore("repeat_contact", score, ()) for score in scores),
            because=(),
        )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no sentence ends at all here", ["no sentence ends at all here"]),
        ("My name is Emma. It is late again. Why?", ["My name is Emma.", "It is late again. Why?"]),
        ("Yes. That is right.", ["Yes. That is right."]),
        ("Nee! Dat klopt niet hoor.", ["Nee! Dat klopt niet hoor."]),
        ("Yes.", ["Yes."]),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == [line for line in expected if line]


def test_a_reproach_is_not_drowned_by_the_greeting_before_it() -> None:
    assert read_utterance(Scripted(), "Hello my name is Emma. This is really bad.").sentiment == "negative"


def test_what_was_felt_last_counts() -> None:
    assert read_utterance(Scripted(), "That was really bad. But now it is good.").sentiment == "positive"


def test_an_unsure_feeling_does_not_outweigh_a_sure_one() -> None:
    assert read_utterance(Scripted(), "That was really bad. And this maybe good.").sentiment == "negative"


def test_without_a_sure_feeling_the_whole_is_read() -> None:
    classifier = Scripted()
    read_utterance(classifier, "My name is Emma. I live in Delft.")
    assert classifier.read[-1] == "My name is Emma. I live in Delft."


def test_each_signal_keeps_its_highest_probability() -> None:
    reading = read_utterance(Scripted(), "I call again:0.5 today. I call again:0.8 now. It is bad.")
    assert [(score.signal, score.probability) for score in reading.signals] == [("repeat_contact", 0.8)]


def test_one_sentence_is_read_once() -> None:
    classifier = Scripted()
    read_utterance(classifier, "just one sentence")
    assert classifier.read == ["just one sentence"]


def test_no_text_is_still_read() -> None:
    assert read_utterance(Scripted(), " ").sentiment == "neutral"


@pytest.mark.parametrize(("text", "signals"), [("again:0.8 done", 0), ("again:0.9 done", 1)])
def test_a_few_words_must_be_clear_to_be_a_signal(text: str, signals: int) -> None:
    assert len(read_utterance(Scripted(), text).signals) == signals


def test_a_few_words_that_are_not_clear_are_not_sure() -> None:
    class Wavering(Scripted):
        def classify(self, text: str) -> Classification:
            return structs.replace(super().classify(text), confidence=0.6)

    assert not read_utterance(Wavering(), "bad").sure
    assert read_utterance(Wavering(), "this is bad").sure
