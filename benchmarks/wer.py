"""Word error rate: how many words a recogniser gets wrong, leaves out or adds, per word that was said.

Before counting, texts are brought to one form (lower case, no punctuation, small numbers as words), so that spelling
is not counted as mishearing. No audio and no model here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
SAME = {"mister": "mr", "missus": "mrs", "okay": "ok", "neighbour": "neighbor", "neighbours": "neighbors"}


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


def normalise(text: str) -> list[str]:
    """``text`` as the words that count."""
    words: list[str] = re.findall(r"[a-z0-9]+", text.casefold().replace("'", ""))
    named = (NUMBERS[int(word)] if word.isdecimal() and int(word) < len(NUMBERS) else word for word in words)
    return [SAME.get(word, word) for word in named]


def compare(said: str, read: str) -> Errors:
    """The errors of ``read`` against ``said``."""
    reference = normalise(said)
    return Errors(edit_distance(reference, normalise(read)), len(reference))


def edit_distance(one: Sequence[str], other: Sequence[str]) -> int:
    """The fewest replacements, insertions and deletions of items that make ``other`` of ``one`` (Levenshtein 1966)."""
    row = list(range(len(other) + 1))
    for place, item in enumerate(one, start=1):
        corner, row[0] = row[0], place
        for column, their in enumerate(other, start=1):
            corner, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, corner + (item != their))
    return row[-1]
