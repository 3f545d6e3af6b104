"""What ``benchmarks.cues`` makes of the events of a recording."""

import io
import subprocess
import sys

from rich.console import Console

from benchmarks import places
from benchmarks.cues import Heard, around, table
from live_sentiment.events import AnyEvent, CallEnded, Cue, RecognitionQuality, SignalDetected, TranscriptFinal
from live_sentiment.playbook import default_playbook


def cue(at: float) -> Cue:
    return Cue(
        at=at,
        cue_id=f"churn@{at}",
        rule="churn",
        priority=80,
        advice={"en": "Don't argue."},
        why={"en": "The customer thinks of leaving"},
        because=("somewhere else",),
        confidence=0.9,
        expires_at=at + 10,
    )


def said(start: float, text: str) -> TranscriptFinal:
    return TranscriptFinal(
        at=start + 2,
        channel="customer",
        utterance=round(start),
        text=text,
        start=start,
        end=start + 2,
        language="en",
        confidence=0.9,
        words=(),
    )


END = CallEnded(at=90.0, reason="finished")


def drawn(*heard: Heard) -> str:
    out = io.StringIO()
    Console(file=out, width=140).print(table(heard, default_playbook()))
    return out.getvalue()


def test_a_call_wants_one_to_three_and_other_sound_none() -> None:
    few: list[AnyEvent] = [cue(10), cue(30), cue(50)]
    assert [Heard("x", True, events).met for events in ([END], few, [*few, cue(70)])] == [False, True, False]
    assert [Heard("x", False, events).met for events in ([END], few)] == [True, False]


def test_each_cue_has_its_row_and_so_has_a_recording_without() -> None:
    told = drawn(Heard("call.flac", True, [cue(10), cue(65), END]), Heard("noise.flac", False, [END]))
    assert told.count("call.flac") == 1
    assert told.count("churn") == 2
    assert "1:05" in told
    assert "none" in next(line for line in told.splitlines() if "noise.flac" in line)


def test_what_was_held_back_for_unsure_words_is_told_apart() -> None:
    signal = SignalDetected(at=20.0, utterance=1, signal="churn", probability=0.9, because=())
    unsure = RecognitionQuality(at=10.0, channel="customer", reliable=False, confidence=0.3)
    heard = Heard("call.flac", True, [unsure, said(18, "i am leaving"), signal, said(30, "hello"), END])
    assert not heard.cues
    assert "churn (held back)" in drawn(heard)


def test_a_cue_is_shown_among_what_was_said_around_it() -> None:
    heard = Heard(
        "call.flac", True, [said(1, "long ago"), said(40, "i go"), cue(45), said(50, "bye"), said(80, "late")]
    )
    lines = around(heard, heard.cues[0]).splitlines()
    assert [line.split(maxsplit=2)[2].strip() for line in lines[2:]] == [
        "i go",
        "churn: Don't argue.  (The customer thinks of leaving)",
        "bye",
    ]


def test_a_recording_that_is_not_there_is_a_failure() -> None:
    command = [sys.executable, "-m", "benchmarks.cues", "nowhere.flac"]
    done = subprocess.run(command, cwd=places.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "nowhere.flac is not here" in done.stderr
