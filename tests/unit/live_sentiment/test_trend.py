"""The mood's arithmetic, on hand-made readings."""

import pytest

from live_sentiment.events import Probabilities, Sentiment, SentimentReading
from live_sentiment.trend import TrendConfig, TrendTracker

VALENCE: dict[Sentiment, tuple[float, float, float]] = {
    "negative": (0.9, 0.08, 0.02),
    "neutral": (0.08, 0.84, 0.08),
    "positive": (0.02, 0.08, 0.9),
}


def reading(at: float, sentiment: Sentiment, *, sure: bool = True, confidence: float = 0.9) -> SentimentReading:
    negative, neutral, positive = VALENCE[sentiment]
    return SentimentReading(
        at=at,
        utterance=1,
        start=at - 2,
        sentiment=sentiment,
        probabilities=Probabilities(negative=negative, neutral=neutral, positive=positive),
        emotion="neutral",
        confidence=confidence,
        sure=sure,
        because=(),
    )


def test_says_nothing_before_the_first_sure_reading() -> None:
    tracker = TrendTracker()
    trend = tracker.accept(reading(2, "negative", sure=False))
    assert (trend.mood, trend.sentiment, trend.direction, trend.readings) == (None, None, "steady", 1)
    assert tracker.value_at(2) is None
    trend = tracker.accept(reading(5, "negative"))
    assert trend.sentiment == "negative"
    assert trend.readings == 2


def test_an_order_number_does_not_calm_an_annoyed_customer() -> None:
    tracker = TrendTracker()
    annoyed = tracker.accept(reading(5, "negative"))
    after = [tracker.accept(reading(at, "neutral")) for at in (8, 12, 16)][-1]
    assert annoyed.mood is not None
    assert after.mood is not None
    assert annoyed.mood < after.mood < 0.5 * annoyed.mood
    assert after.sentiment == "negative"


def test_a_mood_halves_in_its_half_life() -> None:
    tracker = TrendTracker(TrendConfig(half_life=10))
    tracker.accept(reading(5, "positive"))
    now, later = tracker.value_at(5), tracker.value_at(15)
    assert now is not None
    assert later == pytest.approx(now / 2)


def test_an_unsure_reading_weighs_little() -> None:
    sure, unsure = TrendTracker(), TrendTracker()
    for tracker in (sure, unsure):
        tracker.accept(reading(1, "neutral"))
    assert (sure.accept(reading(2, "negative")).mood or 0) < -0.4
    assert (unsure.accept(reading(2, "negative", sure=False)).mood or 0) > -0.1


def test_confidence_scales_the_step() -> None:
    moods = [TrendTracker().accept(reading(1, "negative", confidence=c)).mood or 0.0 for c in (0.5, 0.7, 0.95)]
    assert moods == sorted(moods, reverse=True)


def test_falls_then_rises() -> None:
    tracker = TrendTracker()
    sequence: list[tuple[float, Sentiment]] = [
        (2, "neutral"),
        (10, "negative"),
        (14, "neutral"),
        (36, "neutral"),
        (40, "positive"),
    ]
    directions = [tracker.accept(reading(at, sentiment)).direction for at, sentiment in sequence]
    assert directions == ["steady", "falling", "falling", "steady", "rising"]


def test_repeated_complaints_are_steady_not_falling() -> None:
    tracker = TrendTracker()
    trends = [tracker.accept(reading(at, "negative")) for at in range(5, 120, 15)]
    assert {trend.direction for trend in trends[3:]} == {"steady"}


def test_forgetting_is_not_recovery() -> None:
    tracker = TrendTracker()
    for at in (2, 4, 6):
        tracker.accept(reading(at, "negative"))
    trend = tracker.accept(reading(40, "neutral"))
    assert trend.mood is not None
    assert trend.mood > -0.6
    assert trend.direction == "steady"


def test_the_name_does_not_flicker() -> None:
    tracker = TrendTracker(TrendConfig(edge=0.3, edge_back=0.1, half_life=1000))
    assert tracker.accept(reading(1, "negative")).sentiment == "negative"
    names = [tracker.accept(reading(at, "neutral")).sentiment for at in range(2, 9)]
    assert abs(tracker.value_at(9) or 1) < 0.3
    assert names == ["negative"] * 7


def test_time_running_backwards_is_taken_as_standing_still() -> None:
    tracker = TrendTracker()
    tracker.accept(reading(10, "negative"))
    trend = tracker.accept(reading(9, "neutral"))
    assert trend.at == 10


def test_the_mood_stays_in_its_bounds() -> None:
    tracker = TrendTracker(TrendConfig(step=1.0))
    moods = [tracker.accept(reading(at, "positive", confidence=1.0)).mood or 0.0 for at in range(50)]
    assert max(moods) <= 1.0
