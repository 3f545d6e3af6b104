"""A past call's numbers, made again: who spoke when comes from the bounds of words and speech in its log.

The log keeps ``ConversationMetrics`` only now and then, but rules about silence, overlap and monologues are asked once
a second. Within an utterance short pauses count as speech here; live, they do not.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from live_sentiment.events import (
    CHANNELS,
    AnyEvent,
    Channel,
    ConversationMetrics,
    Gap,
    SpeechEnded,
    SpeechStarted,
    TranscriptFinal,
)
from live_sentiment.metrics import ConversationMeter

_STEP = 0.1
"""The longest piece in seconds that the meter is given at once."""
_EVERY = 1.0
"""Seconds between two of the numbers, as live."""

_CUSHIONS = (0.3, 0.1)
"""Seconds before and after the sound that the bounds of an utterance take in."""

Span = tuple[float, float]


class TalkReplay:
    """The numbers of the call whose whole log is ``events``, in order of time. Ask for them in order of time."""

    def __init__(self, events: Sequence[AnyEvent]) -> None:
        length = max((event.at for event in events), default=0.0)
        self._meter = ConversationMeter()
        self._lanes: dict[Channel, _Lane] = {channel: _Lane.of(events, channel, length) for channel in CHANNELS}
        bounds = {bound for lane in self._lanes.values() for span in (*lane.speech, *lane.holes) for bound in span}
        grid = {number * _STEP for number in range(1, int(length / _STEP) + 2)}
        self._cuts = deque(sorted(cut for cut in bounds | grid if cut > 0))
        self._at = 0.0
        self._next = _EVERY

    def before(self, at: float) -> Iterator[ConversationMetrics]:
        """The numbers of each second that is over before call time ``at``, and was not told yet.

        There are none while nobody is heard, as live.
        """
        while self._next < at:
            self._listen(self._next)
            if not all(_within(lane.holes, self._next - _STEP / 2) for lane in self._lanes.values()):
                yield self._meter.snapshot(self._next)
            self._next += _EVERY

    def said(self, final: TranscriptFinal) -> None:
        """Counts words."""
        self._meter.words(final.channel, len(final.words) or len(final.text.split()), final.start, final.end)

    def _listen(self, until: float) -> None:
        """Gives the meter what was heard up to ``until`` seconds, in pieces throughout which nothing changes."""
        while self._at < until:
            end = min(self._cuts[0], until) if self._cuts else until
            middle = (self._at + end) / 2
            for channel, lane in self._lanes.items():
                if not _within(lane.holes, middle):
                    self._meter.frame(channel, self._at, end, _within(lane.speech, middle))
            self._at = end
            while self._cuts and self._cuts[0] <= end:
                self._cuts.popleft()


@dataclass(frozen=True, slots=True)
class _Lane:
    """When a channel spoke, and when it was not heard; in order, none touching another."""

    speech: list[Span]
    holes: list[Span]

    @classmethod
    def of(cls, events: Sequence[AnyEvent], channel: Channel, length: float) -> "_Lane":
        holes = [
            (event.start, event.end) for event in events if isinstance(event, Gap) and event.channel in (channel, None)
        ]
        return cls(_merged(_spoken(events, channel, length), length), _merged(holes, length))


def _spoken(events: Sequence[AnyEvent], channel: Channel, length: float) -> list[Span]:
    """When a channel spoke: from the first to the last word of each final, and what became no words."""
    finals = {event.utterance: event for event in events if isinstance(event, TranscriptFinal)}
    spans = [(final.start, final.end) for final in finals.values() if final.channel == channel]
    begun: float | None = None
    for event in events:
        match event:
            case SpeechStarted() if event.channel == channel and event.utterance not in finals:
                begun = event.at
            case SpeechEnded() if event.channel == channel and event.utterance not in finals:
                spans.append((event.start + _CUSHIONS[0], event.end - _CUSHIONS[1]))
                begun = None
            case Gap() if event.channel in (channel, None) and begun is not None:
                spans.append((begun, event.start))
                begun = None
            case _:
                pass
    return spans if begun is None else [*spans, (begun, length)]


def _merged(spans: Iterable[Span], length: float) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted((max(0.0, start), min(end, length)) for start, end in spans):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _within(spans: Sequence[Span], at: float) -> bool:
    index = bisect_right(spans, (at, float("inf"))) - 1
    return index >= 0 and at < spans[index][1]
