from collections.abc import Sequence

import msgspec
import pytest
from call_events import a_call, cue, felt, mood, said
from rich.console import Console, Group

from live_sentiment.events import AnyEvent, CallEnded, CallStarted, Gap
from server.commands.report import arc, call_language, clock, gap_in_words, report


def printed(events: Sequence[AnyEvent], width: int = 80) -> str:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(report(events))
    return capture.get()


def line_with(text: str, output: str) -> str:
    return next(line for line in output.splitlines() if text in line)


def drawn(events: Sequence[AnyEvent]) -> tuple[str, str]:
    """The arc's two halves."""
    console = Console(width=80, color_system=None)
    with console.capture() as capture:
        console.print(Group(*arc(events)))
    _, upper, lower, _ = capture.get().splitlines()
    return upper.removeprefix("  positive "), lower.removeprefix("  negative ")


def test_a_report_has_the_words_the_arc_the_cue_and_the_numbers() -> None:
    output = printed(a_call())
    assert "monday.flac" in output
    assert line_with("good afternoon", output).startswith("0:01 agent")
    assert line_with("fed up", output).startswith("0:05 customer ▼")
    assert line_with("thank you", output).split() == ["1:20", "▲", "thank", "you"]
    assert "customer's mood" in output
    assert line_with("Feeling first.", output).startswith("0:08")
    assert "(helped)" in output
    assert "repeat contact" in line_with("picked up", output)
    assert "agent 1:01, customer 0:30  (67% agent)" in output


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_cut(width: int) -> None:
    long = said(4, "customer", 20.0, "where is my parcel " * 20)
    output = printed([*a_call(), long], width)
    assert max(map(len, output.splitlines())) <= width
    assert " ".join(output.split()).count("parcel") == 20
    assert "…" not in output


def test_a_long_turn_keeps_to_its_column() -> None:
    output = printed([said(1, "customer", 20.0, "word " * 40)])
    first, second, *_ = [line for line in output.splitlines() if "word" in line]
    assert second.index("word") == first.index("word")


def test_a_cue_in_shadow_is_told_as_such() -> None:
    trial = msgspec.structs.replace(cue(8.0), shadow=True)
    assert "(in shadow: never shown)" in line_with("Feeling first.", printed([trial]))
    assert "shadow" not in printed(a_call())


def test_a_dutch_call_gets_its_advice_in_dutch() -> None:
    assert "Eerst het gevoel." in printed(a_call("nl"))
    assert call_language(a_call("nl")) == "nl"
    assert call_language([]) == "en"


def test_a_reading_that_is_not_sure_gets_no_sign() -> None:
    output = printed([said(1, "customer", 1.0, "well then"), felt(1, 2.0, "negative", sure=False)])
    assert "▼" not in output


def test_without_speech_cues_or_mood_it_says_so() -> None:
    output = printed([CallStarted(at=0.0, call_id="c", started_at=0.0, source="x"), CallEnded(at=5, reason="finished")])
    assert "No speech was recognised." in output
    assert "nothing called for one" in output
    assert "mood" not in output
    assert "1970" not in output


def test_a_lost_call_and_one_that_goes_on_are_named() -> None:
    assert "the connection was lost" in printed([CallEnded(at=5.0, reason="lost")])
    assert "not finished" in printed([])


def test_what_was_not_heard_stands_in_its_place() -> None:
    gap = Gap(at=4.0, start=2.0, end=4.0, cause="connection")
    output = printed([said(1, "agent", 1.0, "hello"), gap, said(2, "agent", 5.0, "again")])
    assert "0:02" in line_with("2.0 s not heard: the capture was away", output)
    assert "agent" in line_with("again", output), "after a gap the speaker is named anew"


def test_a_gap_names_its_channel_and_a_cause_in_words() -> None:
    gap = Gap(at=4.0, start=2.0, end=3.5, cause="the sound server lost audio", channel="agent")
    assert gap_in_words(gap) == "1.5 s of the agent not heard: the sound server lost audio"


def test_what_people_say_is_never_taken_for_markup() -> None:
    output = printed([said(1, "customer", 1.0, "[red]stop[/red]")])
    assert "[red]stop[/red]" in output


def test_the_arc_rises_above_the_line_and_hangs_below_it() -> None:
    upper, lower = drawn([mood(0.0, -1.0), mood(50.0, 1.0), CallEnded(at=100.0, reason="finished")])
    assert (lower[5], upper[5]) == ("█", " ")
    assert (lower[45], upper[45]) == (" ", "█")


def test_a_higher_mood_is_a_higher_bar() -> None:
    def height(at: float) -> int:
        upper, _ = drawn([mood(0.0, at), CallEnded(at=10.0, reason="finished")])
        return " ▁▂▃▄▅▆▇█".index(upper[30])

    heights = [height(step / 10) for step in range(11)]
    assert heights == sorted(heights)
    assert (heights[0], heights[-1]) == (1, 8), "level is a thin line"


@pytest.mark.parametrize("height", [-0.04, 0.0, 0.04])
def test_a_mood_that_is_neither_good_nor_bad_is_level(height: float) -> None:
    upper, lower = drawn([mood(0.0, height), CallEnded(at=10.0, reason="finished")])
    assert (upper.strip(), lower.strip()) == ("▁" * 60, "")


def test_a_mood_that_nobody_knows_is_not_drawn() -> None:
    assert arc([mood(1.0, None)]) == []


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (59.9, "0:59"), (60, "1:00"), (3671, "61:11"), (-1, "0:00")]
)
def test_a_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown
