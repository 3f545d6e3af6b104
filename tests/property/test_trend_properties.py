"""The mood over any call: bounded, monotone in evidence, forgetting, deaf to one unsure word, quick to a real turn."""

from hypothesis import example, given
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


@example([reading(0.0, "negative", 1.0) for _ in range(6)], 1.0, [0.51, 0.51, 0.51])
@example([reading(0.0, "positive", 1.0) for _ in range(6)], 1.0, [0.51, 0.51, 0.51])
@given(readings(), GAP, st.lists(st.floats(0.5, 1.0), min_size=3, max_size=3))
def test_a_worse_line_never_leaves_a_better_mood_than_a_better_line(
    history: list[SentimentReading], gap: float, sure: list[float]
) -> None:
    at = end(history) + gap
    lines = [reading(at, *each) for each in zip(("negative", "neutral", "positive"), sure, strict=True)]
    worse, plain, better = (after(history).accept(line).mood for line in lines)
    assert worse is not None
    assert plain is not None
    assert better is not None
    assert worse <= plain + 1e-9
    assert plain <= better + 1e-9


@given(readings(least=1), st.floats(0.0, 300.0), st.floats(0.0, 300.0))
def test_time_alone_only_forgets(history: list[SentimentReading], one: float, two: float) -> None:
    last = reading(end(history), "negative", 0.5)  # sure, so that the mood is known
    tracker = after([*history, last])
    sooner, later = (tracker.value_at(end(history) + seconds) for seconds in sorted((one, two)))
    assert sooner is not None
    assert later is not None
    assert abs(later) <= abs(sooner) + 1e-9
    assert later * sooner >= 0


@given(readings(least=1), GAP, st.floats(0.4, 1.0))
def test_one_unsure_line_never_turns_a_mood_over(
    history: list[SentimentReading], gap: float, confidence: float
) -> None:
    tracker = after(history)
    thanks = [tracker.accept(reading(end(history), "positive", 1.0)) for _ in range(2)]
    assert thanks[-1].sentiment == "positive"
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


@given(readings(), GAP, st.floats(0.0, 30.0), st.floats(0.8, 1.0), st.sampled_from(("negative", "positive")))
def test_a_real_turn_shows_within_two_utterances(
    history: list[SentimentReading], gap: float, again: float, confidence: float, to: Sentiment
) -> None:
    tracker = after(history)
    first = end(history) + gap
    tracker.accept(reading(first, to, confidence))
    assert tracker.accept(reading(first + again, to, confidence)).sentiment == to
