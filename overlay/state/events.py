"""What each event of a call does to the call on the screen. Pure; cues are in ``overlay.state.cues``."""

from dataclasses import replace
from functools import singledispatch

import msgspec

from live_sentiment.events import (
    AnyEvent,
    CallEnded,
    CallStarted,
    Channel,
    ConversationMetrics,
    CueOutcome,
    Delay,
    Event,
    Gap,
    RecognitionQuality,
    SentimentReading,
    SentimentTrend,
    SignalDetected,
    TranscriptFinal,
    TranscriptPartial,
)
from overlay.state import cues
from overlay.state.model import Call, Line, MoodPoint

MAX_ARC = 1_200
"""Points kept of the mood's arc; beyond that every other one of the older half goes, so memory stays flat."""
MAX_LINES = 6
_SAME_GAP = 0.5
"""Seconds between two gaps that are one to the agent."""


def apply(call: Call, event: AnyEvent, now: float) -> Call:
    """The call after ``event``; events that the screen does not show only move its time on."""
    return _apply(event, replace(call, at=max(call.at, event.at), orphaned_at=None), now)


@singledispatch
def _apply(event: Event, call: Call, now: float) -> Call:
    del event, now
    return call


@_apply.register
def _(event: CallStarted, call: Call, now: float) -> Call:
    del now
    return replace(call, started_at=event.started_at, speed=event.speed)


@_apply.register
def _(event: CallEnded, call: Call, now: float) -> Call:
    if call.ended is not None:
        return call
    return replace(cues.close(call, now), ended=event, ended_at=now, delay=None)


@_apply.register
def _(event: Gap, call: Call, now: float) -> Call:
    """A device that is away is told in pieces, of both channels perhaps: to the agent they are one."""
    del now
    before = call.gap
    if before is not None and before.start <= event.start <= before.end + _SAME_GAP:
        event = msgspec.structs.replace(event, start=before.start, end=max(event.end, before.end))
    return replace(call, gap=event)


@_apply.register
def _(event: Delay, call: Call, now: float) -> Call:
    del now
    return replace(call, delay=event)


@_apply.register
def _(event: RecognitionQuality, call: Call, now: float) -> Call:
    del now
    rest = call.unclear - {event.channel}
    return replace(call, unclear=rest if event.reliable else rest | {event.channel})


@_apply.register
def _(event: TranscriptPartial, call: Call, now: float) -> Call:
    del now
    if any(line.utterance == event.utterance and line.final for line in call.lines):
        return call
    return _write(call, event.channel, event, final=False)


@_apply.register
def _(event: TranscriptFinal, call: Call, now: float) -> Call:
    del now
    return _write(call, event.channel, event, final=True)


def _write(call: Call, channel: Channel, event: TranscriptPartial | TranscriptFinal, *, final: bool) -> Call:
    """Put the utterance's newest text in its place; an utterance that says nothing leaves."""
    others = tuple(line for line in call.lines if line.utterance != event.utterance)
    if not event.text.strip():
        return replace(call, lines=others)
    line = Line(channel=channel, utterance=event.utterance, text=event.text.strip(), start=event.start, final=final)
    lines = sorted((*others, line), key=lambda each: (each.start, each.utterance))
    return replace(call, lines=tuple(lines[-MAX_LINES:]))


@_apply.register
def _(event: SentimentReading, call: Call, now: float) -> Call:
    del now
    return replace(call, reading=event)


@_apply.register
def _(event: SentimentTrend, call: Call, now: float) -> Call:
    del now
    if event.mood is None:
        return replace(call, trend=event)
    mood = min(1.0, max(-1.0, event.mood))
    return replace(call, trend=event, arc=_thin((*call.arc, MoodPoint(event.at, mood))))


def _thin(arc: tuple[MoodPoint, ...]) -> tuple[MoodPoint, ...]:
    if len(arc) <= MAX_ARC:
        return arc
    half = len(arc) // 2
    return (*arc[:half:2], *arc[half:])


@_apply.register
def _(event: SignalDetected, call: Call, now: float) -> Call:
    del now
    return call if event.signal in call.signals else replace(call, signals=(*call.signals, event.signal))


@_apply.register
def _(event: ConversationMetrics, call: Call, now: float) -> Call:
    del now
    return replace(call, metrics=event)


@_apply.register
def _(event: CueOutcome, call: Call, now: float) -> Call:
    del now
    return cues.heard(call, event)
