"""``spiegel playbook backtest`` on files and on the session log."""

import json
from pathlib import Path
from typing import Any

import pytest
from front_door import refused, spiegel

from live_sentiment.backtest import PastCall, TriedCall, try_playbook
from live_sentiment.events import (
    AnyEvent,
    CallEnded,
    CallStarted,
    Cue,
    CueOutcome,
    SignalDetected,
    SpeechEnded,
    SpeechStarted,
)
from live_sentiment.playbook import Playbook
from server.commands import playbook_backtest
from server.places import Places
from server.protocol import encode
from server.store.rows import EndOfCall
from server.store.store import Store

PLAYBOOK = """
name = "Ours"

[[rule]]
id = "churn"
trigger = { kind = "signal", any_of = ["churn"] }
advice = { nl = "Vraag.", en = "Ask." }
why = { nl = "x", en = "x" }

[[rule]]
id = "quiet"
trigger = { kind = "dead_air", over = 20 }
advice = { nl = "Zeg iets.", en = "Say something." }
why = { nl = "x", en = "x" }
"""


def call(call_id: str, *outcomes: str, churn: bool = True, started_at: float = 1_700_000_000.0) -> list[AnyEvent]:
    """A call in which the customer wants to leave at 10 s; the log has a cue at 16 s, and what became of it."""
    events: list[AnyEvent] = [
        CallStarted(at=0.0, call_id=call_id, started_at=started_at, source="x"),
        SpeechStarted(at=5.0, channel="customer", utterance=1),
        SpeechEnded(at=10.0, channel="customer", utterance=1, start=5.0, end=9.5),
    ]
    if churn:
        events.append(SignalDetected(at=10.0, utterance=1, signal="churn", probability=0.9, because=()))
    if outcomes:
        events.append(
            Cue(
                at=16.0,
                cue_id="churn@16.0",
                rule="churn",
                priority=80,
                advice={},
                why={},
                because=(),
                confidence=0.9,
                expires_at=30.0,
            )
        )
        events += [CueOutcome(at=17.0, cue_id="churn@16.0", outcome=outcome) for outcome in outcomes]
    return [*events, CallEnded(at=25.0, reason="finished")]


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    file = tmp_path / "ours.toml"
    file.write_text(PLAYBOOK)
    return file


@pytest.fixture
def sessions(tmp_path: Path) -> Path:
    """Three calls: one whose cue helped, one whose cue was dismissed, one in which nothing happened."""
    folder = tmp_path / "sessions"
    folder.mkdir()
    write(folder, "a", call("call-a", "shown", "helped"))
    write(folder, "b", call("call-b", "shown", "dismissed"))
    write(folder, "c", call("call-c", churn=False))
    return folder


def write(folder: Path, name: str, events: list[AnyEvent]) -> None:
    (folder / f"{name}.jsonl").write_text("".join(encode(event) + "\n" for event in events))


def figures(*arguments: str | Path) -> dict[str, Any]:
    result = spiegel("playbook", "backtest", *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_cues_are_counted_and_judged_by_what_agents_said(ours: Path, sessions: Path) -> None:
    told = figures(ours, "--sessions", sessions)
    report = told["report"]
    assert (report["playbook"], report["calls"], report["cues_per_call_median"], report["cues_per_call_p95"]) == (
        "Ours",
        3,
        1,
        1,
    )
    churn, quiet = report["rules"]
    assert (churn["cues"], churn["calls"], churn["precision"]["hits"], churn["precision"]["tries"]) == (2, 2, 1, 2)
    assert (quiet["cues"], quiet["precision"]) == (0, None)
    assert [(m["call_id"], m["at"], m["answer"]) for m in report["moments"]] == [
        ("call-a", 10.0, "helped"),
        ("call-b", 10.0, "dismissed"),
    ]
    assert (told["stopped"], told["skipped"]) == (False, [])


def test_a_person_reads_the_same(ours: Path, sessions: Path) -> None:
    told = spiegel("playbook", "backtest", ours, "--sessions", sessions).stdout
    assert "Ours on 3 calls, 1:15 min in all" in told
    assert "Cues a call: median 1, p95 1; calls without any: 1 of 3, 33% (6% to 79%)" in told
    assert "1 of 2, 50% (9% to 91%)" in told
    assert "call-a" not in told
    told = spiegel("playbook", "backtest", ours, "--sessions", sessions, "--moments").stdout
    assert "0:10" in told
    assert "dismissed" in told


def test_rules_that_nobody_judged_say_so(ours: Path, sessions: Path) -> None:
    write(sessions, "a", call("call-a"))
    write(sessions, "b", call("call-b", "shown"))
    assert "no answers yet" in spiegel("playbook", "backtest", ours, "--sessions", sessions).stdout


def test_files_that_are_no_calls_are_named_and_the_rest_is_read(ours: Path, sessions: Path) -> None:
    (sessions / "bad.json").write_text("{")
    (sessions / "again.jsonl").write_text((sessions / "a.jsonl").read_text())
    result = spiegel("playbook", "backtest", ours, "--sessions", sessions)
    assert result.exit_code == 0
    assert "on 3 calls" in result.stdout
    assert f"Skipped {sessions / 'bad.json'}: line 1 is not JSON" in result.stderr
    assert "the call call-a was read before" in result.stderr
    told = figures(ours, "--sessions", sessions)
    assert {Path(one["name"]).name for one in told["skipped"]} == {"bad.json", "again.jsonl"}


def test_recordings_without_a_date_are_never_the_same_call(ours: Path, sessions: Path) -> None:
    for name in ("d", "e"):
        write(sessions, name, call("call.flac", started_at=0.0))
    assert figures(ours, "--sessions", sessions)["report"]["calls"] == 5


def test_nothing_to_read_is_said_with_what_to_do(ours: Path, tmp_path: Path) -> None:
    assert "There is no .json or .jsonl file" in refused(spiegel("playbook", "backtest", ours, "--sessions", tmp_path))
    assert "spiegel demo" in refused(spiegel("playbook", "backtest", ours))
    assert "No such file" in refused(spiegel("playbook", "backtest", tmp_path / "none.toml"))


def test_a_mistake_in_the_playbook_comes_first(ours: Path, sessions: Path) -> None:
    ours.write_text("name = 3\n")
    result = spiegel("playbook", "backtest", ours, "--sessions", sessions)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"{ours}:1: " in result.stderr


def test_ctrl_c_tells_what_was_done_so_far(ours: Path, sessions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(past: PastCall, playbook: Playbook) -> TriedCall:
        if past.call_id == "call-b":
            raise KeyboardInterrupt
        return try_playbook(past, playbook)

    monkeypatch.setattr(playbook_backtest, "try_playbook", interrupted)
    result = spiegel("playbook", "backtest", ours, "--sessions", sessions)
    assert result.exit_code == 130
    assert "Ours on 1 call, " in result.stdout
    assert "Stopped: these are the figures of 1 call; there were 3 files" in result.stderr


def test_the_newest_calls_of_the_log_that_are_over_are_read(ours: Path, tmp_path: Path) -> None:
    places = Places.below(tmp_path / "home")
    places.make()
    store = Store(places.database, lambda _: None)
    store.start()
    for number in range(4):
        keep(store, call(f"call-{number}", "shown", "helped", started_at=100.0 + number), over=number < 3)
    assert store.flush(10.0)
    store.close()
    home = ("--home", tmp_path / "home", "playbook", "backtest", ours, "--json")
    told = json.loads(spiegel(*home, "--last", "2").stdout)
    assert [moment["call_id"] for moment in told["report"]["moments"]] == ["call-2", "call-1"]
    assert told["report"]["rules"][0]["precision"]["hits"] == 2
    assert json.loads(spiegel(*home).stdout)["report"]["calls"] == 3


def test_a_log_without_a_call_that_is_over_is_said(ours: Path, tmp_path: Path) -> None:
    places = Places.below(tmp_path / "home")
    places.make()
    store = Store(places.database, lambda _: None)
    store.start()
    keep(store, call("call-1"), over=False)
    store.close()
    assert "No call in the log is over yet" in refused(spiegel("playbook", "backtest", ours))


def keep(store: Store, events: list[AnyEvent], *, over: bool) -> None:
    started, *durable, ended = events
    assert isinstance(started, CallStarted)
    assert isinstance(ended, CallEnded)
    store.begin_call(started, "en")
    for seq, event in enumerate(durable, 2):
        store.add_event(started.call_id, seq, event)
    if over:
        store.end_call(started.call_id, EndOfCall(seq=len(durable) + 2, ended=ended))


def test_shadow_rules_are_marked(ours: Path, sessions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the engine says of a cue: it is counted apart."""

    def tried(past: PastCall, playbook: Playbook) -> TriedCall:
        found = try_playbook(past, playbook)
        cues = tuple(
            type(cue)(cue.at, cue.rule, cue.because, cue.why, shadow=True, answer=cue.answer) for cue in found.cues
        )
        return TriedCall(found.call_id, found.length, cues)

    monkeypatch.setattr(playbook_backtest, "try_playbook", tried)
    told = spiegel("playbook", "backtest", ours, "--sessions", sessions, "--moments").stdout
    assert "churn (shadow)" in told
    assert "calls without any: 3 of 3" in told
