"""What goes over the WebSockets: the messages of capture and overlay, and their codec.

Everything is JSON text with the class name as ``type``, except audio, which is binary (``encode_frame``). Both ends
import this module, so it stays a leaf: msgspec and the events, nothing heavier.

A connection begins with the client's ``Hello`` and the server's ``Welcome`` (or ``Error``, after which the server
closes). Then:

- capture sends ``CallBegin``, audio frames, ``Gap`` events, ``ChannelLevels`` once a second, ``CallFinish``; the server
  sends ``CaptureControl`` when the agent starts, pauses or stops a call.
- overlay receives ``Envelope`` (an event with its number in the call), ``Snapshot``, ``Presence``, ``ServerStatus``,
  ``FeedbackCard`` and ``Today``; it sends ``CueReply``, ``FeedbackSeen``, ``CallControl`` and ``CallNote``.
"""

import struct
from typing import Literal

import msgspec

from live_sentiment.events import (
    CHANNELS,
    AnyEvent,
    AudioFrame,
    ConversationMetrics,
    Gap,
    Outcome,
    TranscriptPartial,
)

PROTOCOL_VERSION = 1
CAPTURE_PATH = "/v1/capture"
OVERLAY_PATH = "/v1/overlay"
DEFAULT_PORT = 8477

Role = Literal["capture", "overlay"]


class Message(msgspec.Struct, frozen=True, tag=True, tag_field="type", kw_only=True):
    """What all protocol messages share: frozen, and told apart by ``type``."""


# --- both ways ------------------------------------------------------------------------------------------------------


class ResumeFrom(msgspec.Struct, frozen=True, kw_only=True):
    """The last thing a reconnecting client has: event number ``seq`` of call ``call_id``."""

    call_id: str
    seq: int


class Hello(Message, frozen=True, kw_only=True):
    """A client introduces itself; ``token`` is the per-user secret, ``version`` the protocol it speaks."""

    version: int
    role: Role
    token: str
    resume_from: ResumeFrom | None = None


class Welcome(Message, frozen=True, kw_only=True):
    """The server accepts a client. ``now`` is the server's Unix time in seconds, ``call_id`` the call in progress."""

    version: int
    now: float
    call_id: str | None = None


class Error(Message, frozen=True, kw_only=True):
    """Something the other end did cannot be done; ``retryable`` says whether the same again may work."""

    code: str
    message: str
    retryable: bool


# --- from capture ---------------------------------------------------------------------------------------------------


class CallBegin(Message, frozen=True, kw_only=True):
    """A call starts (or, with a known ``call_id``, goes on after a lost connection).

    ``started_at`` is Unix time in seconds of the first sample; ``language`` is "auto" or an ISO 639-1 code;
    ``speed`` is how fast a recording is played (1 is real time, None as fast as the server takes it); ``paused`` is
    True when the agent had paused the call that goes on.
    """

    call_id: str
    started_at: float
    source: str
    language: str = "auto"
    speed: float | None = 1.0
    paused: bool = False


class ChannelLevels(Message, frozen=True, kw_only=True):
    """Loudness of the last second in dBFS (-120 for digital silence), and whether each channel delivers at all."""

    agent_dbfs: float
    customer_dbfs: float
    agent_alive: bool = True
    customer_alive: bool = True


class CallFinish(Message, frozen=True, kw_only=True):
    """No more audio of this call follows. ``at`` is the call's length in seconds."""

    at: float
    reason: Literal["finished", "stopped"] = "finished"


# --- to capture -----------------------------------------------------------------------------------------------------


class CaptureControl(Message, frozen=True, kw_only=True):
    """What the agent wants of the capture. ``call_id`` is the one to begin a call under, "" for one of its own."""

    action: Literal["start", "stop", "pause", "resume"]
    call_id: str = ""


# --- to the overlay -------------------------------------------------------------------------------------------------


class Envelope(Message, frozen=True, kw_only=True):
    """An event and its number in the call: durable events are 1, 2, 3, ... without holes for any one client.

    ``TranscriptPartial`` and ``ConversationMetrics`` are not durable: of those that wait, only the newest is sent, none
    is replayed, and they carry the number of the last durable event before them. A client that comes back names the
    number of its last envelope, of whichever kind.
    """

    call_id: str
    seq: int
    event: AnyEvent


def is_durable(event: AnyEvent) -> bool:
    """Whether an event is numbered, kept and replayed (see ``Envelope``)."""
    return not isinstance(event, TranscriptPartial | ConversationMetrics)


class Snapshot(Message, frozen=True, kw_only=True):
    """Where a call stands, for a client that joins in or was away too long: replay ``events`` in order.

    ``seq`` is the number up to which the call is covered; envelopes go on from ``seq + 1``.
    """

    call_id: str
    seq: int
    events: tuple[AnyEvent, ...]


class Presence(Message, frozen=True, kw_only=True):
    """Who is there: ``capture`` is False when no capture process is connected.

    ``silent`` names the channels that deliver no audio; ``paused`` is True while the agent paused the listening;
    ``controllable`` is True when calls can be started from here (a capture on real devices, idle between calls).
    """

    capture: bool
    silent: tuple[str, ...] = ()
    paused: bool = False
    controllable: bool = False


class ServerStatus(Message, frozen=True, kw_only=True):
    """What the server can do at the moment. ``progress`` is 0 to 1 while loading, ``detail`` is for people."""

    state: Literal["loading", "ready", "degraded"]
    detail: dict[str, str] = {}
    progress: float | None = None


class FeedbackCard(Message, frozen=True, kw_only=True):
    """What a customer said about the agent. ``stars`` 1-5, ``recommend`` 0-10 (NPS), ``effort`` 1-5 (CES, 5 = easy).

    ``received_at`` is Unix time in seconds. ``comment`` is plain text, whatever it looks like.
    """

    feedback_id: str
    received_at: float
    channel: str = "phone"
    stars: int | None = None
    solved: bool | None = None
    recommend: int | None = None
    effort: int | None = None
    comment: str = ""
    nominated: bool = False
    may_share: bool = False
    customer: str = ""
    call_id: str | None = None
    seen: bool = False


class Today(Message, frozen=True, kw_only=True):
    """The agent's own day in counts: calls, answers, mean stars (None without answers), solved of those who said."""

    calls: int
    answers: int
    stars: float | None = None
    solved_yes: int = 0
    solved_said: int = 0


# --- from the overlay -----------------------------------------------------------------------------------------------


class CueReply(Message, frozen=True, kw_only=True):
    """What the agent did with a cue, or that it was shown or ran out; ``shown_at`` is Unix time in seconds."""

    call_id: str
    cue_id: str
    outcome: Outcome
    shown_at: float


class FeedbackSeen(Message, frozen=True, kw_only=True):
    """The agent has read a feedback card."""

    feedback_id: str


class CallControl(Message, frozen=True, kw_only=True):
    """The agent starts, stops, pauses or resumes the listening."""

    action: Literal["start", "stop", "pause", "resume"]


class CallNote(Message, frozen=True, kw_only=True):
    """The agent's own closing words about a call; ``solved`` None means not said."""

    call_id: str
    note: str = ""
    solved: Literal["yes", "no", "not_yet"] | None = None


FromCapture = Hello | CallBegin | Gap | ChannelLevels | CallFinish
ToCapture = Welcome | Error | CaptureControl
FromOverlay = Hello | CueReply | FeedbackSeen | CallControl | CallNote
ToOverlay = Welcome | Error | Envelope | Snapshot | Presence | ServerStatus | FeedbackCard | Today

_encoder = msgspec.json.Encoder()
decode_from_capture = msgspec.json.Decoder(FromCapture).decode
decode_to_capture = msgspec.json.Decoder(ToCapture).decode
decode_from_overlay = msgspec.json.Decoder(FromOverlay).decode
decode_to_overlay = msgspec.json.Decoder(ToOverlay).decode


def encode(message: msgspec.Struct) -> str:
    """The JSON text of a message or event."""
    return _encoder.encode(message).decode()


# --- audio frames ---------------------------------------------------------------------------------------------------

_FRAME_HEADER = struct.Struct("<BBxxd")  # version, channel number, padding, start in seconds


def encode_frame(frame: AudioFrame) -> bytes:
    """The binary form of a frame: a 12-byte header, then the samples as they are."""
    return _FRAME_HEADER.pack(PROTOCOL_VERSION, CHANNELS.index(frame.channel), frame.start) + frame.pcm


def decode_frame(data: bytes) -> AudioFrame:
    """The frame in ``data``.

    Raises:
        ValueError: not a frame of this protocol version, or half a sample at its end.
    """
    if len(data) < _FRAME_HEADER.size or (len(data) - _FRAME_HEADER.size) % 2:
        raise ValueError(f"an audio message of {len(data)} bytes is not a frame")
    header: tuple[int, int, float] = _FRAME_HEADER.unpack_from(data)
    version, channel, start = header
    if version != PROTOCOL_VERSION or channel >= len(CHANNELS):
        raise ValueError(f"audio frame of version {version}, channel {channel}; expected version {PROTOCOL_VERSION}")
    return AudioFrame(channel=CHANNELS[channel], start=start, pcm=data[_FRAME_HEADER.size :])
