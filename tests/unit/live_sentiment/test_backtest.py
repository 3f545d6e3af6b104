"""A playbook on a past call: the same cues as live, and what agents made of them then."""

import pytest
from call_simulation import Turn, call
from calls import LoudnessVad, WordClassifier, both

from live_sentiment.analysis import analyze
from live_sentiment.backtest import Answer, PastCall, WouldBe, replay, try_playbook
from live_sentiment.events import (
    AnyEvent,
    CallEnded,
    CallStarted,
    ConversationMetrics,
    Cue,
    CueOutcome,
    Gap,
    RecognitionQuality,
    TranscriptPartial,
)
from live_sentiment.pipeline import PipelineParts
from live_sentiment.playbook import default_playbook, load_playbook
from live_sentiment.transcriber import ScriptedEngine

PLAYBOOK = """
name = "Trial"
max_cues = 5
min_gap = 0

[phrases.sorry]
en = ["sorry"]

[[rule]]
id = "churn"
trigger = { kind = "signal", any_of = ["churn"] }
unless = { phrases = "sorry", within = 10 }
advice = { nl = "Vraag.", en = "Ask." }
why = { nl = "{words}", en = "{words}" }
max_per_call = 3
cooldown = 0
ttl = 1

[[rule]]
id = "quiet"
trigger = { kind = "dead_air", over = 8 }
advice = { nl = "Zeg iets.", en = "Say something." }
why = { nl = "{seconds}", en = "{seconds}" }
"""
PLAY = load_playbook(PLAYBOOK, "trial.toml")
ANGRY = Turn("customer", "i will take my business elsewhere", "negative", ("churn",))


def logged(*turns: Turn, after: float = 3.0) -> list[AnyEvent]:
    """A call as the log has it: without partials and numbers."""
    told = list(call(turns, "en", after))
    length = max(event.at for event in told)
    kept = [event for event in told if not isinstance(event, ConversationMetrics | TranscriptPartial)]
    started = CallStarted(at=0.0, call_id="c", started_at=1.0, source="test")
    return [started, *kept, CallEnded(at=length, reason="finished")]


def cue(at: float, rule: str = "churn", cue_id: str = "") -> Cue:
    return Cue(
        at=at,
        cue_id=cue_id or f"{rule}@{at}",
        rule=rule,
        priority=50,
        advice={},
        why={},
        because=(),
        confidence=1.0,
        expires_at=at + 10,
    )


def given(events: list[AnyEvent]) -> list[tuple[str, int]]:
    return [(cue.rule, round(cue.at)) for cue in replay(events, PLAY)]


def test_words_and_silence_lead_to_cues_as_live() -> None:
    events = logged(Turn("agent", "good afternoon how can i help you"), ANGRY, after=12)
    assert [rule for rule, _ in given(events)] == ["churn", "quiet"]


def test_what_the_agent_said_in_time_makes_a_cue_needless() -> None:
    assert given(logged(Turn("agent", "i am so sorry to hear that"), ANGRY)) == []


def test_cues_answers_and_numbers_of_the_log_change_nothing() -> None:
    events = logged(ANGRY, after=12)
    at = replay(events, PLAY)[0].at
    more = [cue(at), CueOutcome(at=at, cue_id=f"churn@{at}", outcome="muted")]
    numbers = [event for event in call([ANGRY], "en", 12) if isinstance(event, ConversationMetrics)]
    assert replay([*events, *more, *numbers], PLAY) == replay(events, PLAY)


def test_the_order_in_the_file_does_not_matter() -> None:
    events = logged(Turn("agent", "hello"), ANGRY, Turn("agent", "right"), after=12)
    backwards = sorted(events, key=lambda event: -event.at)
    assert [one.rule for one in replay(backwards, PLAY)] == [one.rule for one in replay(events, PLAY)]


def test_nothing_is_advised_where_words_could_not_be_relied_upon() -> None:
    events = logged(ANGRY, ANGRY)
    first, second = (one.at for one in replay(events, PLAY))
    unsure = RecognitionQuality(at=first, channel="agent", reliable=False, confidence=0.2)
    sure = RecognitionQuality(at=second, channel="agent", reliable=True, confidence=0.8)
    assert len(replay([*events, unsure], PLAY)) == 0
    assert [one.at for one in replay([*events, unsure, sure], PLAY)] == [second]


def test_a_call_heard_from_its_middle_on_is_no_call_without_a_greeting() -> None:
    silent = load_playbook(
        PLAYBOOK.replace(
            '{ kind = "dead_air", over = 8 }', '{ kind = "not_said", who = "agent", phrases = "sorry", within = 5 }'
        ),
        "",
    )
    events = logged(Turn("agent", "word " * 20, pause=31.0))
    assert [one.rule for one in replay(events, silent)] == ["quiet"]
    assert replay([*events, Gap(at=30.0, start=0.0, end=30.0, cause="restart")], silent) == []


@pytest.mark.parametrize(
    ("outcomes", "answer"),
    [
        (("shown", "helped"), "helped"),
        (("shown", "acted"), "acted"),
        (("shown", "dismissed", "acted"), "dismissed"),
        (("helped", "acted", "expired"), "helped"),
        (("dismissed", "muted"), "muted"),
        (("shown", "expired"), "expired"),
        (("shown",), "unanswered"),
        ((), "unanswered"),
    ],
)
def test_what_became_of_the_logged_cue_counts(outcomes: tuple[str, ...], answer: Answer) -> None:
    events = logged(ANGRY)
    at = replay(events, PLAY)[0].at
    tried = try_playbook(PastCall("c", [*events, cue(at + 5, cue_id="x")], [("x", each) for each in outcomes]), PLAY)
    assert [one.answer for one in tried.cues] == [answer]


def test_outcomes_among_the_events_count_too() -> None:
    events = logged(ANGRY)
    at = replay(events, PLAY)[0].at
    told = [cue(at, cue_id="x"), CueOutcome(at=at + 1, cue_id="x", outcome="dismissed")]
    assert try_playbook(PastCall("c", [*events, *told]), PLAY).cues[0].answer == "dismissed"


def test_a_cue_of_another_rule_or_of_another_moment_tells_nothing() -> None:
    events = logged(ANGRY)
    at = replay(events, PLAY)[0].at
    for other in (cue(at, "quiet", "x"), cue(at + 15.5, cue_id="x")):
        assert [one.answer for one in _tried([*events, other], ("x", "helped"))] == ["not shown"]


def test_each_logged_cue_stands_for_one_the_nearest() -> None:
    events = logged(ANGRY, ANGRY)
    first, second = (one.at for one in replay(events, PLAY))
    assert second - first < 7
    assert [one.answer for one in _tried([*events, cue(second, cue_id="x")], ("x", "helped"))] == [
        "not shown",
        "helped",
    ]


def _tried(events: list[AnyEvent], *outcomes: tuple[str, str]) -> tuple[WouldBe, ...]:
    return try_playbook(PastCall("c", events, outcomes), PLAY).cues


def test_a_call_without_events_has_no_cues() -> None:
    tried = try_playbook(PastCall("c", []), PLAY)
    assert (tried.length, tried.cues) == (0.0, ())


def test_a_whole_recording_gets_the_cues_that_the_pipeline_gave() -> None:
    script = [[("this", 0.4), ("is", 0.6), ("bad", 1.0)], [("now", 0.4), ("bad", 0.8)], [("bad", 0.4)]]
    parts = PipelineParts(ScriptedEngine(script), LoudnessVad, WordClassifier(), default_playbook())
    heard = both([(0.5, 1.5), (40.0, 41.0)], [(2.0, 3.5), (5.0, 6.5), (7.0, 8.0)], 75.0)
    events = analyze(heard, parts, source="x")
    live = [event for event in events if isinstance(event, Cue)]
    again = replay(events, default_playbook())
    assert live
    assert [one.rule for one in again] == [one.rule for one in live]
    assert [one.at for one in again] == pytest.approx([one.at for one in live], abs=2.0)
