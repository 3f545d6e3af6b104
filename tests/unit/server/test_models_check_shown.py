"""What ``spiegel models check`` says to people, and where it looks for what was said."""

import io
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from audio_capture import demo_call
from live_sentiment.events import CHANNELS
from server.commands.delays import DelayRow
from server.commands.models_check import said_in, said_in_turns, shown
from server.models.check import Findings, Said, Verdict

FOUND = Findings(
    model="whisper-small",
    recording="call.wav",
    duration=60.0,
    words=200,
    live_wer=0.123,
    whole_wer=0.1,
    text=DelayRow("", 200, -0.1, 0.9),
    committed=DelayRow("", 200, 1.0, 1.9),
    final=DelayRow("", 20, 0.6, 3.4),
    share=0.42,
    languages=("nl", "en"),
    voices=2,
    late=3.1,
    behind=True,
    verdict="keeps_up",
)


def text(findings: Findings) -> str:
    out = io.StringIO()
    Console(file=out, width=160, color_system=None).print(shown(findings))
    return out.getvalue()


def test_all_figures_are_told() -> None:
    told = text(FOUND)
    for words in (
        "whisper-small on call.wav (60 s)",
        "12.3% of 200",
        "10.0% of 200",
        "0.00 s, 95 of 100 within 0.90 s",
        "42%",
        "nl, en",
    ):
        assert words in told


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("keeps_up", "Keeps up"),
        ("slower", "partial text comes more rarely"),
        ("too_slow", "finals come 3.1 s after the speech"),
        ("nothing_heard", "Nothing was heard"),
    ],
)
def test_the_verdict_is_said_in_words(verdict: Verdict, words: str) -> None:
    assert words in text(msgspec.structs.replace(FOUND, verdict=verdict))


def test_one_voice_is_half_of_a_call() -> None:
    assert "twice the work" in text(msgspec.structs.replace(FOUND, voices=1))
    assert "twice the work" not in text(FOUND)


def test_what_was_not_measured_is_said() -> None:
    nothing = DelayRow("", 0, None, None)
    told = text(msgspec.structs.replace(FOUND, live_wer=None, whole_wer=None, final=nothing, languages=()))
    assert "--text FILE" in told
    assert "nothing was heard" in told
    assert "none found" in told
    late = msgspec.structs.replace(FOUND, verdict="slower", behind=False)
    assert "text and finals come late" in text(late)


def test_the_text_lies_beside_the_recording(tmp_path: Path) -> None:
    call, agent, customer = (tmp_path / name for name in ("call.wav", "agent.wav", "customer.wav"))
    assert said_in(call, {}, None) == ()
    (tmp_path / "call.txt").write_text("both", "utf-8")
    (tmp_path / "customer.txt").write_text("één", "utf-8")
    assert said_in(call, {}, None) == (Said(CHANNELS, "both"),)
    assert said_in(None, {"agent": agent, "customer": customer}, None) == (Said(("customer",), "één"),)
    assert said_in(None, {"agent": agent, "customer": None}, tmp_path / "call.txt") == (Said(CHANNELS, "both"),)


def test_the_demo_calls_turns_are_its_text() -> None:
    said = {one.channels: one.text for one in said_in_turns(demo_call.turns_path())}
    assert set(said) == {("agent",), ("customer",)}
    assert "order" in said[("customer",)]
