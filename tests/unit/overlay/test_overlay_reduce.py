"""The overlay's logic, message by message."""

import msgspec
import pytest

from live_sentiment.events import CallEnded, CallStarted, CueOutcome, Delay, Gap, SentimentTrend
from overlay import scenes
from overlay.scenes import T0, Story, a_cue, card, final, metrics, partial, started, trend
from overlay.state import events
from overlay.state.inputs import (
    AnswerCue,
    AnyInput,
    AskCall,
    CuePainted,
    Leaving,
    LinkDown,
    LinkRefused,
    Retry,
    SetSolved,
    Tick,
    Toggle,
    ToReady,
    TurnFeedback,
    TypeNote,
)
from overlay.state.reduce import drained, reduce
from overlay.state.screens import (
    ANSWER_PATIENCE,
    can_start,
    cue_fades,
    is_paused,
    notice_of,
    recent_mood,
    screen_of,
    transcript,
    visible_cue,
    visible_feedback,
    wake_at,
)
from server.protocol import (
    CallControl,
    CallNote,
    CueReply,
    Envelope,
    Error,
    FeedbackSeen,
    Presence,
    ServerStatus,
    Snapshot,
    Welcome,
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


@pytest.fixture
def story() -> Watched:
    return Watched()


def in_call(story: Watched) -> Watched:
    story.up().hear(started())
    return story


# --- screens --------------------------------------------------------------------------------------------------------


def test_the_day_goes_from_connecting_over_loading_to_ready(story: Watched) -> None:
    assert screen_of(story.state) == "connecting"
    story.tell(Welcome(version=1, now=T0), ServerStatus(state="loading", progress=0.3))
    assert screen_of(story.state) == "loading"
    story.tell(ServerStatus(state="ready"))
    assert screen_of(story.state) == "ready"


def test_a_call_takes_over_and_its_end_brings_the_wrap_up(story: Watched) -> None:
    in_call(story)
    assert screen_of(story.state) == "in_call"
    story.hear(CallEnded(at=9.0, reason="finished"))
    assert screen_of(story.state) == "wrap_up"
    story.tell(ToReady())
    assert screen_of(story.state) == "ready"


def test_a_refusal_is_shown_until_the_agent_tries_again(story: Watched) -> None:
    story.tell(LinkRefused(code="bad_token", message="no"))
    assert screen_of(story.state) == "refused"
    story.tell(Retry())
    assert screen_of(story.state) == "connecting"
    story.tell(Welcome(version=1, now=T0))
    assert screen_of(story.state) == "connecting", "until the server has said what it can do"
    story.tell(ServerStatus(state="ready"))
    assert screen_of(story.state) == "ready"


def test_a_lost_line_keeps_the_call_and_says_so(story: Watched) -> None:
    in_call(story).hear(trend(1.0, -0.5)).tell(LinkDown(attempt=1, retry_in=1.0))
    assert screen_of(story.state) == "in_call"
    assert story.state.call is not None
    assert story.state.call.arc
    notice = notice_of(story.state, story.now)
    assert notice is not None
    assert notice.kind == "reconnecting"


def test_an_attempt_before_the_first_line_is_still_connecting(story: Watched) -> None:
    story.tell(LinkDown(attempt=1, retry_in=1.0))
    assert story.state.link == "connecting"


def test_a_paused_call_hides_the_cue(story: Watched) -> None:
    in_call(story).hear(a_cue(1.0))
    assert visible_cue(story.state, story.now) is not None
    story.tell(Presence(capture=True, paused=True))
    assert is_paused(story.state)
    assert visible_cue(story.state, story.now) is None


@pytest.mark.parametrize(
    ("silent", "kind"),
    [(("customer",), "silent_customer"), (("agent",), "silent_agent"), (("agent", "customer"), "silent_both")],
)
def test_a_silent_channel_is_named(story: Watched, silent: tuple[str, ...], kind: str) -> None:
    in_call(story).tell(Presence(capture=True, silent=silent))
    notice = notice_of(story.state, story.now)
    assert notice is not None
    assert notice.kind == kind


def test_silence_while_paused_is_no_news(story: Watched) -> None:
    in_call(story).tell(Presence(capture=True, silent=("customer",), paused=True))
    assert notice_of(story.state, story.now) is None


def test_a_delay_is_shown_from_two_seconds(story: Watched) -> None:
    in_call(story).hear(Delay(at=1.0, behind=1.5, mode="full"))
    assert notice_of(story.state, story.now) is None
    story.hear(Delay(at=2.0, behind=4.0, mode="finals_only"))
    notice = notice_of(story.state, story.now)
    assert notice is not None
    assert (notice.kind, notice.seconds) == ("behind", 4.0)


BEHIND = Delay(at=5.0, behind=4.0, mode="finals_only")


def test_catching_up_is_told_by_silence(story: Watched) -> None:
    in_call(story).hear(BEHIND, Delay(at=6.0, behind=0.0, mode="full"))
    assert notice_of(story.state, story.now) is None


def test_being_behind_is_the_least_of_it(story: Watched) -> None:
    in_call(story).hear(BEHIND)
    assert kind_of(story) == "behind"
    story.tell(ServerStatus(state="degraded"))
    assert kind_of(story) == "degraded", "who keeps nothing must not say that no word gets lost"
    story.hear(Gap(at=5.0, start=3.0, end=5.0, cause="device"))
    assert kind_of(story) == "gap"
    story.tell(Presence(capture=False, silent=("customer",)), at=5.0)
    assert kind_of(story) == "silent_customer"
    story.tell(Tick(), at=8.1)
    assert kind_of(story) == "no_capture"


def test_a_gap_is_told_for_a_while(story: Watched) -> None:
    in_call(story).hear(Gap(at=5.0, start=3.0, end=5.0, cause="device"))
    notice = notice_of(story.state, story.now)
    assert notice is not None
    assert (notice.kind, notice.seconds) == ("gap", 2.0)
    assert notice_of(story.state, T0 + 20.0) is None


@pytest.mark.parametrize(("length", "cause"), [(0.1, "device"), (4.0, "the agent paused")])
def test_a_gap_that_nobody_notices_or_that_was_wanted_is_not_told(story: Watched, length: float, cause: str) -> None:
    in_call(story).hear(Gap(at=5.0, start=5.0 - length, end=5.0, cause=cause))
    assert notice_of(story.state, story.now) is None


def test_an_error_is_told_and_forgotten(story: Watched) -> None:
    story.up().tell(Error(code="busy", message="A call is going on", retryable=True))
    notice = notice_of(story.state, story.now)
    assert notice is not None
    assert notice.kind == "error"
    assert notice_of(story.state, story.now + 60) is None


def test_a_degraded_server_and_a_missing_capture_are_told(story: Watched) -> None:
    story.up().tell(Presence(capture=False))
    assert notice_of(story.state, story.now) is None, "it may be back in a moment"
    story.tell(Tick(), at=-500.0)
    notice = notice_of(story.state, story.now)
    assert notice is not None
    assert notice.kind == "no_capture"
    story.tell(ServerStatus(state="degraded", detail={"nl": "Schijf vol"}))
    notice = notice_of(story.state, story.now)
    assert notice is not None
    assert (notice.kind, notice.detail) == ("degraded", (("nl", "Schijf vol"),))


# --- the call -------------------------------------------------------------------------------------------------------


def test_doubles_and_late_events_of_earlier_calls_are_ignored(story: Watched) -> None:
    in_call(story).hear(trend(1.0, 0.5))
    double = Envelope(call_id="call-1", seq=story.seq, event=trend(1.0, 0.5))
    assert len(story.tell(double).state.call.arc) == 1
    story.hear(CallEnded(at=2.0, reason="finished")).tell(ToReady())
    story.tell(Envelope(call_id="call-1", seq=99, event=trend(3.0, 0.5)))
    assert story.state.call is None


def test_what_is_not_durable_carries_the_number_before_it(story: Watched) -> None:
    in_call(story).hear(trend(1.0, 0.5))
    for at in (2.0, 3.0):
        story.tell(Envelope(call_id="call-1", seq=story.seq, event=metrics(at, at / 10)))
    assert story.state.call.metrics.talk_ratio == pytest.approx(0.3)
    story.tell(Envelope(call_id="call-1", seq=story.seq - 1, event=metrics(1.5, 0.9)))
    assert story.state.call.metrics.talk_ratio == pytest.approx(0.3)


def test_partials_carry_the_number_of_the_event_before_and_are_shown(story: Watched) -> None:
    in_call(story).hear(trend(1.0, 0.5))
    growing = [partial(2.0, 1, "where is"), partial(2.3, 1, "where is my parcel")]
    story.tell(*(Envelope(call_id="call-1", seq=story.seq, event=event) for event in growing))
    assert [line.text for line in story.state.call.lines] == ["where is my parcel"]
    story.tell(Envelope(call_id="call-1", seq=story.seq - 1, event=partial(2.4, 1, "where")))
    assert [line.text for line in story.state.call.lines] == ["where is my parcel"]


def test_a_new_call_takes_over_at_once_and_the_note_is_sent(story: Watched) -> None:
    in_call(story).hear(CallEnded(at=9.0, reason="finished")).tell(TypeNote(note="Belt terug"))
    new = CallStarted(at=0.0, call_id="call-2", started_at=T0 + 20, source="devices")
    story.tell(Envelope(call_id="call-2", seq=1, event=new), at=9.1)
    assert screen_of(story.state) == "in_call"
    assert [m for m in story.sent if isinstance(m, CallNote)] == [CallNote(call_id="call-1", note="Belt terug")]


def test_a_call_joined_halfway_gets_its_start_from_its_time(story: Watched) -> None:
    story.up().tell(Envelope(call_id="x", seq=40, event=trend(30.0, 0.2)), at=100.0)
    assert story.state.call is not None
    assert story.state.call.started_at == T0 + 70.0


def test_a_snapshot_rebuilds_the_call_and_keeps_what_the_agent_did(story: Watched) -> None:
    in_call(story).hear(a_cue(1.0)).tell(AnswerCue(outcome="dismissed"), TypeNote(note="n"))
    told = (started(), trend(0.5, 0.3), a_cue(1.0), final(4.0, 1, "hallo"))
    story.tell(Snapshot(call_id="call-1", seq=30, events=told))
    call = story.state.call
    assert call is not None
    assert (call.seq, call.note, len(call.lines)) == (30, "n", 1)
    assert visible_cue(story.state, story.now) is None
    assert story.outcomes() == [("cue-1", "dismissed")]


def test_a_snapshot_does_not_bring_back_a_cue_that_was_answered_elsewhere(story: Watched) -> None:
    answered = CueOutcome(at=2.0, cue_id="cue-1", outcome="helped")
    story.up().tell(Snapshot(call_id="call-1", seq=3, events=(started(), a_cue(1.0), answered)), at=3.0)
    assert visible_cue(story.state, story.now) is None
    assert story.outcomes() == []


def test_a_call_that_the_server_lost_ends_after_a_while(story: Watched) -> None:
    in_call(story).tell(LinkDown(attempt=1, retry_in=1.0), Welcome(version=1, now=T0), at=5.0)
    assert screen_of(story.state) == "in_call"
    story.tell(Tick(), at=9.0)
    assert screen_of(story.state) == "wrap_up"
    notice = notice_of(story.state, story.now)
    assert notice is not None
    assert notice.kind == "lost"


def test_a_call_that_goes_on_after_reconnecting_does_not_end(story: Watched) -> None:
    in_call(story).tell(Welcome(version=1, now=T0, call_id=None), at=5.0)
    story.hear(trend(5.5, 0.0)).tell(Tick(), at=20.0)
    assert screen_of(story.state) == "in_call"


def test_a_final_replaces_its_partial_and_a_late_partial_changes_nothing(story: Watched) -> None:
    in_call(story).hear(partial(2.0, 1, "ik bel"), final(4.0, 1, "ik belde al"), partial(2.5, 1, "ik bel nog"))
    assert [line.text for line in transcript(story.state)] == ["ik belde al"]


def test_the_transcript_shows_the_last_two_utterances_in_order_of_speech(story: Watched) -> None:
    in_call(story).hear(final(4.0, 1, "een"), final(12.0, 3, "drie", agent=True), final(8.0, 2, "twee"))
    assert [line.text for line in transcript(story.state)] == ["twee", "drie"]


def test_an_utterance_that_comes_to_nothing_leaves(story: Watched) -> None:
    in_call(story).hear(partial(2.0, 1, "eh"), final(4.0, 1, " "))
    assert transcript(story.state) == ()


def test_the_arc_stays_bounded(story: Watched) -> None:
    in_call(story).hear(*[trend(float(i), 0.1) for i in range(3_000)])
    assert story.state.call is not None
    arc = story.state.call.arc
    assert len(arc) <= events.MAX_ARC
    assert (arc[0].at, arc[-1].at) == (0.0, 2_999.0)


def test_the_last_minute_reaches_back_to_its_edge_and_up_to_now(story: Watched) -> None:
    in_call(story).hear(trend(0.0, -0.5), trend(100.0, 0.5))
    points = recent_mood(story.state, T0 + 110.0)
    assert [(p.at, p.mood) for p in points] == [(-60.0, -0.5), (-10.0, 0.5), (0.0, 0.5)]


def test_an_unsure_trend_adds_no_point(story: Watched) -> None:
    in_call(story).hear(SentimentTrend(at=1.0, mood=None, sentiment=None, direction="steady", readings=0))
    assert recent_mood(story.state, story.now) == ()


# --- the cue --------------------------------------------------------------------------------------------------------


def test_a_cue_is_shown_told_once_painted_and_once_answered(story: Watched) -> None:
    in_call(story).hear(a_cue(1.0))
    assert story.outcomes() == []
    story.tell(CuePainted(cue_id="cue-1"), CuePainted(cue_id="cue-1"), at=1.2)
    story.tell(AnswerCue(outcome="helped"), AnswerCue(outcome="helped"), at=2.0)
    assert story.outcomes() == [("cue-1", "shown"), ("cue-1", "helped")]
    assert story.sent[0].shown_at == T0 + 1.2


def test_a_cue_past_its_time_is_never_shown(story: Watched) -> None:
    in_call(story).tell(Envelope(call_id="call-1", seq=50, event=a_cue(1.0)), at=30.0)
    assert visible_cue(story.state, story.now) is None
    assert story.outcomes() == [("cue-1", "expired")]


def test_a_cue_leaves_at_its_time_even_when_nobody_reduces(story: Watched) -> None:
    in_call(story).hear(a_cue(1.0))
    assert visible_cue(story.state, T0 + 20.9) is not None
    assert visible_cue(story.state, T0 + 21.0) is None


def test_a_cue_begins_to_fade_before_its_end(story: Watched) -> None:
    in_call(story).hear(a_cue(1.0))
    assert not cue_fades(story.state, T0 + 20.0)
    assert cue_fades(story.state, T0 + 20.7)


def test_the_speed_of_a_recording_counts(story: Watched) -> None:
    fast = CallStarted(at=0.0, call_id="call-1", started_at=T0, source="file", speed=4.0)
    story.up().hear(fast).tell(Envelope(call_id="call-1", seq=9, event=a_cue(8.0)), at=2.0)
    assert visible_cue(story.state, T0 + 6.9) is not None
    assert visible_cue(story.state, T0 + 7.1) is None


def test_without_a_pace_the_newest_event_is_the_clock(story: Watched) -> None:
    fast = CallStarted(at=0.0, call_id="call-1", started_at=T0, source="file", speed=None)
    story.up().hear(fast, a_cue(8.0))
    assert visible_cue(story.state, T0 + 1_000) is not None
    story.hear(trend(28.0, 0.0))
    assert visible_cue(story.state, story.now) is None


def test_a_more_important_cue_takes_over_and_a_lesser_one_waits(story: Watched) -> None:
    in_call(story).hear(a_cue(1.0, "a", 5), a_cue(2.0, "b", 3), a_cue(3.0, "c", 9))
    assert visible_cue(story.state, story.now).cue_id == "c"
    story.tell(AnswerCue(outcome="dismissed"))
    assert visible_cue(story.state, story.now).cue_id == "b"
    assert story.outcomes() == [("a", "expired"), ("c", "dismissed")]


def test_the_wrap_up_knows_which_cues_were_really_shown(story: Watched) -> None:
    in_call(story).hear(a_cue(1.0, "a")).tell(CuePainted(cue_id="a")).tell(Tick(), at=30.0)
    story.hear(a_cue(2.0, "never"))
    assert [(m.cue_id, m.outcome, m.shown) for m in story.state.call.marks] == [
        ("a", "expired", True),
        ("never", "expired", False),
    ]


def test_a_muted_rule_stays_quiet(story: Watched) -> None:
    in_call(story).hear(a_cue(1.0)).tell(AnswerCue(outcome="muted"))
    story.hear(a_cue(5.0, "cue-2"))
    assert visible_cue(story.state, story.now) is None
    assert story.outcomes() == [("cue-1", "muted"), ("cue-2", "expired")]


def test_the_end_of_the_call_ends_the_cue(story: Watched) -> None:
    in_call(story).hear(a_cue(1.0), CallEnded(at=2.0, reason="finished"))
    assert visible_cue(story.state, story.now) is None
    assert story.outcomes() == [("cue-1", "expired")]


def test_the_same_cue_sent_again_is_not_shown_again(story: Watched) -> None:
    in_call(story).hear(a_cue(1.0)).tell(AnswerCue(outcome="dismissed"))
    story.hear(a_cue(1.0))
    assert visible_cue(story.state, story.now) is None


def test_why_opens_only_with_a_cue_and_closes_with_it(story: Watched) -> None:
    in_call(story).tell(Toggle(part="why"))
    assert not story.state.why_open
    story.hear(a_cue(1.0)).tell(Toggle(part="why"))
    assert story.state.why_open
    story.tell(AnswerCue(outcome="helped"))
    assert not story.state.why_open


# --- feedback -------------------------------------------------------------------------------------------------------


def test_feedback_waits_for_the_end_of_the_call(story: Watched) -> None:
    in_call(story).tell(card(1))
    assert visible_feedback(story.state) is None
    story.hear(CallEnded(at=2.0, reason="finished"))
    assert visible_feedback(story.state) is None
    story.tell(ToReady())
    assert visible_feedback(story.state).feedback_id == "f1"


def test_the_newest_feedback_comes_first_and_pages_turn(story: Watched) -> None:
    story.up().tell(card(2), card(1), card(3), TurnFeedback(step=-1))
    assert visible_feedback(story.state).feedback_id == "f1"
    story.tell(TurnFeedback(step=1), TurnFeedback(step=1), TurnFeedback(step=1))
    assert visible_feedback(story.state).feedback_id == "f3"


def test_a_card_sent_again_does_not_turn_the_page(story: Watched) -> None:
    story.up().tell(card(2), card(1), card(3), TurnFeedback(step=1)).tell(Tick(), at=0.0)
    assert visible_feedback(story.state).seen
    story.tell(card(3), card(2), card(1, comment="corrected"))
    assert visible_feedback(story.state).feedback_id == "f2"
    assert visible_feedback(story.state).seen, "read is read"
    assert [each.comment for each in story.state.feedback] == ["corrected", "", ""]
    story.tell(card(0))
    assert visible_feedback(story.state).feedback_id == "f0"


def test_a_card_counts_as_read_after_three_seconds_in_view(story: Watched) -> None:
    story.up().tell(card(1), at=0.0)
    story.tell(Tick(), at=2.0)
    assert not any(isinstance(m, FeedbackSeen) for m in story.sent)
    story.tell(Tick(), at=3.1).tell(Tick(), at=9.0)
    assert [m for m in story.sent if isinstance(m, FeedbackSeen)] == [FeedbackSeen(feedback_id="f1")]


def test_a_card_behind_a_small_window_is_not_read(story: Watched) -> None:
    story.up().tell(Toggle(part="collapsed"), card(1), at=0.0).tell(Tick(), at=60.0)
    assert not any(isinstance(m, FeedbackSeen) for m in story.sent)


# --- what the agent does --------------------------------------------------------------------------------------------


def test_a_call_is_started_only_where_that_is_possible(story: Watched) -> None:
    story.up()
    assert can_start(story.state)
    story.tell(AskCall(action="start"))
    assert story.sent == [CallControl(action="start")]
    assert not can_start(story.state)
    story.tell(Presence(capture=True, controllable=False))
    assert not can_start(story.state)


def test_nothing_is_asked_of_a_server_that_is_away(story: Watched) -> None:
    in_call(story).tell(LinkDown(attempt=1, retry_in=1.0), AskCall(action="stop"))
    story.tell(Welcome(version=1, now=T0, call_id="call-1"), at=5.0)
    assert story.sent == []


def kind_of(story: Watched) -> str:
    notice = notice_of(story.state, story.now)
    return notice.kind if notice is not None else ""


def test_a_pause_waits_for_the_line_and_says_so(story: Watched) -> None:
    in_call(story).tell(LinkDown(attempt=1, retry_in=1.0), AskCall(action="pause"))
    assert story.sent == []
    assert kind_of(story) == "pause_waits"
    story.tell(Welcome(version=1, now=T0, call_id="call-1"), at=5.0).tell(Tick())
    assert story.sent == [CallControl(action="pause")]
    story.tell(LinkDown(attempt=1, retry_in=1.0), Welcome(version=1, now=T0, call_id="call-1"))
    assert story.sent == [CallControl(action="pause")] * 2, "nobody knows whether the first one arrived"


def test_a_pause_that_waits_can_be_taken_back(story: Watched) -> None:
    in_call(story).tell(LinkDown(attempt=1, retry_in=1.0), AskCall(action="pause"), AskCall(action="resume"))
    assert kind_of(story) == "reconnecting"
    story.tell(Welcome(version=1, now=T0, call_id="call-1"))
    assert story.sent == []


def test_a_pause_waits_until_the_server_knows_the_call_again(story: Watched) -> None:
    in_call(story).tell(LinkDown(attempt=1, retry_in=1.0), AskCall(action="pause"))
    story.tell(Welcome(version=1, now=T0), at=1.0)
    assert story.sent == []
    story.hear(trend(2.0, 0.1))
    assert story.sent == [CallControl(action="pause")]


def test_a_pause_does_not_reach_into_the_next_call(story: Watched) -> None:
    in_call(story).tell(LinkDown(attempt=1, retry_in=1.0), AskCall(action="pause"))
    story.tell(Welcome(version=1, now=T0), at=1.0).tell(Tick(), at=9.0)
    assert screen_of(story.state) == "wrap_up"
    new = CallStarted(at=0.0, call_id="call-2", started_at=T0 + 20, source="devices")
    story.tell(Envelope(call_id="call-2", seq=1, event=new), at=20.0)
    assert story.sent == []


def test_a_pause_in_time_is_not_asked_twice(story: Watched) -> None:
    in_call(story).tell(AskCall(action="pause"), Presence(capture=True, paused=True))
    story.tell(LinkDown(attempt=1, retry_in=1.0), Welcome(version=1, now=T0, call_id="call-1"))
    assert story.sent == [CallControl(action="pause")]


def test_what_the_server_does_not_react_to_has_not_worked(story: Watched) -> None:
    story.up().tell(AskCall(action="start"))
    assert wake_at(story.state, story.now) == pytest.approx(story.now + ANSWER_PATIENCE)
    story.tell(Tick(), at=-600.0 + ANSWER_PATIENCE)
    assert can_start(story.state)
    notice = notice_of(story.state, story.now)
    assert notice is not None
    assert (notice.kind, notice.code, notice.retryable) == ("error", "no_answer", True)


def test_what_the_server_confirms_in_time_is_no_error(story: Watched) -> None:
    story.up().tell(AskCall(action="start"), Presence(capture=True)).tell(Tick(), at=0.0)
    assert notice_of(story.state, story.now) is None


def test_closing_the_window_sends_the_note_that_was_being_typed(story: Watched) -> None:
    in_call(story).hear(CallEnded(at=9.0, reason="finished")).tell(TypeNote(note="Belt terug"), Leaving(), at=9.1)
    assert story.sent == [CallNote(call_id="call-1", note="Belt terug")]
    story.tell(Leaving())
    assert len(story.sent) == 1


def test_a_note_is_sent_once_the_hand_rests(story: Watched) -> None:
    in_call(story).hear(CallEnded(at=9.0, reason="finished"))
    story.tell(TypeNote(note="a"), at=10.0).tell(TypeNote(note="ab"), at=10.5).tell(Tick(), at=11.0)
    assert story.sent == []
    story.tell(Tick(), at=11.4).tell(Tick(), at=20.0)
    assert story.sent == [CallNote(call_id="call-1", note="ab")]


def test_solved_is_sent_at_once_and_can_be_taken_back(story: Watched) -> None:
    in_call(story).hear(CallEnded(at=9.0, reason="finished")).tell(SetSolved(solved="not_yet"))
    story.tell(SetSolved(solved="not_yet"))
    assert [m.solved for m in story.sent] == ["not_yet", None]


def test_a_wrap_up_without_a_word_sends_nothing(story: Watched) -> None:
    in_call(story).hear(CallEnded(at=9.0, reason="finished")).tell(ToReady())
    assert story.sent == []


# --- when to look again ---------------------------------------------------------------------------------------------


def test_an_idle_overlay_sleeps_and_a_call_wakes_every_second(story: Watched) -> None:
    assert wake_at(story.state, T0) is None
    in_call(story)
    assert wake_at(story.state, T0 + 4.3) == pytest.approx(T0 + 5.0)


def test_it_wakes_for_the_end_of_a_cue(story: Watched) -> None:
    in_call(story).hear(a_cue(0.7))
    assert wake_at(story.state, T0 + 20.3) == pytest.approx(T0 + 20.7)


@pytest.mark.parametrize("name", scenes.names())
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_scene_can_be_told(name: str, language: str) -> None:
    state, now = scenes.scene(name, language)
    assert state.outbox == ()
    assert now >= T0 - 600
