"""A past call's numbers made again from its log."""

from call_simulation import final

from live_sentiment.events import AnyEvent, CallEnded, Channel, ConversationMetrics, Gap, SpeechEnded, SpeechStarted
from live_sentiment.replayed_talk import TalkReplay


def speech(channel: Channel, utterance: int, start: float, end: float) -> list[AnyEvent]:
    """Somebody speaks, without words."""
    return [
        SpeechStarted(at=start, channel=channel, utterance=utterance),
        SpeechEnded(at=end + 0.4, channel=channel, utterance=utterance, start=start - 0.3, end=end + 0.1),
    ]


def numbers(*events: AnyEvent, length: float = 30.0) -> dict[int, ConversationMetrics]:
    ended = CallEnded(at=length, reason="finished")
    ordered = sorted([*events, ended], key=lambda event: event.at)
    return {round(told.at): told for told in TalkReplay(ordered).before(length + 0.001)}


def test_there_are_numbers_once_a_second_of_the_call() -> None:
    assert list(numbers()) == list(range(1, 31))


def test_who_spoke_is_counted_and_both_at_once_is_overlap() -> None:
    told = numbers(*speech("agent", 1, 2.0, 8.0), *speech("customer", 2, 6.0, 9.0))[30]
    assert round(told.agent_talk, 3) == 6.0
    assert round(told.customer_talk, 3) == 3.0
    assert round(told.overlap, 3) == 2.0
    assert round(told.silence, 3) == 23.0


def test_silence_begins_where_speech_ended_and_not_where_that_was_known() -> None:
    told = numbers(*speech("agent", 1, 2.0, 8.0))
    assert [round(told[at].dead_air, 3) for at in (2, 5, 8, 9, 18)] == [2.0, 0.0, 0.0, 1.0, 10.0]


def test_where_there_are_words_speech_lasts_from_the_first_to_the_last() -> None:
    words = final("agent", "good afternoon", 2.5, 4.0)
    told = numbers(*speech("agent", 1, 2.0, 8.0), words)[30]
    assert round(told.agent_talk, 3) == 1.5


def test_a_long_turn_is_a_monologue_until_the_customer_really_answers() -> None:
    told = numbers(*speech("agent", 1, 1.0, 20.0), *speech("customer", 2, 10.0, 12.0))
    assert round(told[9].monologue, 1) == 8.0
    assert told[12].monologue < 2.0
    assert told[19].monologue > 6.0


def test_a_hole_is_no_silence_and_in_a_hole_of_both_there_are_no_numbers() -> None:
    gap = Gap(at=20.0, start=10.0, end=20.0, cause="paused")
    told = numbers(*speech("agent", 1, 2.0, 8.0), gap)
    assert list(told) == [*range(1, 11), *range(21, 31)]
    assert round(told[25].dead_air, 3) == 5.0
    assert round(told[30].silence, 3) == 14.0


def test_a_hole_of_one_channel_leaves_the_other() -> None:
    gap = Gap(at=20.0, start=10.0, end=20.0, cause="x", channel="customer")
    told = numbers(*speech("agent", 1, 12.0, 18.0), gap)
    assert list(told) == list(range(1, 31))
    assert round(told[30].agent_talk, 3) == 6.0


def test_speech_without_an_end_in_the_log_lasted_until_the_gap_or_the_end() -> None:
    begun = SpeechStarted(at=5.0, channel="customer", utterance=1)
    gap = Gap(at=12.0, start=9.0, end=12.0, cause="restart")
    assert round(numbers(begun, gap)[30].customer_talk, 3) == 4.0
    assert round(numbers(begun)[30].customer_talk, 3) == 25.0


def test_words_give_the_agents_pace() -> None:
    words = final("agent", "word " * 20, 0.5, 8.5)
    replay = TalkReplay([words, CallEnded(at=12.0, reason="finished")])
    list(replay.before(9.0))
    replay.said(words)
    assert [told.pace for told in replay.before(11.0)] == [150.0, 150.0]
