"""One call's pipeline: audio frames of both channels in, everything worth knowing out.

``CallPipeline`` joins the two speech channels with what follows their words: the customer's feeling and its trend, the
conversation's numbers, and the cues. It is pure and single-threaded: frames go in with ``accept`` (cheap), recognition
happens in ``step`` (expensive, the most urgent first), and time is the frames' capture time. Who calls it, in which
thread and against which clock, is the caller's business (``server.call_session`` live, ``server.analyze`` for files).

There is no path from the agent's words to the sentiment model: ``_customer_said`` is reached from the customer's
channel only (EU AI Act, art. 5(1)(f)).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count

from live_sentiment.cues import CueEngine
from live_sentiment.events import (
    CHANNELS,
    AnyEvent,
    AudioFrame,
    CueOutcome,
    Delay,
    Gap,
    Probabilities,
    Reason,
    SentimentReading,
    SignalDetected,
    TranscriptFinal,
)
from live_sentiment.metrics import ConversationMeter
from live_sentiment.playbook import Playbook
from live_sentiment.redaction import CallContext, Redactor, TurnRedactor
from live_sentiment.shedding import LoadShedding, SheddingConfig
from live_sentiment.speech_channel import ChannelConfig, Job, SpeechChannel, Vad
from live_sentiment.transcriber import Engine
from live_sentiment.trend import TrendTracker
from live_sentiment.utterance_reading import Classifier, read_utterance
from onnx_models.classification import WordWeight


@dataclass(frozen=True, slots=True)
class PipelineParts:
    """What all calls share: the loaded models and the playbook. ``new_vad`` makes a detector for one channel."""

    engine: Engine
    new_vad: Callable[[], Vad]
    classifier: Classifier
    playbook: Playbook


@dataclass(frozen=True, slots=True)
class PipelineConfig:
    """How one call is worked.

    ``language`` is "auto" or an ISO 639-1 code; ``metrics_every`` the seconds of audio between two
    ``ConversationMetrics``, which are also the cue engine's clock.
    """

    language: str = "auto"
    metrics_every: float = 1.0
    channel: ChannelConfig = field(default_factory=ChannelConfig)
    shedding: SheddingConfig = field(default_factory=SheddingConfig)


class CallPipeline:
    """One call from audio to cues. Not safe for two threads at once."""

    def __init__(self, parts: PipelineParts, config: PipelineConfig | None = None) -> None:
        self._config = config or PipelineConfig()
        numbers, redactor, context = count(1), Redactor(), CallContext()
        self._channels = {
            channel: SpeechChannel(
                channel,
                parts.new_vad(),
                parts.engine.transcriber(self._config.language),
                TurnRedactor(redactor, context),
                lambda: next(numbers),
                self._config.channel,
            )
            for channel in CHANNELS
        }
        self._classifier = parts.classifier
        self._trend = TrendTracker()
        self._meter = ConversationMeter()
        self._cues = CueEngine(parts.playbook)
        self._shedding = LoadShedding(self._config.shedding)
        self._newest = 0.0
        self._next_metrics = self._config.metrics_every

    def accept(self, frame: AudioFrame) -> list[AnyEvent]:
        """Hears one frame; frames of a channel come in order of time. Never decodes (about 0.2 ms)."""
        channel = self._channels[frame.channel]
        events = channel.accept(frame)
        self._meter.frame(frame.channel, frame.start, frame.end, channel.speaking)
        self._newest = max(self._newest, frame.end)
        return self._with_consequences(events) + self._tick()

    def step(self) -> list[AnyEvent] | None:
        """Does the most urgent decode and returns what follows from it; None when nothing is to be done."""
        step = self._shedding.step
        jobs = [(job, channel) for channel in self._channels.values() if (job := channel.wanted(step)) is not None]
        if not jobs:
            return None
        job, channel = min(jobs, key=_by_urgency)
        events: list[AnyEvent] = []
        behind = self._newest - job.since
        if self._shedding.observe(behind):
            events.append(Delay(at=self._newest, behind=round(behind, 3), mode=self._shedding.mode))
        return events + self._with_consequences(channel.run(job))

    def gap(self, gap: Gap) -> list[AnyEvent]:
        """Takes note of audio that was lost: open utterances end there. Returns the gap first."""
        meant = CHANNELS if gap.channel is None else (gap.channel,)
        ended = [event for name in meant for event in self._channels[name].forget(gap.start)]
        self._newest = max(self._newest, gap.end)
        return [gap, *self._with_consequences([gap, *ended])[1:]]

    def outcome(self, outcome: CueOutcome) -> list[AnyEvent]:
        """Takes note of what became of a cue."""
        self._cues.outcome(outcome)
        return []

    def finish(self, at: float) -> list[AnyEvent]:
        """Ends the call at capture time ``at``: every open utterance gets its final, then the last numbers."""
        self._newest = max(self._newest, at)
        events = self._with_consequences([event for channel in self._channels.values() for event in channel.flush(at)])
        while (more := self.step()) is not None:
            events += more
        return [*events, self._meter.snapshot(self._newest)]

    def close(self) -> None:
        """Gives back the recogniser's ears."""
        for channel in self._channels.values():
            channel.close()

    def _tick(self) -> list[AnyEvent]:
        if self._newest < self._next_metrics:
            return []
        self._next_metrics += self._config.metrics_every
        return self._with_consequences([self._meter.snapshot(self._newest)])

    def _with_consequences(self, events: Iterable[AnyEvent]) -> list[AnyEvent]:
        """Each event, followed by what is concluded from it."""
        told: list[AnyEvent] = []
        for event in events:
            concluded = [event]
            if isinstance(event, TranscriptFinal):
                self._meter.words(event.channel, len(event.words), event.start, event.end)
                if event.channel == "customer" and event.text:
                    concluded += self._customer_said(event)
            for one in concluded:
                told += [one, *self._cues.accept(one)]
        return told

    def _customer_said(self, final: TranscriptFinal) -> list[AnyEvent]:
        reading = read_utterance(self._classifier, final.text)
        said = SentimentReading(
            at=final.at,
            utterance=final.utterance,
            start=final.start,
            sentiment=reading.sentiment,
            probabilities=Probabilities(**reading.probabilities),
            emotion=reading.emotion,
            confidence=reading.confidence,
            sure=reading.sure,
            because=_reasons(reading.because),
        )
        signals = [
            SignalDetected(
                at=final.at,
                utterance=final.utterance,
                signal=score.signal,
                probability=score.probability,
                because=_reasons(score.because),
            )
            for score in reading.signals
        ]
        return [said, *signals, self._trend.accept(said)]  # the order in which the cue engine wants them


def _by_urgency(item: tuple[Job, SpeechChannel]) -> Job:
    return item[0]


def _reasons(weights: Iterable[WordWeight]) -> tuple[Reason, ...]:
    return tuple(Reason(word=weight.word, weight=weight.weight) for weight in weights)
