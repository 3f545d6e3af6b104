"""Word error rate: how many words a recogniser gets wrong, leaves out or adds, per word that was said.

Before counting, texts are brought to one form (lower case, no punctuation, small numbers as words), so that spelling
is not counted as mishearing. No audio and no model here.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

NUMBERS = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    "nl": ("nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf"),
}
"""By language, from 0: some write the word and some the digit. Other languages' digits stay digits."""
SAME = {
    "en": {"mister": "mr", "missus": "mrs", "okay": "ok", "neighbour": "neighbor", "neighbours": "neighbors"},
    "nl": {"één": "een", "eén": "een", "n": "een", "t": "het", "k": "ik", "oké": "ok", "okay": "ok", "okee": "ok"},
}
"""By language: other spellings of the same word, without apostrophes ("'t" is "het")."""

_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`]")
_AFTER_ONE_LETTER = re.compile(r"\b([^\W\d_])[-\u2010\u2011](?=[^\W_])")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Errors:
    """Counts over one or more texts; add them up with ``+``."""

    wrong: int = 0
    words: int = 0

    def __add__(self, other: "Errors") -> "Errors":
        """Both together."""
        return Errors(self.wrong + other.wrong, self.words + other.words)

    @property
    def rate(self) -> float:
        """Errors per word said (0 is perfect; above 1 is possible); 0 when nothing was said or read."""
        return self.wrong / self.words if self.words else float(self.wrong > 0)


def normalise(text: str, language: str = "en") -> list[str]:
    """``text`` as the words that count; ``language`` is an ISO 639-1 code.

    Letters keep their accents. A hyphen after a single letter joins ("e-mail" is "email"), any other one divides
    ("twenty-one" is two words).
    """
    plain = _APOSTROPHES.sub("", unicodedata.normalize("NFC", text).casefold())
    words: list[str] = _WORD.findall(_AFTER_ONE_LETTER.sub(r"\1", plain))
    numbers, same = NUMBERS.get(language, ()), SAME.get(language, {})
    named = (numbers[int(word)] if word.isdecimal() and int(word) < len(numbers) else word for word in words)
    return [same.get(word, word) for word in named]


def compare(said: str, read: str, language: str = "en") -> Errors:
    """The errors of ``read`` against ``said``, both in ``language``, an ISO 639-1 code."""
    reference = normalise(said, language)
    return Errors(edit_distance(reference, normalise(read, language)), len(reference))


def edit_distance(one: Sequence[str], other: Sequence[str]) -> int:
    """The fewest replacements, insertions and deletions of items that make ``other`` of ``one`` (Levenshtein 1966)."""
    row = list(range(len(other) + 1))
    for place, item in enumerate(one, start=1):
        corner, row[0] = row[0], place
        for column, their in enumerate(other, start=1):
            corner, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, corner + (item != their))
    return row[-1]
