"""The one cue on the screen: which it is, when it leaves, and what the server is told about it.

Pure functions from a call to a call. A cue past its time is never shown; a more important cue takes the place of the
present one; an equal or lesser one waits its turn and is forgotten when its own time is over. A call's cues leave with
its end; those that come then are for the work after it.
"""

from dataclasses import replace

from live_sentiment.events import Cue, CueOutcome, Outcome
from overlay.state.model import Call, CueMark
from server.protocol import CueReply

MAX_WAITING = 8
CLOSING: frozenset[Outcome] = frozenset({"helped", "dismissed", "muted", "expired", "acted"})


def offer(call: Call, cue: Cue, now: float, *, wanted: bool = True) -> Call:
    """The call after the server sent ``cue``; one in shadow is not for the screen, and nothing is told of it.

    One that the agent does not want is turned away like one that came too late: its end is told, not the reason.
    """
    if cue.shadow or any(mark.cue_id == cue.cue_id for mark in call.marks) or cue in call.waiting:
        return call
    late = call.ended is not None and cue.at < call.ended.at
    if late or not wanted or is_over(call, cue, now):
        return _tell(call, cue, "expired", now)
    if call.cue is None:
        return _show(call, cue)
    if cue.priority > call.cue.priority:
        return _show(_tell(call, call.cue, "expired", now), cue)
    return replace(call, waiting=(*call.waiting, cue)[-MAX_WAITING:])


def is_over(call: Call, cue: Cue, now: float) -> bool:
    """Whether the cue's time to live has passed."""
    return call.clock(now) >= cue.expires_at


def sweep(call: Call, now: float) -> Call:
    """The call without cues past their time; the next waiting one steps forward."""
    if call.cue is not None and is_over(call, call.cue, now):
        call = replace(_tell(call, call.cue, "expired", now), cue=None)
    fresh = tuple(cue for cue in call.waiting if not is_over(call, cue, now))
    if fresh != call.waiting:
        call = replace(call, waiting=fresh)
    if call.cue is None and call.waiting:
        best = max(call.waiting, key=lambda cue: cue.priority)
        return _show(replace(call, waiting=tuple(cue for cue in call.waiting if cue is not best)), best)
    return call


def close(call: Call, now: float) -> Call:
    """The call without any cue, as it is over or left."""
    if call.cue is not None:
        call = replace(_tell(call, call.cue, "expired", now), cue=None)
    return replace(call, waiting=()) if call.waiting else call


def painted(call: Call, cue_id: str, now: float) -> Call:
    """The call after its cue has really been drawn: told once."""
    if call.cue is None or call.cue.cue_id != cue_id or outcome_of(call, cue_id) is not None:
        return call
    return _tell(call, call.cue, "shown", now)


def answer(call: Call, outcome: Outcome, now: float) -> Call:
    """The call after the agent answered the cue on the screen."""
    if call.cue is None:
        return call
    return sweep(replace(_tell(call, call.cue, outcome, now), cue=None), now)


def heard(call: Call, event: CueOutcome) -> Call:
    """The call after the server told what became of a cue, here or on another screen; nothing is told back."""
    if event.outcome not in CLOSING:
        marks = tuple(replace(m, shown=True) if m.cue_id == event.cue_id else m for m in call.marks)
        return replace(call, marks=marks)
    marks = tuple(replace(m, outcome=event.outcome) if m.cue_id == event.cue_id else m for m in call.marks)
    on_screen = call.cue is not None and call.cue.cue_id == event.cue_id
    waiting = tuple(cue for cue in call.waiting if cue.cue_id != event.cue_id)
    return replace(call, marks=marks, waiting=waiting, cue=None if on_screen else call.cue)


def outcome_of(call: Call, cue_id: str) -> Outcome | None:
    """What is known to have become of a cue."""
    return next((mark.outcome for mark in call.marks if mark.cue_id == cue_id), None)


def _show(call: Call, cue: Cue) -> Call:
    mark = CueMark(cue_id=cue.cue_id, rule=cue.rule, at=cue.at)
    return replace(call, cue=cue, marks=(*call.marks, mark))


def _tell(call: Call, cue: Cue, outcome: Outcome, now: float) -> Call:
    shown = outcome != "expired" or any(m.cue_id == cue.cue_id and m.shown for m in call.marks)
    mark = CueMark(cue_id=cue.cue_id, rule=cue.rule, at=cue.at, outcome=outcome, shown=shown)
    if any(m.cue_id == cue.cue_id for m in call.marks):
        marks = tuple(mark if m.cue_id == cue.cue_id else m for m in call.marks)
    else:
        marks = (*call.marks, mark)
    reply = CueReply(call_id=call.call_id, cue_id=cue.cue_id, outcome=outcome, shown_at=now)
    return replace(call, marks=marks, replies=(*call.replies, reply))
