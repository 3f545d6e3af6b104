import json
from pathlib import Path

import pytest

from live_sentiment.events import AnyEvent, Cue, TranscriptFinal, TranscriptPartial, Word
from server.commands.delays import Follower, Painted, delay_rows, read_trace, revisions
from server.protocol import encode

STARTED = 1_000_000.0


def partial(text: str, at: float, committed: int = 0) -> TranscriptPartial:
    return TranscriptPartial(
        at=at, channel="customer", utterance=1, text=text, committed=committed, start=0.0, end=at, language="en"
    )


def final(*words: tuple[str, float]) -> TranscriptFinal:
    said = tuple(Word(text=text, start=end - 0.2, end=end, probability=0.9) for text, end in words)
    return TranscriptFinal(
        at=said[-1].end,
        channel="customer",
        utterance=1,
        text=" ".join(word.text for word in said),
        start=said[0].start,
        end=said[-1].end,
        language="en",
        confidence=0.9,
        words=said,
    )


def trace_file(tmp_path: Path, *painted: tuple[float, AnyEvent], speed: float = 1.0) -> Path:
    lines = [json.dumps({"started": "c", "started_at": STARTED, "speed": speed})]
    lines += [json.dumps({"painted": STARTED + when, "event": json.loads(encode(event))}) for when, event in painted]
    path = tmp_path / "trace.jsonl"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_a_word_counts_from_its_end_to_the_first_text_that_had_it(tmp_path: Path) -> None:
    path = trace_file(
        tmp_path,
        (0.7, partial("Hello", 0.5)),
        (1.5, partial("Hello there", 1.0)),
        (2.0, final(("hello", 0.5), ("there", 1.0))),
    )
    words, _, _, finals, cues = delay_rows(read_trace(path))
    assert words.count == 2
    assert words.p50 == pytest.approx((0.2 + 0.5) / 2)
    assert finals.p50 == pytest.approx(1.0)
    assert cues.count == 0
    assert cues.p50 is None


def test_a_word_that_was_another_before_counts_from_when_it_was_right(tmp_path: Path) -> None:
    path = trace_file(tmp_path, (0.6, partial("Yellow", 0.5)), (1.1, final(("hello", 0.5))))
    shown, words, *_ = delay_rows(read_trace(path))
    assert shown.p50 == pytest.approx(0.1)
    assert words.p50 == pytest.approx(0.6)


def test_a_word_is_committed_when_a_partial_says_so_or_with_the_final(tmp_path: Path) -> None:
    path = trace_file(
        tmp_path,
        (0.6, partial("Hello there", 0.5)),
        (1.4, partial("Hello there", 1.0, committed=1)),
        (2.0, final(("Hello", 0.5), ("there", 1.0))),
    )
    _, _, committed, *_ = delay_rows(read_trace(path))
    assert committed.p50 == pytest.approx((0.9 + 1.0) / 2)


def test_a_committed_word_that_is_not_there_any_more_is_counted() -> None:
    told = [partial("Hello there", 1.0, committed=2), partial("Hello their", 1.2, committed=1), final(("Yellow", 1.0))]
    assert revisions([Painted(float(number), event) for number, event in enumerate(told)]) == 2
    assert revisions([Painted(0.0, told[0]), Painted(1.0, final(("Hello", 0.5), ("there", 1.0)))]) == 0


def test_speed_is_taken_into_account(tmp_path: Path) -> None:
    path = trace_file(tmp_path, (1.25, final(("hello", 2.0))), speed=2.0)
    *_, finals, _ = delay_rows(read_trace(path))
    assert finals.p50 == pytest.approx(0.25)


def test_a_cue_counts_from_its_cause(tmp_path: Path) -> None:
    cue = Cue(at=3.0, cue_id="c1", rule="r", priority=1, advice={}, why={}, because=(), confidence=1.0, expires_at=9.0)
    *_, cues = delay_rows(read_trace(trace_file(tmp_path, (3.4, cue))))
    assert cues.p50 == pytest.approx(0.4)


def test_a_half_written_last_line_is_left_out(tmp_path: Path) -> None:
    path = trace_file(tmp_path, (1.0, final(("hello", 0.5))))
    path.write_text(path.read_text("utf-8") + '{"painted": 12', "utf-8")
    assert len(read_trace(path).painted) == 1


def test_a_trace_that_began_anew_is_read_anew_however_long_it_is_by_then(tmp_path: Path) -> None:
    first = trace_file(tmp_path, (1.0, partial("one", 0.5)), (2.0, partial("one two", 1.5)))
    follower = Follower(first)
    assert len(follower.read()) == 2
    trace_file(tmp_path, *[(3.0 + number, partial(f"again {number}", 2.0)) for number in range(4)])
    assert [one.painted - STARTED for one in follower.read()] == [3.0, 4.0, 5.0, 6.0]
    assert len(follower.trace.painted) == 4
    assert follower.read() == []


def test_without_the_calls_beginning_there_is_no_delay_to_tell(tmp_path: Path) -> None:
    path = trace_file(tmp_path, (1.0, final(("hello", 0.5))))
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[1:]), "utf-8")
    assert [row.count for row in delay_rows(read_trace(path))] == [0, 0, 0, 0, 0]
