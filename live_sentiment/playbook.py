"""The playbook: which moments deserve a cue and what it says, read from a TOML file that a coach can edit.

Here lives the reader, which explains every mistake with its line, and the playbook that ships. What a playbook is made
of lives in ``playbook_rules``; when a rule fires is decided in ``cue_triggers``, which cue is shown in ``cues``. A file
is read from the disk by the caller.
"""

import difflib
import re
import string
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Annotated, Any, Literal, TypeVar, cast

import msgspec

from live_sentiment.errors import PlaybookError
from live_sentiment.playbook_rules import TRIGGERS, Playbook, Rule, Seconds, SignalTrigger, Unless
from onnx_models.classification import SIGNALS

__all__ = ["Playbook", "Rule", "default_playbook", "default_text", "load_playbook"]

LANGUAGES = ("nl", "en")
_DEFAULT = "default.toml"
LONGEST_ADVICE = 70
PLACEHOLDERS = frozenset(("words", "seconds", "wpm"))
_T = TypeVar("_T", bound=msgspec.Struct)


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a playbook file outside its rules."""

    name: str
    max_cues: Annotated[int, msgspec.Meta(ge=0, le=10)] = 3
    min_gap: Seconds = 20.0
    phrases: dict[str, dict[Literal["nl", "en"], tuple[str, ...]]] = {}


def load_playbook(text: str, origin: str) -> Playbook:
    """The playbook in ``text``; ``origin`` (a path, for example) is only remembered.

    Raises:
        PlaybookError: the first mistake in the text, with its line and what to do about it.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise PlaybookError(
            f"this is not TOML: {error}", "Look for a missing quote, bracket or = there.", line
        ) from None
    return _Reader(text, origin).playbook(data)


@cache
def default_playbook() -> Playbook:
    """The playbook that ships with Spiegel: customer service, Dutch and English."""
    return load_playbook(default_text(), _DEFAULT)


def default_text() -> str:
    """The file of the playbook that ships, for coaches to begin with."""
    return resources.files("live_sentiment").joinpath("playbooks", _DEFAULT).read_text(encoding="utf-8")


class _Reader:
    """Turns parsed TOML into a playbook, and knows where in ``text`` each thing stands."""

    def __init__(self, text: str, origin: str) -> None:
        self._lines = text.splitlines()
        self._origin = origin
        self._heads = [number for number, line in enumerate(self._lines) if re.match(r"\s*\[\[\s*rule\s*\]\]", line)]

    def playbook(self, data: dict[str, Any]) -> Playbook:
        raw_rules = data.pop("rule", [])
        if not isinstance(raw_rules, list) or not all(isinstance(r, dict) for r in cast("list[object]", raw_rules)):
            raise PlaybookError("rules must be tables", "Begin each rule with a line [[rule]].", self._line("rule"))
        rules = cast("list[dict[str, Any]]", raw_rules)
        self._known_keys(data, _Head, "the playbook", None)
        self._phrase_lists(data.get("phrases"))
        head = self._convert(data, _Head, "the playbook", None)
        if not rules:
            raise PlaybookError("it has no rules", "Add at least one rule, beginning with [[rule]].", 1)
        phrases = {name: tuple(p for texts in lists.values() for p in texts) for name, lists in head.phrases.items()}
        read = tuple(self._rule(raw, index, phrases) for index, raw in enumerate(rules))
        self._unique(read)
        return Playbook(
            name=head.name,
            rules=read,
            phrases=phrases,
            max_cues=head.max_cues,
            min_gap=head.min_gap,
            origin=self._origin,
        )

    def _phrase_lists(self, phrases: object) -> None:
        """Each list of phrases has Dutch, English, or both, and nothing else."""
        lists = cast("dict[str, object]", phrases) if isinstance(phrases, dict) else {}
        for name, texts in lists.items():
            given = cast("dict[str, object]", texts) if isinstance(texts, dict) else {"": texts}
            if unknown := [language for language in given if language not in LANGUAGES]:
                raise PlaybookError(
                    f"the phrases {name!r} have {unknown[0]!r} where a language is expected",
                    'Write nl = ["..."] and en = ["..."] under [phrases.' + name + "].",
                    self._line(name),
                )

    def _rule(self, raw: dict[str, Any], index: int, phrases: dict[str, tuple[str, ...]]) -> Rule:
        what = f"rule {raw['id']!r}" if isinstance(raw.get("id"), str) else f"rule {index + 1}"
        self._known_keys(raw, Rule, what, index)
        self._trigger(raw, what, index)
        self._texts(raw, what, index)
        for key in ("unless", "done"):
            if isinstance(given := raw.get(key), dict):
                self._known_keys(cast("dict[str, Any]", given), Unless, f"{key} of {what}", index)
        rule = self._convert(raw, Rule, what, index)
        self._known_signals(rule, what, index)
        self._known_phrases(rule, what, index, phrases)
        return rule

    def _known_signals(self, rule: Rule, what: str, index: int) -> None:
        wanted = rule.trigger.any_of if isinstance(rule.trigger, SignalTrigger) else ()
        others = [("signals", given.signals) for given in (rule.unless, rule.done) if given]
        for key, names in (("any_of", wanted), *others):
            for name in names:
                if name not in SIGNALS:
                    advice = _closest(name, SIGNALS, f"Known signals: {', '.join(SIGNALS)}.")
                    raise PlaybookError(f"{what} has the unknown signal {name!r}", advice, self._line(key, index))

    def _known_phrases(self, rule: Rule, what: str, index: int, phrases: dict[str, tuple[str, ...]]) -> None:
        used = [getattr(rule.trigger, "phrases", ""), *(given.phrases for given in (rule.unless, rule.done) if given)]
        for name in filter(None, used):
            if name not in phrases:
                raise PlaybookError(
                    f"{what} uses the phrases {name!r}, which are nowhere in this file",
                    _closest(name, phrases, "Add a section [phrases." + name + "] with nl and en."),
                    self._line("phrases", index),
                )

    def _trigger(self, raw: dict[str, Any], what: str, index: int) -> None:
        given = raw.get("trigger")
        trigger = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
        line = self._line("trigger", index)
        if "kind" not in trigger:
            raise PlaybookError(
                f"{what} has no trigger with a kind",
                'Write for example trigger = { kind = "dead_air", over = 10 }.',
                line,
            )
        kind = str(trigger["kind"])
        if kind not in TRIGGERS:
            known = f"Known triggers: {', '.join(TRIGGERS)}."
            raise PlaybookError(f"{what} has the unknown trigger {kind!r}", _closest(kind, TRIGGERS, known), line)
        fields = {key: value for key, value in trigger.items() if key != "kind"}
        self._known_keys(fields, TRIGGERS[kind], f"the {kind} trigger of {what}", index)
        if kind == "sentiment" and not fields:
            raise PlaybookError(f"the trigger of {what} never fires", "Give below, above or falling.", line)

    def _texts(self, raw: dict[str, Any], what: str, index: int) -> None:
        """Advice and why: both languages there, short enough, placeholders known."""
        for key in ("advice", "why"):
            texts = raw.get(key)
            given = cast("dict[str, object]", texts) if isinstance(texts, dict) else {}
            line = self._line(key, index)
            for language in LANGUAGES:
                text = given.get(language)
                if not isinstance(text, str) or not text.strip():
                    example = f'Write {key} = {{ nl = "...", en = "..." }}.'
                    raise PlaybookError(f"{what} has no {key} in {_LANGUAGE_NAMES[language]}", example, line)
                if key == "advice" and len(text) > LONGEST_ADVICE:
                    raise PlaybookError(
                        f"the {language} advice of {what} has {len(text)} characters",
                        f"The agent has half a second: use at most {LONGEST_ADVICE}.",
                        line,
                    )
                self._placeholders(text, f"{key}.{language} of {what}", line)

    def _placeholders(self, text: str, what: str, line: int) -> None:
        try:
            used = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        except ValueError:
            raise PlaybookError(f"{what} has a lone brace", "Write {{ or }} for a brace itself.", line) from None
        if unknown := used - PLACEHOLDERS:
            known = ", ".join(f"{{{name}}}" for name in sorted(PLACEHOLDERS))
            raise PlaybookError(f"{what} has the unknown placeholder {{{min(unknown)}}}", f"Known are {known}.", line)

    def _known_keys(self, raw: dict[str, Any], struct: type[msgspec.Struct], what: str, index: int | None) -> None:
        known = struct.__struct_fields__
        for key in raw:
            if key not in known:
                advice = _closest(key, known, f"Known keys: {', '.join(known)}.")
                raise PlaybookError(f"{what} has the unknown key {key!r}", advice, self._line(key, index))

    def _convert(self, raw: dict[str, Any], struct: type[_T], what: str, index: int | None) -> _T:
        try:
            return msgspec.convert(raw, struct)
        except msgspec.ValidationError as error:
            sentence, _, path = str(error).partition(" - at `$.")
            missing = re.search(r"required field `(\w+)`", sentence)
            keys = re.findall(r"\w+", path)
            text, advice = _explained(sentence, keys, what, missing=missing[1] if missing else "")
            line = self._line(keys[0 if missing else -1], index) if keys else self._bounds(index)[0] + 1
            raise PlaybookError(text, advice, line) from None

    def _unique(self, rules: tuple[Rule, ...]) -> None:
        seen: set[str] = set()
        for index, rule in enumerate(rules):
            if rule.id in seen:
                raise PlaybookError(
                    f"two rules are called {rule.id!r}", "Give each rule its own id.", self._line("id", index)
                )
            seen.add(rule.id)

    def _line(self, key: str, index: int | None = None) -> int:
        """The 1-based line where ``key`` stands in rule ``index`` (or outside the rules); else the rule's first."""
        first, end = self._bounds(index)
        assigned = re.compile(rf'(^|[\s{{,.\[])["\']?{re.escape(key)}["\']?\s*(=|\.|\])')
        for number in range(first, end):
            if assigned.search(self._lines[number].split("#")[0]):
                return number + 1
        return first + 1

    def _bounds(self, index: int | None) -> tuple[int, int]:
        if index is None or index >= len(self._heads):
            return 0, len(self._lines)
        after = self._heads[index + 1] if index + 1 < len(self._heads) else len(self._lines)
        return self._heads[index], after


_LANGUAGE_NAMES = {"nl": "Dutch (nl)", "en": "English (en)"}


def _closest(word: str, known: Iterable[str], otherwise: str) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"Did you mean {near[0]!r}? {otherwise}" if near else otherwise


def _explained(sentence: str, keys: list[str], what: str, *, missing: str) -> tuple[str, str]:
    """A msgspec sentence in words for people: what is wrong, and what to write."""
    key = ".".join(keys)
    if missing:
        return f"{f'{key} of {what}' if key else what} has no {missing}", f"Add {missing} = ... to it."
    kind = re.search(r"Expected `(.+?)`, got `(.+?)`", sentence)
    if kind:
        return f"{key} of {what} is of the wrong kind ({kind[2]})", f"It must be of the kind {kind[1]}."
    bound = re.search(r"Expected `.+?` (.+)", sentence)
    return f"{key} of {what} is out of bounds", f"It must be {bound[1] if bound else sentence}."
