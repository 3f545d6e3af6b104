"""Whatever happens in a call: few cues, one at a time, numbered, in order, and never an offer to the unhappy."""

from dataclasses import dataclass
from itertools import pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from live_sentiment.cue_triggers import Heard
from live_sentiment.cues import UNHAPPY, CueEngine
from live_sentiment.events import (
    AnyEvent,
    CallEnded,
    ConversationMetrics,
    Cue,
    CueOutcome,
    Gap,
    Probabilities,
    SentimentReading,
    SentimentTrend,
    SignalDetected,
    TranscriptFinal,
    WrapUp,
)
from live_sentiment.playbook import default_playbook
from live_sentiment.playbook_rules import Playbook
from onnx_models.classification import SIGNALS

at = st.floats(0, 4)  # seconds after the event before
LINES = ["met bas", "sorry", "hallo", "verder nog iets", "momentje", "fijne dag", "bent u er nog", "{words}", ""]
share = st.floats(0, 1)
seconds = st.floats(0, 100)


def events() -> st.SearchStrategy[AnyEvent]:
    channel = st.sampled_from(["agent", "customer"])
    probabilities = st.just(Probabilities(negative=0.4, neutral=0.3, positive=0.3))
    sentiment = st.sampled_from(["negative", "neutral", "positive"])
    return st.one_of(
        st.builds(
            TranscriptFinal,
            at=at,
            channel=channel,
            utterance=st.just(1),
            text=st.sampled_from(LINES),
            start=seconds,
            end=seconds,
            language=st.just("nl"),
            confidence=share,
            words=st.just(()),
        ),
        st.builds(
            SentimentReading,
            at=at,
            utterance=st.just(1),
            start=seconds,
            sentiment=sentiment,
            probabilities=probabilities,
            emotion=st.just("anger"),
            confidence=share,
            sure=st.booleans(),
            because=st.just(()),
        ),
        st.builds(
            SentimentTrend,
            at=at,
            mood=st.none() | st.floats(-1, 1),
            sentiment=sentiment,
            direction=st.sampled_from(["falling", "steady"]),
            readings=st.just(1),
        ),
        st.builds(
            SignalDetected,
            at=at,
            utterance=st.just(1),
            signal=st.sampled_from(SIGNALS),
            probability=share,
            because=st.just(()),
        ),
        st.builds(
            ConversationMetrics,
            at=at,
            agent_talk=seconds,
            customer_talk=seconds,
            overlap=seconds,
            silence=seconds,
            talk_ratio=st.none() | share,
            dead_air=seconds,
            monologue=seconds,
            pace=st.none() | st.floats(0, 400),
        ),
        st.builds(Gap, at=at, start=seconds, end=seconds, cause=st.just("lost")),
        st.builds(
            CueOutcome,
            at=at,
            cue_id=st.sampled_from(["the newest", "the newest", "x"]),
            outcome=st.sampled_from(["shown", "helped", "dismissed", "muted", "expired"]),
        ),
    )


def with_trials(playbook: Playbook) -> Playbook:
    """Each rule, and before and after it the same in shadow, less patient."""
    rules = [
        rule
        if kind == "real"
        else msgspec.structs.replace(
            rule, id=f"{rule.id}_{kind}", shadow=True, priority=100, cooldown=1, max_per_call=9
        )
        for rule in playbook.rules
        for kind in ("early", "real", "late")
    ]
    return msgspec.structs.replace(playbook, rules=tuple(rules))


@dataclass
class Played:
    """The cues of a call that are shown, the mood at each, and all that the engine said of cues' outcomes.

    ``turned_away`` are cues that ran out before their time, unseen.
    """

    cues: list[Cue]
    moods: list[float | None]
    acted: list[str]
    unwanted: set[str]
    turned_away: set[str]


def play(steps: list[AnyEvent], playbook: Playbook | None = None) -> Played:
    engine, now = CueEngine(playbook or default_playbook()), 0.0
    mood: float | None = None
    played = Played([], [], [], set(), set())
    told: set[str] = set()

    def hear(event: Heard) -> None:
        said = engine.accept(event)
        given_now = [cue for cue in said if isinstance(cue, Cue) and not cue.shadow]
        assert len(given_now) <= 1
        played.cues += given_now
        played.moods += [mood] * len(given_now)
        played.acted += [outcome.cue_id for outcome in said if isinstance(outcome, CueOutcome)]
        assert not played.unwanted & {outcome.cue_id for outcome in said if isinstance(outcome, CueOutcome)}

    for step in steps:
        now += step.at
        event = type(step)(**{name: getattr(step, name) for name in step.__struct_fields__} | {"at": now})
        if isinstance(event, CueOutcome) and event.cue_id == "the newest" and played.cues:
            newest = played.cues[-1]
            event = CueOutcome(at=now, cue_id=newest.cue_id, outcome=event.outcome)
            if event.outcome == "expired" and now < newest.expires_at and newest.cue_id not in told:
                played.turned_away.add(newest.cue_id)
            told.add(newest.cue_id)
        if isinstance(event, CueOutcome) and event.outcome in {"dismissed", "muted"}:
            played.unwanted.add(event.cue_id)
        mood = event.mood if isinstance(event, SentimentTrend) else mood
        hear(event)
    hear(CallEnded(at=now, reason="finished"))
    for seconds in range(0, 120, 5):
        hear(WrapUp(at=now + seconds, ended_at=now))
    return played


@settings(deadline=None)  # the machine may be busy
@given(st.lists(events(), max_size=80))
def test_quiet_by_design(steps: list[AnyEvent]) -> None:
    played = play(steps)
    cues, playbook = played.cues, default_playbook()
    rules = {rule.id: rule for rule in playbook.rules}
    assert len({cue.cue_id for cue in cues}) == len(cues)
    assert set(played.acted) <= {cue.cue_id for cue in cues} - played.turned_away
    on_screen = [cue for cue in cues if cue.cue_id not in played.turned_away]
    assert len(on_screen) <= playbook.max_cues
    for cue, mood in zip(cues, played.moods, strict=True):
        assert cue.expires_at > cue.at
        assert cue.confidence >= rules[cue.rule].min_confidence
        assert not (rules[cue.rule].offer and mood is not None and mood < UNHAPPY)
    assert len(set(played.acted)) == len(played.acted)
    for one, other in pairwise(on_screen):
        assert other.priority > one.priority or other.at - one.at >= playbook.min_gap


@settings(deadline=None)  # the machine may be busy
@given(st.lists(events(), max_size=60))
def test_the_same_call_gives_the_same_cues(steps: list[AnyEvent]) -> None:
    assert play(steps) == play(steps)


@settings(deadline=None)  # the machine may be busy
@given(st.lists(events(), max_size=60))
def test_rules_on_trial_change_nothing_for_the_others(steps: list[AnyEvent]) -> None:
    tried, untried = play(steps, with_trials(default_playbook())), play(steps)
    assert (tried.cues, tried.moods) == (untried.cues, untried.moods)
    assert set(untried.acted) <= set(tried.acted)
