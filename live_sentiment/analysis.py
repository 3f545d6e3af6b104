"""A whole recording at once: the same pipeline as in a live call, as fast as the machine allows.

Only finals are made: nobody looks at partial text of a recording. The events come back in call order.
"""

from collections.abc import Callable, Iterable

from live_sentiment.events import (
    AnyEvent,
    AudioFrame,
    CallEnded,
    CallStarted,
    CueOutcome,
    Gap,
    SentimentReading,
    TranscriptFinal,
)
from live_sentiment.pipeline import CallPipeline, PipelineConfig, PipelineParts
from live_sentiment.speech_channel import ChannelConfig


def analyze(
    heard: Iterable[AudioFrame | Gap],
    parts: PipelineParts,
    *,
    source: str,
    language: str = "auto",
    progress: Callable[[float], None] = lambda _: None,
) -> list[AnyEvent]:
    """All events of a recording, in call order; a cue about the call's end comes after that.

    Args:
        heard: the frames of both channels in order of time, and the gaps between them.
        parts: the loaded models.
        source: what is listened to, for ``CallStarted``.
        language: "auto" or an ISO 639-1 code.
        progress: called with the capture time reached, in seconds, about once a frame.
    """
    pipeline = CallPipeline(parts, PipelineConfig(language=language, channel=ChannelConfig(partials=False)))
    events: list[AnyEvent] = []
    reached = 0.0
    try:
        for item in heard:
            events += pipeline.gap(item) if isinstance(item, Gap) else pipeline.accept(item)
            while (more := pipeline.step()) is not None:
                events += more
            reached = max(reached, item.end)
            progress(reached)
        events += pipeline.finish(reached)
    finally:
        pipeline.close()
    started = CallStarted(at=0.0, call_id=source, started_at=0.0, source=source, speed=None)
    ended = CallEnded(at=reached, reason="finished")
    told = [*sorted(events, key=_call_time), ended, *pipeline.wrap_up(ended)]
    return [started, *(event for event in told if not isinstance(event, CueOutcome))]  # nobody saw the cues, or acted


def _call_time(event: AnyEvent) -> float:
    """Words, and the feeling in them, stand where they began; everything else where it was known."""
    return event.start if isinstance(event, TranscriptFinal | SentimentReading) else event.at
