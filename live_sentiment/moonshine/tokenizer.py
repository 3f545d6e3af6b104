"""Moonshine's vocabulary: tokens to text and text to tokens. No model and no audio here.

The file is a run of pieces, each a length (one byte) and that many bytes of UTF-8; a piece's place is its token. Places
0 to 2 are special, 3 to 258 the 256 single bytes, then come the pieces that byte-pair encoding merges, earliest merge
first, then single characters, then markers such as ``<<ST_0>>``. A space is written as U+2581. The merging is that of
SentencePiece's BPE models (Kudo and Richardson, 2018).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

BOS = 1
EOS = 2
FIRST_BYTE = 3
FIRST_MERGE = 259
SPACE = "\u2581"
PUNCTUATION = frozenset(".,?!;:…")
SENTENCE_ENDS = frozenset(".?!")
_MARKER = b"<<ST_"
_SPECIALS = 3


@dataclass(frozen=True, slots=True)
class TokenWord:
    """One word of a token sequence: its text without spaces, and the tokens ``start`` to ``end`` (exclusive)."""

    text: str
    start: int
    end: int


class Tokenizer:
    """The vocabulary in ``data``, the bytes of ``tokenizer.bin``. Read-only, so any thread may use it.

    Raises:
        ValueError: ``data`` ends in the middle of a piece, or is too short for a vocabulary.
    """

    def __init__(self, data: bytes) -> None:
        self.pieces = tuple(_pieces(data))
        if len(self.pieces) <= FIRST_MERGE:
            raise ValueError(f"a vocabulary of {len(self.pieces)} pieces lacks the single bytes")
        self._ids = {piece: token for token, piece in enumerate(self.pieces) if token >= FIRST_MERGE}
        marked = (token for token, piece in enumerate(self.pieces) if piece.startswith(_MARKER))
        self._silent = frozenset((*range(_SPECIALS), *marked))

    def __len__(self) -> int:
        """How many tokens there are."""
        return len(self.pieces)

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of ``tokens``; special tokens say nothing, broken UTF-8 becomes U+FFFD."""
        spoken = b"".join(self.pieces[token] for token in tokens if token not in self._silent)
        return spoken.decode(errors="replace").replace(SPACE, " ").strip()

    def encode(self, text: str) -> tuple[int, ...]:
        """The tokens of ``text`` as the model itself would write them, each word after a space."""
        return tuple(token for word in text.split() for token in self._merge(SPACE + word))

    def words(self, tokens: Sequence[int]) -> tuple[TokenWord, ...]:
        """``tokens`` cut where a new word begins; each token belongs to one word at most."""
        starts = [at for at, token in enumerate(tokens) if at == 0 or self.begins_word(token)]
        spans = zip(starts, [*starts[1:], len(tokens)], strict=False)
        words = (TokenWord(self.decode(tokens[start:end]), start, end) for start, end in spans)
        return tuple(word for word in words if word.text)

    def begins_word(self, token: int) -> bool:
        """Whether ``token`` starts with a space."""
        return self.pieces[token].startswith(SPACE.encode())

    def is_punctuation(self, token: int) -> bool:
        """Whether ``token`` is nothing but punctuation that may follow a word."""
        text = self.pieces[token].decode(errors="replace")
        return bool(text) and PUNCTUATION.issuperset(text)

    @property
    def sentence_ends(self) -> tuple[int, ...]:
        """The tokens that end a sentence."""
        return tuple(
            token for token, piece in enumerate(self.pieces) if piece.decode(errors="replace") in SENTENCE_ENDS
        )

    def without_trailing_punctuation(self, tokens: Sequence[int]) -> tuple[int, ...]:
        """``tokens`` up to the last one that is more than punctuation."""
        end = len(tokens)
        while end and self.is_punctuation(tokens[end - 1]):
            end -= 1
        return tuple(tokens[:end])

    def _merge(self, word: str) -> list[int]:
        """Byte-pair encoding of one word: the earliest known merge first, until none is left."""
        parts = [character.encode() for character in word]
        while len(parts) > 1:
            merges = [self._ids.get(left + right) for left, right in pairwise(parts)]
            known = [merge for merge in merges if merge is not None]
            if not known:
                break
            at = merges.index(min(known))
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        return [token for part in parts for token in self._tokens_of(part)]

    def _tokens_of(self, part: bytes) -> list[int]:
        """The token of a piece, or those of its bytes when it is not in the vocabulary."""
        token = self._ids.get(part)
        return [token] if token is not None else [FIRST_BYTE + byte for byte in part]


def _pieces(data: bytes) -> Iterator[bytes]:
    """The pieces of a ``tokenizer.bin`` in order."""
    at = 0
    while at < len(data):
        length = data[at]
        at += 1
        if at + length > len(data):
            raise ValueError(f"the vocabulary ends in the middle of a piece, at byte {at}")
        yield data[at : at + length]
        at += length
