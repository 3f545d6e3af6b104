from collections.abc import Iterator

import pytest
from calls import LoudnessVad, WordClassifier, both, frames

from live_sentiment import analysis
from live_sentiment.analysis import analyze
from live_sentiment.events import (
    AnyEvent,
    AudioFrame,
    CallEnded,
    CallStarted,
    Gap,
    SentimentReading,
    SentimentTrend,
    TranscriptFinal,
    TranscriptPartial,
)
from live_sentiment.pipeline import CallPipeline, PipelineParts
from live_sentiment.playbook import default_playbook
from live_sentiment.transcriber import Engine, ScriptedEngine, Transcriber

SCRIPT = [[("this", 0.4), ("is", 0.6), ("bad", 1.0)], [("now", 0.4), ("good", 0.8)]]


def parts(engine: Engine | None = None) -> PipelineParts:
    return PipelineParts(engine or ScriptedEngine(SCRIPT), LoudnessVad, WordClassifier(), default_playbook())


def place(event: AnyEvent) -> float:
    return event.start if isinstance(event, TranscriptFinal | SentimentReading) else event.at


def test_a_call_begins_and_ends_and_stands_in_call_order() -> None:
    events = analyze(both([(0.5, 6.0)], [(1.0, 2.5), (4.0, 5.5)], 8.0), parts(), source="a.flac")
    assert events[0] == CallStarted(at=0.0, call_id="a.flac", started_at=0.0, source="a.flac", speed=None)
    assert events[-1] == CallEnded(at=8.0, reason="finished")
    order = [place(event) for event in events]
    assert order == sorted(order)
    finals = [event for event in events if isinstance(event, TranscriptFinal)]
    assert [final.channel for final in finals] == ["agent", "customer", "customer"], "by where they began"
    assert finals[0].at > finals[1].at, "although the agent's was known last"


def test_a_reading_follows_its_words() -> None:
    events = analyze(both([], [(1.0, 2.5)], 4.0), parts(), source="x")
    kinds = [type(event) for event in events if isinstance(event, TranscriptFinal | SentimentReading | SentimentTrend)]
    assert kinds == [TranscriptFinal, SentimentReading, SentimentTrend]


def test_nobody_needs_partial_text_of_a_recording() -> None:
    events = analyze(both([(1.0, 4.0)], [(1.0, 4.0)], 5.0), parts(), source="x")
    assert not [event for event in events if isinstance(event, TranscriptPartial)]


def test_it_tells_how_far_it_is() -> None:
    told: list[float] = []
    analyze(both([], [], 2.0), parts(), source="x", progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(2.0, abs=0.04)


def test_a_gap_is_told_and_counts_towards_the_length() -> None:
    gap = Gap(at=9.0, start=2.0, end=9.0, cause="test")
    events = analyze([*both([], [(0.5, 3.0)], 2.0), gap], parts(), source="x")
    assert gap in events
    assert events[-1] == CallEnded(at=9.0, reason="finished")
    assert len([event for event in events if isinstance(event, TranscriptFinal)]) == 1


def test_an_empty_recording_is_a_call_of_no_length() -> None:
    events = analyze([], parts(), source="x")
    assert (type(events[0]), events[-1]) == (CallStarted, CallEnded(at=0.0, reason="finished"))


def test_the_language_reaches_the_recogniser() -> None:
    asked: list[str] = []

    class Asked(ScriptedEngine):
        def transcriber(self, language: str = "auto") -> Transcriber:
            asked.append(language)
            return super().transcriber(language)

    analyze([], parts(Asked([])), source="x", language="nl")
    assert asked == ["nl", "nl"]


def test_a_recording_that_breaks_off_gives_back_the_ears(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []

    class Watched(CallPipeline):
        def close(self) -> None:
            closed.append(True)
            super().close()

    def broken() -> Iterator[AudioFrame]:
        yield from frames("agent", [], 1.0)
        raise OSError("the disk went away")

    monkeypatch.setattr(analysis, "CallPipeline", Watched)
    with pytest.raises(OSError, match="went away"):
        analyze(broken(), parts(), source="x")
    assert closed == [True]
