"""The overlay's logic: a state, something that happened, the time; out comes the next state.

Pure: no Qt, no clock, no input or output. What must go to the server is put in ``outbox``. Any order of messages is
allowed; doubles and stragglers of earlier calls are ignored.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import singledispatch

import msgspec

from live_sentiment.events import AnyEvent, CallEnded, CallStarted, Cue
from overlay.state import cues, events
from overlay.state.inputs import (
    AnswerCue,
    AnyInput,
    AskCall,
    CuePainted,
    Leaving,
    LinkDown,
    LinkRefused,
    Retry,
    SetCues,
    SetSolved,
    Tick,
    Toggle,
    ToReady,
    TurnFeedback,
    TypeNote,
)
from overlay.state.model import Call, Outgoing, OverlayState
from overlay.state.screens import ANSWER_PATIENCE, SEEN_AFTER, screen_of, visible_feedback
from server.protocol import (
    CallControl,
    CallNote,
    Envelope,
    Error,
    FeedbackCard,
    FeedbackSeen,
    Presence,
    ServerStatus,
    Snapshot,
    Today,
    Welcome,
    is_durable,
)

NOTE_REST = 0.8
"""Seconds without typing after which the note is sent."""
ORPHAN_PATIENCE = 3.0
"""Seconds after a reconnection in which a call the server no longer knows may still end by itself."""
MAX_FEEDBACK = 50
MAX_PAST_CALLS = 32
MAX_NOTE = 4_000


def reduce(state: OverlayState, message: AnyInput, now: float) -> OverlayState:
    """The state after ``message`` at the Unix time ``now`` (seconds)."""
    return _settle(_reduce(message, _settle(state, now), now), now)


def drained(state: OverlayState) -> OverlayState:
    """The state once everything in its outbox has been handed over."""
    return replace(state, outbox=())


def _settle(state: OverlayState, now: float) -> OverlayState:
    """What time alone does: cues run out, notes are sent, a card that was looked at counts as seen."""
    state = _settle_asked(state, now)
    if state.call is not None:
        state = _settle_call(state, state.call, now)
    card = visible_feedback(state)
    if card is None:
        return state if state.card_since is None else replace(state, card_since=None)
    if state.card_since is None:
        return replace(state, card_since=now)
    if card.seen or now - state.card_since < SEEN_AFTER:
        return state
    feedback = tuple(msgspec.structs.replace(each, seen=True) if each is card else each for each in state.feedback)
    return _send(replace(state, feedback=feedback), FeedbackSeen(feedback_id=card.feedback_id))


def _settle_asked(state: OverlayState, now: float) -> OverlayState:
    """What the server does not react to has not worked; a pause that waited for the line goes out with it."""
    if state.asked is not None and now - state.asked_at >= ANSWER_PATIENCE:
        silence = Error(code="no_answer", message="The server does not react.", retryable=True)
        state = replace(state, asked=None, error=silence, error_at=now)
    if not state.pause_wanted:
        return state
    call = state.call
    if call is None or call.ended is not None:
        return replace(state, pause_wanted=False)
    if state.link != "up" or call.orphaned_at is not None:
        return state
    return _send(replace(state, pause_wanted=False, asked="pause", asked_at=now), CallControl(action="pause"))


def _settle_call(state: OverlayState, call: Call, now: float) -> OverlayState:
    if call.ended is None and call.orphaned_at is not None and now - call.orphaned_at >= ORPHAN_PATIENCE:
        lost = CallEnded(at=call.at, reason="lost")
        call = replace(cues.close(call, now), ended=lost, ended_at=now, orphaned_at=None)
    call = cues.sweep(call, now)
    replies, call = call.replies, replace(call, replies=()) if call.replies else call
    state = _send(replace(state, call=call) if call is not state.call else state, *replies)
    if call.note_typed_at is not None and now - call.note_typed_at >= NOTE_REST:
        return _save_note(state)
    return state


def _send(state: OverlayState, *messages: Outgoing) -> OverlayState:
    return replace(state, outbox=(*state.outbox, *messages)) if messages else state


def _save_note(state: OverlayState) -> OverlayState:
    """Send the note as it stands."""
    if state.call is None:
        return state
    note = CallNote(call_id=state.call.call_id, note=state.call.note, solved=state.call.solved)
    return _send(replace(state, call=replace(state.call, note_typed_at=None)), note)


@singledispatch
def _reduce(message: object, state: OverlayState, now: float) -> OverlayState:
    del message, now
    return state


# --- the line -------------------------------------------------------------------------------------------------------


@_reduce.register
def _(message: Welcome, state: OverlayState, now: float) -> OverlayState:
    state = replace(state, link="up", ever_up=True, retry_at=None, refusal=None, error=None, asked=None)
    call = state.call
    if call is None or call.ended is not None or call.call_id == message.call_id:
        return state
    return replace(state, call=replace(call, orphaned_at=now))


@_reduce.register
def _(message: LinkDown, state: OverlayState, now: float) -> OverlayState:
    link = "down" if state.ever_up else "connecting"
    if state.call is not None and state.call.orphaned_at is not None:
        state = replace(state, call=replace(state.call, orphaned_at=None))
    wanted = state.pause_wanted or state.asked == "pause"  # whether it arrived nobody knows; twice does no harm
    return replace(state, link=link, retry_at=now + message.retry_in, asked=None, pause_wanted=wanted)


@_reduce.register
def _(message: LinkRefused, state: OverlayState, now: float) -> OverlayState:
    del now
    refusal = Error(code=message.code, message=message.message, retryable=False)
    return replace(state, link="refused", refusal=refusal, retry_at=None, asked=None)


@_reduce.register
def _(message: Retry, state: OverlayState, now: float) -> OverlayState:
    del message
    link = "down" if state.ever_up else "connecting"
    return state if state.link == "up" else replace(state, link=link, refusal=None, retry_at=now)


@_reduce.register
def _(message: Error, state: OverlayState, now: float) -> OverlayState:
    return replace(state, error=message, error_at=now, asked=None)


@_reduce.register
def _(message: ServerStatus, state: OverlayState, now: float) -> OverlayState:
    del now
    return replace(state, server=message)


@_reduce.register
def _(message: Presence, state: OverlayState, now: float) -> OverlayState:
    since = None if message.capture else state.capture_gone_at or now
    return replace(state, presence=message, asked=None, capture_gone_at=since)


@_reduce.register
def _(message: Today, state: OverlayState, now: float) -> OverlayState:
    del now
    return replace(state, today=message)


@_reduce.register
def _(message: FeedbackCard, state: OverlayState, now: float) -> OverlayState:
    """Keep the newest cards, newest first; a card sent again replaces itself, and only a new one turns the page."""
    del now
    known = next((card for card in state.feedback if card.feedback_id == message.feedback_id), None)
    if known is not None:
        same = msgspec.structs.replace(message, seen=message.seen or known.seen)
        return replace(state, feedback=tuple(same if card is known else card for card in state.feedback))
    cards = sorted((message, *state.feedback), key=lambda card: (-card.received_at, card.feedback_id))
    return replace(state, feedback=tuple(cards[:MAX_FEEDBACK]), feedback_index=0, card_since=None)


# --- the call -------------------------------------------------------------------------------------------------------


@_reduce.register
def _(message: Envelope, state: OverlayState, now: float) -> OverlayState:
    call = state.call
    if message.call_id in state.past_calls:
        return state
    if call is None or call.call_id != message.call_id:
        state = _leave_call(state, now)
        call = _new_call(message.call_id, message.event, now)
    elif message.seq < call.seq or (message.seq == call.seq and is_durable(message.event)):
        return state  # had before, or overtaken; what is not durable carries the number of what came before it
    return replace(state, call=_hear(replace(call, seq=message.seq), message.event, state, now))


@_reduce.register
def _(message: Snapshot, state: OverlayState, now: float) -> OverlayState:
    """Build the call anew from its events, but keep what the agent did and wrote here."""
    old = state.call
    if message.call_id in state.past_calls or not message.events:
        return state
    if old is None or old.call_id != message.call_id:
        state, old = _leave_call(state, now), None
    call = _new_call(message.call_id, message.events[0], now)
    if old is not None:
        call = replace(call, marks=old.marks, cue=old.cue, waiting=old.waiting, solved=old.solved)
        call = replace(call, note=old.note, note_typed_at=old.note_typed_at, ended_at=old.ended_at)
        call = replace(call, ended=_end_in(message) if old.ended is not None else None)  # its cues left then
    call = replace(call, replies=())
    for event in message.events:
        if not isinstance(event, Cue):
            call = events.apply(call, event, now)
    for event in message.events:
        if isinstance(event, Cue) and not _already_over(message, event):
            call = cues.offer(call, event, now, wanted=state.wants(event, now))
    return replace(state, call=replace(call, seq=max(message.seq, old.seq if old else 0)))


def _end_in(snapshot: Snapshot) -> CallEnded | None:
    return next((event for event in snapshot.events if isinstance(event, CallEnded)), None)


def _already_over(snapshot: Snapshot, cue: Cue) -> bool:
    return any(
        getattr(event, "cue_id", None) == cue.cue_id and getattr(event, "outcome", None) in cues.CLOSING
        for event in snapshot.events
    )


def _new_call(call_id: str, first: AnyEvent, now: float) -> Call:
    """A call from its first event; one joined halfway gets the start that its time implies."""
    started_at = first.started_at if isinstance(first, CallStarted) else now - first.at
    return Call(call_id=call_id, started_at=started_at)


def _hear(call: Call, event: AnyEvent, state: OverlayState, now: float) -> Call:
    call = events.apply(call, event, now)
    return cues.offer(call, event, now, wanted=state.wants(event, now)) if isinstance(event, Cue) else call


def _leave_call(state: OverlayState, now: float) -> OverlayState:
    """Close the call on the screen: its note goes out, and its stragglers will be ignored."""
    call = state.call
    if call is None:
        return state
    state = _send(state, *cues.close(call, now).replies)
    if call.note_typed_at is not None:
        state = _save_note(state)
    past = (*state.past_calls, call.call_id)[-MAX_PAST_CALLS:]
    return replace(state, call=None, past_calls=past, why_open=False)


# --- the agent ------------------------------------------------------------------------------------------------------


@_reduce.register
def _(message: Tick, state: OverlayState, now: float) -> OverlayState:
    del message, now
    return state


@_reduce.register
def _(message: Leaving, state: OverlayState, now: float) -> OverlayState:
    del message, now
    return _save_note(state) if state.call is not None and state.call.note_typed_at is not None else state


@_reduce.register
def _(message: CuePainted, state: OverlayState, now: float) -> OverlayState:
    if state.call is None:
        return state
    return replace(state, call=cues.painted(state.call, message.cue_id, now))


@_reduce.register
def _(message: AnswerCue, state: OverlayState, now: float) -> OverlayState:
    call = state.call
    if call is None or call.cue is None:
        return state
    if message.outcome == "muted":
        others = tuple(mute for mute in state.muted if mute[0] != call.cue.rule and now < mute[1])
        state = replace(state, muted=(*others, (call.cue.rule, _end_of_day(now))))
    return replace(state, call=cues.answer(call, message.outcome, now), why_open=False)


@_reduce.register
def _(message: SetCues, state: OverlayState, now: float) -> OverlayState:
    """Cues off also takes away the one on the screen; cues on lets every rule speak again, from the next cue on."""
    if message.wanted:
        return replace(state, cues_off=False, muted=())
    call = cues.close(state.call, now) if state.call is not None else None
    return replace(state, cues_off=True, call=call, why_open=False)


def _end_of_day(now: float) -> float:
    """The Unix time of the next midnight on this machine's clock."""
    today = datetime.fromtimestamp(now).astimezone()
    return (today.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)).timestamp()


@_reduce.register
def _(message: Toggle, state: OverlayState, now: float) -> OverlayState:
    del now
    if message.part == "why":
        has_cue = state.call is not None and state.call.cue is not None
        return replace(state, why_open=has_cue and not state.why_open)
    if message.part == "transcript":
        return replace(state, transcript_open=not state.transcript_open)
    return replace(state, collapsed=not state.collapsed)


@_reduce.register
def _(message: AskCall, state: OverlayState, now: float) -> OverlayState:
    """Ask only what can be done at once: a start that arrives minutes late would be a surprise.

    A pause is safe late, so it is kept while the line is down; to resume takes it back.
    """
    if state.link != "up":
        wanted = {"pause": screen_of(state) == "in_call", "resume": False}
        return replace(state, pause_wanted=wanted.get(message.action, state.pause_wanted))
    if message.action == "start" and screen_of(state) not in {"ready", "wrap_up"}:
        return state
    return _send(replace(state, asked=message.action, asked_at=now), CallControl(action=message.action))


@_reduce.register
def _(message: SetSolved, state: OverlayState, now: float) -> OverlayState:
    del now
    if state.call is None:
        return state
    solved = None if state.call.solved == message.solved else message.solved
    return _save_note(replace(state, call=replace(state.call, solved=solved)))


@_reduce.register
def _(message: TypeNote, state: OverlayState, now: float) -> OverlayState:
    note = message.note[:MAX_NOTE]
    if state.call is None or state.call.note == note:
        return state
    return replace(state, call=replace(state.call, note=note, note_typed_at=now))


@_reduce.register
def _(message: ToReady, state: OverlayState, now: float) -> OverlayState:
    del message
    return _leave_call(state, now) if screen_of(state) == "wrap_up" else state


@_reduce.register
def _(message: TurnFeedback, state: OverlayState, now: float) -> OverlayState:
    del now
    index = min(max(0, state.feedback_index + message.step), max(0, len(state.feedback) - 1))
    return state if index == state.feedback_index else replace(state, feedback_index=index, card_since=None)
