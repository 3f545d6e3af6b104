"""What Whisper is told before it reads: a line about the calls here, and names to listen for. Pure.

It stands before the reading as if it had been said before, so it can tip the balance between two spellings; it never
comes out as text, and what is committed comes after it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from live_sentiment.hypothesis import key

Encode = Callable[[str], list[int]]
"""A model's own way from text to tokens."""


@dataclass(frozen=True, slots=True)
class Context:
    """``prompt`` says what calls are about; ``hotwords`` are names, the most important first."""

    prompt: str = ""
    hotwords: tuple[str, ...] = ()

    def fitting(self, encode: Encode, most: int) -> "Context":
        """The same without the last names, until names and prompt are no more than ``most`` tokens."""
        names = self.hotwords
        while names and len(replace(self, hotwords=names).tokens(encode)) > most:
            names = names[:-1]
        return replace(self, hotwords=names)

    def tokens(self, encode: Encode) -> tuple[int, ...]:
        """The names, then the prompt, which thus stands nearest to the speech."""
        lines = (", ".join(name.strip() for name in self.hotwords), self.prompt.strip())
        return tuple(token for line in lines if line for token in encode(f" {line}"))

    def holds(self, text: str) -> bool:
        """Whether ``text`` is nothing but a piece of this; case and punctuation aside. Not of empty text."""
        own = _keys(" ".join((*self.hotwords, self.prompt)))
        return bool(text.strip()) and f" {_keys(text)} " in f" {own} "


def _keys(text: str) -> str:
    return " ".join(key(word) for word in text.split() if any(map(str.isalnum, word)))


NOTHING = Context()
