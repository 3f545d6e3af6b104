"""What one call's inference thread has yet to hear: bounded in seconds of audio, in order, with exact gaps.

When it is full, the oldest frame goes and a ``Gap`` takes its place; frames dropped one after the other of one channel
become one gap. A recording that is played as fast as possible is not dropped from: its reader waits for room.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from live_sentiment.events import FRAME_SECONDS, AnyEvent, AudioFrame, CueOutcome, Gap

OVERLOAD = "overload"
"""The cause of a gap made here."""
_SAME_TIME = FRAME_SECONDS / 4


@dataclass(frozen=True, slots=True)
class Finish:
    """No more follows; the call is ``at`` seconds long."""

    at: float


@dataclass(frozen=True, slots=True)
class Settle:
    """Nothing may follow for a long while: what was begun before ``at`` seconds is to be said now."""

    at: float


@dataclass(frozen=True, slots=True)
class Recall:
    """What happened in the call before this pipeline: its durable events in order."""

    events: tuple[AnyEvent, ...]


Item = AudioFrame | Gap | CueOutcome | Settle | Recall | Finish


class Inbox:
    """The waiting items of one call, at most ``seconds`` of audio per channel on average. For any two threads.

    ``on_room`` is called by the taking thread when a crowded inbox has become empty.
    """

    def __init__(self, seconds: float = 30.0, on_room: Callable[[], None] = lambda: None) -> None:
        self._most = max(1, round(2 * seconds / FRAME_SECONDS))
        self._items: deque[Item] = deque()
        self._frames = 0
        self._on_room = on_room
        self._changed = threading.Condition()

    @property
    def crowded(self) -> bool:
        """Whether more than half of what fits is waiting; who can wait should."""
        return self._frames > self._most / 2

    def put(self, item: Item) -> None:
        """Takes an item in; the oldest frame goes when there are too many. Never blocks for long."""
        with self._changed:
            self._items.append(item)
            if isinstance(item, AudioFrame):
                self._frames += 1
                if self._frames > self._most:
                    self._drop_oldest()
            self._changed.notify()

    def take(self, *, block: bool) -> Sequence[Item]:
        """Everything that waits, in order; with ``block``, waits for something first."""
        with self._changed:
            while block and not self._items:
                self._changed.wait()
            items, self._items = self._items, deque()
            had_been_crowded = self.crowded
            self._frames = 0
        if had_been_crowded:
            self._on_room()
        return items

    def _drop_oldest(self) -> None:
        """Puts a gap where the oldest frame was, or lengthens the one that is there already."""
        gaps: dict[str | None, int] = {}
        for place, item in enumerate(self._items):
            if isinstance(item, AudioFrame):
                break
            if isinstance(item, Gap) and item.cause == OVERLOAD:
                gaps[item.channel] = place
        else:
            return
        before = gaps.get(item.channel)
        self._frames -= 1
        if before is not None and self._continues(self._items[before], item):
            start = self._gap_at(before).start
            self._items[before] = Gap(at=item.end, start=start, end=item.end, cause=OVERLOAD, channel=item.channel)
            del self._items[place]
            return
        self._items[place] = Gap(at=item.end, start=item.start, end=item.end, cause=OVERLOAD, channel=item.channel)

    def _gap_at(self, place: int) -> Gap:
        gap = self._items[place]
        assert isinstance(gap, Gap)  # noqa: S101 - the caller has just looked
        return gap

    @staticmethod
    def _continues(gap: Item, frame: AudioFrame) -> bool:
        return isinstance(gap, Gap) and abs(gap.end - frame.start) < _SAME_TIME
