"""The mood over any call: bounded, monotone in evidence, forgetting, deaf to one unsure word, quick to a real turn."""

from hypothesis import assume, given
from hypothesis import strategies as st

from live_sentiment.events import Probabilities, Sentiment, SentimentReading
from live_sentiment.trend import TrendTracker

GAP = st.floats(0.0, 60.0)
"""Seconds between two utterances."""


@st.composite
def readings(draw: st.DrawFn, least: int = 0) -> list[SentimentReading]:
    """The readings of a call so far, in order."""
    at = 0.0
    out: list[SentimentReading] = []
    for _ in range(draw(st.integers(least, 12))):
        at += draw(GAP)
        sentiment = draw(st.sampled_from(("negative", "neutral", "positive")))
        out.append(reading(at, sentiment, draw(st.floats(0.4, 1.0)), sure=draw(st.booleans())))
    return out


def reading(at: float, sentiment: Sentiment, confidence: float, *, sure: bool = True) -> SentimentReading:
    """A reading whose other probability is all neutral, or all negative for a neutral one."""
    rest = 1.0 - confidence
    shares = {"negative": 0.0, "neutral": 0.0, "positive": 0.0} | {
        sentiment: confidence,
        ("negative" if sentiment == "neutral" else "neutral"): rest,
    }
    return SentimentReading(
        at=at,
        utterance=1,
        start=at,
        sentiment=sentiment,
        probabilities=Probabilities(**shares),
        emotion="neutral",
        confidence=confidence,
        sure=sure,
        because=(),
    )


def after(history: list[SentimentReading]) -> TrendTracker:
    tracker = TrendTracker()
    for one in history:
        tracker.accept(one)
    return tracker


def end(history: list[SentimentReading]) -> float:
    return history[-1].at if history else 0.0


@given(readings(least=1))
def test_the_mood_is_bounded_and_named_as_it_is(history: list[SentimentReading]) -> None:
    tracker = TrendTracker()
    for one in history:
        trend = tracker.accept(one)
        if trend.mood is not None:
            assert -1.0 <= trend.mood <= 1.0
            assert trend.sentiment != "negative" or trend.mood < 0
            assert trend.sentiment != "positive" or trend.mood > 0


@given(readings(), GAP, st.floats(0.5, 1.0), st.floats(0.5, 1.0))
def test_more_evidence_of_displeasure_never_lifts_the_mood(
    history: list[SentimentReading], gap: float, less: float, more: float
) -> None:
    less, more = sorted((less, more))
    at = end(history) + gap
    moods = [after(history).accept(reading(at, "negative", sure)).mood for sure in (less, more)]
    assert moods[0] is not None
    assert moods[1] is not None
    assert moods[1] <= moods[0] + 1e-9


@given(readings(least=1), st.floats(0.0, 300.0), st.floats(0.0, 300.0))
def test_time_alone_only_forgets(history: list[SentimentReading], one: float, two: float) -> None:
    tracker = after(history)
    sooner, later = (tracker.value_at(end(history) + seconds) for seconds in sorted((one, two)))
    assume(sooner is not None and later is not None)
    assert sooner is not None
    assert later is not None
    assert abs(later) <= abs(sooner) + 1e-9
    assert later * sooner >= 0


@given(readings(least=1), GAP, st.floats(0.4, 1.0))
def test_one_unsure_line_never_turns_a_mood_over(
    history: list[SentimentReading], gap: float, confidence: float
) -> None:
    tracker = TrendTracker()
    before = [tracker.accept(one) for one in history][-1]
    assume(before.sentiment == "positive")
    turned = tracker.accept(reading(end(history) + gap, "negative", confidence, sure=False))
    assert turned.sentiment != "negative"


@given(readings(least=1), GAP, st.floats(0.4, 1.0), st.sampled_from(("negative", "positive")))
def test_no_line_alone_turns_a_mood_into_its_opposite(
    history: list[SentimentReading], gap: float, confidence: float, to: Sentiment
) -> None:
    tracker = TrendTracker()
    before = [tracker.accept(one) for one in history][-1]
    turned = tracker.accept(reading(end(history) + gap, to, confidence))
    assert {before.sentiment, turned.sentiment} != {"negative", "positive"}


@given(readings(), GAP, GAP, st.floats(0.8, 1.0), st.sampled_from(("negative", "positive")))
def test_a_real_turn_shows_within_two_utterances(
    history: list[SentimentReading], gap: float, again: float, confidence: float, to: Sentiment
) -> None:
    assume(again <= 30.0)
    tracker = after(history)
    first = end(history) + gap
    tracker.accept(reading(first, to, confidence))
    assert tracker.accept(reading(first + again, to, confidence)).sentiment == to
