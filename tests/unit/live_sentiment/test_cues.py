"""The cue engine on hand-made events and on whole simulated calls."""

import statistics
from collections import defaultdict
from pathlib import Path

import pytest
from call_simulation import Turn, call, final, reading
from cue_kit import CHURN, REPEAT, answer, book, feed, mood, signal, tick

from live_sentiment.cues import UNHAPPY, CueEngine
from live_sentiment.events import (
    CallEnded,
    ConversationMetrics,
    Gap,
    RecognitionQuality,
    Sentiment,
    SentimentTrend,
    SpeechStarted,
    TranscriptPartial,
)
from live_sentiment.phrases import Line, Phrases
from live_sentiment.playbook import default_playbook

SENTIMENTS: dict[str, Sentiment] = {"NEG": "negative", "NEU": "neutral", "POS": "positive", "-": "neutral"}


OFFER = '[[rule]]\nid = "offer"\noffer = true\ntrigger = { kind = "signal", any_of = ["buying_interest"] }\n'
QUIET = """[[rule]]
id = "quiet"
priority = 30
ttl = 5
cooldown = 20
max_per_call = 9
trigger = { kind = "dead_air", over = 8 }
"""


def test_a_signal_becomes_a_cue_with_its_words() -> None:
    engine = CueEngine(book(REPEAT))
    events = [final("customer", "Dit is de derde keer dat ik bel hierover", 2, 5), signal(5, "repeat_contact")]
    (cue,) = feed(engine, events)
    assert (cue.cue_id, cue.rule, cue.at, cue.expires_at) == ("own@5.0", "own", 5, 17)
    assert cue.because == ("dit is de derde keer dat",)
    assert cue.why["nl"] == "dit is de derde keer dat"
    assert cue.confidence == 0.9


def test_a_doubtful_signal_is_no_cue() -> None:
    assert not feed(CueEngine(book(REPEAT)), [signal(5, "repeat_contact", 0.5), signal(6, "closing")])


def test_one_cue_at_a_time_and_the_stronger_wins() -> None:
    engine = CueEngine(book(REPEAT + CHURN))
    assert [cue.rule for cue in feed(engine, [signal(5, "churn"), signal(6, "repeat_contact"), tick(7)])] == ["stay"]
    other = CueEngine(book(REPEAT + CHURN))
    outranked = feed(other, [signal(5, "repeat_contact"), signal(6, "churn")])
    assert [(cue.cue_id, cue.rule) for cue in outranked] == [("own@5.0", "own"), ("stay@6.0", "stay")]


def test_an_answer_makes_room_for_the_next_cue() -> None:
    engine = CueEngine(book(REPEAT + CHURN))
    (first,) = feed(engine, [signal(5, "churn")])
    assert not feed(engine, [signal(6, "repeat_contact"), answer(first, "shown"), tick(7)])
    engine.outcome(answer(first, "helped"))
    assert [cue.rule for cue in feed(engine, [tick(8)])] == ["own"]


def test_an_engine_started_anew_in_a_call_repeats_no_id() -> None:
    rules = book(REPEAT + "cooldown = 0\nmax_per_call = 9\nttl = 1\n", "min_gap = 0\nmax_cues = 9")
    before = feed(CueEngine(rules), [signal(5, "repeat_contact"), signal(10, "repeat_contact")])
    after = feed(CueEngine(rules), [signal(60, "repeat_contact"), signal(65, "repeat_contact")])
    assert len({cue.cue_id for cue in (*before, *after)}) == 4


def test_two_cues_of_a_rule_at_one_moment_are_told_apart() -> None:
    engine = CueEngine(book(REPEAT + "cooldown = 0\nmax_per_call = 9\n"))
    (first,) = feed(engine, [signal(5, "repeat_contact")])
    (second,) = feed(engine, [answer(first, "dismissed"), signal(5.01, "repeat_contact")])
    assert (first.cue_id, second.cue_id) == ("own@5.0", "own@5.0#2")


def test_a_stale_moment_is_dropped() -> None:
    engine = CueEngine(book(REPEAT + "ttl = 3\n" + CHURN + "ttl = 10\n"))
    (first,) = feed(engine, [signal(5, "churn")])
    feed(engine, [signal(6, "repeat_contact"), tick(10)])
    engine.outcome(answer(first, "dismissed"))
    assert not feed(engine, [tick(11), tick(12)])


def test_limits_a_call_a_rule_and_a_gap() -> None:
    several = REPEAT + "max_per_call = 5\ncooldown = 10\nttl = 1\n"
    signals = [signal(at, "repeat_contact") for at in range(5, 60, 5)]
    assert [cue.at for cue in feed(CueEngine(book(several)), signals)] == [5, 15, 25]
    assert len(feed(CueEngine(book(several, "max_cues = 10\nmin_gap = 0")), signals)) == 5
    assert [cue.at for cue in feed(CueEngine(book(several, "min_gap = 20")), signals)] == [5, 25, 45]
    assert len(feed(CueEngine(book(REPEAT)), signals)) == 1
    assert not feed(CueEngine(book(REPEAT, "max_cues = 0")), signals)


def test_a_muted_rule_stays_silent() -> None:
    engine = CueEngine(book(REPEAT + "max_per_call = 5\ncooldown = 0\n"))
    (cue,) = feed(engine, [signal(5, "repeat_contact")])
    assert not feed(engine, [answer(cue, "muted"), signal(40, "repeat_contact"), tick(41)])


def test_a_cue_that_the_screen_turned_away_takes_nobodys_place() -> None:
    engine = CueEngine(book(CHURN + REPEAT, "max_cues = 1\nmin_gap = 30"))
    (unwanted,) = feed(engine, [signal(5, "churn")])
    assert [cue.rule for cue in feed(engine, [answer(unwanted, "expired"), signal(6, "repeat_contact")])] == ["own"]


def test_a_turned_away_cue_leaves_the_one_before_it_on_the_screen() -> None:
    engine = CueEngine(book(REPEAT + CHURN + OFFER))
    first, stronger = feed(engine, [signal(5, "repeat_contact"), signal(6, "churn")])
    assert not feed(engine, [answer(stronger, "expired"), signal(7, "buying_interest"), mood(8, 0.5)])
    assert feed(engine, [answer(first, "helped"), tick(9)])


@pytest.mark.parametrize("seen", [True, False])
def test_a_cue_that_was_seen_or_stayed_its_time_has_taken_its_place(*, seen: bool) -> None:
    engine = CueEngine(book(CHURN + REPEAT, "max_cues = 1"))
    (cue,) = feed(engine, [signal(5, "churn")])
    ended = [answer(cue, "shown"), answer(cue, "expired")] if seen else [answer(cue, "expired", at=cue.expires_at)]
    assert not feed(engine, [*ended, signal(40, "repeat_contact")])


def test_a_cue_is_muted_also_when_the_next_one_has_come() -> None:
    engine = CueEngine(book(CHURN + REPEAT + "max_per_call = 5\ncooldown = 0\n", "min_gap = 0\nmax_cues = 9"))
    first, _ = feed(engine, [signal(5, "repeat_contact"), signal(6, "churn")])
    assert not feed(engine, [answer(first, "muted"), signal(60, "repeat_contact"), tick(61)])


def test_nothing_is_said_while_words_are_unclear_and_nothing_is_used_up() -> None:
    engine = CueEngine(book(REPEAT + "ttl = 5\n" + CHURN, "max_cues = 1"))
    unclear = RecognitionQuality(at=1, channel="customer", reliable=False, confidence=0.4)
    clear = RecognitionQuality(at=20, channel="customer", reliable=True, confidence=0.8)
    assert not feed(engine, [unclear, signal(5, "repeat_contact"), *(tick(at) for at in range(6, 20))])
    assert [cue.rule for cue in feed(engine, [clear, signal(21, "churn")])] == ["stay"]
    again = CueEngine(book(CHURN))
    again.recall(unclear)
    assert not feed(again, [signal(5, "churn")])


def test_a_disabled_rule_never_fires() -> None:
    assert not feed(CueEngine(book(REPEAT + "enabled = false\n")), [signal(5, "repeat_contact"), tick(6)])


def test_a_rule_in_shadow_takes_nothing_away() -> None:
    trial = CHURN.replace("stay", "trial") + "shadow = true\nmax_per_call = 2\ncooldown = 10\n"
    engine = CueEngine(book(trial + CHURN + REPEAT, "max_cues = 1\nmin_gap = 30"))
    churns = [signal(at, "churn") for at in (5, 8, 16, 30)]
    cues = feed(engine, [*churns, signal(31, "repeat_contact")])
    assert [(cue.at, cue.rule, cue.shadow) for cue in cues] == [
        (5, "stay", False),
        (5, "trial", True),
        (16, "trial", True),
    ]


def test_a_cue_in_shadow_that_is_recalled_takes_nothing_away_but_its_own_turn() -> None:
    rules = book(CHURN + "shadow = true\n" + REPEAT, "max_cues = 1")
    (trial,) = feed(CueEngine(rules), [signal(5, "churn")])
    engine = CueEngine(rules)
    engine.recall(trial)
    assert [cue.rule for cue in feed(engine, [signal(6, "churn"), signal(7, "repeat_contact")])] == ["own"]


def test_nothing_after_the_call() -> None:
    engine = CueEngine(book(REPEAT))
    assert not feed(engine, [CallEnded(at=4, reason="finished"), signal(5, "repeat_contact")])


def test_an_unhappy_customer_is_never_offered_anything() -> None:
    assert feed(CueEngine(book(OFFER)), [mood(4, UNHAPPY + 0.1), signal(5, "buying_interest")])
    assert not feed(CueEngine(book(OFFER)), [mood(4, UNHAPPY - 0.1), signal(5, "buying_interest"), tick(6)])
    assert not feed(CueEngine(book(OFFER)), [mood(4, 0.5), reading(5, "negative"), signal(5, "buying_interest")])
    assert not feed(CueEngine(book(OFFER)), [mood(4, -0.5), signal(600, "buying_interest")])


def test_a_rule_waits_for_the_agent_to_do_it_unasked() -> None:
    rule = REPEAT + 'wait = 4\nunless = { phrases = "sorry", within = 5 }\n'
    assert [cue.at for cue in feed(CueEngine(book(rule)), [signal(5, "repeat_contact"), tick(8), tick(9)])] == [9]
    for said in (final("agent", "Dat is vervelend", 6, 8), final("agent", "sorry hoor", 1, 2)):
        assert not feed(CueEngine(book(rule)), [said, signal(5, "repeat_contact"), tick(9), tick(10)])
    for other in (final("customer", "sorry hoor", 6, 8), final("agent", "sorry", -3, -1)):
        assert feed(CueEngine(book(rule)), [other, signal(5, "repeat_contact"), tick(9)])


def test_a_signal_can_make_a_rule_needless() -> None:
    rule = REPEAT + 'unless = { signals = ["resolved"] }\n'
    assert not feed(CueEngine(book(rule)), [signal(3, "resolved"), signal(5, "repeat_contact")])


def test_a_falling_mood_is_a_cue_when_the_line_itself_is_negative() -> None:
    rule = '[[rule]]\nid = "x"\ntrigger = { kind = "sentiment", below = -0.3, falling = true }\n'
    (cue,) = feed(CueEngine(book(rule)), [reading(5, "negative", "schandalig"), mood(5, -0.5, "falling")])
    assert cue.because == ("schandalig",)
    assert not feed(CueEngine(book(rule)), [reading(5, "negative"), mood(5, -0.2, "falling")])
    assert not feed(CueEngine(book(rule)), [reading(5, "negative"), mood(5, -0.5)])
    assert not feed(CueEngine(book(rule)), [reading(5, "neutral"), mood(5, -0.5, "falling")])


def test_a_rule_may_ask_for_more_than_one_line_of_displeasure() -> None:
    twice = book('[[rule]]\nid = "x"\ntrigger = { kind = "sentiment", below = -0.3, lines = 2 }\n')
    once = [reading(5, "negative", "waarom"), mood(5, -0.5)]
    assert not feed(CueEngine(twice), once)
    (cue,) = feed(CueEngine(twice), [*once, reading(20, "negative", "schandalig"), mood(20, -0.5)])
    assert (cue.at, cue.because) == (20, ("schandalig",))
    assert not feed(CueEngine(twice), [*once, reading(70, "negative"), mood(70, -0.5)])


def test_dead_air_counts_once_and_only_after_somebody_spoke() -> None:
    silence = [tick(at, dead_air=float(at)) for at in range(1, 40)]
    assert [cue.at for cue in feed(CueEngine(book(QUIET)), silence)] == [9, 29]
    (cue,) = feed(CueEngine(book(QUIET)), silence[:12])
    assert cue.because == ("9 s",)
    ringing = [
        ConversationMetrics(**{f: getattr(t, f) for f in t.__struct_fields__} | {"talk_ratio": None}) for t in silence
    ]
    assert not feed(CueEngine(book(QUIET)), ringing)


@pytest.mark.parametrize(
    ("trigger", "numbers", "because"),
    [
        ('{ kind = "monologue", over = 60 }', {"monologue": 61.0}, "61 s"),
        ('{ kind = "pace", over = 200, after = 60 }', {"pace": 230.4}, "230 wpm"),
        ('{ kind = "overlap", over = 4, window = 30 }', {"overlap": 5.0}, "5 s"),
    ],
)
def test_numbers_over_their_bound(trigger: str, numbers: dict[str, float], because: str) -> None:
    rule = f'[[rule]]\nid = "x"\ntrigger = {trigger}\n'
    events = [tick(30), tick(59), tick(90, **numbers)]
    assert [cue.because for cue in feed(CueEngine(book(rule)), events)] == [(because,)]
    assert not feed(CueEngine(book(rule)), [tick(at) for at in range(1, 100)])


def test_old_overlap_is_forgotten() -> None:
    rule = '[[rule]]\nid = "x"\ntrigger = { kind = "overlap", over = 4, window = 30 }\n'
    slowly = [tick(at, overlap=at / 15) for at in range(1, 300)]
    assert not feed(CueEngine(book(rule)), slowly)


def test_overlap_is_counted_from_what_is_known_after_a_restart() -> None:
    engine = CueEngine(book('[[rule]]\nid = "x"\ntrigger = { kind = "overlap", over = 4, window = 30 }\n'))
    engine.recall(tick(100, overlap=20.0))
    assert not feed(engine, [tick(101, overlap=20.0), tick(110, overlap=23.5)])
    assert feed(engine, [tick(112, overlap=24.5)])


def test_overlap_over_a_long_while() -> None:
    engine = CueEngine(book('[[rule]]\nid = "x"\ntrigger = { kind = "overlap", over = 4, window = 300 }\n'))
    assert not feed(engine, [tick(at, overlap=min(at, 3.0)) for at in range(1, 400)])
    assert [cue.at for cue in feed(engine, [tick(at, overlap=3 + (at - 400) / 50) for at in range(400, 700)])] == [601]


def test_what_was_not_said_in_time() -> None:
    rule = '[[rule]]\nid = "x"\ntrigger = { kind = "not_said", who = "agent", phrases = "sorry", within = 10 }\n'
    began = final("agent", "ja zegt u het maar", 2, 4)
    assert [cue.at for cue in feed(CueEngine(book(rule)), [began, tick(11), tick(13), tick(14)])] == [13]
    assert not feed(CueEngine(book(rule)), [began, final("agent", "sorry", 8, 9), tick(13)])
    assert not feed(CueEngine(book(rule)), [began, tick(60)])
    assert not feed(CueEngine(book(rule)), [final("customer", "hallo", 2, 4), tick(13)])
    assert not feed(CueEngine(book(rule)), [began, Gap(at=9, start=6, end=9, cause="lost"), tick(13)])
    assert feed(CueEngine(book(rule)), [began, Gap(at=9, start=8.8, end=9, cause="lost"), tick(13)])


def test_who_joins_in_mid_call_does_not_know_what_was_not_said() -> None:
    rule = '[[rule]]\nid = "x"\ntrigger = { kind = "not_said", who = "agent", phrases = "sorry", within = 10 }\n'
    late = [final("agent", "ja zegt u het maar", 40, 42), tick(51), tick(53)]
    assert not feed(CueEngine(book(rule)), [tick(41), *late])
    assert not feed(CueEngine(book(rule)), [Gap(at=3, start=3, end=40, cause="restart"), *late])
    assert feed(CueEngine(book(rule)), [tick(1), *late])


def test_anything_the_agent_says_while_the_rule_waits_can_make_it_needless() -> None:
    rule = REPEAT + "wait = 2\nunless = { speaks = true }\n"
    asked = [final("agent", "ja", 1, 2), signal(5, "repeat_contact")]
    assert feed(CueEngine(book(rule)), [*asked, tick(7)])
    for spoke in (SpeechStarted(at=6, channel="agent", utterance=2), final("agent", "ja hoor", 5, 6)):
        assert not feed(CueEngine(book(rule)), [*asked, spoke, tick(7)])
    customer = SpeechStarted(at=6, channel="customer", utterance=2)
    assert feed(CueEngine(book(rule)), [*asked, customer, tick(7)])


@pytest.mark.parametrize(("at", "cues"), [(1.5, []), (40.0, ["still_there"])])
def test_hello_at_the_greeting_is_no_question_whether_anybody_is_there(at: float, cues: list[str]) -> None:
    hello = final("customer", "Hello? Hello?", at - 1, at)
    events = [tick(0.5), hello, *(tick(at + second) for second in range(1, 5))]
    assert [cue.rule for cue in feed(CueEngine(default_playbook()), events)] == cues
    answered = final("agent", "Good morning, Sanne here.", at + 0.2, at + 1.8)
    assert not feed(CueEngine(default_playbook()), [*events[:3], answered, *events[3:]])


def test_what_was_said_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    find = Phrases.find

    def look(self: Phrases, line: Line) -> str:
        looked.append(line.text)
        return find(self, line)

    monkeypatch.setattr(Phrases, "find", look)
    rule = REPEAT + 'wait = 50\nttl = 60\nunless = { phrases = "sorry" }\n'
    lines = [final("agent", f"regel {at}", at, at + 1) for at in range(20)]
    growing = TranscriptPartial(
        at=22, channel="agent", utterance=9, text="nog", committed=0, start=21, end=22, language="nl"
    )
    feed(CueEngine(book(rule)), [*lines, growing, signal(23, "repeat_contact"), *(tick(at) for at in range(24, 60))])
    assert len(looked) == len(lines) + 1


def test_what_was_said() -> None:
    rule = '[[rule]]\nid = "x"\ntrigger = { kind = "said", who = "customer", phrases = "sorry", after = 10 }\n'
    assert not feed(CueEngine(book(rule)), [final("customer", "sorry", 2, 4), final("agent", "sorry", 20, 21)])
    (cue,) = feed(CueEngine(book(rule)), [final("customer", "O, sorry!", 12, 14)])
    assert cue.because == ("sorry",)


def test_a_good_call_stays_quiet_and_a_bad_one_gets_help() -> None:
    good = [
        Turn("agent", "Goedemorgen, u spreekt met Sanne."),
        Turn("customer", "Het doet het weer niet, al de derde keer.", "negative", ("repeat_contact",)),
        Turn("agent", "Wat vervelend, dat snap ik. Ik ga dat nu met u oplossen."),
        Turn("customer", "Fijn, dank je.", "positive"),
        Turn("agent", "Graag gedaan. Is het zo opgelost?"),
    ]
    assert not feed(CueEngine(default_playbook()), call(good))
    bad = [*good[:2], Turn("agent", "Klantnummer graag, en ook nog even uw postcode met het huisnummer erbij.")]
    assert [cue.rule for cue in feed(CueEngine(default_playbook()), call(bad, after=8))] == ["own_it"]


@pytest.mark.shared
@pytest.mark.parametrize(("language", "column"), [("nl", 3), ("en", 4)])
def test_whole_calls_get_few_cues_and_the_right_ones(shared: Path, language: str, column: int) -> None:
    calls: dict[str, list[Turn]] = defaultdict(list)
    for row in (shared / "data/call_lines/dialogues.tsv").read_text(encoding="utf-8").splitlines():
        cells = row.split("\t")
        signals = tuple(name for name in cells[7].split(",") if name != "-")
        who = "agent" if cells[2] == "agent" else "customer"
        calls[cells[0]].append(Turn(who, cells[column], SENTIMENTS[cells[5]], signals))
    assert len(calls) == 36
    counts: list[int] = []
    for turns in calls.values():
        engine, now, given = CueEngine(default_playbook()), 0.0, 0
        for event in call(turns, language):
            now = event.mood or now if isinstance(event, SentimentTrend) else now
            for cue in feed(engine, [event]):
                given += 1
                assert cue.rule != "offer" or now >= UNHAPPY
        counts.append(given)
    assert max(counts) <= 3
    assert 1 <= statistics.median(counts) <= 2
    assert sum(count == 0 for count in counts) < 18
