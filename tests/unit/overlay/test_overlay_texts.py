"""The words for people: complete and alike in both languages."""

import re
import string
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from overlay import texts
from overlay.errors import TextsBroken
from overlay.state.screens import NoticeKind
from overlay.texts import Texts, clock, load
from server.api import FeedbackIn

NL, EN = load("nl"), load("en")
SOURCES = [p for p in Path(texts.__file__).parent.rglob("*.py") if p.name != "scenes.py"]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_texts_and_placeholders() -> None:
    assert NL.keys() == EN.keys()
    assert {k: placeholders(v) for k, v in NL.items()} == {k: placeholders(v) for k, v in EN.items()}


def test_no_text_is_empty_or_forgotten_in_the_other_language() -> None:
    alike_in_both = {"app.name", "about.chat", "ready.none", "ready.from", "loading.percent", "cue.quoted"}
    same = {key for key in NL if NL[key] == EN[key] and any(c.isalpha() for c in NL[key])}
    assert all(NL.values())
    assert all(EN.values())
    assert same <= alike_in_both | {"about.e-mail", "about.other"}, same


def test_every_text_that_the_code_names_exists() -> None:
    named = {name for p in SOURCES for name in re.findall(r'texts\(\s*"([a-z_]+\.[a-z_]+)"', p.read_text("utf-8"))}
    assert len(named) > 40
    assert named <= NL.keys()


def test_every_notice_says_what_happened_and_what_to_do() -> None:
    for kind in NoticeKind.__args__:
        assert {f"notice.{kind}", f"notice.{kind}_do"} <= NL.keys()


def test_every_channel_of_the_api_has_a_text() -> None:
    field = next(field for field in msgspec.structs.fields(FeedbackIn) if field.name == "channel")
    channels = get_args(field.type)
    assert "e-mail" in channels
    assert {f"about.{channel}" for channel in channels} <= NL.keys()


def test_a_missing_text_or_value_is_a_clear_error() -> None:
    with pytest.raises(TextsBroken, match=r"no\.such"):
        Texts("nl")("no.such")
    with pytest.raises(TextsBroken, match="seconds"):
        Texts("nl")("call.silence")


def test_a_file_that_is_no_toml_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nl.toml").write_text("[", encoding="utf-8")
    monkeypatch.setattr(texts, "FOLDER", tmp_path)
    with pytest.raises(TextsBroken, match=r"nl\.toml"):
        load("nl")


@pytest.mark.parametrize(
    ("seconds", "nl", "en"),
    [
        (-3, "zojuist", "just now"),
        (59, "zojuist", "just now"),
        (60, "1 min geleden", "1 min ago"),
        (3_599, "59 min geleden", "59 min ago"),
        (3_600, "1 uur geleden", "1 hour ago"),
        (7_200, "2 uur geleden", "2 hours ago"),
        (90_000, "gisteren", "yesterday"),
        (200_000, "2 dagen geleden", "2 days ago"),
    ],
)
def test_ago(seconds: float, nl: str, en: str) -> None:
    assert (Texts("nl").ago(seconds), Texts("en").ago(seconds)) == (nl, en)


def test_numbers_are_written_as_the_language_does() -> None:
    assert (Texts("nl").decimal(4.63), Texts("en").decimal(4.63)) == ("4,6", "4.6")


@pytest.mark.parametrize(("seconds", "text"), [(-1, "0:00"), (59.9, "0:59"), (75, "1:15"), (3_725, "1:02:05")])
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_a_text_of_the_server_falls_back_to_the_other_language() -> None:
    assert Texts("nl").pick({"en": "only"}) == "only"
    assert Texts("nl").pick({"nl": "wel", "en": "only"}) == "wel"
    assert Texts("nl").pick({}, "rule") == "rule"
