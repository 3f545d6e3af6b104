"""The overlay's logic, message by message."""

import pytest
from watched import Watched, in_call, kind_of

from live_sentiment.events import CallEnded, CallStarted, CueOutcome, Delay, Gap, SentimentTrend
from overlay.scenes import T0, a_cue, final, metrics, partial, started, trend
from overlay.state import events
from overlay.state.inputs import (
    AnswerCue,
    LinkDown,
    LinkRefused,
    Retry,
    Tick,
    ToReady,
    TypeNote,
)
from overlay.state.screens import (
    is_paused,
    notice_of,
    recent_mood,
    screen_of,
    transcript,
    visible_cue,
)
from server.protocol import (
    CallNote,
    Envelope,
    Error,
    Presence,
    ServerStatus,
    Snapshot,
    Welcome,
)

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


@pytest.mark.parametrize(("length", "cause"), [(0.1, "device"), (4.0, "the agent paused"), (5.0, "opening")])
def test_a_gap_that_nobody_notices_or_that_was_wanted_is_not_told(story: Watched, length: float, cause: str) -> None:
    in_call(story).hear(Gap(at=5.0, start=5.0 - length, end=5.0, cause=cause))
    assert notice_of(story.state, story.now) is None


def test_a_gap_that_is_told_in_pieces_is_one(story: Watched) -> None:
    in_call(story)
    for start, end, channel in (
        (5.0, 5.5, "customer"),
        (5.1, 5.6, "agent"),
        (5.5, 6.5, "customer"),
        (6.5, 8.0, "customer"),
    ):
        story.hear(Gap(at=end, start=start, end=end, cause="unplugged", channel=channel))
    notice = notice_of(story.state, story.now)
    assert notice is not None
    assert (notice.kind, notice.seconds) == ("gap", pytest.approx(3.0))
    story.hear(Gap(at=30.0, start=28.0, end=30.0, cause="unplugged", channel="agent"))
    notice = notice_of(story.state, story.now)
    assert notice is not None
    assert notice.seconds == pytest.approx(2.0)


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
