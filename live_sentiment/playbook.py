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
from live_sentiment.playbook_rules import (
    TRIGGERS,
    AnyTrigger,
    OverlapTrigger,
    Playbook,
    Rule,
    SaidTrigger,
    Seconds,
    SentimentTrigger,
    SignalTrigger,
    Unless,
)
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
    except RecursionError:
        raise PlaybookError("it has brackets in brackets without end", "Write it as the default is written.") from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise PlaybookError(
            f"this is not TOML: {error}",
            "Look for a missing quote, bracket or = there; a table between { and } stays on one line.",
            line,
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
        """Each list of phrases has Dutch, English, or both, at least one phrase, and nothing else."""
        lists = cast("dict[str, object]", phrases) if isinstance(phrases, dict) else {}
        example = 'Write nl = ["..."] and en = ["..."] under it.'
        for name, texts in lists.items():
            given = cast("dict[str, object]", texts) if isinstance(texts, dict) else {"": texts}
            if unknown := [language for language in given if language not in LANGUAGES]:
                raise PlaybookError(
                    f"the phrases {name!r} have {unknown[0]!r} where a language is expected",
                    example,
                    self._line("phrases", name),
                )
            for language, listed in given.items():
                line = self._line("phrases", name, language)
                if not isinstance(listed, list) or not all(
                    isinstance(one, str) for one in cast("list[object]", listed)
                ):
                    raise PlaybookError(f"the phrases {name!r} in {language} are no list of texts", example, line)
                if not all(one.strip() for one in cast("list[str]", listed)):
                    raise PlaybookError(f"one of the phrases {name!r} in {language} is empty", "Take it out.", line)
            if not any(given.values()):
                raise PlaybookError(f"the phrases {name!r} are empty", example, self._line("phrases", name))

    def _rule(self, raw: dict[str, Any], index: int, phrases: dict[str, tuple[str, ...]]) -> Rule:
        what = f"rule {raw['id']!r}" if isinstance(raw.get("id"), str) else f"rule {index + 1}"
        self._known_keys(raw, Rule, what, index)
        self._trigger(raw, what, index)
        self._texts(raw, what, index)
        for key in ("unless", "done"):
            if isinstance(given := raw.get(key), dict):
                self._known_keys(cast("dict[str, Any]", given), Unless, f"{key} of {what}", index, key)
        rule = self._convert(raw, Rule, what, index)
        self._known_signals(rule, what, index)
        self._known_phrases(rule, what, index, phrases)
        self._makes_sense(rule, what, index)
        return rule

    def _makes_sense(self, rule: Rule, what: str, index: int) -> None:
        """What each key allows by itself, but the rule as a whole does not."""
        if not re.fullmatch(r"[\w.-]{1,60}", rule.id):
            advice = "Use letters, digits, - and _, at most 60 of them."
            raise PlaybookError(f"the id {rule.id!r} is no name", advice, self._line("id", index=index))
        for key, given in _conditions(rule):
            if not (given.phrases or given.signals or given.speaks):
                advice = "Give it phrases, signals, or speaks = true."
                raise PlaybookError(f"{key} of {what} says nothing", advice, self._line(key, index=index))
        never = _never_holds(rule.trigger)
        if never is not None:
            key, advice = never
            mistake = f"the trigger of {what} never fires"
            raise PlaybookError(mistake, advice, self._line("trigger", key, index=index))

    def _known_signals(self, rule: Rule, what: str, index: int) -> None:
        wanted = rule.trigger.any_of if isinstance(rule.trigger, SignalTrigger) else ()
        others = [(key, "signals", given.signals) for key, given in _conditions(rule)]
        for outer, key, names in (("trigger", "any_of", wanted), *others):
            for name in names:
                if name not in SIGNALS:
                    advice = _closest(name, SIGNALS, f"Known signals: {', '.join(SIGNALS)}.")
                    line = self._line(outer, key, index=index)
                    raise PlaybookError(f"{what} has the unknown signal {name!r}", advice, line)

    def _known_phrases(self, rule: Rule, what: str, index: int, phrases: dict[str, tuple[str, ...]]) -> None:
        used = [("trigger", getattr(rule.trigger, "phrases", ""))]
        used += [(key, given.phrases) for key, given in _conditions(rule)]
        for outer, name in used:
            if name and name not in phrases:
                raise PlaybookError(
                    f"{what} uses the phrases {name!r}, which are nowhere in this file",
                    _closest(name, phrases, "Add a section [phrases." + name + "] with nl and en."),
                    self._line(outer, "phrases", index=index),
                )

    def _trigger(self, raw: dict[str, Any], what: str, index: int) -> None:
        given = raw.get("trigger")
        trigger = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
        line = self._line("trigger", index=index)
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
        self._known_keys(fields, TRIGGERS[kind], f"the {kind} trigger of {what}", index, "trigger")
        if kind == "sentiment" and not fields:
            raise PlaybookError(f"the trigger of {what} never fires", "Give below, above or falling.", line)

    def _texts(self, raw: dict[str, Any], what: str, index: int) -> None:
        """Advice and why: both languages there and no other, short enough, placeholders known."""
        for key in ("advice", "why"):
            texts = raw.get(key)
            given = cast("dict[str, object]", texts) if isinstance(texts, dict) else {}
            if unknown := [language for language in given if language not in LANGUAGES]:
                mistake = f"{key} of {what} has {unknown[0]!r} where a language is expected"
                raise PlaybookError(mistake, "Spiegel speaks nl and en.", self._line(key, unknown[0], index=index))
            for language in LANGUAGES:
                line = self._line(key, language, index=index)
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
                if key == "why":
                    self._placeholders(text, f"{key}.{language} of {what}", line)
                elif "{" in text or "}" in text:
                    advice = "The agent reads it as it stands; words and numbers belong in why."
                    raise PlaybookError(f"the {language} advice of {what} has a brace", advice, line)

    def _placeholders(self, text: str, what: str, line: int) -> None:
        known = ", ".join(f"{{{name}}}" for name in sorted(PLACEHOLDERS))
        try:
            used = [rest for _, *rest in string.Formatter().parse(text) if rest[0] is not None]
        except ValueError:
            raise PlaybookError(f"{what} has a lone brace", "Write {{ or }} for a brace itself.", line) from None
        for name, form, conversion in used:
            if name not in PLACEHOLDERS:
                raise PlaybookError(f"{what} has the unknown placeholder {{{name}}}", f"Known are {known}.", line)
            if form or conversion:
                advice = f"It is a text already. Write one of {known} as it stands here."
                raise PlaybookError(f"{what} wants {{{name}}} in another form", advice, line)

    def _known_keys(
        self, raw: dict[str, Any], struct: type[msgspec.Struct], what: str, index: int | None, *outer: str
    ) -> None:
        known = struct.__struct_fields__
        for key in raw:
            if key not in known:
                advice = _closest(key, known, f"Known keys: {', '.join(known)}.")
                line = self._line(*outer, key, index=index)
                raise PlaybookError(f"{what} has the unknown key {key!r}", advice, line)

    def _convert(self, raw: dict[str, Any], struct: type[_T], what: str, index: int | None) -> _T:
        try:
            return msgspec.convert(raw, struct)
        except msgspec.ValidationError as error:
            sentence, _, path = str(error).partition(" - at `$.")
            missing = re.search(r"required field `(\w+)`", sentence)
            keys = re.findall(r"[a-z_]+", path)
            text, advice = _explained(sentence, keys, what, missing=missing[1] if missing else "")
            line = self._line(*keys, index=index)
            raise PlaybookError(text, advice, line) from None

    def _unique(self, rules: tuple[Rule, ...]) -> None:
        seen: set[str] = set()
        for index, rule in enumerate(rules):
            if rule.id in seen:
                raise PlaybookError(
                    f"two rules are called {rule.id!r}", "Give each rule its own id.", self._line("id", index=index)
                )
            seen.add(rule.id)

    def _line(self, *keys: str, index: int | None = None) -> int:
        """The 1-based line of rule ``index``, or outside the rules, where the last of ``keys`` stands.

        Each of them is looked for within the one before it. Where one is missing, that one's line is told, and the
        rule's first where all are.
        """
        number, end = self._bounds(index)
        column = 0
        for key in keys:
            assigned = re.compile(rf'(^|[\s{{,.\[])["\']?{re.escape(key)}["\']?\s*(=|\.|\])')
            places = ((at, assigned.search(self._code(at), column if at == number else 0)) for at in range(number, end))
            found = next(((at, match) for at, match in places if match), None)
            if found is None:
                break
            number, column = found[0], found[1].end() - 1
            if found[1][2] == "=":
                end = number + 1
            elif found[1][2] == "]":
                heads = (at for at in range(number + 1, end) if self._code(at).lstrip().startswith("["))
                end = next(heads, end)
        return number + 1

    def _code(self, number: int) -> str:
        """A line without its comment."""
        return self._lines[number].split("#")[0]

    def _bounds(self, index: int | None) -> tuple[int, int]:
        if index is None or index >= len(self._heads):
            return 0, len(self._lines)
        after = self._heads[index + 1] if index + 1 < len(self._heads) else len(self._lines)
        return self._heads[index], after


_LANGUAGE_NAMES = {"nl": "Dutch (nl)", "en": "English (en)"}


def _conditions(rule: Rule) -> list[tuple[str, Unless]]:
    return [(key, given) for key, given in (("unless", rule.unless), ("done", rule.done)) if given is not None]


def _never_holds(trigger: AnyTrigger) -> tuple[str, str] | None:
    """The key that keeps ``trigger`` from ever holding, and what to do; None where nothing does."""
    match trigger:
        case SentimentTrigger(below=float(below), above=float(above)) if above >= below:
            return "above", "A mood is never both: give below or above, in two rules if need be."
        case SaidTrigger(until=float(until), after=after) if until <= after:
            return "until", "Let until be later than after."
        case OverlapTrigger(over=over, window=window) if over >= window:
            return "over", "Let over be less than window (30 by default)."
        case _:
            return None


def _closest(word: str, known: Iterable[str], otherwise: str) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"Did you mean {near[0]!r}? {otherwise}" if near else otherwise


def _explained(sentence: str, keys: list[str], what: str, *, missing: str) -> tuple[str, str]:
    """A msgspec sentence in words for people: what is wrong, and what to write."""
    key = ".".join(keys)
    if missing:
        return f"{f'{key} of {what}' if key else what} has no {missing}", f"Add {missing} = ... to it."
    if chosen := re.fullmatch(r"Invalid enum value '(.*)'", sentence):
        return f"{key} of {what} cannot be {chosen[1]!r}", 'Write "agent" or "customer".'
    kind = re.search(r"Expected `(.+?)`, got `(.+?)`", sentence)
    if kind:
        return f"{key} of {what} is of the wrong kind ({kind[2]})", f"It must be of the kind {kind[1]}."
    bound = re.search(r"Expected `.+?` (.+)", sentence)
    return f"{key} of {what} is out of bounds", f"It must be {bound[1] if bound else sentence}."
