"""The overlay's logic, what the agent sees and does: cues, feedback, notes, timers."""

from datetime import datetime

import msgspec
import pytest
from watched import Watched, in_call, kind_of

from live_sentiment.events import CallEnded, CallStarted, CueOutcome
from overlay import scenes
from overlay.scenes import T0, a_cue, card, started, trend
from overlay.state.inputs import (
    AnswerCue,
    AskCall,
    CuePainted,
    Leaving,
    LinkDown,
    SetCues,
    SetSolved,
    Tick,
    Toggle,
    ToReady,
    TurnFeedback,
    TypeNote,
)
from overlay.state.screens import (
    ANSWER_PATIENCE,
    can_start,
    cue_fades,
    notice_of,
    screen_of,
    visible_cue,
    visible_feedback,
    wake_at,
)
from server.protocol import (
    CallControl,
    CallNote,
    Envelope,
    FeedbackSeen,
    Presence,
    Snapshot,
    Welcome,
)

# --- the cue --------------------------------------------------------------------------------------------------------


def test_a_cue_is_shown_told_once_painted_and_once_answered(story: Watched) -> None:
    in_call(story).hear(a_cue(1.0))
    assert story.outcomes() == []
    story.tell(CuePainted(cue_id="cue-1"), CuePainted(cue_id="cue-1"), at=1.2)
    story.tell(AnswerCue(outcome="helped"), AnswerCue(outcome="helped"), at=2.0)
    assert story.outcomes() == [("cue-1", "shown"), ("cue-1", "helped")]
    assert story.sent[0].shown_at == T0 + 1.2


def test_a_cue_leaves_with_its_call_and_one_for_the_work_after_it_is_shown_until_its_time(story: Watched) -> None:
    in_call(story).hear(a_cue(1.0), a_cue(2.0, "waits"), CallEnded(at=5.0, reason="finished"))
    assert visible_cue(story.state, story.now) is None
    assert story.outcomes() == [("cue-1", "expired")]
    story.hear(a_cue(4.0, "late"), a_cue(65.0, "after"))
    assert story.outcomes() == [("cue-1", "expired"), ("late", "expired")]
    cue = visible_cue(story.state, story.now)
    assert cue is not None
    assert cue.cue_id == "after"
    assert wake_at(story.state, story.now) == pytest.approx(T0 + 84.5)
    story.tell(CuePainted(cue_id="after"), at=66.0).tell(Tick(), at=84.9)
    assert visible_cue(story.state, story.now) is not None
    story.tell(Tick(), at=85.0)
    assert visible_cue(story.state, story.now) is None
    assert story.outcomes()[2:] == [("after", "shown"), ("after", "expired")]


def test_a_cue_for_the_work_after_a_call_leaves_with_its_screen(story: Watched) -> None:
    in_call(story).hear(CallEnded(at=5.0, reason="finished"), a_cue(65.0, "after"))
    story.tell(ToReady(), at=66.0)
    assert story.outcomes() == [("after", "expired")]
    story.tell(Envelope(call_id="call-1", seq=90, event=a_cue(67.0, "straggler")))
    assert visible_cue(story.state, story.now) is None


def test_a_snapshot_of_a_call_that_is_over_keeps_the_cue_that_came_after_it(story: Watched) -> None:
    ended = CallEnded(at=5.0, reason="finished")
    after = a_cue(65.0, "after")
    in_call(story).hear(a_cue(1.0), ended, after)
    story.tell(Snapshot(call_id="call-1", seq=60, events=(started(), ended, after)), at=66.0)
    assert visible_cue(story.state, story.now) == after
    assert story.outcomes() == [("cue-1", "expired")]
    newcomer = in_call(Watched()).hear(a_cue(1.0))
    newcomer.tell(Snapshot(call_id="call-1", seq=60, events=(started(), ended)), at=6.0)
    assert visible_cue(newcomer.state, newcomer.now) is None


def test_a_cue_that_was_acted_upon_leaves(story: Watched) -> None:
    in_call(story).hear(a_cue(1.0)).hear(CueOutcome(at=4.0, cue_id="cue-1", outcome="acted"))
    assert visible_cue(story.state, story.now) is None
    assert story.outcomes() == []


def test_a_cue_in_shadow_is_not_for_the_screen(story: Watched) -> None:
    trial = msgspec.structs.replace(a_cue(1.0), cue_id="trial", priority=100, shadow=True)
    in_call(story).hear(trial).tell(Tick(), at=30.0)
    assert (story.state.call and story.state.call.marks, story.outcomes()) == ((), [])
    story.tell(Snapshot(call_id="call-1", seq=60, events=(started(), trial)))
    assert visible_cue(story.state, story.now) is None
    assert story.outcomes() == []


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


def test_a_muted_rule_is_back_the_next_day(story: Watched) -> None:
    in_call(story).hear(a_cue(1.0)).tell(AnswerCue(outcome="muted"))
    ((rule, until),) = story.state.muted
    assert rule == "repeat_contact"
    assert story.now < until <= story.now + 25 * 3600
    midnight = datetime.fromtimestamp(until).astimezone()
    assert (midnight.hour, midnight.minute, midnight.second) == (0, 0, 0)
    assert not story.state.wants(a_cue(), until - 1)
    assert story.state.wants(a_cue(), until)


def test_without_cues_nothing_comes_and_nobody_is_told_why(story: Watched) -> None:
    in_call(story).hear(a_cue(1.0)).tell(CuePainted(cue_id="cue-1"), SetCues(wanted=False))
    assert visible_cue(story.state, story.now) is None
    story.hear(a_cue(5.0, "cue-2", rule="churn"))
    assert visible_cue(story.state, story.now) is None
    assert story.outcomes() == [("cue-1", "shown"), ("cue-1", "expired"), ("cue-2", "expired")]
    story.tell(SetCues(wanted=True)).hear(a_cue(9.0, "cue-3", rule="churn"))
    assert visible_cue(story.state, story.now).cue_id == "cue-3"


def test_all_cues_again_means_those_of_muted_rules_too(story: Watched) -> None:
    in_call(story).hear(a_cue(1.0)).tell(AnswerCue(outcome="muted"), SetCues(wanted=True))
    story.hear(a_cue(5.0, "cue-2"))
    assert visible_cue(story.state, story.now).cue_id == "cue-2"


def test_cues_stay_off_from_one_call_to_the_next_and_in_a_call_built_anew(story: Watched) -> None:
    story.up().tell(SetCues(wanted=False)).hear(started(), a_cue(1.0))
    assert visible_cue(story.state, story.now) is None
    snapshot = Snapshot(call_id="call-1", seq=9, events=(started(), a_cue(1.0, "cue-9")))
    assert visible_cue(story.tell(snapshot).state, story.now) is None


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
