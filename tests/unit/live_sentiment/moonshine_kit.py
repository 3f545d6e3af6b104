"""A small vocabulary and a scripted network for tests of Moonshine's parts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from live_sentiment.moonshine.decoding import Logits

BOS, EOS = 1, 2


def vocabulary() -> bytes:
    """A ``tokenizer.bin``: specials, bytes, merges towards " hello", letters, a marker."""
    merges = ["▁h", "el", "lo", "▁hel", "▁hello", "▁w", "or", "ld", "orld", "▁world"]
    letters = ["▁", *"helowrd", ".", ","]
    pieces = [b"<unk>", b"<s>", b"</s>", *(bytes([value]) for value in range(256))]
    pieces += [piece.encode() for piece in (*merges, *letters, "<<ST_0>>")]
    return b"".join(bytes([len(piece)]) + piece for piece in pieces)


@dataclass(slots=True)
class ScriptedNetwork:
    """Knows one sequence by heart: after each right beginning it wants the next token, else ``lost``."""

    script: list[int]
    size: int = 32
    lost: int = EOS
    fed: list[int] = field(default_factory=list[int])
    runs: int = 0

    def feed(self, tokens: Sequence[int]) -> Logits:
        self.runs += 1
        rows = np.zeros((len(tokens), self.size), np.float32)
        for row, token in zip(rows, tokens, strict=True):
            self.fed.append(token)
            row[self._next()] = 10.0
        return rows

    def keep(self, length: int) -> None:
        del self.fed[length:]

    def _next(self) -> int:
        said = self.fed[1:]
        if said != self.script[: len(said)]:
            return self.lost
        return self.script[len(said)] if len(said) < len(self.script) else EOS
