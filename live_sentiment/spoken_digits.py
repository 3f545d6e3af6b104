"""Digits in speech: which words of a line are digits, written or spoken, in Dutch and English, and where they run on.

Here lives the finding of digit runs, with the word positions kept. What a run means, and whether it must be hidden, is
decided in ``redaction``. Both languages are read at once, since a caller may mix them and a recogniser may err; only
the words that are something else in the other language wait for the right one.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from text_to_num import alpha2digit  # pyright: ignore[reportUnknownVariableType] - it has no types

_split = str.split
EDGES = ".,;:!?()[]{}<>\"'`\u201c\u201d\u2018\u2019\u00ab\u00bb\u2026"
"""Punctuation that may cling to a word without being part of it."""

FILLERS = frozenset(
    _split("eh euh ehm uh uhm um hm hmm ja yes ok oke okay nou streepje dash hyphen spatie space komma")
)
"""Words people say between two digits of one number."""

_JOINING = frozenset(_split("en and dan then maar nog weer comma"))
"""Words that join short groups of digits ("four one and then two two"), but also two whole numbers."""

_CONNECTORS = frozenset(_split("honderd duizend hundred thousand"))
_TWICE = {"dubbel": 2, "dubbele": 2, "double": 2, "driedubbel": 3, "trippel": 3, "triple": 3, "treble": 3}
_WEAK = {"nl": {"een": "1", "o": "0"}, "en": {"oh": "0", "o": "0", "for": "4", "to": "2", "too": "2", "won": "1"}}
_HOMOPHONES = frozenset(("for", "to", "too", "won"))
_LONGEST_JOINED = 4
_TAIL_NEEDS = 2

_NL_UNITS = _split("nul een twee drie vier vijf zes zeven acht negen")
_NL_TEENS = _split("tien elf twaalf dertien veertien vijftien zestien zeventien achttien negentien")
_NL_TENS = dict(
    zip(_split("twintig dertig veertig vijftig zestig zeventig tachtig negentig"), range(2, 10), strict=True)
)
_EN_UNITS = _split("zero one two three four five six seven eight nine")
_EN_TEENS = _split("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
_EN_TENS = dict(zip(_split("twenty thirty forty fifty sixty seventy eighty ninety"), range(2, 10), strict=True))


def _table() -> dict[str, str]:
    """Every number word from 0 to 99 that is a single word, and its digits."""
    words = {word: str(value) for units in (_NL_UNITS, _EN_UNITS) for value, word in enumerate(units)}
    words |= {word: str(value) for teens in (_NL_TEENS, _EN_TEENS) for value, word in enumerate(teens, 10)}
    words |= {word: f"{tens}0" for table in (_NL_TENS, _EN_TENS) for word, tens in table.items()}
    for ten, tens in _NL_TENS.items():
        words |= {f"{unit}en{ten}": f"{tens}{value}" for value, unit in enumerate(_NL_UNITS) if value}
    for ten, tens in _EN_TENS.items():
        words |= {f"{ten}{unit}": f"{tens}{value}" for value, unit in enumerate(_EN_UNITS) if value}
    # ways to say them that a recogniser spells as heard
    words |= {"zeuven": "7", "zeve": "7", "neuge": "9", "nulletje": "0", "twintich": "20", "nought": "0", "niner": "9"}
    years = {f"negentien{word}": f"19{digits}" for word, digits in words.items() if len(digits) == len("99")}
    words |= years | {f"negentienhonderd{word[9:]}": digits for word, digits in years.items()}
    del words["een"]  # an article first; see _WEAK
    return words


_DIGITS = _table()


@dataclass(frozen=True, slots=True)
class DigitRun:
    """Digits said in one go: word positions ``first`` to ``last`` (included), and the ``digits`` as they were said.

    ``plus`` is True when a plus sign, written or spoken, came before them.
    """

    first: int
    last: int
    digits: str
    plus: bool = False


@lru_cache(maxsize=8192)
def fold(word: str) -> str:
    """``word`` in lower case, without accents and clinging punctuation, as all tables here have it."""
    bare = word.strip(EDGES).lower()
    if bare.isascii():
        return bare
    return "".join(c for c in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(c))


@lru_cache(maxsize=8192)
def digits_of(word: str, language: str = "nl") -> str:
    """The digits that ``word`` alone means: "4" for "vier", "21" for "21st" and "eenentwintig", "" for other words.

    Letters around written digits are passed over ("s8904" has four digits): hiding too much is the smaller mistake.
    """
    folded = fold(word)
    if any(c.isdigit() for c in folded):
        return "".join(str(unicodedata.digit(c, 0)) for c in folded if c.isdigit())
    if folded == "een" and word.strip(EDGES).lower() != "een":
        return "1"
    if folded == "ten" and language == "nl":
        return ""
    if folded in _DIGITS:
        return _DIGITS[folded]
    if "-" in folded:
        parts = [digits_of(part, language) for part in folded.split("-") if part]
        return _joined(parts) if parts and all(parts) else ""
    return _large(folded)


def _joined(parts: Sequence[str]) -> str:
    """The digits of consecutive number words: "forty" "one" is 41, "four" "one" is 41, "forty" "eleven" is 4011."""
    joined = ""
    for part in parts:
        if _takes_unit(joined[-2:]) and len(part) == 1 and part != "0" and len(joined) >= len("20"):
            joined = joined[:-1] + part
        else:
            joined += part
    return joined


def _takes_unit(digits: str) -> bool:
    return len(digits) == len("20") and digits[1] == "0" and digits[0] > "1"


@lru_cache(maxsize=2048)
def _large(folded: str) -> str:
    """The digits of a Dutch compound over a hundred ("driehonderdtwaalf"), trailing zeros aside; "" for other words."""
    if folded in _CONNECTORS or not re.search("honderd|duizend", folded):
        return ""
    read = str(alpha2digit(folded, "nl"))  # pyright: ignore[reportUnknownArgumentType] - text2num has no types
    return read.rstrip("0") if read.isdigit() else ""


def digit_runs(words: Sequence[str], language: str, taken: Collection[int] = ()) -> list[DigitRun]:
    """All runs of digits in ``words``, in order; words at the positions ``taken`` belong to something else already.

    Fillers between two digits belong to their run. "double four" is 44, "triple zero" 000; hundreds and thousands said
    as words of their own join their neighbours and add no digit.
    """
    runs: list[DigitRun] = []
    position = 0
    while position < len(words):
        run = None if position in taken else _Reader(words, language, taken).run(position)
        if run is not None:
            runs.append(run)
        position = position + 1 if run is None else run.last + 1
    return runs


def growing_from(words: Sequence[str], language: str) -> int:
    """From which word on the end of ``words`` may be a number that is still being said; their count when none is."""
    weak = _WEAK.get(language, _WEAK["nl"] | _WEAK["en"])
    first = len(words)
    for position in range(len(words) - 1, -1, -1):
        folded = fold(words[position])
        if folded in weak or folded in _TWICE or digits_of(words[position], language):
            first = position
        elif any(map(str.isalnum, folded)) and folded not in FILLERS | _JOINING | _CONNECTORS:
            break
    return first


@dataclass(slots=True)
class _Reader:
    """Reads one run of digits from its first word on."""

    words: Sequence[str]
    language: str
    taken: Collection[int]
    parts: list[str] = field(default_factory=list[str])
    spoken_ten: bool = False

    def run(self, first: int) -> DigitRun | None:
        """The run that begins at ``first``, or None when no digit is there."""
        position, last, strong = first, -1, 0
        while position < len(self.words) and position not in self.taken:
            digits, length, weak = self._numeral(position, begun=last >= 0)
            if digits:
                self._add(digits, spoken=self.words[position].isalpha())
                last = position + length - 1
                strong += 0 if weak else len(digits)
                position = last + 1
                continue
            bridge = self._bridge(position) if last >= 0 else 0
            if not bridge:
                break
            position += bridge
        if not strong:
            return None
        plus = self.words[first].lstrip("(").startswith("+") or (first > 0 and fold(self.words[first - 1]) == "plus")
        return DigitRun(first, last, "".join(self.parts), plus)

    def _add(self, digits: str, *, spoken: bool) -> None:
        """Adds a numeral; "forty" and then "one" is 41."""
        if self.spoken_ten and spoken and len(digits) == 1 and digits != "0":
            self.parts[-1] = self.parts[-1][0] + digits
            self.spoken_ten = False
            return
        self.parts.append(digits)
        # Dutch says "eenentwintig", so only English tens wait for a unit
        self.spoken_ten = spoken and _takes_unit(digits) and self.language != "nl"

    def _numeral(self, position: int, *, begun: bool) -> tuple[str, int, bool]:
        """The digits at ``position``, the number of words they take, and whether they could be no digit at all."""
        folded = fold(self.words[position])
        times = _TWICE.get(folded)
        if times and position + 1 < len(self.words) and position + 1 not in self.taken:
            digits = self._plain(position + 1)
            return (digits * times, 2, False) if len(digits) == 1 else ("", 0, False)
        digits = digits_of(self.words[position], self.language)
        if digits:
            return digits, 1, False
        weak = _WEAK.get(self.language, _WEAK["nl"] | _WEAK["en"]).get(folded, "")
        return (weak, 1, True) if weak and self._believable(position, folded, begun=begun) else ("", 0, False)

    def _plain(self, position: int) -> str:
        word = self.words[position]
        weak = _WEAK.get(self.language, _WEAK["nl"] | _WEAK["en"])
        return digits_of(word, self.language) or weak.get(fold(word), "")

    def _believable(self, position: int, folded: str, *, begun: bool) -> bool:
        """Whether a weak word ("een", "oh", "for") is a digit here: digits are around it, or many before it."""
        follows = position + 1 < len(self.words) and bool(self._plain(position + 1))
        if folded in _HOMOPHONES:
            return begun and follows
        return follows or (begun and len("".join(self.parts)) >= _TAIL_NEEDS)

    def _bridge(self, position: int) -> int:
        """How many words from ``position`` on are fillers before the next digit; 0 when the run ends here."""
        for length in range(3):
            here = position + length
            if here >= len(self.words) or here in self.taken:
                return 0
            folded = fold(self.words[here])
            if length and self._plain(here):
                return length
            if folded in _JOINING:
                if not self._joins(here):
                    return 0
            elif folded and folded not in FILLERS and folded not in _CONNECTORS and any(map(str.isalnum, folded)):
                return 0
        here = position + 3
        return 3 if here < len(self.words) and here not in self.taken and self._plain(here) else 0

    def _joins(self, position: int) -> bool:
        """Whether "and" at ``position`` joins groups of one number: both are short."""
        after = next(
            (d for word in self.words[position + 1 : position + 3] if (d := digits_of(word, self.language))), ""
        )
        return len(after) <= _LONGEST_JOINED and len(self.parts[-1]) <= _LONGEST_JOINED
