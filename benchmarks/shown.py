"""What a recogniser showed when, and the delays of two recognisers against the same ends of words.

One recogniser knows when words end, the other does not, and both cut the speech into lines of their own. So the ends
are taken for both from a reference, which is what the first one wrote of the same speech when it was clean: the words
of all lines of each are aligned with the reference's (edit distance), and a word counts, for both, only where both have
it. Its delay runs from its end

- to "text": the first text of its line that is long enough to hold it, whatever stands in its place;
- to "as it stayed": the first text of its line that has this very word in its place;
- to "settled": the first text that says it will not change any more (a final, or a commitment where there is one);
- to "final": the line's last text, for the last word of a line only.

All of it is arithmetic on words in their normal form (``live_sentiment.wer``); no audio, no model.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from live_sentiment.wer import normalise


class Shown(NamedTuple):
    """A text that was shown at ``when`` (seconds of the call) as the present state of a line.

    The first ``settled`` of its words will not change any more; in a ``final`` none will.
    """

    when: float
    line: int
    words: tuple[str, ...]
    settled: int = 0
    final: bool = False


class Place(NamedTuple):
    """Where a word stands: the word, its line, its number in the line."""

    word: str
    line: int
    nth: int


@dataclass(slots=True)
class Listened:
    """One channel of a call as a recogniser wrote it. ``processor`` and ``length`` in seconds.

    ``ends`` holds when each word of ``places`` ended, in seconds of the call; empty when the recogniser cannot tell.
    """

    shown: list[Shown] = field(default_factory=list[Shown])
    ends: list[float] = field(default_factory=list[float])
    processor: float = 0.0
    length: float = 0.0

    @property
    def places(self) -> list[Place]:
        """The words that were left standing, line by line in the order of their first texts."""
        lines = {shown.line: shown.words for shown in self.shown}
        return [Place(word, line, nth) for line, words in lines.items() for nth, word in enumerate(words)]

    @property
    def text(self) -> str:
        """The words that were left standing."""
        return " ".join(place.word for place in self.places)

    @property
    def revised(self) -> int:
        """How many settled words a later text of their line did not have; none is as it must be."""
        settled: dict[int, tuple[str, ...]] = {}
        revised = 0
        for one in self.shown:
            before = settled.get(one.line, ())
            revised += sum(one.words[index : index + 1] != (word,) for index, word in enumerate(before))
            settled[one.line] = one.words[: one.settled]
        return revised

    @property
    def lines_with_text(self) -> int:
        """How many lines ever had words in them."""
        return len({shown.line for shown in self.shown if shown.words})


@dataclass(slots=True)
class Delays:
    """Seconds from the ends of words, of each kind that the module tells of."""

    text: list[float] = field(default_factory=list[float])
    stayed: list[float] = field(default_factory=list[float])
    settled: list[float] = field(default_factory=list[float])
    final: list[float] = field(default_factory=list[float])

    def __add__(self, other: "Delays") -> "Delays":
        """Both together."""
        return Delays(
            self.text + other.text,
            self.stayed + other.stayed,
            self.settled + other.settled,
            self.final + other.final,
        )

    def add(self, listened: Listened, place: Place, end: float) -> None:
        """Adds the delays of the word that stands at ``place`` and ended at ``end`` seconds of the call."""
        word, line, nth = place
        texts = [shown for shown in listened.shown if shown.line == line]
        self.text += _since(end, texts, lambda shown: len(shown.words) > nth)
        self.stayed += _since(end, texts, lambda shown: shown.words[nth : nth + 1] == (word,))
        self.settled += _since(end, texts, lambda shown: shown.settled > nth)
        if nth == len(texts[-1].words) - 1:
            self.final += _since(end, texts, lambda shown: shown.final)


def words_of(text: str) -> tuple[str, ...]:
    """``text`` in the form that is compared."""
    return tuple(normalise(text))


def in_common(reference: Listened, ours: Listened, theirs: Listened) -> Iterator[tuple[Place, Place, float]]:
    """The words of ``reference`` that both have: where each has it, and when it ended, in seconds of the call."""
    mine, other = _places_of(reference, ours), _places_of(reference, theirs)
    for number, end in enumerate(reference.ends):
        if number in mine and number in other:
            yield mine[number], other[number], end


def _places_of(reference: Listened, listened: Listened) -> dict[int, Place]:
    """Where ``listened`` has the words of ``reference``, by their number."""
    places = listened.places
    pairs = aligned([place.word for place in reference.places], [place.word for place in places])
    return {number: places[found] for number, found in pairs}


def aligned(one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The places of equal items in an alignment of least edit distance, last first."""
    table = [list(range(len(other) + 1))]
    for row, item in enumerate(one):
        above = table[-1]
        line = [row + 1]
        for column, their in enumerate(other):
            line.append(min(above[column + 1] + 1, line[-1] + 1, above[column] + (item != their)))
        table.append(line)
    row, column = len(one), len(other)
    while row and column:
        if one[row - 1] == other[column - 1] and table[row][column] == table[row - 1][column - 1]:
            row, column = row - 1, column - 1
            yield row, column
        elif table[row][column] == table[row - 1][column] + 1:
            row -= 1
        elif table[row][column] == table[row][column - 1] + 1:
            column -= 1
        else:
            row, column = row - 1, column - 1


def _since(end: float, texts: Iterable[Shown], counts: Callable[[Shown], bool]) -> list[float]:
    """The seconds from ``end`` to the first of ``texts`` that ``counts``; nothing when none does."""
    first = next((shown.when for shown in texts if counts(shown)), None)
    return [] if first is None else [first - end]
