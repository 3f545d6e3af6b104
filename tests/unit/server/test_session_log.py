import json
from pathlib import Path

import pytest
from call_events import a_call

from live_sentiment.events import CallEnded, CallStarted, ConversationMetrics, Gap
from server.commands.session_log import show_log
from server.errors import NotFound
from server.places import Places
from server.protocol import CallNote
from server.store.rows import EndOfCall
from server.store.store import Store


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places.below(tmp_path)


@pytest.fixture
def kept(places: Places) -> Places:
    """A log with a whole call, one that was lost, and one that goes on."""
    places.make()
    store = Store(places.database, lambda _: None)
    store.start()
    keep(store, "aaaa1111")
    store.add_note(CallNote(call_id="aaaa1111", note="Sent [a] new one.", solved="yes"), 100.0)
    store.begin_call(CallStarted(at=0, call_id="aaaa2222", started_at=1_700_001_000.0, source="[b]headset[/b]"), "nl")
    store.add_event("aaaa2222", 2, Gap(at=4.0, start=3.0, end=4.0, cause="restart"))
    store.end_call("aaaa2222", EndOfCall(seq=3, ended=CallEnded(at=5.0, reason="lost")))
    store.begin_call(CallStarted(at=0, call_id="cccc3333", started_at=1_700_002_000.0, source="headset"), "nl")
    assert store.flush(10.0)
    store.close()
    return places


def keep(store: Store, call_id: str) -> None:
    events = a_call()
    store.begin_call(CallStarted(at=0, call_id=call_id, started_at=1_700_000_000.0, source="monday.flac"), "en")
    durable = [e for e in events if not isinstance(e, CallStarted | CallEnded | ConversationMetrics)]
    for seq, event in enumerate(durable, 2):
        store.add_event(call_id, seq, event)
    metrics = next(event for event in events if isinstance(event, ConversationMetrics))
    end = EndOfCall(seq=len(durable) + 2, ended=CallEnded(at=90.0, reason="finished"), metrics=metrics)
    store.end_call(call_id, end)


def test_before_the_first_call_it_says_how_to_make_one(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    assert show_log(places, None, as_json=False) == 0
    assert "No calls yet" in capsys.readouterr().out
    assert show_log(places, None, as_json=True) == 0
    assert capsys.readouterr().out == ""
    with pytest.raises(NotFound) as nothing:
        show_log(places, "abc", as_json=False)
    assert "spiegel demo" in nothing.value.advice
    assert not places.database.exists(), "looking makes nothing"


def test_the_list_has_the_newest_first_and_says_how_each_ended(
    kept: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    show_log(kept, None, as_json=False)
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["call", "when", "length", "source", "ended"]
    assert [row.split()[0] for row in rows] == ["cccc3333", "aaaa2222", "aaaa1111"]
    assert rows[0].split()[-2:] == ["not", "finished"]
    assert "[b]headset[/b]" in rows[1], "a name is a name, whatever it looks like"
    assert rows[2].split()[-3:] == ["1:30", "monday.flac", "finished"]


def test_the_list_as_json(kept: Places, capsys: pytest.CaptureFixture[str]) -> None:
    show_log(kept, None, as_json=True)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["call_id"], row["reason"]) for row in rows] == [
        ("cccc3333", None),
        ("aaaa2222", "lost"),
        ("aaaa1111", "finished"),
    ]


def test_one_call_is_chosen_by_its_first_letters(kept: Places, capsys: pytest.CaptureFixture[str]) -> None:
    show_log(kept, "aaaa1", as_json=False)
    output = capsys.readouterr().out
    assert "thank you" in output
    assert "(helped)" in output
    assert "67% agent" in output, "the last numbers are kept"
    assert "Note: Sent [a] new one.  solved: yes" in output


def test_a_lost_call_says_so_and_what_was_not_heard(kept: Places, capsys: pytest.CaptureFixture[str]) -> None:
    show_log(kept, "aaaa2", as_json=False)
    output = capsys.readouterr().out
    assert "the connection was lost" in output
    assert "No speech was recognised." in output
    assert "not heard: the server was away" in output


def test_one_call_as_json_is_its_events(kept: Places, capsys: pytest.CaptureFixture[str]) -> None:
    show_log(kept, "aaaa1", as_json=True)
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (events[0]["type"], events[0]["call_id"]) == ("CallStarted", "aaaa1111")
    assert {"TranscriptFinal", "Cue", "CueOutcome", "ConversationMetrics", "CallEnded"} <= {e["type"] for e in events}


@pytest.mark.parametrize(("begin", "what"), [("zzz", "No calls"), ("aaaa", "2 calls"), ("", "3 calls")])
def test_letters_that_choose_none_or_several_are_an_error(kept: Places, begin: str, what: str) -> None:
    with pytest.raises(NotFound, match=what) as error:
        show_log(kept, begin, as_json=False)
    assert "spiegel log" in error.value.advice
