"""Whatever arrives, in whatever order, the overlay's state stays sound."""

from collections import Counter

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from live_sentiment.events import (
    AnyEvent,
    CallEnded,
    CallStarted,
    ConversationMetrics,
    Cue,
    CueOutcome,
    Delay,
    Gap,
    SentimentReading,
    SentimentTrend,
    SignalDetected,
    TranscriptFinal,
    TranscriptPartial,
)
from overlay.keys import KEYS, asked_by
from overlay.scenes import T0
from overlay.state import cues
from overlay.state.inputs import AnyInput, CuePainted, LinkDown, LinkRefused, Retry, Tick, TypeNote
from overlay.state.model import OverlayState
from overlay.state.reduce import drained, reduce
from overlay.state.screens import (
    notice_of,
    recent_mood,
    screen_of,
    transcript,
    visible_cue,
    visible_feedback,
    wake_at,
)
from server.protocol import (
    CueReply,
    Envelope,
    Error,
    FeedbackCard,
    Presence,
    ServerStatus,
    Snapshot,
    Today,
    Welcome,
)

TIMES = st.floats(0.0, 200.0, allow_nan=False)
CALLS = st.sampled_from(["call-1", "call-2", "call-3"])
TEXT = st.text(max_size=12)
MAYBE_TEXTS = st.dictionaries(st.sampled_from(["nl", "en"]), TEXT, max_size=2)
CUE = st.builds(
    Cue,
    at=TIMES,
    cue_id=st.sampled_from(["a", "b", "c", "d"]),
    rule=st.sampled_from(["r", "s"]),
    priority=st.integers(0, 3),
    advice=MAYBE_TEXTS,
    why=MAYBE_TEXTS,
    because=st.tuples(TEXT),
    confidence=st.floats(0, 1),
    expires_at=TIMES,
)
EVENT: st.SearchStrategy[AnyEvent] = st.one_of(
    st.builds(CallStarted, at=st.just(0.0), call_id=CALLS, started_at=st.just(T0), source=TEXT),
    st.builds(CallEnded, at=TIMES),
    CUE,
    st.builds(CueOutcome, at=TIMES, cue_id=st.sampled_from(["a", "b"])),
    *[
        st.builds(kind, **{"at": TIMES} | extra)
        for kind, extra in (
            (Gap, {}),
            (Delay, {}),
            (TranscriptPartial, {"utterance": st.integers(1, 3)}),
            (TranscriptFinal, {"utterance": st.integers(1, 3), "words": st.just(())}),
            (SentimentReading, {"because": st.just(())}),
            (SentimentTrend, {"mood": st.none() | st.floats(-2, 2)}),
            (SignalDetected, {"because": st.just(())}),
            (ConversationMetrics, {}),
        )
    ],
)
INPUT: st.SearchStrategy[AnyInput] = st.one_of(
    st.builds(Envelope, call_id=CALLS, seq=st.integers(1, 40), event=EVENT),
    st.builds(Snapshot, call_id=CALLS, seq=st.integers(1, 40), events=st.lists(EVENT, max_size=4).map(tuple)),
    st.builds(Welcome, version=st.just(1), now=st.just(T0), call_id=st.none() | CALLS),
    st.builds(Presence, capture=st.booleans(), paused=st.booleans(), silent=st.just(())),
    st.builds(ServerStatus),
    st.builds(FeedbackCard, feedback_id=st.sampled_from(["f", "g"]), received_at=TIMES),
    st.builds(Today, calls=st.integers(0, 9), answers=st.integers(0, 9)),
    st.builds(Error, code=TEXT, message=TEXT, retryable=st.booleans()),
    st.builds(LinkDown, attempt=st.just(1), retry_in=st.just(1.0)),
    st.builds(LinkRefused, code=TEXT, message=TEXT),
    st.builds(TypeNote, note=TEXT),
    st.builds(CuePainted, cue_id=st.sampled_from(["a", "b", "c"])),
    st.sampled_from([Retry(), Tick()]),
)
STEP = st.tuples(st.floats(0.0, 30.0), st.sampled_from(KEYS) | INPUT)


def live(steps: list[tuple[float, AnyInput | str]]) -> list[tuple[OverlayState, float, tuple[msgspec.Struct, ...]]]:
    """All states on the way, with the time and what was sent at each."""
    state, now = OverlayState(), T0
    seen = []
    for pause, what in [(0.0, Welcome(version=1, now=T0)), *steps]:
        now += pause
        message = asked_by(what, state) if isinstance(what, str) else what
        if message is None:
            continue
        after = reduce(state, message, now)
        state = drained(after)
        seen.append((state, now, after.outbox))
    return seen


@given(st.lists(STEP, max_size=40))
def test_feedback_is_never_to_be_seen_in_a_call(steps: list[tuple[float, AnyInput | str]]) -> None:
    for state, _, _ in live(steps):
        if state.call is not None:
            assert visible_feedback(state) is None


@given(st.lists(STEP, max_size=40))
def test_a_cue_on_the_screen_is_one_live_and_unanswered(steps: list[tuple[float, AnyInput | str]]) -> None:
    for state, now, _ in live(steps):
        cue = visible_cue(state, now)
        if cue is not None:
            assert state.call is not None
            assert state.call.ended is None
            assert state.call.time(now) < cue.expires_at
            assert state.wants(cue, now)
            assert cues.outcome_of(state.call, cue.cue_id) in {None, "shown"}


@given(st.lists(STEP, max_size=40))
def test_a_cue_is_told_shown_once_at_most_and_closed_once_at_most(steps: list[tuple[float, AnyInput | str]]) -> None:
    told: Counter[tuple[str, str, bool]] = Counter()
    for _, _, sent in live(steps):
        for message in sent:
            if isinstance(message, CueReply):
                told[message.call_id, message.cue_id, message.outcome in cues.CLOSING] += 1
    assert all(count == 1 for count in told.values())


@given(st.lists(STEP, max_size=40))
def test_everything_the_screen_asks_can_be_answered(steps: list[tuple[float, AnyInput | str]]) -> None:
    for state, now, _ in live(steps):
        assert screen_of(state) in {"connecting", "refused", "loading", "ready", "in_call", "wrap_up"}
        notice_of(state, now)
        points = recent_mood(state, now)
        assert all(-60.0 <= p.at <= 0.0 and -1.0 <= p.mood <= 1.0 for p in points)
        assert len(transcript(state)) <= 2
        wake = wake_at(state, now)
        assert wake is None or wake > now - 1e-3, "it would wake again and again"


@given(st.lists(STEP, max_size=40), st.text(min_size=1, max_size=12))
def test_a_note_is_never_lost_to_the_next_call(steps: list[tuple[float, AnyInput | str]], note: str) -> None:
    seen = live(steps)
    state, now = seen[-1][0], seen[-1][1]
    if state.call is None or state.call.note == note:
        return
    typed = reduce(state, TypeNote(note=note), now)
    call_id = typed.call.call_id if typed.call else ""
    start = CallStarted(at=0.0, call_id="new", started_at=now, source="x")
    after = reduce(typed, Envelope(call_id="new", seq=1, event=start), now)
    assert any(getattr(m, "note", None) == note and getattr(m, "call_id", None) == call_id for m in after.outbox)
