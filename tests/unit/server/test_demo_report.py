from pathlib import Path

from call_events import a_call, mood
from rich.console import Console

from live_sentiment.events import AnyEvent
from server.commands.delays import DelayRow, Painted, Trace
from server.commands.demo_report import demo_report

DELAYS = [DelayRow("last word → final", 3, 0.3054, 0.3704), DelayRow("cue due → cue", 0, None, None)]


def printed(events: list[AnyEvent], pictures: list[Path]) -> str:
    trace = Trace("call-1", 0.0, 1.0, [Painted(event.at, event) for event in events])
    console = Console(width=100, color_system=None)
    with console.capture() as capture:
        console.print(demo_report(trace, DELAYS, pictures))
    return capture.get()


def test_it_counts_words_and_tells_mood_cue_delays_and_pictures() -> None:
    output = printed(a_call(), [Path("out/01-ready.png"), Path("out/02-wrap-up.png")])
    assert "2 by the agent, 7 by the customer" in output
    assert "first -0.60, lowest -0.60, last +0.70" in output
    assert "Feeling first.  (fed up)" in output
    assert "p50 305 ms, p95 370 ms  (n = 3)" in output
    assert "none to measure" in output
    assert "2 in out: 01-ready, 02-wrap-up" in output


def test_a_call_without_anything_is_told_plainly() -> None:
    output = printed([mood(1.0, None)], [])
    assert "0 by the agent, 0 by the customer" in output
    assert "not sure at any time" in output
    assert "none: nothing called for one" in output
    assert [line.split() for line in output.splitlines() if "pictures" in line] == [["pictures", "none"]]
