"""A playbook's file: read as text, and what is said when it cannot be."""

from pathlib import Path

import pytest

from live_sentiment.errors import PlaybookError, PlaybookUnreadable
from live_sentiment.playbook import default_playbook, default_text
from live_sentiment.playbook_file import read_playbook, read_text


def test_a_file_is_read_with_its_name(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(default_text(), "utf-8")
    assert read_playbook(file).rules == default_playbook().rules
    assert read_playbook(file).origin == str(file)


def test_the_mark_that_windows_editors_put_in_front_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(default_text(), "utf-8-sig")
    assert read_text(file) == default_text()


@pytest.mark.parametrize(
    ("content", "what"), [(None, "No such file"), (b"name = \xe9", "not UTF-8"), ("a folder", "directory")]
)
def test_what_cannot_be_read_is_said_with_the_path(tmp_path: Path, content: object, what: str) -> None:
    file = tmp_path / "ours.toml"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content:
        file.mkdir()
    with pytest.raises(PlaybookUnreadable, match=what) as caught:
        read_text(file)
    assert str(file) in caught.value.what
    assert caught.value.advice
    assert caught.value.line is None


def test_a_mistake_is_told_with_its_line_and_without(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text('name = "Ours"\n[[rules]]\n')
    with pytest.raises(PlaybookError) as caught:
        read_playbook(file)
    assert caught.value.what == f"line {caught.value.line}: {caught.value.mistake}"
