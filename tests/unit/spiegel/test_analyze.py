"""``spiegel analyze``: what it takes, what it refuses, and what it says of the demo call."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from front_door import RATE, long_wav, recording, refused, script_the_models, spiegel, voice

from audio_capture import demo_call as own
from live_sentiment.wer import compare

QUIET = voice(0, 0)


def events(*arguments: str | Path) -> list[dict[str, Any]]:
    result = spiegel("analyze", *arguments, "--json")
    assert result.exit_code == 0, result.output
    assert result.stderr == "", "nothing but events, and no progress where nobody looks"
    return [json.loads(line) for line in result.stdout.splitlines()]


def finals(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in told if event["type"] == "TranscriptFinal"]


def place(event: dict[str, Any]) -> float:
    """Where an event stands in the call."""
    return float(event["start"] if event["type"] in {"TranscriptFinal", "SentimentReading"} else event["at"])


# --- what the whole pipeline says of a real recording


@pytest.fixture(scope="module")
def heard() -> list[dict[str, Any]]:
    """The demo call, heard by the models that ship."""
    return events(own.path())


def test_every_line_is_an_event_in_call_order(heard: list[dict[str, Any]]) -> None:
    assert all(event["type"] for event in heard)
    assert heard[0]["type"] == "CallStarted"
    assert heard[-1]["type"] == "CallEnded"
    order = [place(event) for event in heard[:-1]]
    assert order == sorted(order)


def test_finals_say_who_what_and_when(heard: list[dict[str, Any]]) -> None:
    length = soundfile.info(own.path()).duration
    assert len(finals(heard)) > 10
    for final in finals(heard):
        assert final["channel"] in ("agent", "customer")
        assert final["text"].strip()
        assert 0 <= final["start"] < final["end"] <= length + 0.1
    assert {final["channel"] for final in finals(heard)} == {"agent", "customer"}


@pytest.mark.parametrize("channel", ["agent", "customer"])
def test_the_words_are_those_that_were_spoken(heard: list[dict[str, Any]], channel: str) -> None:
    turns = json.loads(own.turns_path().read_text("utf-8"))
    spoken = " ".join(turn["text"] for turn in turns if turn["channel"] == channel)
    read = " ".join(final["text"] for final in finals(heard) if final["channel"] == channel)
    assert compare(spoken, read).rate < 0.2


def test_a_turn_stands_where_it_was_spoken(heard: list[dict[str, Any]]) -> None:
    turns = json.loads(own.turns_path().read_text("utf-8"))
    for turn in turns:
        near = [f for f in finals(heard) if f["channel"] == turn["channel"] and abs(f["start"] - turn["start"]) < 1.0]
        assert near, turn


def test_a_cue_fires_and_the_arc_ends_higher_than_it_began(heard: list[dict[str, Any]]) -> None:
    cues = [event for event in heard if event["type"] == "Cue"]
    assert 1 <= len(cues) <= 3
    assert all(cue["advice"]["en"] and cue["advice"]["nl"] and cue["because"] for cue in cues)
    moods = [event["mood"] for event in heard if event["type"] == "SentimentTrend" and event["mood"] is not None]
    assert moods[-1] > moods[0]
    assert min(moods) < -0.2 < 0.2 < moods[-1]


def test_only_the_customer_has_feelings(heard: list[dict[str, Any]]) -> None:
    agents = {final["utterance"] for final in finals(heard) if final["channel"] == "agent"}
    felt = {event["utterance"] for event in heard if event["type"] in {"SentimentReading", "SignalDetected"}}
    assert felt
    assert not felt & agents


# --- which file is whose voice (with scripted models)


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    script_the_models(monkeypatch)


@pytest.mark.usefixtures("scripted")
class TestVoices:
    def test_left_is_the_agent_and_right_the_customer(self, tmp_path: Path) -> None:
        call = recording(tmp_path / "call.wav", QUIET, voice(1, 2))
        assert [final["channel"] for final in finals(events(call))] == ["customer"]

    def test_swap_exchanges_them(self, tmp_path: Path) -> None:
        call = recording(tmp_path / "call.wav", QUIET, voice(1, 2))
        assert [final["channel"] for final in finals(events(call, "--swap"))] == ["agent"]

    def test_a_file_for_each_voice(self, tmp_path: Path) -> None:
        agent = recording(tmp_path / "a.wav", voice(0.5, 1.5))
        customer = recording(tmp_path / "c.wav", voice(2, 3))
        told = events("--agent", agent, "--customer", customer)
        assert [final["channel"] for final in finals(told)] == ["agent", "customer"]
        assert told[0]["source"] == "a.wav + c.wav"
        swapped = events("--agent", agent, "--customer", customer, "--swap")
        assert [final["channel"] for final in finals(swapped)] == ["customer", "agent"]

    @pytest.mark.parametrize("channel", ["agent", "customer"])
    def test_one_voice_alone(self, tmp_path: Path, channel: str) -> None:
        mono = recording(tmp_path / "mono.flac", voice(1, 2))
        assert [final["channel"] for final in finals(events(f"--{channel}", mono))] == [channel]

    def test_the_report_is_for_people(self, tmp_path: Path) -> None:
        result = spiegel("analyze", recording(tmp_path / "call.wav", voice(0.5, 1.5), voice(2, 3)))
        assert result.exit_code == 0
        for part in ("call.wav", "agent", "customer", "hello there", "cues", "numbers", "talk"):
            assert part in result.stdout
        assert "{" not in result.stdout

    def test_silence_is_told_as_such(self, tmp_path: Path) -> None:
        result = spiegel("analyze", recording(tmp_path / "call.wav", QUIET, QUIET))
        assert "No speech was recognised." in result.stdout


def test_the_report_of_the_demo_call_has_all_its_parts(heard: list[dict[str, Any]], demo_call: Path) -> None:
    result = spiegel("analyze", demo_call)
    assert result.exit_code == 0
    lines = " ".join(result.stdout.split())
    for final in finals(heard):
        assert final["text"] in lines
    cue = next(event for event in heard if event["type"] == "Cue")
    assert cue["advice"]["en"] in lines
    for part in ("customer's mood", "positive", "negative", "cues", "numbers", "both at once"):
        assert part in lines


# --- what it cannot use


def test_bad_files_are_refused_with_what_to_do(tmp_path: Path) -> None:
    text = tmp_path / "notes.wav"
    text.write_text("These are my notes, not a recording.\n" * 50)
    (tmp_path / "empty.flac").touch()
    noise = 0.1 * np.sin(np.arange(RATE * 3) * 0.3)
    whole = {kind: recording(tmp_path / f"whole.{kind}", noise, noise) for kind in ("wav", "flac")}
    for kind, path in whole.items():
        (tmp_path / f"cut.{kind}").write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    recording(tmp_path / "mono.wav", noise)
    recording(tmp_path / "three.wav", noise, noise, noise)
    long_wav(tmp_path / "night.wav", 10.0)
    expected = {
        "missing.wav": ("There is no file", "Check the name"),
        "empty.flac": ("is empty", "copied or recorded completely"),
        "notes.wav": ("not a recording", "ffmpeg"),
        "cut.wav": ("cut off", "Copy or download it again"),
        "cut.flac": ("cut off", "Copy or download it again"),
        "mono.wav": ("one channel", "--agent mono.wav or --customer mono.wav"),
        "three.wav": ("3 channels", "--agent FILE --customer FILE"),
        "night.wav": ("10.0 hours", "Cut out the call"),
        ".": ("is a folder", "Name the recording itself"),
    }
    for name, (what, advice) in expected.items():
        told = refused(spiegel("analyze", tmp_path / name, "--json"))
        assert what in told.splitlines()[0], name
        assert advice in told.splitlines()[1], name


def test_an_unclear_choice_is_refused(tmp_path: Path, demo_call: Path) -> None:
    mono = recording(tmp_path / "mono.wav", voice(0, 1))
    for arguments in ((), (demo_call, "--agent", mono), ("--agent", demo_call)):
        assert "--agent" in refused(spiegel("analyze", *arguments))
