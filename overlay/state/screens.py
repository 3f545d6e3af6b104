"""What is to be seen of a state: which screen, which notice, which card, and when to look again. Pure.

A screen has at most one notice beside it, the most pressing; each says what happened and, in its text, what to do.
"""

from dataclasses import dataclass
from typing import Literal

from live_sentiment.events import Cue
from overlay.state.cues import is_over
from overlay.state.model import Call, Line, MoodPoint, OverlayState
from server.protocol import FeedbackCard, Presence

Screen = Literal["connecting", "refused", "loading", "ready", "in_call", "wrap_up"]
NoticeKind = Literal[
    "reconnecting",
    "pause_waits",
    "error",
    "silent_customer",
    "silent_agent",
    "silent_both",
    "behind",
    "unclear",
    "degraded",
    "no_capture",
    "gap",
    "lost",
]

SEEN_AFTER = 3.0
"""Seconds in view after which a feedback card counts as read."""
ERROR_SECONDS = 10.0
ANSWER_PATIENCE = 5.0
"""Seconds that the server may take to do what the agent asked of the call."""
GAP_SECONDS = 8.0
GAP_FROM = 1.0
"""Seconds of missed sound from which they are told."""
BEGINNING = 0.1
"""What is missed from here on is what the devices took to open."""
CAPTURE_PATIENCE = 3.0
"""Seconds that the capture may be away, between calls or at a call's end, before it is news."""
BEHIND_FROM = 2.0
"""Seconds of delay from which it is shown."""
FADE_SECONDS = 0.5
"""How long a cue takes to leave; it begins that much before its time is over."""
TREND_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing the agent should know. ``seconds`` belongs to "behind" and "gap", ``detail`` to "degraded"/"error".

    An "error" has the server's ``code``; ``retryable`` says whether to do the same again can help.
    """

    kind: NoticeKind
    seconds: float = 0.0
    detail: tuple[tuple[str, str], ...] = ()
    code: str = ""
    retryable: bool = False


def screen_of(state: OverlayState) -> Screen:
    """The screen to show. A call outlives a lost line; feedback and loading never cover it."""
    if state.link == "refused":
        return "refused"
    if not state.ever_up:
        return "connecting"
    if state.call is not None:
        return "in_call" if state.call.ended is None else "wrap_up"
    if state.server is None:  # the line is up, but the server has not said yet what it can do
        return "connecting"
    if state.server.state == "loading":
        return "loading"
    return "ready"


def is_paused(state: OverlayState) -> bool:
    """Whether the agent paused the listening, as the server confirms."""
    return screen_of(state) == "in_call" and state.presence is not None and state.presence.paused


def notice_of(state: OverlayState, now: float) -> Notice | None:
    """The most pressing thing to know on this screen."""
    if state.link == "down":
        return Notice(kind="pause_waits" if state.pause_wanted else "reconnecting")
    if state.error is not None and now - state.error_at < ERROR_SECONDS:
        error = state.error
        return Notice(kind="error", detail=(("", error.message),), code=error.code, retryable=error.retryable)
    return _call_notice(state, now) or _house_notice(state, now)


def _call_notice(state: OverlayState, now: float) -> Notice | None:
    call = state.call
    if call is None or state.presence is None:
        return None
    if call.ended is not None:
        return Notice(kind="lost") if call.ended.reason == "lost" else None
    found = (
        _no_capture(state, now),
        _silence(state.presence),
        _gap_notice(call, now),
        _degraded(state),
        _hearing(call),
    )
    return next(filter(None, found), None)


def _silence(presence: Presence) -> Notice | None:
    silent = set(presence.silent)
    return Notice(kind=_silent_kind(silent)) if silent and not presence.paused else None


def _hearing(call: Call) -> Notice | None:
    """How well the words are followed; of no interest where there is nothing to follow, or it is not kept."""
    if call.delay is not None and call.delay.behind >= BEHIND_FROM:
        return Notice(kind="behind", seconds=call.delay.behind)
    return Notice(kind="unclear") if call.unclear else None


def _gap_notice(call: Call, now: float) -> Notice | None:
    """Sound that was missed a moment ago, unless the agent paused it, it was too little, or the call just began."""
    gap = call.gap
    if gap is None or "pause" in gap.cause or gap.start < BEGINNING or call.time(now) - gap.end >= GAP_SECONDS:
        return None
    return Notice(kind="gap", seconds=gap.end - gap.start) if gap.end - gap.start >= GAP_FROM else None


def _silent_kind(silent: set[str]) -> NoticeKind:
    if {"agent", "customer"} <= silent:
        return "silent_both"
    return "silent_customer" if "customer" in silent else "silent_agent"


def _house_notice(state: OverlayState, now: float) -> Notice | None:
    return _degraded(state) or _no_capture(state, now)


def _degraded(state: OverlayState) -> Notice | None:
    if state.server is None or state.server.state != "degraded":
        return None
    return Notice(kind="degraded", detail=tuple(sorted(state.server.detail.items())))


def _no_capture(state: OverlayState, now: float) -> Notice | None:
    gone = state.capture_gone_at is not None and now >= state.capture_gone_at + CAPTURE_PATIENCE
    return Notice(kind="no_capture") if gone and screen_of(state) in {"ready", "in_call"} else None


def visible_cue(state: OverlayState, now: float) -> Cue | None:
    """The one cue to show: in a live call that is not paused, or after it, and never past its time."""
    if state.call is None or state.call.cue is None or is_paused(state):
        return None
    if screen_of(state) not in {"in_call", "wrap_up"}:
        return None
    return None if is_over(state.call, state.call.cue, now) else state.call.cue


def cue_fades(state: OverlayState, now: float) -> bool:
    """Whether the cue on the screen has begun to leave."""
    cue = visible_cue(state, now)
    if cue is None or state.call is None or state.call.speed is None:
        return False
    return now >= state.call.wall(cue.expires_at) - FADE_SECONDS


def visible_feedback(state: OverlayState) -> FeedbackCard | None:
    """The feedback card to show: only between calls, with the window open."""
    if screen_of(state) != "ready" or state.collapsed or not state.feedback:
        return None
    return state.feedback[min(state.feedback_index, len(state.feedback) - 1)]


def can_start(state: OverlayState) -> bool:
    """Whether a call can be started from here now."""
    presence = state.presence
    ready = state.link == "up" and screen_of(state) in {"ready", "wrap_up"} and state.asked is None
    return ready and presence is not None and presence.capture and presence.controllable


def transcript(state: OverlayState) -> tuple[Line, ...]:
    """The last two utterances, oldest first."""
    return state.call.lines[-2:] if state.call is not None else ()


def recent_mood(state: OverlayState, now: float) -> tuple[MoodPoint, ...]:
    """The mood of the last minute, as points whose ``at`` runs from -60 to 0 seconds; empty while nobody can tell."""
    call = state.call
    if call is None or not call.arc:
        return ()
    end = max(call.time(now), call.at)
    older = [point for point in call.arc if point.at < end - TREND_SECONDS]
    recent = [MoodPoint(point.at - end, point.mood) for point in call.arc if point.at >= end - TREND_SECONDS]
    if older:
        recent.insert(0, MoodPoint(-TREND_SECONDS, older[-1].mood))
    return (*recent, MoodPoint(0.0, recent[-1].mood))


def wake_at(state: OverlayState, now: float) -> float | None:
    """The Unix time at which the screen changes by itself; None when only a message can change it."""
    times = list(_call_times(state, now))
    card = visible_feedback(state)
    if card is not None and not card.seen and state.card_since is not None:
        times.append(state.card_since + SEEN_AFTER)
    if state.error is not None and now < state.error_at + ERROR_SECONDS:
        times.append(state.error_at + ERROR_SECONDS)
    if state.asked is not None:
        times.append(state.asked_at + ANSWER_PATIENCE)
    if state.capture_gone_at is not None and now < state.capture_gone_at + CAPTURE_PATIENCE:
        times.append(state.capture_gone_at + CAPTURE_PATIENCE)
    if screen_of(state) == "ready":
        times.append(now + 30.0)  # "3 minutes ago" grows older
    return min(times) if times else None


def _call_times(state: OverlayState, now: float) -> list[float]:
    call = state.call
    if call is None:
        return []
    times = [call.note_typed_at + 0.8] if call.note_typed_at is not None else []
    if call.ended is None:
        times.append(call.started_at + int(max(0.0, now - call.started_at)) + 1.0)
    if call.orphaned_at is not None:
        times.append(call.orphaned_at + 3.0)
    if call.cue is not None and call.speed is not None:
        end = call.wall(call.cue.expires_at)
        times += [end, end - FADE_SECONDS] if now < end - FADE_SECONDS else [end]
    return times
