"""Scripted calls on virtual time: loud frames are speech, silent frames are not, and the recogniser reads a script."""

from collections.abc import Iterable, Iterator
from itertools import count

from live_sentiment.events import FRAME_SECONDS, AnyEvent, AudioFrame, Channel
from live_sentiment.pipeline import CallPipeline, PipelineConfig, PipelineParts
from live_sentiment.playbook import default_playbook
from live_sentiment.transcriber import ScriptedEngine
from onnx_models.classification import Classification, WordWeight

LOUD = b"\x00\x20" * 512
SILENT = b"\x00\x00" * 512

Span = tuple[float, float]
Script = list[list[tuple[str, float]]]


class LoudnessVad:
    """Calls a frame speech when any of its samples is not zero."""

    def accept(self, pcm: bytes) -> float:
        return 0.95 if any(pcm) else 0.02

    def reset(self) -> None:
        """It remembers nothing."""


class WordClassifier:
    """Finds a line negative when it says "bad", positive when it says "good"."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def classify(self, text: str) -> Classification:
        self.read.append(text)
        sentiment = "negative" if "bad" in text else "positive" if "good" in text else "neutral"
        probabilities = {"negative": 0.05, "neutral": 0.05, "positive": 0.05} | {sentiment: 0.9}
        return Classification(
            sentiment=sentiment,
            probabilities=probabilities,
            emotion="neutral",
            confidence=0.9,
            sure=True,
            signals=(),
            because=(WordWeight("bad", 0.8),) if sentiment == "negative" else (),
        )


def frames(channel: Channel, speech: Iterable[Span], until: float) -> Iterator[AudioFrame]:
    """One channel's frames from 0 to ``until``, loud within the spans of ``speech`` (seconds)."""
    spans = list(speech)
    for number in count():
        start = number * FRAME_SECONDS
        if start >= until:
            return
        loud = any(begin <= start < end for begin, end in spans)
        yield AudioFrame(channel=channel, start=start, pcm=LOUD if loud else SILENT)


def both(agent: Iterable[Span], customer: Iterable[Span], until: float) -> Iterator[AudioFrame]:
    """Both channels' frames, interleaved."""
    for pair in zip(frames("agent", agent, until), frames("customer", customer, until), strict=True):
        yield from pair


def pipeline(
    script: Script, classifier: WordClassifier | None = None, config: PipelineConfig | None = None
) -> CallPipeline:
    """A pipeline that reads ``script`` on each channel."""
    parts = PipelineParts(
        engine=ScriptedEngine(script),
        new_vad=LoudnessVad,
        classifier=classifier or WordClassifier(),
        playbook=default_playbook(),
    )
    return CallPipeline(parts, config)


def play(call: CallPipeline, heard: Iterable[AudioFrame], *, every: int = 1) -> list[AnyEvent]:
    """All events of a call whose recogniser gets its turn after ``every`` frames."""
    events: list[AnyEvent] = []
    end = 0.0
    for number, frame in enumerate(heard, 1):
        events += call.accept(frame)
        end = max(end, frame.end)
        while number % every == 0 and (more := call.step()) is not None:
            events += more
    events += call.finish(end)
    call.close()
    return events
