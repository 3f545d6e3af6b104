"""What can happen to the overlay, apart from the server's own messages: the line, the clock, the agent's hand.

Plain frozen words; ``overlay.state.reduce`` says what each does.
"""

from typing import Literal

import msgspec

from server.protocol import ToOverlay

Solved = Literal["yes", "not_yet", "no"]
CallAction = Literal["start", "stop", "pause", "resume"]


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """What all inputs share."""


class LinkDown(Input, frozen=True, kw_only=True):
    """There is no connection; the next attempt is in ``retry_in`` seconds. ``attempt`` counts from 1."""

    attempt: int
    retry_in: float


class LinkRefused(Input, frozen=True, kw_only=True):
    """The server will not have us, and trying again by itself would not help."""

    code: str
    message: str


class Retry(Input, frozen=True, kw_only=True):
    """The agent wants to try the connection again now."""


class Leaving(Input, frozen=True, kw_only=True):
    """The window is about to close; nothing of what the agent typed may wait any longer."""


class Tick(Input, frozen=True, kw_only=True):
    """Time has passed."""


class CuePainted(Input, frozen=True, kw_only=True):
    """The cue has really been drawn."""

    cue_id: str


class AnswerCue(Input, frozen=True, kw_only=True):
    """The agent's answer to the cue on the screen."""

    outcome: Literal["helped", "dismissed", "muted"]


class SetCues(Input, frozen=True, kw_only=True):
    """The agent wants cues again (those of muted rules too), or none at all until further notice."""

    wanted: bool


class Toggle(Input, frozen=True, kw_only=True):
    """Open or close a part of the window."""

    part: Literal["why", "transcript", "collapsed"]


class AskCall(Input, frozen=True, kw_only=True):
    """The agent starts, stops, pauses or resumes the listening."""

    action: CallAction


class SetSolved(Input, frozen=True, kw_only=True):
    """The agent says whether the customer's question is solved; the same answer again takes it back."""

    solved: Solved


class TypeNote(Input, frozen=True, kw_only=True):
    """The note as it now stands in the editor."""

    note: str


class ToReady(Input, frozen=True, kw_only=True):
    """The agent has finished the wrap-up."""


class TurnFeedback(Input, frozen=True, kw_only=True):
    """Turn to an older (1) or newer (-1) feedback card."""

    step: int


AnyInput = (
    ToOverlay
    | LinkDown
    | LinkRefused
    | Retry
    | Leaving
    | Tick
    | CuePainted
    | AnswerCue
    | SetCues
    | Toggle
    | AskCall
    | SetSolved
    | TypeNote
    | ToReady
    | TurnFeedback
)
