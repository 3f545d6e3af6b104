"""Events of a small call, for tests of what is told about one."""

from live_sentiment.events import (
    AnyEvent,
    CallEnded,
    CallStarted,
    Channel,
    ConversationMetrics,
    Cue,
    CueOutcome,
    Probabilities,
    Sentiment,
    SentimentReading,
    SentimentTrend,
    SignalDetected,
    TranscriptFinal,
    Word,
)


def said(utterance: int, channel: Channel, start: float, text: str, language: str = "en") -> TranscriptFinal:
    words = tuple(
        Word(text=word, start=start + 0.3 * number, end=start + 0.3 * number + 0.2, probability=0.9)
        for number, word in enumerate(text.split())
    )
    end = words[-1].end if words else start + 1.0
    return TranscriptFinal(
        at=end + 0.2,
        channel=channel,
        utterance=utterance,
        text=text,
        start=start,
        end=end,
        language=language,
        confidence=0.9,
        words=words,
    )


def felt(utterance: int, at: float, sentiment: Sentiment, *, sure: bool = True) -> SentimentReading:
    chances = {"negative": 0.05, "neutral": 0.05, "positive": 0.05} | {sentiment: 0.9}
    return SentimentReading(
        at=at,
        utterance=utterance,
        start=at,
        sentiment=sentiment,
        probabilities=Probabilities(**chances),
        emotion="neutral",
        confidence=0.9,
        sure=sure,
        because=(),
    )


def mood(at: float, height: float | None) -> SentimentTrend:
    return SentimentTrend(at=at, mood=height, sentiment=None, direction="steady", readings=1)


def cue(at: float) -> Cue:
    return Cue(
        at=at,
        cue_id="c1",
        rule="acknowledge",
        priority=1,
        advice={"en": "Feeling first.", "nl": "Eerst het gevoel."},
        why={"en": "The mood is falling", "nl": "De stemming daalt"},
        because=("fed up",),
        confidence=0.9,
        expires_at=at + 10,
    )


def numbers(at: float) -> ConversationMetrics:
    return ConversationMetrics(
        at=at,
        agent_talk=61.0,
        customer_talk=30.0,
        overlap=2.5,
        silence=9.0,
        talk_ratio=0.67,
        dead_air=0.0,
        monologue=0.0,
        pace=None,
    )


def a_call(language: str = "en") -> list[AnyEvent]:
    """Two turns, a cue that helped, an arc that rises."""
    return [
        CallStarted(at=0.0, call_id="call-1", started_at=1_700_000_000.0, source="monday.flac"),
        said(1, "agent", 1.0, "good afternoon", language),
        said(2, "customer", 5.0, "i am so fed up", language),
        felt(2, 7.0, "negative"),
        SignalDetected(at=7.0, utterance=2, signal="repeat_contact", probability=0.9, because=()),
        mood(7.0, -0.6),
        cue(8.0),
        CueOutcome(at=9.0, cue_id="c1", outcome="helped"),
        said(3, "customer", 80.0, "thank you", language),
        felt(3, 82.0, "positive"),
        mood(82.0, 0.7),
        numbers(90.0),
        CallEnded(at=90.0, reason="finished"),
    ]
