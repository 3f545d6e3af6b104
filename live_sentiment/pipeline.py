"""One call's pipeline: audio frames of both channels in, everything worth knowing out.

``CallPipeline`` joins the two speech channels with what follows their words: the customer's feeling and its trend, the
conversation's numbers, and the cues. It is pure and single-threaded: frames go in with ``accept`` (cheap), recognition
happens in ``step`` (expensive, the most urgent first), and time is the frames' capture time. Who calls it, in which
thread and against which clock, is the caller's business (``server.call_session`` live, ``live_sentiment.analysis`` for
files).

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
    CallEnded,
    ConversationMetrics,
    CueOutcome,
    Delay,
    Gap,
    Probabilities,
    Reason,
    RecognitionQuality,
    SentimentReading,
    SignalDetected,
    TranscriptFinal,
    WrapUp,
)
from live_sentiment.metrics import ConversationMeter
from live_sentiment.playbook import Playbook
from live_sentiment.redaction import CallContext, Redactor, TurnRedactor
from live_sentiment.reliability import ReliabilityTracker
from live_sentiment.shedding import LoadShedding, SheddingConfig
from live_sentiment.speech_channel import ChannelConfig, Job, SpeechChannel, Vad
from live_sentiment.transcriber import Engine
from live_sentiment.trend import TrendTracker
from live_sentiment.utterance_reading import Classifier, read_utterance
from onnx_models.classification import WordWeight

_WORTH_TELLING = 1.0
"""Seconds by which the delay must have moved for it to be told again within a mode."""


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
        self._reliability = {channel: ReliabilityTracker() for channel in CHANNELS}
        self._classifier = parts.classifier
        self._trend = TrendTracker()
        self._meter = ConversationMeter()
        self._cues = CueEngine(parts.playbook)
        self._shedding = LoadShedding(self._config.shedding)
        self._newest = 0.0
        self._resumed = 0.0
        self._told_behind = 0.0
        self._next_metrics = self._config.metrics_every

    def accept(self, frame: AudioFrame) -> list[AnyEvent]:
        """Hears one frame; frames of a channel come in order of time. Never decodes (about 0.2 ms)."""
        channel = self._channels[frame.channel]
        events = channel.accept(frame)
        self._meter.frame(frame.channel, frame.start, frame.end, channel.voiced)
        self._newest = max(self._newest, frame.end)
        return self._with_consequences(events) + self._tick()

    def step(self) -> list[AnyEvent] | None:
        """Does the most urgent decode and returns what follows from it; None when nothing is to be done."""
        step = self._shedding.step
        jobs = [(job, channel) for channel in self._channels.values() if (job := channel.wanted(step)) is not None]
        if not jobs:
            return self._caught_up()
        job, channel = min(jobs, key=_by_urgency)
        behind = self._newest - max(job.since, self._resumed)
        changed = self._shedding.observe(behind)
        events = [self._delay(behind)] if changed or abs(behind - self._told_behind) >= _WORTH_TELLING else []
        return events + self._with_consequences(channel.run(job))

    def _caught_up(self) -> list[AnyEvent] | None:
        return [self._delay(0.0)] if self._told_behind >= _WORTH_TELLING else None

    def _delay(self, behind: float) -> AnyEvent:
        self._told_behind = behind
        return Delay(at=self._newest, behind=round(behind, 3), mode=self._shedding.mode)

    def gap(self, gap: Gap) -> list[AnyEvent]:
        """Takes note of audio that was lost: open utterances end there. Returns the gap first."""
        meant = CHANNELS if gap.channel is None else (gap.channel,)
        ended = [event for name in meant for event in self._channels[name].forget(gap.start)]
        self._newest = self._resumed = max(self._newest, gap.end)
        return self._with_consequences([gap, *ended])

    def settle(self, at: float) -> list[AnyEvent]:
        """Ends open utterances at capture time ``at``, as no audio will come for a while; ``step`` gives finals."""
        self._newest = max(self._newest, at)
        return self._with_consequences([event for channel in self._channels.values() for event in channel.flush(at)])

    def recall(self, events: Iterable[AnyEvent]) -> None:
        """Takes over what an earlier pipeline of the same call knew, from its events; call it before any frame.

        The mood, the cues given and answered, what was said, and the talk times go on; audio does not.
        """
        for event in events:
            self._cues.recall(event)
            self._newest = max(self._newest, event.at)
            match event:
                case SentimentReading():
                    self._trend.accept(event)
                case ConversationMetrics():
                    self._meter.recall(event)
                case RecognitionQuality():
                    self._reliability[event.channel].reliable = event.reliable
                case _:
                    pass
        self._resumed = self._newest

    def outcome(self, outcome: CueOutcome) -> list[AnyEvent]:
        """Takes note of what became of a cue."""
        self._cues.outcome(outcome)
        return []

    def finish(self, at: float) -> list[AnyEvent]:
        """Ends the call at capture time ``at``: every open utterance gets its final, then the last numbers."""
        events = self.settle(at)
        while (more := self.step()) is not None:
            events += more
        return [*events, self._meter.snapshot(self._newest)]

    @property
    def after_call(self) -> float:
        """Seconds after the call's end in which cues may still come from it."""
        return self._cues.after_call

    def wrap_up(self, event: CallEnded | WrapUp | CueOutcome) -> list[AnyEvent]:
        """What the call's end, and the time and answers after it, lead to. Cheap, and also for a closed pipeline."""
        return list(self._cues.accept(event))

    def close(self) -> None:
        """Gives back the recogniser's ears."""
        for channel in self._channels.values():
            channel.close()

    def _tick(self) -> list[AnyEvent]:
        if self._newest < self._next_metrics:
            return []
        self._next_metrics = self._newest + self._config.metrics_every
        return self._with_consequences([self._meter.snapshot(self._newest)])

    def _with_consequences(self, events: Iterable[AnyEvent]) -> list[AnyEvent]:
        """Each event, followed by what is concluded from it."""
        told: list[AnyEvent] = []
        for event in events:
            concluded = self._said(event) if isinstance(event, TranscriptFinal) else [event]
            for one in concluded:
                told += [one, *self._cues.accept(one)]
        return told

    def _said(self, final: TranscriptFinal) -> list[AnyEvent]:
        """The final; before it, whether words can be relied upon if that is new; after it, how the customer feels."""
        self._meter.words(final.channel, len(final.words), final.start, final.end)
        tracker = self._reliability[final.channel]
        told: list[AnyEvent] = []
        if tracker.accept(final.words):
            confidence = round(tracker.confidence, 3)
            told.append(
                RecognitionQuality(at=final.at, channel=final.channel, reliable=tracker.reliable, confidence=confidence)
            )
        told.append(final)
        if final.channel == "customer" and final.text:
            told += self._customer_said(final, reliable=tracker.trusts(final.words))
        return told

    def _customer_said(self, final: TranscriptFinal, *, reliable: bool) -> list[AnyEvent]:
        reading = read_utterance(self._classifier, final.text)
        said = SentimentReading(
            at=final.at,
            utterance=final.utterance,
            start=final.start,
            sentiment=reading.sentiment,
            probabilities=Probabilities(**reading.probabilities),
            emotion=reading.emotion,
            confidence=reading.confidence,
            sure=reading.sure and reliable,
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
            for score in (reading.signals if reliable else ())
        ]
        return [said, *signals, self._trend.accept(said)]  # the order in which the cue engine wants them


def _by_urgency(item: tuple[Job, SpeechChannel]) -> Job:
    return item[0]


def _reasons(weights: Iterable[WordWeight]) -> tuple[Reason, ...]:
    return tuple(Reason(word=weight.word, weight=weight.weight) for weight in weights)
