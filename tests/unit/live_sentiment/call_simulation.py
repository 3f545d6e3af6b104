"""Whole calls on virtual time: turns in, the events that the pipeline would say out. For tests."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from live_sentiment.events import (
    CHANNELS,
    AnyEvent,
    Channel,
    Probabilities,
    Reason,
    Sentiment,
    SentimentReading,
    SignalDetected,
    TranscriptFinal,
    TranscriptPartial,
    Word,
)
from live_sentiment.metrics import ConversationMeter
from live_sentiment.trend import TrendTracker

WORDS_PER_SECOND = 2.5
GAP = 0.6
FRAME = 0.1

SURE: dict[Sentiment, Probabilities] = {
    "negative": Probabilities(negative=0.9, neutral=0.08, positive=0.02),
    "neutral": Probabilities(negative=0.06, neutral=0.88, positive=0.06),
    "positive": Probabilities(negative=0.02, neutral=0.08, positive=0.9),
}


@dataclass(frozen=True)
class Turn:
    """Who says what, after ``pause`` seconds; the customer's turns may carry a feeling and signals."""

    who: Channel
    text: str
    sentiment: Sentiment = "neutral"
    signals: tuple[str, ...] = ()
    pause: float = GAP


def final(who: Channel, text: str, start: float, end: float, language: str = "nl") -> TranscriptFinal:
    texts = text.split()
    step = (end - start) / max(len(texts), 1)
    words = tuple(
        Word(text=word, start=start + i * step, end=start + (i + 1) * step, probability=0.9)
        for i, word in enumerate(texts)
    )
    return TranscriptFinal(
        at=end,
        channel=who,
        utterance=1,
        text=text,
        start=start,
        end=end,
        language=language,
        confidence=0.9,
        words=words,
    )


def partial(turn: Turn, start: float, now: float, language: str) -> TranscriptPartial:
    said = turn.text.split()[: max(0, int((now - start) * WORDS_PER_SECOND))]
    return TranscriptPartial(
        at=now,
        channel=turn.who,
        utterance=1,
        text=" ".join(said),
        committed=0,
        start=start,
        end=now,
        language=language,
    )


def reading(at: float, sentiment: Sentiment, because: str = "", start: float = 0.0) -> SentimentReading:
    return SentimentReading(
        at=at,
        utterance=1,
        start=start,
        sentiment=sentiment,
        probabilities=SURE[sentiment],
        emotion="neutral",
        confidence=0.9,
        sure=True,
        because=(Reason(word=because, weight=0.4),) if because else (),
    )


def call(turns: Sequence[Turn], language: str = "nl", after: float = 3.0) -> Iterator[AnyEvent]:
    """All events of a call in order, with metrics once a second and ``after`` seconds of silence at the end."""
    meter, trend = ConversationMeter(), TrendTracker()
    now = 0.0
    for turn in turns:
        start = now + turn.pause
        for second in spoken(meter, turn, start, now):
            now = second
            if int(now) != int(now - FRAME):
                yield meter.snapshot(now)
                yield partial(turn, start, now, language)
        meter.words(turn.who, len(turn.text.split()), start, now)
        yield final(turn.who, turn.text, start, now, language)
        if turn.who == "customer":
            yield from feelings(turn, trend, start, now)
    for after_last in range(1, int(after) + 1):
        yield meter.snapshot(now + after_last)


def spoken(meter: ConversationMeter, turn: Turn, start: float, now: float) -> Iterator[float]:
    """Feeds the frames of a turn to the meter; yields the call time after each."""
    end = start + len(turn.text.split()) / WORDS_PER_SECOND
    while now < end:
        for channel in CHANNELS:
            meter.frame(channel, now, now + FRAME, channel == turn.who and now >= start)
        now += FRAME
        yield now


def feelings(turn: Turn, trend: TrendTracker, start: float, now: float) -> Iterator[AnyEvent]:
    heard = reading(now, turn.sentiment, start=start)
    yield heard
    for signal in turn.signals:
        yield SignalDetected(at=now, utterance=1, signal=signal, probability=0.9, because=())
    yield trend.accept(heard)
