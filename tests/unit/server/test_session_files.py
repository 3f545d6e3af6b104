"""Past calls in files, as Spiegel's own verbs and pages give them out."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest
from call_events import a_call

from live_sentiment.events import AnyEvent
from server.errors import SessionUnusable
from server.protocol import encode
from server.session_files import read_session, session_files
from server.store.rows import CallDetail, CallRow, StoredOutcome

EVENTS = tuple(a_call())
ROW = CallRow(call_id="call-1", started_at=1.0, source="x", language="en", speed=1.0, length=90.0, reason="finished")
DETAIL = CallDetail(
    call=ROW,
    events=EVENTS,
    numbers=tuple(range(1, len(EVENTS) + 1)),
    metrics=None,
    note=None,
    outcomes=(StoredOutcome(cue_id="c1", outcome="acted", shown_at=3.0),),
)


def lines(events: Sequence[AnyEvent]) -> str:
    return "".join(encode(event) + "\n" for event in events)


def as_list(events: Sequence[AnyEvent]) -> str:
    return msgspec.json.encode(list(events)).decode()


def kept(folder: Path, text: str, name: str = "call.jsonl") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("written", [lines, as_list])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_events_by_line_or_as_a_list_are_a_call(
    tmp_path: Path, written: Callable[[Sequence[AnyEvent]], str], mark: str
) -> None:
    (call,) = read_session(kept(tmp_path, mark + written(EVENTS)))
    assert (call.call_id, tuple(call.events), tuple(call.outcomes)) == ("call-1", EVENTS, ())


def test_what_the_server_answers_is_a_call_with_its_outcomes(tmp_path: Path) -> None:
    (call,) = read_session(kept(tmp_path, msgspec.json.encode(DETAIL).decode()))
    assert (call.call_id, tuple(call.events)) == ("call-1", EVENTS)
    assert list(call.outcomes) == [("c1", "acted")]


def test_several_calls_in_one_file_are_told_apart(tmp_path: Path) -> None:
    detail = msgspec.json.encode(DETAIL).decode()
    assert len(read_session(kept(tmp_path, lines(EVENTS) + "\n" + lines(EVENTS)))) == 2
    assert len(read_session(kept(tmp_path, lines(EVENTS) + detail + "\n" + lines(EVENTS)))) == 3


def test_events_without_a_beginning_are_called_after_their_file(tmp_path: Path) -> None:
    (call,) = read_session(kept(tmp_path, lines(EVENTS[1:]), "monday.jsonl"))
    assert call.call_id == "monday"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing in it"),
        ("[]", "nothing in it"),
        (lines(EVENTS)[:-20], f"line {len(EVENTS)} is not JSON"),
        ("hello\n", "line 1 is not JSON"),
        ('{"type":"CallEnded"}\n{"type":"Future","at":1}\n', "line 1 is no part of a call"),
        ('{"type":"Future","at":1}', "no part of a call that this Spiegel knows"),
        ('{"events":[{"type":"Future"}]}', "no part of a call"),
        ('{"type":"CallEnded","at":1e9,"reason":"lost"}', "a time that is in no call"),
        ('{"type":"CallEnded","at":-1,"reason":"lost"}', "a time that is in no call"),
        (encode(ROW), "a list of calls"),
        ("17", "no part of a call"),
        ('{"events":[]}', "nothing in it"),
        ("[" * 100_000, "brackets in brackets"),
    ],
)
def test_what_is_no_call_is_said_with_its_line(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(SessionUnusable, match=why):
        read_session(kept(tmp_path, text))


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SessionUnusable, match="UTF-8"):
        read_session(tmp_path / "x.jsonl")
    with pytest.raises(SessionUnusable, match="No such file"):
        read_session(tmp_path / "gone.jsonl")


def test_files_are_found_in_folders_below_and_others_left_alone(tmp_path: Path) -> None:
    (tmp_path / "may").mkdir()
    for name in ("b.JSON", "a.jsonl", "may/c.ndjson", "notes.txt"):
        (tmp_path / name).write_text("{}")
    assert [path.name for path in session_files(tmp_path)] == ["a.jsonl", "b.JSON", "c.ndjson"]
    assert session_files(tmp_path / "notes.txt") == [tmp_path / "notes.txt"], "named is named"


def test_a_folder_that_is_not_there_or_has_none_is_said_with_how_to_make_some(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "none"):
        with pytest.raises(SessionUnusable, match="There is no") as caught:
            session_files(place)
        assert "spiegel log ID --json" in caught.value.advice
