"""``spiegel playbook check`` and ``show``."""

import json
from pathlib import Path

import pytest
from front_door import refused, spiegel

from live_sentiment.playbook import default_playbook, default_text


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    file = tmp_path / "ours.toml"
    file.write_text(spiegel("playbook", "show").stdout, "utf-8")
    return file


def broken(file: Path) -> int:
    """Puts a mistake into the file; the answer is its line."""
    text = file.read_text("utf-8").replace('"dead_air", over = 9', '"dead_aer", over = 9')
    file.write_text(text, "utf-8")
    return next(number for number, line in enumerate(text.splitlines(), 1) if "dead_aer" in line)


def test_what_ships_is_shown_as_it_is_and_is_fine(ours: Path) -> None:
    assert ours.read_text("utf-8") == default_text()
    result = spiegel("playbook", "check", ours)
    assert result.exit_code == 0
    assert f"{default_playbook().name}: {len(default_playbook().rules)} rules, " in result.stdout
    assert result.stdout.splitlines()[-1].endswith("It is fine.")
    for rule in default_playbook().rules:
        assert rule.id in result.stdout


def test_a_mistake_is_shown_with_its_line_and_what_to_do(ours: Path) -> None:
    line = broken(ours)
    result = spiegel("playbook", "check", ours)
    assert (result.exit_code, result.stdout) == (1, "")
    where, shown, advice = result.stderr.splitlines()
    assert where == f"{ours}:{line}: rule 'dead_air' has the unknown trigger 'dead_aer'"
    assert shown == f'{line:>6} | trigger = {{ kind = "dead_aer", over = 9 }}'
    assert advice.startswith("Did you mean 'dead_air'?")


def test_what_looks_like_markup_is_shown_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "[b]ours.toml"
    file.write_text("name = [red]\n")
    assert "name = [red]" in spiegel("playbook", "check", file).stderr


@pytest.mark.parametrize("text", ["", 'name = "x', 'name = "x"\n', "rule = 3\n", '[[rule]]\nid = "a"\n'])
def test_whatever_is_wrong_there_is_a_line_and_something_to_do(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(text)
    told = json.loads(spiegel("playbook", "check", file, "--json").stdout)
    assert told["line"] >= 1
    assert told["mistake"]
    assert told["advice"]


def test_programs_get_one_object(ours: Path) -> None:
    told = json.loads(spiegel("playbook", "check", ours, "--json").stdout)
    assert told["fine"] is True
    assert told["phrases"] == sum(map(len, default_playbook().phrases.values()))
    assert told["rules"][0].keys() == {"id", "when", "priority", "max_per_call", "enabled", "shadow"}
    line = broken(ours)
    result = spiegel("playbook", "check", ours, "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["fine"], told["line"]) == (1, False, line)
    assert "dead_aer" in told["text"]


def test_lists_that_no_rule_uses_are_named(ours: Path) -> None:
    with ours.open("a", encoding="utf-8") as file:
        file.write('\n[phrases.forgotten]\nnl = ["x"]\n')
    assert "Phrases that no rule uses: forgotten" in spiegel("playbook", "check", ours).stdout


def test_a_file_that_cannot_be_read_is_another_exit_code(tmp_path: Path) -> None:
    assert "No such file" in refused(spiegel("playbook", "check", tmp_path / "none.toml"))
    (tmp_path / "latin.toml").write_bytes('name = "Café"'.encode("latin-1"))
    assert "UTF-8" in refused(spiegel("playbook", "check", tmp_path / "latin.toml"))
    refused(spiegel("playbook", "check"))
