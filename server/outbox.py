"""What waits to be sent to one client: bounded, in order, partials and metrics conflated to the newest.

The sending itself is the socket's business; whoever fills an outbox past its bounds finds it closed.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

Key = tuple[str, ...]
"""What makes two waiting messages the same thing, of which only the newest matters."""


@dataclass(frozen=True, slots=True)
class OutboxLimits:
    """How much may wait for one client, in messages and in characters."""

    messages: int = 5000
    characters: int = 4_000_000


class Outbox:
    """The waiting messages of one client, as JSON text. Belongs to the event loop's thread."""

    def __init__(self, limits: OutboxLimits | None = None) -> None:
        self._limits = limits or OutboxLimits()
        self._waiting: OrderedDict[Key | int, str] = OrderedDict()
        self._number = 0
        self._characters = 0
        self._changed = asyncio.Event()
        self.overrun = False
        """True once more waited than may; nothing is taken in any more, and the client must be cut off."""

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def characters(self) -> int:
        """How much waits."""
        return self._characters

    def put(self, text: str, key: Key | None = None) -> None:
        """Appends ``text``; an older message with the same ``key`` is taken out, so that order is kept."""
        if self.overrun:
            return
        if key is not None:
            self._characters -= len(self._waiting.pop(key, ""))
        self._number += 1
        self._waiting[key if key is not None else self._number] = text
        self._characters += len(text)
        if len(self._waiting) > self._limits.messages or self._characters > self._limits.characters:
            self.overrun = True
            self._waiting.clear()
            self._characters = 0
        self._changed.set()

    async def get(self) -> str | None:
        """The oldest message, as soon as there is one; None once the outbox was overrun."""
        while not self._waiting and not self.overrun:
            self._changed.clear()
            await self._changed.wait()
        if self.overrun:
            return None
        _, text = self._waiting.popitem(last=False)
        self._characters -= len(text)
        return text
