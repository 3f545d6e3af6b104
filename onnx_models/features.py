"""From text to numbers: words, and the hashed pieces of each word.

A word is known by itself and by its runs of 3 to 5 letters, so that a word never seen, misspelt or misheard still
resembles those that were ("geregeld", "gergeld"). Every piece is hashed to one of a fixed number of buckets; there is
no vocabulary file. The same functions serve the training and the running model: a change here needs a new
``SCHEME`` and a newly trained model. The hashing of subwords follows Bojanowski et al. 2017 (TACL 5).
"""

import re
import unicodedata
import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

SCHEME = "hashed-subwords-2"
"""Names everything in this module that a trained model depends on."""
BUCKETS = 1 << 16
"""Rows of the embedding; row 0 is padding and belongs to no piece."""
SHORTEST, LONGEST = 3, 5
"""Letters in a piece, the marks of the word's begin and end included."""
MOST_PIECES = 28
"""Pieces of one word; a longer word keeps its first ones."""
MOST_WORDS = 96
"""Words of one text; of a longer text the last ones are read, since the end is what the customer feels now."""
MOST_CHARACTERS = 24
"""Letters of one word that are looked at."""

_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
_WORD = re.compile(rf"[^\W_]+(?:['{_APOSTROPHE}][^\W_]+)*|[?!]")

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Token:
    """A word or mark: ``text`` as written, ``key`` as the model reads it."""

    text: str
    key: str

    @property
    def is_word(self) -> bool:
        """False for a mark (? or !), which is read but never shown as a reason."""
        return self.key not in {"?", "!"}


def fold(word: str) -> str:
    """``word`` in lower case, without accents and typographic apostrophes."""
    decomposed = unicodedata.normalize("NFKD", word.lower().replace(_APOSTROPHE, "'"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def tokens(text: str) -> list[Token]:
    """The last ``MOST_WORDS`` words and marks of ``text``; empty for a text without letters, digits, ? or !."""
    found = _WORD.findall(unicodedata.normalize("NFC", text))
    return [Token(word, fold(word)) for word in found[-MOST_WORDS:]]


@lru_cache(maxsize=20_000)
def pieces(key: str) -> tuple[int, ...]:
    """Buckets (1 to ``BUCKETS`` - 1) of the word itself, then of its runs of letters, at most ``MOST_PIECES``."""
    marked = f"<{key[:MOST_CHARACTERS]}>"
    runs = [marked]
    for size in range(SHORTEST, LONGEST + 1):
        runs += [marked[i : i + size] for i in range(len(marked) - size + 1) if size < len(marked)]
    return tuple(_bucket(run) for run in runs[:MOST_PIECES])


def table(keys: list[str]) -> Ids:
    """The pieces of each word, int64 of shape (1 + len(keys), S); row 0 is the empty word, 0 fills up short rows."""
    rows = [pieces(key) for key in keys]
    out = np.zeros((1 + len(rows), max((len(row) for row in rows), default=1)), dtype=np.int64)
    for i, row in enumerate(rows, start=1):
        out[i, : len(row)] = row
    return out


def _bucket(run: str) -> int:
    return 1 + zlib.crc32(run.encode("utf-8", "surrogatepass")) % (BUCKETS - 1)
