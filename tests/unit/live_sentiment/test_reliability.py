from live_sentiment.events import Word
from live_sentiment.reliability import ReliabilityConfig, ReliabilityTracker

CONFIG = ReliabilityConfig(window=10, fewest=4, lost=0.6, found=0.8, clear_alone=0.8)


def words(*probabilities: float) -> list[Word]:
    return [Word(text="w", start=0.0, end=0.1, probability=probability) for probability in probabilities]


def test_a_channel_is_relied_upon_until_its_words_say_otherwise() -> None:
    tracker = ReliabilityTracker(CONFIG)
    assert tracker.reliable
    assert not tracker.accept(words(0.9, 0.9, 0.9, 0.9, 0.9))
    assert tracker.reliable


def test_too_few_words_decide_nothing() -> None:
    tracker = ReliabilityTracker(CONFIG)
    assert not tracker.accept(words(0.1, 0.1, 0.1))
    assert tracker.reliable


def test_unsure_words_are_told_once() -> None:
    tracker = ReliabilityTracker(CONFIG)
    assert tracker.accept(words(0.5, 0.5, 0.5, 0.5))
    assert not tracker.reliable
    assert not tracker.accept(words(0.5, 0.5))


def test_it_comes_back_only_when_clearly_better() -> None:
    tracker = ReliabilityTracker(CONFIG)
    tracker.accept(words(*[0.5] * 10))
    assert not tracker.accept(words(*[0.7] * 10))
    assert tracker.accept(words(*[0.95] * 10))
    assert tracker.reliable


def test_a_clear_utterance_on_a_bad_line_still_counts() -> None:
    tracker = ReliabilityTracker(CONFIG)
    tracker.accept(words(*[0.4] * 10))
    assert tracker.trusts(words(0.9, 0.9, 0.9))
    assert not tracker.trusts(words(0.9, 0.9)), "two words are too few"
    assert not tracker.trusts(words(0.9, 0.9, 0.4))


def test_only_the_last_words_count() -> None:
    tracker = ReliabilityTracker(CONFIG)
    tracker.accept(words(*[0.99] * 100))
    assert tracker.accept(words(*[0.3] * 10))
