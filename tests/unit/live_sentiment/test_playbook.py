"""The playbook's reader: what it accepts, and how it explains each mistake with its line."""

import re

import pytest

from live_sentiment.errors import PlaybookError
from live_sentiment.playbook import LONGEST_ADVICE, default_playbook, load_playbook
from live_sentiment.playbook_rules import DeadAirTrigger, SaidTrigger, SignalTrigger

GOOD = """\
name = "Ours"
max_cues = 2
min_gap = 10

[phrases.sorry]
nl = ["sorry", "wat vervelend"]
en = ["sorry"]

[[rule]]
id = "quiet"
trigger = { kind = "dead_air", over = 8 }
advice = { nl = "Zeg iets.", en = "Say something." }
why = { nl = "{seconds} s stil", en = "{seconds} s quiet" }
priority = 40
ttl = 5

[[rule]]
id = "own"
unless = { phrases = "sorry", within = 20 }
why = { nl = "{words}", en = "{words}" }

[rule.trigger]
kind = "signal"
any_of = ["repeat_contact"]

[rule.advice]
nl = "Los het op."
en = "Solve it."
"""


def broken(old: str, new: str) -> PlaybookError:
    assert old in GOOD
    with pytest.raises(PlaybookError) as caught:
        load_playbook(GOOD.replace(old, new, 1), "ours.toml")
    assert caught.value.advice
    return caught.value


def test_a_good_playbook_is_read() -> None:
    playbook = load_playbook(GOOD, "ours.toml")
    assert (playbook.name, playbook.max_cues, playbook.min_gap, playbook.origin) == ("Ours", 2, 10, "ours.toml")
    quiet, own = playbook.rules
    assert quiet.trigger == DeadAirTrigger(over=8)
    assert (quiet.priority, quiet.ttl, quiet.max_per_call) == (40, 5, 1)
    assert own.trigger == SignalTrigger(any_of=("repeat_contact",))
    assert own.advice["en"] == "Solve it."
    assert playbook.phrases == {"sorry": ("sorry", "wat vervelend", "sorry")}


@pytest.mark.parametrize(
    ("old", "new", "line", "says", "advises"),
    [
        ("max_cues = 2", "max_cue = 2", 2, "unknown key 'max_cue'", "max_cues"),
        ("max_cues = 2", "max_cues = -1", 2, "max_cues of the playbook is out of bounds", ">= 0"),
        ("min_gap = 10", 'min_gap = "10"', 3, "wrong kind (str)", "float"),
        ('name = "Ours"', "", 1, "has no name", "name"),
        ("priority = 40", "prioriti = 40", 14, "rule 'quiet' has the unknown key 'prioriti'", "'priority'"),
        ("priority = 40", "priority = 400", 14, "priority of rule 'quiet' is out of bounds", "<= 100"),
        ("priority = 40", 'priority = "high"', 14, "wrong kind (str)", "int"),
        ("ttl = 5", "ttl = 0", 15, "ttl of rule 'quiet' is out of bounds", "> 0"),
        ('"dead_air"', '"deadair"', 11, "unknown trigger 'deadair'", "'dead_air'"),
        ('kind = "dead_air", ', "", 11, "no trigger with a kind", "kind"),
        ("over = 8", "longer = 8", 11, "unknown key 'longer'", "over"),
        ("over = 8", "over = -8", 11, "out of bounds", "> 0"),
        ('"dead_air", over = 8', '"dead_air"', 11, "trigger of rule 'quiet' has no over", "over"),
        ('"dead_air", over = 8', '"sentiment"', 11, "never fires", "below"),
        ('nl = "Zeg iets.", ', "", 12, "no advice in Dutch (nl)", "advice"),
        (', en = "Say something."', "", 12, "no advice in English (en)", "advice"),
        (', en = "{seconds} s quiet"', "", 13, "no why in English (en)", "why"),
        ("Say something.", "x" * 71, 12, "71 characters", "70"),
        ("{seconds} s quiet", "{minutes} quiet", 13, "unknown placeholder {minutes}", "{seconds}"),
        ("{seconds} s quiet", "{seconds", 13, "lone brace", "{{"),
        ('phrases = "sorry"', 'phrases = "sory"', 19, "uses the phrases 'sory'", "'sorry'"),
        ("within = 20", "inside = 20", 19, "unknown key 'inside'", "within"),
        ('any_of = ["repeat_contact"]', "any_of = 3", 24, "wrong kind (int)", "array"),
        ('["repeat_contact"]', '["repeat_call"]', 24, "unknown signal 'repeat_call'", "'repeat_contact'"),
        ('id = "own"', 'id = "quiet"', 18, "two rules are called 'quiet'", "own id"),
        ('id = "own"', "", 17, "rule 2 has no id", "id"),
        ('en = ["sorry"]', 'de = ["sorry"]', 5, "the phrases 'sorry' have 'de'", "nl"),
        ('name = "Ours"', 'name = "Ours', 1, "not TOML", "quote"),
        ('nl = ["sorry", "wat vervelend"]', 'nl = "sorry"', 6, "'sorry' in nl are no list of texts", "nl ="),
        ('en = ["sorry"]', 'en = ["sorry", 3]', 7, "'sorry' in en are no list of texts", "en ="),
        ('en = ["sorry"]', 'en = ["sorry", " "]', 7, "one of the phrases 'sorry' in en is empty", "out"),
        ('en = ["sorry"]', "[phrases.bye]\nen = []", 7, "the phrases 'bye' are empty", "en ="),
        ("{seconds} s quiet", "{seconds:.0f} s quiet", 13, "wants {seconds} in another form", "{seconds}"),
        ("{seconds} s quiet", "{seconds!r} s quiet", 13, "wants {seconds} in another form", "{seconds}"),
        ("Say something.", "Say {words}.", 12, "the en advice of rule 'quiet' has a brace", "why"),
        ('en = "Solve it."', 'en = "Solve it."\nde = "Tu es."', 29, "advice of rule 'own' has 'de'", "nl and en"),
        ("within = 20", "within = -20", 19, "unless.within of rule 'own' is out of bounds", "> 0"),
        ("within = 20", 'who = "boss"', 19, "unless.who of rule 'own' cannot be 'boss'", '"agent" or "customer"'),
        ('{ phrases = "sorry", within = 20 }', "{ within = 20 }", 19, "unless of rule 'own' says nothing", "signals"),
        ('phrases = "sorry", within', 'signals = ["sad"], within', 19, "unknown signal 'sad'", "Known signals"),
        ('any_of = ["repeat_contact"]', "any_of = []", 24, "any_of of rule 'own' is out of bounds", ">= 1"),
        ('"dead_air", over = 8', '"overlap", over = 40', 11, "trigger of rule 'quiet' never fires", "window"),
        ('"dead_air", over = 8', '"sentiment", below = 0.1, above = 0.3', 11, "never fires", "below or above"),
        (
            '"dead_air", over = 8',
            '"said", who = "agent", phrases = "sorry", after = 9, until = 5',
            11,
            "never fires",
            "later than after",
        ),
        ("ttl = 5", "ttl = inf", 15, "ttl of rule 'quiet' is out of bounds", "<= 86400"),
        ('id = "own"', 'id = "my own\\n"', 18, "is no name", "letters"),
    ],
)
def test_each_mistake_is_explained_with_its_line(old: str, new: str, line: int, says: str, advises: str) -> None:
    error = broken(old, new)
    assert says in error.what
    assert advises in error.advice
    assert error.line == line
    assert str(error).startswith(f"line {line}: ")


def test_a_key_is_looked_for_in_its_own_table() -> None:
    trigger = 'trigger = { kind = "said", who = "agent", phrases = "sorry" }\n'
    rules = GOOD.replace('trigger = { kind = "dead_air", over = 8 }\n', trigger)
    unless = rules.replace("priority = 40", 'unless = { phrases = "sory" }')
    with pytest.raises(PlaybookError) as caught:
        load_playbook(unless, "ours.toml")
    assert caught.value.line == 14
    plain = 'why = { nl = "{seconds} s stil", en = "{seconds} s quiet" }'
    assert broken(plain, 'why.nl = "{seconds} s stil"\nwhy.en = "{minutes}"').line == 14


def test_brackets_without_end_are_a_mistake_and_no_crash() -> None:
    with pytest.raises(PlaybookError, match="brackets"):
        load_playbook(f"name = {'[' * 5000}", "x")


def test_an_empty_playbook_is_refused() -> None:
    with pytest.raises(PlaybookError, match="no rules"):
        load_playbook('name = "Nothing"', "x")
    with pytest.raises(PlaybookError, match="must be tables"):
        load_playbook('name = "x"\nrule = 3', "x")


def test_the_default_is_read_once_and_covers_the_design() -> None:
    playbook = default_playbook()
    assert playbook is default_playbook()
    expected = {
        "greet", "acknowledge", "own_it", "dead_air", "hold", "escalation", "vulnerable", "self_service", "offer",
        "ask_solved", "close_warmly", "good_end", "wrap_up",
    }  # fmt: skip
    assert expected <= {rule.id for rule in playbook.rules}
    assert playbook.max_cues == 3
    assert [rule.id for rule in playbook.rules if rule.offer] == ["offer"]


def test_the_default_is_short_and_warm_in_both_languages() -> None:
    for rule in default_playbook().rules:
        assert set(rule.advice) == set(rule.why) == {"nl", "en"}
        assert all(len(text) <= LONGEST_ADVICE for text in rule.advice.values())
        assert rule.advice["nl"] != rule.advice["en"]


def test_the_defaults_phrases_are_written_as_speech_recognition_writes() -> None:
    playbook = default_playbook()
    said = [phrase for phrases in playbook.phrases.values() for phrase in phrases]
    assert all(re.fullmatch(r"[a-z'* ]+", phrase) for phrase in said)
    used = {rule.trigger.phrases for rule in playbook.rules if isinstance(rule.trigger, SaidTrigger)}
    assert used <= set(playbook.phrases)
