"""docs/coaches.md says what is so: its example is read, and no key, trigger or verb is missing."""

import re
from pathlib import Path

import pytest

from live_sentiment.playbook import default_text, load_playbook
from live_sentiment.playbook_rules import TRIGGERS, Rule, Unless
from server.commands.playbook import app

PAGE = (Path(__file__).resolve().parents[3] / "docs/coaches.md").read_text("utf-8")


def test_the_example_can_be_put_into_a_playbook() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    ours = load_playbook(f"{default_text()}\n{example}", "ours.toml")
    assert ours.rules[-1].id == "read_back"
    assert load_playbook(f'name = "Ours"\n{example}', "").rules


@pytest.mark.parametrize("key", [*Rule.__struct_fields__, *Unless.__struct_fields__])
def test_every_key_of_a_rule_is_told(key: str) -> None:
    assert f"`{key}`" in PAGE or f"`{key} = " in PAGE


@pytest.mark.parametrize("kind", TRIGGERS)
def test_every_kind_of_trigger_is_told_with_its_keys(kind: str) -> None:
    row = next((line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` |")), "")
    assert row
    for key in TRIGGERS[kind].__struct_fields__:
        assert f"`{key}`" in row


def test_every_verb_is_told() -> None:
    for command in app.registered_commands:
        assert command.callback is not None
        assert f"spiegel playbook {command.callback.__name__}" in PAGE
