"""The words of a call: every event the pipeline can say, and the audio frame it hears.

Here live plain, frozen data types and nothing else: no numpy, no codec, no logic, so that the overlay and the capture
can import this module in a few milliseconds. Their wire form is JSON with the class name as ``type``; audio frames have
a binary form (see ``server.protocol``).

Times are seconds since the call started unless said otherwise. ``at`` is the capture time of the last audio that the
event tells about; ``CallStarted.started_at + at / speed`` is therefore a wall clock time, and the true delay of what is
on a screen is the wall clock there minus that sum.

The agent's channel has no sentiment, by construction: ``SentimentReading``, ``SentimentTrend`` and ``SignalDetected``
have no channel, because they can only ever be the customer's (EU AI Act, art. 5(1)(f)).
"""

from typing import Literal

import msgspec

Channel = Literal["agent", "customer"]
Sentiment = Literal["negative", "neutral", "positive"]
Direction = Literal["falling", "steady", "rising"]
Outcome = Literal["shown", "helped", "dismissed", "muted", "expired", "acted"]

CHANNELS: tuple[Channel, Channel] = ("agent", "customer")
SAMPLE_RATE = 16_000
"""Samples per second of every frame, on every channel."""
FRAME_SAMPLES = 512
"""Samples in one frame: 32 ms, what Silero VAD takes at a time."""
FRAME_SECONDS = FRAME_SAMPLES / SAMPLE_RATE


class AudioFrame(msgspec.Struct, frozen=True):
    """32 ms of one channel: ``FRAME_SAMPLES`` samples of signed 16-bit little-endian mono at ``SAMPLE_RATE``.

    ``start`` is the capture time of the first sample, in seconds since the call started.
    """

    channel: Channel
    start: float
    pcm: bytes

    @property
    def end(self) -> float:
        """Capture time just after the last sample, in seconds since the call started."""
        return self.start + len(self.pcm) / 2 / SAMPLE_RATE


class Event(msgspec.Struct, frozen=True, tag=True, tag_field="type", kw_only=True):
    """What all events share: ``at``, in seconds since the call started."""

    at: float


# --- the call -------------------------------------------------------------------------------------------------------


class CallStarted(Event, frozen=True, kw_only=True):
    """A call began. ``started_at`` is Unix time in seconds, ``source`` says what is listened to.

    ``speed`` is how fast a recording is played: 1 is real time, None as fast as possible (delays mean nothing then).
    """

    call_id: str
    started_at: float
    source: str
    speed: float | None = 1.0


class CallEnded(Event, frozen=True, kw_only=True):
    """A call is over. ``reason``: "finished", "stopped" (by the agent) or "lost" (the capture went away)."""

    reason: Literal["finished", "stopped", "lost"]


class Gap(Event, frozen=True, kw_only=True):
    """Audio from ``start`` to ``end`` was not heard. ``channel`` is None when both are meant."""

    start: float
    end: float
    cause: str
    channel: Channel | None = None


class Delay(Event, frozen=True, kw_only=True):
    """The pipeline works ``behind`` seconds after the newest audio; ``mode`` is what it now leaves out to catch up."""

    behind: float
    mode: Literal["full", "slower_partials", "finals_only"]


# --- speech ---------------------------------------------------------------------------------------------------------


class SpeechStarted(Event, frozen=True, kw_only=True):
    """Somebody began to speak; ``utterance`` numbers the utterances of a call over both channels, from 1."""

    channel: Channel
    utterance: int


class SpeechEnded(Event, frozen=True, kw_only=True):
    """Somebody stopped speaking. ``start`` and ``end`` are the bounds of the speech in seconds."""

    channel: Channel
    utterance: int
    start: float
    end: float


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """One word with its bounds in seconds and the recogniser's probability of it (0 to 1)."""

    text: str
    start: float
    end: float
    probability: float


class TranscriptPartial(Event, frozen=True, kw_only=True):
    """What an unfinished utterance says so far.

    The first ``committed`` words of ``text`` (split at white space) never change any more; the rest may.
    """

    channel: Channel
    utterance: int
    text: str
    committed: int
    start: float
    end: float
    language: str


class TranscriptFinal(Event, frozen=True, kw_only=True):
    """What a finished utterance says. ``confidence`` is the mean word probability (0 to 1)."""

    channel: Channel
    utterance: int
    text: str
    start: float
    end: float
    language: str
    confidence: float
    words: tuple[Word, ...]


class RecognitionQuality(Event, frozen=True, kw_only=True):
    """Whether the words of a channel can be relied upon from now on; said when that changes.

    They cannot when the recogniser is unsure of most: another language than it knows, or a bad line. Mood and cues then
    wait. ``confidence`` is the mean probability of the last words (0 to 1).
    """

    channel: Channel
    reliable: bool
    confidence: float


# --- feeling (the customer's only) ----------------------------------------------------------------------------------


class Probabilities(msgspec.Struct, frozen=True, kw_only=True):
    """Calibrated probabilities (0 to 1, together 1)."""

    negative: float
    neutral: float
    positive: float


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """A word that weighed in a decision; ``weight``, -1 to 1, is how much it spoke for it (``WordWeight``)."""

    word: str
    weight: float


class SentimentReading(Event, frozen=True, kw_only=True):
    """How one customer utterance sounds in its words. ``sure`` is False when the model should rather say nothing."""

    utterance: int
    start: float
    sentiment: Sentiment
    probabilities: Probabilities
    emotion: str
    confidence: float
    sure: bool
    because: tuple[Reason, ...]


class SentimentTrend(Event, frozen=True, kw_only=True):
    """The customer's mood by now: ``mood`` from -1 (negative) over 0 to 1 (positive), None while nobody can tell."""

    mood: float | None
    sentiment: Sentiment | None
    direction: Direction
    readings: int


class SignalDetected(Event, frozen=True, kw_only=True):
    """Something worth knowing in the customer's words (``repeat_contact``, ``churn``, ``resolved``, ...)."""

    utterance: int
    signal: str
    probability: float
    because: tuple[Reason, ...]


# --- the conversation -----------------------------------------------------------------------------------------------


class ConversationMetrics(Event, frozen=True, kw_only=True):
    """Numbers about who speaks how much, in seconds since the call started; never a mood.

    ``talk_ratio`` is the agent's share of all speech (0 to 1, None before anybody spoke), ``dead_air`` the length of
    the present silence, ``monologue`` the length of the agent's present turn, ``pace`` the agent's words per minute
    over the last minute (None when unknown).
    """

    agent_talk: float
    customer_talk: float
    overlap: float
    silence: float
    talk_ratio: float | None
    dead_air: float
    monologue: float
    pace: float | None


# --- cues -----------------------------------------------------------------------------------------------------------


class Cue(Event, frozen=True, kw_only=True):
    """One piece of advice for the agent, now.

    ``advice`` and ``why`` hold a text per language ("nl", "en"); ``because`` the words or numbers that caused it;
    ``expires_at`` the call time in seconds after which it must not be shown any more. A ``shadow`` cue is for the log
    alone: a rule on trial gave it, and no screen shows it.
    """

    cue_id: str
    rule: str
    priority: int
    advice: dict[str, str]
    why: dict[str, str]
    because: tuple[str, ...]
    confidence: float
    expires_at: float
    shadow: bool = False


class CueOutcome(Event, frozen=True, kw_only=True):
    """What became of a cue, said by the overlay; "acted", that the agent did what it advised, by the cue engine."""

    cue_id: str
    outcome: Outcome


AnyEvent = (
    CallStarted
    | CallEnded
    | Gap
    | Delay
    | SpeechStarted
    | SpeechEnded
    | TranscriptPartial
    | TranscriptFinal
    | RecognitionQuality
    | SentimentReading
    | SentimentTrend
    | SignalDetected
    | ConversationMetrics
    | Cue
    | CueOutcome
)
"""Every event of a call, told apart on the wire by ``type``."""


class WrapUp(Event, frozen=True, kw_only=True):
    """The clock of the work after a call that ended at ``ended_at``. For the cue engine alone, never on the wire."""

    ended_at: float
