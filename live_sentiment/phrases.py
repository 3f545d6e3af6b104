"""Phrases found in what people say, also where speech recognition made a slip.

Here lives the matching of a playbook's lists; which lists matter when is decided in ``cue_triggers``. Three slips are
seen through: a long word that is a letter or two off ("frustating"), a word in two or two in one ("terug bellen"), and
a contraction written otherwise ("im", "i am"). A word that people commonly say, or that stands in the
list itself, is what it is and no slip for another: "think" is never "thank". Nor is a negation: "onbegrijpelijk".
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, cached_property
from importlib import resources

from live_sentiment.spoken_digits import fold

LONG, VERY_LONG = 5, 9
"""Letters from which a word may be one edit off, and from which two."""
_LEAST_JOINED = 5
"""Letters of a phrase that may be written in one word though it is several."""
_LEAST_SPLIT = 8
"""Letters of a phrase that may be written in more words than it has: "on line" is no "online"."""
_REMEMBERED = 1_000
"""Misheard words of which a list remembers what they are near to."""
_NEGATIONS = ("on", "un", "in", "im", "ir", "dis", "non", "niet", "geen", "not")
_CONTRACTIONS = {"i'm": "i am", "cannot": "can not", "can't": "can not", "won't": "will not", "shan't": "shall not"}
_ENDINGS = {"'m": " am", "'re": " are", "'ll": " will", "'ve": " have", "'s": " is", "n't": " not"}
_WORDS_OF_THEIR_OWN = frozenset(("ill", "its", "id", "wed", "shes", "hes"))
"""What some contractions without their apostrophe are as well, and ``common_words`` is without."""


def plain(text: str) -> str:
    """``text`` as it is searched: lower case, no accents or punctuation, single spaces."""
    return " ".join(filter(None, (fold(word.replace("\u2019", "'")) for word in text.split())))


class Line:
    """Something that was said, made ready to be searched for several lists of phrases."""

    def __init__(self, text: str) -> None:
        self.text = plain(text)

    @cached_property
    def words(self) -> list[str]:
        """Its words, without punctuation."""
        return self.text.split(" ") if self.text else []

    @cached_property
    def uncommon(self) -> tuple[int, ...]:
        """The places of words that may be a slip for another."""
        common = common_words()
        return tuple(place for place, word in enumerate(self.words) if len(word) >= LONG - 1 and word not in common)

    @cached_property
    def runs(self) -> dict[str, tuple[int, int]]:
        """Each run of one to four words written as one, with where it begins and ends."""
        bare = [word.replace("'", "") for word in self.words]
        return {
            "".join(bare[start:end]): (start, end)
            for start in range(len(bare))
            for end in range(start + 1, min(start + 5, len(bare) + 1))
        }


class Phrases:
    """A named list of phrases, to be found in a line.

    They match whole words in any case, without punctuation or accents; ``*`` is any word, or any ending when it stands
    at a word's end. A phrase with a ``*`` is found as it stands only.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        written = {way for phrase in phrases for way in _ways_to_write(_words_of(phrase))}
        self._pattern = _pattern_of(written)
        exact = [tuple(way.split()) for way in sorted(written) if "*" not in way]
        self._joined = {"".join(words).replace("'", ""): len(words) for words in exact}
        self._places: dict[str, list[tuple[tuple[str, ...], int]]] = defaultdict(list)
        for words in exact:
            for place, word in enumerate(words):
                self._places[word].append((words, place))
        self._long = tuple(word for word in self._places if len(word) >= LONG)
        self._near_cache: dict[str, frozenset[str]] = {}

    def find(self, line: Line) -> str:
        """The first phrase in ``line`` as it was said, or ""."""
        found = self._pattern.search(line.text)
        return found.group() if found else self._other_spacing(line) or self._slipped(line)

    def _other_spacing(self, line: Line) -> str:
        for letters in sorted(self._joined.keys() & line.runs.keys()):
            (start, end), words = line.runs[letters], self._joined[letters]
            if len(letters) >= (_LEAST_SPLIT if end - start > words else _LEAST_JOINED):
                return " ".join(line.words[start:end])
        return ""

    def _slipped(self, line: Line) -> str:
        """The first phrase of which at least one word was misheard."""
        for place in line.uncommon:
            for word in sorted(self._near(line.words[place])):
                for phrase, before in self._places[word]:
                    said = line.words[max(0, place - before) : place - before + len(phrase)]
                    if place >= before and len(said) == len(phrase) and self._alike(phrase, said):
                        return " ".join(said)
        return ""

    def _alike(self, phrase: tuple[str, ...], said: list[str]) -> bool:
        return all(
            heard == word or (heard not in common_words() and word in self._near(heard))
            for word, heard in zip(phrase, said, strict=True)
        )

    def _near(self, heard: str) -> frozenset[str]:
        """The long words of these phrases that ``heard`` can be a slip for."""
        if heard in self._places:
            return frozenset()
        near = self._near_cache.get(heard)
        if near is None:
            if len(self._near_cache) >= _REMEMBERED:
                self._near_cache.clear()
            near = frozenset(word for word in self._long if _is_slip(heard, word))
            self._near_cache[heard] = near
        return near


@cache
def common_words() -> frozenset[str]:
    """Words of four letters and more that people say in calls: those of our own written calls.

    The short ones, which are near to many others, all of them; the long ones if they were said twice.
    """
    text = resources.files("live_sentiment").joinpath("playbooks", "common_words.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def _words_of(phrase: str) -> str:
    """``phrase`` as it is searched; its stars stay."""
    words: list[str] = []
    for word in phrase.split():
        stem = fold(word.rstrip("*").replace("\u2019", "'"))
        if stem or word == "*":
            words.append(stem + ("*" if word.endswith("*") else ""))
    return " ".join(words)


def _ways_to_write(phrase: str) -> set[str]:
    """``phrase``, with contractions written in full or full words contracted, and without apostrophes."""
    ways = {phrase, _in_full(phrase), _contracted(phrase)}
    bare = {way.replace("'", "") for way in ways}
    return {way for way in ways | (bare - common_words() - _WORDS_OF_THEIR_OWN) if way}


def _in_full(phrase: str) -> str:
    return " ".join(_word_in_full(word) for word in phrase.split())


def _word_in_full(word: str) -> str:
    if word in _CONTRACTIONS:
        return _CONTRACTIONS[word]
    for ending, full in _ENDINGS.items():
        if word.endswith(ending) and word != ending:
            return word.removesuffix(ending) + full
    return word


def _contracted(phrase: str) -> str:
    for ending, full in _ENDINGS.items():
        if ending != "n't":  # "can not" and "did not" are rarely said so, and "not" may begin what follows
            phrase = re.sub(rf"\b(i|you|we|they|he|she|it|that|there|what){full}\b", rf"\1{ending}", phrase)
    return phrase


def _pattern_of(phrases: Iterable[str]) -> re.Pattern[str]:
    patterns = (" ".join(map(_word_pattern, phrase.split())) for phrase in phrases)
    longest_first = sorted(patterns, key=lambda pattern: (-len(pattern), pattern))
    return re.compile(rf"(?<!\S)(?:{'|'.join(longest_first) or '(?!)'})(?!\S)")


def _word_pattern(word: str) -> str:
    if word == "*":
        return r"\S+"
    return re.escape(word.removesuffix("*")) + (r"\S*" if word.endswith("*") else "")


def _is_slip(heard: str, word: str) -> bool:
    most = 2 if len(word) >= VERY_LONG else 1
    if abs(len(heard) - len(word)) > most or any(heard == negation + word for negation in _NEGATIONS):
        return False
    return _edits(heard, word, most) <= most


def _edits(one: str, other: str, most: int) -> int:
    """How many letters to insert, drop, change or swap with the next; ``most`` + 1 when it is more than that."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, wanted in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most and min(last) > most:
            return most + 1
        before, last = last, row
    return last[-1]
