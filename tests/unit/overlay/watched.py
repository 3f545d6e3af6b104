"""A story that keeps what the overlay sent."""

import msgspec

from overlay.scenes import T0, Story, started
from overlay.state.inputs import (
    AnyInput,
)
from overlay.state.reduce import drained, reduce
from overlay.state.screens import notice_of
from server.protocol import (
    CueReply,
)


class Watched(Story):
    """A story that keeps what was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[msgspec.Struct] = []

    def tell(self, *messages: AnyInput, at: float | None = None) -> "Watched":
        self.now = self.now if at is None else T0 + at
        for message in messages:
            state = reduce(self.state, message, self.now)
            self.sent += state.outbox
            self.state = drained(state)
        return self

    def outcomes(self) -> list[tuple[str, str]]:
        return [(m.cue_id, m.outcome) for m in self.sent if isinstance(m, CueReply)]


def in_call(story: Watched) -> Watched:
    story.up().hear(started())
    return story


def kind_of(story: Watched) -> str:
    notice = notice_of(story.state, story.now)
    return notice.kind if notice is not None else ""
