import pytest
from calls import WordClassifier, both, frames, pipeline, play
from msgspec import structs

from live_sentiment.events import (
    AnyEvent,
    CallEnded,
    ConversationMetrics,
    Cue,
    CueOutcome,
    Delay,
    Gap,
    RecognitionQuality,
    SentimentReading,
    SentimentTrend,
    SignalDetected,
    SpeechEnded,
    SpeechStarted,
    TranscriptFinal,
    TranscriptPartial,
    WrapUp,
)

HELLO = [[("this", 0.4), ("is", 0.6), ("really", 1.0), ("bad", 1.4)]]


def finals(events: list[AnyEvent]) -> list[TranscriptFinal]:
    return [event for event in events if isinstance(event, TranscriptFinal)]


def test_an_utterance_becomes_partials_then_one_final() -> None:
    events = play(pipeline(HELLO), both([], [(1.0, 3.0)], 5.0))
    partials = [event for event in events if isinstance(event, TranscriptPartial)]
    assert [final.text for final in finals(events)] == ["this is really bad"]
    assert partials
    assert all("this is really bad".startswith(partial.text) for partial in partials)
    assert events.index(partials[-1]) < events.index(finals(events)[0])


def test_times_are_seconds_in_the_call() -> None:
    events = play(pipeline(HELLO), both([], [(1.0, 3.0)], 5.0))
    final = finals(events)[0]
    started = next(event for event in events if isinstance(event, SpeechStarted))
    ended = next(event for event in events if isinstance(event, SpeechEnded))
    assert started.at == pytest.approx(1.0, abs=0.35)
    assert ended.end == pytest.approx(3.0, abs=0.35)
    assert final.start == pytest.approx(started.at, abs=0.05)
    assert final.words[-1].end == pytest.approx(final.start + 1.4, abs=0.05)


def test_the_final_comes_within_half_a_second_of_the_last_word() -> None:
    call = pipeline(HELLO)
    known: float | None = None
    for frame in frames("customer", [(1.0, 3.0)], 5.0):
        events = call.accept(frame)
        while (more := call.step()) is not None:
            events += more
        if finals(events):
            known = frame.end
    assert known is not None
    assert known - 3.0 < 0.5


def test_the_customers_words_get_a_feeling_with_its_reasons() -> None:
    events = play(pipeline(HELLO), both([], [(1.0, 3.0)], 5.0))
    reading = next(event for event in events if isinstance(event, SentimentReading))
    trend = next(event for event in events if isinstance(event, SentimentTrend))
    assert reading.sentiment == "negative"
    assert [reason.word for reason in reading.because] == ["bad"]
    assert trend.mood is not None
    assert trend.mood < 0


def test_the_agents_words_never_reach_the_classifier() -> None:
    classifier = WordClassifier()
    events = play(pipeline(HELLO, classifier), both([(1.0, 3.0)], [], 5.0))
    assert finals(events)[0].channel == "agent"
    assert classifier.read == []
    assert not [event for event in events if isinstance(event, SentimentReading | SentimentTrend)]


def test_both_channels_are_heard_at_once_with_numbers_of_their_own() -> None:
    events = play(pipeline(HELLO), both([(1.0, 3.0)], [(1.5, 3.5)], 5.0))
    assert {final.channel for final in finals(events)} == {"agent", "customer"}
    assert len({final.utterance for final in finals(events)}) == 2


def test_silence_says_nothing() -> None:
    events = play(pipeline(HELLO), both([], [], 4.0))
    assert {type(event) for event in events} <= {ConversationMetrics}


def test_speech_up_to_the_very_end_still_gets_its_final() -> None:
    events = play(pipeline(HELLO), both([], [(1.0, 4.0)], 4.0))
    assert [final.text for final in finals(events)] == ["this is really bad"]


def test_a_gap_ends_the_utterance_and_stands_in_the_log() -> None:
    call = pipeline(HELLO)
    events: list[AnyEvent] = []
    for frame in frames("customer", [(1.0, 3.0)], 2.8):
        events += call.accept(frame)
    gap = Gap(at=4.0, start=2.8, end=4.0, cause="test")
    events += call.gap(gap)
    while (more := call.step()) is not None:
        events += more
    assert gap in events
    assert len(finals(events)) == 1


def test_a_long_gap_is_not_a_delay_and_brings_no_flood_of_numbers() -> None:
    call = pipeline(HELLO)
    events: list[AnyEvent] = []
    for frame in frames("customer", [(1.0, 3.0)], 2.8):
        events += call.accept(frame)
    events += call.gap(Gap(at=62.8, start=2.8, end=62.8, cause="paused"))
    for frame in frames("customer", [], 2.0):
        events += call.accept(structs.replace(frame, start=frame.start + 62.8))
        while (more := call.step()) is not None:
            events += more
    assert len(finals(events)) == 1
    assert not [event for event in events if isinstance(event, Delay)]
    assert len([event for event in events if isinstance(event, ConversationMetrics)]) <= 5


def test_what_was_said_before_a_pause_gets_its_final_at_once() -> None:
    call = pipeline(HELLO)
    for frame in frames("customer", [(1.0, 3.0)], 2.8):
        call.accept(frame)
    events = call.settle(2.8)
    while (more := call.step()) is not None:
        events += more
    assert [final.text for final in finals(events)] == ["this is really bad"]


def test_the_delay_is_told_again_when_it_grows_and_when_it_is_over() -> None:
    script = [[("word", 0.3)], [("more", 0.3)], [("last", 0.3)]]
    call = pipeline(script)
    for frame in frames("customer", [(1.0, 2.0), (3.0, 4.0), (5.0, 6.0)], 9.0):
        call.accept(frame)
    events: list[AnyEvent] = []
    while (more := call.step()) is not None:
        events += more
    delays = [event.behind for event in events if isinstance(event, Delay)]
    assert delays[0] > delays[-2] > 1.0
    assert delays[-1] == 0.0
    assert call.step() is None


def test_a_new_pipeline_goes_on_where_an_earlier_one_of_the_call_was() -> None:
    before = play(pipeline(HELLO), both([], [(1.0, 3.0)], 9.0))
    mood = [event.mood for event in before if isinstance(event, SentimentTrend)][-1]
    call = pipeline([[("fine", 0.3)]])
    call.recall(before)
    after: list[AnyEvent] = []
    for frame in both([], [(1.0, 2.0)], 4.0):
        after += call.accept(structs.replace(frame, start=frame.start + 9.0))
        while (more := call.step()) is not None:
            after += more
    metrics = [event for event in after if isinstance(event, ConversationMetrics)]
    trend = next(event for event in after if isinstance(event, SentimentTrend))
    assert mood is not None
    assert trend.mood is not None
    assert trend.mood < 0, "the customer was unhappy before the restart"
    assert metrics[-1].customer_talk > 2.0
    cues = [event.rule for event in [*before, *after] if isinstance(event, Cue)]
    assert len(cues) == len(set(cues)), "no cue is given twice"


def test_two_utterances_waiting_are_decoded_in_order() -> None:
    script = [[("first", 0.5)], [("second", 0.5)]]
    events = play(pipeline(script), both([], [(1.0, 2.0), (3.0, 4.0)], 6.0), every=10_000)
    assert [final.text for final in finals(events)] == ["first", "second"]


def test_falling_behind_is_said_and_the_finals_still_come() -> None:
    script = [[("word", 0.3 * number)] for number in range(1, 3)]
    events = play(pipeline(script), both([], [(1.0, 3.0), (4.0, 6.0)], 9.0), every=400)
    assert next(event.mode for event in events if isinstance(event, Delay)) != "full"
    assert len(finals(events)) == 2


@pytest.mark.parametrize("every", [1, 7, 50])
def test_finals_are_the_same_however_late_the_recogniser_gets_its_turn(every: int) -> None:
    events = play(pipeline(HELLO), both([(0.5, 2.5)], [(1.0, 3.0)], 6.0), every=every)
    assert [(final.channel, final.text) for final in finals(events)] == [
        ("agent", "this is really bad"),
        ("customer", "this is really bad"),
    ]


def test_words_that_cannot_be_relied_upon_give_no_feeling_and_no_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("live_sentiment.transcriber.ScriptedTranscriber.probability", 0.4)
    said = ["humble", "the", "bad", "bell", "in", "who", "can", "help", "with", "blast"]
    nonsense = [[(word, 0.2 * number) for number, word in enumerate(said, 1)]] * 2
    events = play(pipeline(nonsense), both([], [(1.0, 4.0), (5.0, 8.0)], 9.0))
    quality = [event for event in events if isinstance(event, RecognitionQuality)]
    assert [(event.channel, event.reliable) for event in quality] == [("customer", False)]
    assert not any(event.sure for event in events if isinstance(event, SentimentReading))
    assert all(event.sentiment is None for event in events if isinstance(event, SentimentTrend))
    assert not [event for event in events if isinstance(event, Cue | SignalDetected)]


def test_numbers_come_once_a_second_and_at_the_end() -> None:
    events = play(pipeline([]), both([(1.0, 3.0)], [], 5.0))
    metrics = [event for event in events if isinstance(event, ConversationMetrics)]
    assert 5 <= len(metrics) <= 6
    assert metrics[-1].agent_talk == pytest.approx(2.0, abs=0.8)
    assert metrics[-1].customer_talk == 0.0


def test_a_closed_pipeline_still_advises_on_the_work_after_the_call() -> None:
    call = pipeline([])
    play(call, both([], [], 3.0))
    assert call.after_call >= 60
    assert call.wrap_up(CallEnded(at=3.0, reason="finished")) == []
    assert call.wrap_up(WrapUp(at=33.0, ended_at=3.0)) == []
    (cue,) = call.wrap_up(WrapUp(at=68.0, ended_at=3.0))
    assert isinstance(cue, Cue)
    assert cue.rule == "wrap_up"
    assert call.wrap_up(CueOutcome(at=69.0, cue_id=cue.cue_id, outcome="helped")) == []


def test_what_the_agent_did_of_a_cue_is_told_after_it() -> None:
    script = [[("this", 0.4), ("is", 0.6), ("bad", 1.0)], [("sorry", 0.5), ("for", 0.7), ("that", 0.9)]]
    call = pipeline(script)
    call.recall([_cue(0.5)])
    events = play(call, both([(5.0, 6.5), (8.0, 9.5)], [], 12.0))
    assert [event.cue_id for event in events if isinstance(event, CueOutcome)] == ["acknowledge@0.5"]


def _cue(at: float) -> Cue:
    return Cue(
        at=at,
        cue_id=f"acknowledge@{at}",
        rule="acknowledge",
        priority=60,
        advice={},
        why={},
        because=(),
        confidence=0.9,
        expires_at=at + 12,
    )
