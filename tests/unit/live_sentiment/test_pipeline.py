import pytest
from calls import WordClassifier, both, frames, pipeline, play

from live_sentiment.events import (
    AnyEvent,
    ConversationMetrics,
    Delay,
    Gap,
    SentimentReading,
    SentimentTrend,
    SpeechEnded,
    SpeechStarted,
    TranscriptFinal,
    TranscriptPartial,
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


def test_numbers_come_once_a_second_and_at_the_end() -> None:
    events = play(pipeline([]), both([(1.0, 3.0)], [], 5.0))
    metrics = [event for event in events if isinstance(event, ConversationMetrics)]
    assert 5 <= len(metrics) <= 6
    assert metrics[-1].agent_talk == pytest.approx(2.0, abs=0.8)
    assert metrics[-1].customer_talk == 0.0
