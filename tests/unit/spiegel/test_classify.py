"""``spiegel classify``: a line of text in, a line of judgement out, whatever the text."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from front_door import spiegel

from onnx_models.classification import EMOTIONS, SENTIMENTS, SIGNALS

PROMISED = {
    "text",
    "language_supported",
    "sentiment",
    "probabilities",
    "emotion",
    "confidence",
    "sure",
    "signals",
    "because",
}


def classified(said: str | bytes) -> list[dict[str, Any]]:
    result = spiegel("classify", "--json", said=said)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_one_object_a_line_with_exactly_the_promised_keys() -> None:
    lines = ["this is the third time i call", "thank you so much that is wonderful", "ik ben hier zo klaar mee"]
    readings = classified("\n".join(lines) + "\n")
    assert [reading["text"] for reading in readings] == lines
    for reading in readings:
        assert set(reading) == PROMISED
        assert reading["sentiment"] in SENTIMENTS
        assert set(reading["probabilities"]) == set(SENTIMENTS)
        assert sum(reading["probabilities"].values()) == pytest.approx(1.0, abs=1e-5)
        assert reading["confidence"] == max(reading["probabilities"].values())
        assert reading["emotion"] in EMOTIONS
        assert isinstance(reading["sure"], bool)
        assert isinstance(reading["signals"], list)
        assert set(reading["signals"]) <= set(SIGNALS)
        assert all(set(reason) == {"word", "weight"} for reason in reading["because"])


def test_it_tells_good_from_bad_and_why() -> None:
    good, bad = classified("thank you so much that is wonderful\nthis is terrible i am so angry\n")
    assert (good["sentiment"], bad["sentiment"]) == ("positive", "negative")
    assert {reason["word"] for reason in bad["because"]} & {"terrible", "angry"}


def test_a_terminal_is_not_told_what_to_do_by_a_line() -> None:
    result = spiegel("classify", said="\x1b[31mred\x07 alert\n")
    assert result.exit_code == 0
    assert "red" in result.output
    assert not {"\x1b", "\x07"} & set(result.output)


def test_odd_lines_get_an_answer_each() -> None:
    long = "very " * 2_000
    said = ["", " ", long, "café ☕ 谢谢", "\tno\x00thing\x1b[31m", "?!...", "last without an end"]
    readings = classified("\n".join(said).encode())
    assert [reading["text"] for reading in readings] == said
    assert not readings[0]["sure"]
    assert readings[0]["sentiment"] == "neutral"


def test_bytes_that_are_no_text_and_windows_line_ends() -> None:
    first, second = classified(b"thanks \xff\xfe\r\nbye\r\n")
    assert first["text"] == "thanks \ufffd\ufffd"
    assert second["text"] == "bye"


def test_nothing_in_nothing_out() -> None:
    assert classified("") == []


def test_for_people_it_says_how_sure_and_why() -> None:
    told = spiegel("classify", said="thank you so much\n").stdout
    assert told.startswith("positive")
    assert "%" in told
    assert "because: thank" in told


def test_each_answer_comes_at_once_and_a_reader_may_leave() -> None:
    command = [sys.executable, "-m", "spiegel", "classify", "--json"]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    pipe = subprocess.PIPE
    program = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=buffered)
    assert program.stdin is not None
    assert program.stdout is not None
    assert program.stderr is not None
    with program.stdin, program.stdout, program.stderr:
        for text in ("good morning", "thank you"):
            program.stdin.write(f"{text}\n".encode())
            program.stdin.flush()
            assert json.loads(program.stdout.readline())["text"] == text
        program.stdout.close()
        program.stdin.write(b"is anybody there\n")
        program.stdin.flush()
        errors = program.stderr.read()
        program.wait(30)
    assert b"Traceback" not in errors
    assert b"Error" not in errors
