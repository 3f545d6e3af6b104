"""One channel's way from frames to words: VAD, endpointer, recogniser, hypothesis buffer, guards, redaction.

``accept`` takes frames as they come and never decodes; ``wanted`` says which decode would help most now, ``run`` does
it. Who decodes when is decided above (``pipeline``), which knows both channels. Time is the frames' own.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple, Protocol

import numpy as np
from msgspec import structs

from live_sentiment.endpointer import Decision, Endpoint, Endpointer, EndpointerConfig, Onset, Pause, Resume
from live_sentiment.events import (
    FRAME_SECONDS,
    AnyEvent,
    AudioFrame,
    Channel,
    SpeechEnded,
    SpeechStarted,
    TranscriptFinal,
    TranscriptPartial,
    Word,
)
from live_sentiment.guards import cut_loops, judge
from live_sentiment.hypothesis import CommitConfig, HypothesisBuffer
from live_sentiment.open_utterance import OpenUtterance
from live_sentiment.redaction import TurnRedactor
from live_sentiment.transcriber import Hypothesis, Samples, Transcriber

_EPSILON = 1e-6


class Vad(Protocol):
    """What the channel needs of a voice activity detector."""

    def accept(self, pcm: bytes) -> float:
        """The probability (0 to 1) that this 32 ms frame is speech."""
        ...

    def reset(self) -> None:
        """Forgets what was heard, after a gap."""
        ...


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """How often partial text is made, and when words count as settled.

    ``partials`` False leaves out everything before the final. ``first_partial`` is the speech in seconds before the
    first partial; ``commit`` is the hypothesis buffer's.
    """

    partials: bool = True
    first_partial: float = 0.4
    commit: CommitConfig = field(default_factory=CommitConfig)
    endpointer: EndpointerConfig = field(default_factory=EndpointerConfig)


class Urgency(IntEnum):
    """What a decode is for; the smaller the sooner."""

    FINAL = 0
    EARLY_FINAL = 1
    PARTIAL = 2


class Job(NamedTuple):
    """A decode that is wanted: how urgent, and since when in capture time (seconds). Compares by urgency, then age."""

    urgency: Urgency
    since: float


class SpeechChannel:
    """One channel's ears and pen. Not safe for two threads at once.

    Args:
        channel: whose voice it is.
        vad: this channel's own detector.
        transcriber: this channel's own ear on the shared engine.
        redactor: hides personal data in this channel's turns.
        next_number: numbers the utterances over both channels.
        config: see ``ChannelConfig``.
    """

    def __init__(
        self,
        channel: Channel,
        vad: Vad,
        transcriber: Transcriber,
        redactor: TurnRedactor,
        next_number: Callable[[], int],
        config: ChannelConfig,
    ) -> None:
        self.channel: Channel = channel
        self._vad = vad
        self._transcriber = transcriber
        self._next_number = next_number
        self._config = config
        self._endpointer = Endpointer(config.endpointer)
        self._redactor = redactor
        self._utterances: deque[OpenUtterance] = deque()
        reach = config.endpointer.look_back + 2 * FRAME_SECONDS
        self._recent: deque[tuple[float, Samples]] = deque(maxlen=math.ceil(reach / FRAME_SECONDS))

    def accept(self, frame: AudioFrame) -> list[AnyEvent]:
        """Hears one frame (frames come in order of time); returns where speech started or ended. Never decodes."""
        samples = np.frombuffer(frame.pcm, "<i2").astype(np.float32) / 32768.0
        self._recent.append((frame.start, samples))
        if self._open is not None:
            self._open.hear(samples)
        decisions = self._endpointer.accept(self._vad.accept(frame.pcm), frame.start, frame.end)
        return self._follow(decisions, frame.end)

    def wanted(self, step: float | None) -> Job | None:
        """The decode that would help most now, or None.

        ``step`` is the new audio in seconds that is worth a partial, None for no partials.
        """
        if not self._utterances:
            return None
        head = self._utterances[0]
        if head.closed is not None:
            return Job(Urgency.FINAL, head.closed_at)
        if not self._config.partials:
            return None
        if head.pause_since is not None:
            # A hole in the audio that nobody told of leaves capture time ahead of what was heard.
            fresh = min(head.pause_since, head.heard_until) > head.fed_until + _EPSILON
            return Job(Urgency.EARLY_FINAL, head.pause_since) if fresh else None
        due = max(head.fed_until + (step or 0.0), head.start + self._config.first_partial)
        if step is None or head.heard_until < due - _EPSILON:
            return None
        return Job(Urgency.PARTIAL, due)

    def run(self, job: Job) -> list[AnyEvent]:
        """Does the decode that ``wanted`` named and returns what it says; this is the expensive part."""
        head = self._utterances[0]
        until = head.closed.end if head.closed is not None else head.heard_until
        audio = head.take(until)
        if audio.size:
            self._transcriber.accept(audio)
        committed = [word.text for word in head.buffer.committed]
        if job.urgency is Urgency.FINAL and head.closed is not None:
            self._utterances.popleft()
            return self._final(head, head.closed, self._transcriber.flush(committed))
        hypothesis = self._transcriber.decode(committed)
        if head is self._open:
            self._endpointer.expect(None if hypothesis.suspicious else hypothesis.completeness)
        return self._partial(head, hypothesis)

    def flush(self, at: float) -> list[AnyEvent]:
        """Ends an open utterance at capture time ``at``; its final is still to be decoded (``wanted``)."""
        events = self._follow(self._endpointer.flush(at), at)
        self._recent.clear()
        return events

    def forget(self, at: float) -> list[AnyEvent]:
        """Ends an open utterance because audio is missing from capture time ``at`` on, and starts the detector anew."""
        events = self.flush(at)
        self._vad.reset()
        return events

    def close(self) -> None:
        """Gives back the recogniser's ear."""
        self._transcriber.close()

    @property
    def voiced(self) -> bool:
        """Whether somebody speaks in the newest frame."""
        return self._endpointer.voiced

    @property
    def _open(self) -> OpenUtterance | None:
        return self._utterances[-1] if self._utterances and self._utterances[-1].closed is None else None

    def _follow(self, decisions: Iterable[Decision], now: float) -> list[AnyEvent]:
        events: list[AnyEvent] = []
        for decision in decisions:
            match decision:
                case Onset():
                    events.append(self._begin(decision, now))
                case Pause() if self._open is not None:
                    self._open.pause_since = decision.at
                case Resume() if self._open is not None:
                    self._open.pause_since = None
                case Endpoint() if self._open is not None:
                    events.append(self._end(self._open, decision, now))
                case _:
                    pass
        return events

    def _begin(self, onset: Onset, now: float) -> SpeechStarted:
        audio = [samples for start, samples in self._recent if start >= onset.start - _EPSILON]
        start = next((start for start, _ in self._recent if start >= onset.start - _EPSILON), now)
        buffer = HypothesisBuffer(self._config.commit)
        utterance = OpenUtterance(self._next_number(), start, buffer, fed_until=start, heard_until=start)
        for samples in audio:
            utterance.hear(samples)
        self._utterances.append(utterance)
        return SpeechStarted(at=onset.start, channel=self.channel, utterance=utterance.number)

    def _end(self, utterance: OpenUtterance, endpoint: Endpoint, now: float) -> SpeechEnded:
        utterance.closed = endpoint
        utterance.closed_at = now
        return SpeechEnded(
            at=endpoint.end,
            channel=self.channel,
            utterance=utterance.number,
            start=utterance.start,
            end=endpoint.end,
        )

    def _partial(self, utterance: OpenUtterance, hypothesis: Hypothesis) -> list[AnyEvent]:
        if hypothesis.suspicious:
            return []
        said = utterance.buffer.insert(_shifted(hypothesis.words, utterance.start), utterance.fed_until)
        words = [*said.committed, *said.tail]
        at = utterance.fed_until
        text, committed = self._redactor.redact_partial(_text(words), len(said.committed), hypothesis.language, at)
        if not text or utterance.shown == (text, committed):
            return []
        utterance.shown = (text, committed)
        return [
            TranscriptPartial(
                at=at,
                channel=self.channel,
                utterance=utterance.number,
                text=text,
                committed=committed,
                start=words[0].start,
                end=words[-1].end,
                language=hypothesis.language,
            )
        ]

    def _final(self, utterance: OpenUtterance, endpoint: Endpoint, hypothesis: Hypothesis) -> list[AnyEvent]:
        committed = utterance.buffer.committed
        trusted = not judge(
            hypothesis,
            voiced_seconds=endpoint.voiced_seconds,
            mean_speech_probability=endpoint.mean_probability,
        )
        words = utterance.buffer.flush(_shifted(hypothesis.words, utterance.start)) if trusted else committed
        words = cut_loops(words, len(committed))
        if len(words) > len(committed):
            words = (*words[:-1], structs.replace(words[-1], text=words[-1].text.rstrip(",") or words[-1].text))
        words = self._redactor.redact_words(_ended_by(words, endpoint.speech_end), hypothesis.language, endpoint.end)
        if not words and not utterance.shown[0]:
            return []
        return [
            TranscriptFinal(
                at=endpoint.end,
                channel=self.channel,
                utterance=utterance.number,
                text=_text(words),
                start=words[0].start if words else utterance.start,
                end=words[-1].end if words else endpoint.end,
                language=hypothesis.language,
                confidence=sum(word.probability for word in words) / len(words) if words else 0.0,
                words=tuple(words),
            )
        ]


def _shifted(words: Sequence[Word], by: float) -> tuple[Word, ...]:
    return tuple(structs.replace(word, start=word.start + by, end=word.end + by) for word in words)


def _ended_by(words: Sequence[Word], end: float) -> tuple[Word, ...]:
    """``words`` with no bound after ``end``, where the voice ended: recognisers' word times are estimates."""
    return tuple(
        structs.replace(word, start=min(word.start, end), end=end) if word.end > end else word for word in words
    )


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)
