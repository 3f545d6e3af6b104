"""The playbook of the next call, read anew whenever its file changes.

A call keeps the playbook it began with, for what it remembers belongs to those rules. A file with a mistake changes
nothing: the playbook from before stays in use, and ``trouble`` says so until the file is mended.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from live_sentiment.errors import PlaybookError
from live_sentiment.playbook import Playbook, default_playbook
from live_sentiment.playbook_file import read_playbook

LOOK_EVERY = 2.0
"""Seconds between two looks at the file."""

_Stamp = tuple[int, int, int] | None
"""How a file is told from what it was: inode, time of change in ns, size; None when it is not there."""
_log = structlog.get_logger(__name__)


class PlaybookSource:
    """The playbook in ``path``; None for the one that ships. Nobody looks while no call of ``look`` comes.

    One thread at a time may look; ``playbook`` and ``trouble`` may be read by any. ``playbook`` is what the next call
    uses; ``trouble`` is None or what is wrong with the file, in Dutch and English.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.playbook: Playbook = default_playbook()
        self.trouble: dict[str, str] | None = None
        self._read_once = False
        self._seen: _Stamp = None
        self._read: _Stamp = None
        if path is not None:
            self._seen = self._read = _stamp(path)
            self._take(path)

    def look(self) -> bool:
        """Reads the file if it changed; whether ``playbook`` or ``trouble`` is another now. Blocks on the disk.

        A change is read at the second look that finds it, so that a file is not called wrong while it is being written.
        """
        if self.path is None:
            return False
        stamp = _stamp(self.path)
        settled, self._seen = stamp == self._seen, stamp
        if not settled or stamp == self._read:
            return False
        self._read = stamp
        self._take(self.path)
        return True

    def _take(self, path: Path) -> None:
        try:
            self.playbook = read_playbook(path)
        except PlaybookError as error:
            self.trouble = _in_words(path, error, first=not self._read_once)
            _log.warning("playbook_not_taken", path=str(path), line=error.line, why=error.mistake, to_do=error.advice)
        else:
            self.trouble = None
            self._read_once = True
            _log.info("playbook_taken", path=str(path), name=self.playbook.name, rules=len(self.playbook.rules))


async def watch(
    source: PlaybookSource,
    tell: Callable[[dict[str, str] | None], None],
    *,
    every: float = LOOK_EVERY,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Looks again and again, ``pause`` of ``every`` seconds between; ``tell`` gets the trouble after each change."""
    while True:
        await pause(every)
        if await asyncio.to_thread(source.look):
            tell(source.trouble)


def _stamp(path: Path) -> _Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _in_words(path: Path, error: PlaybookError, *, first: bool) -> dict[str, str]:
    """What the agent reads: where the mistake is, and which playbook holds meanwhile."""
    nl, en = ("", "") if error.line is None else (f" in regel {error.line}", f" in line {error.line}")
    now_nl = "Zolang geldt het meegeleverde draaiboek." if first else "Zolang blijft het vorige gelden."
    now_en = "The playbook that ships is used meanwhile." if first else "The one from before is used meanwhile."
    return {
        "nl": f"Het draaiboek {path.name} klopt niet{nl}. {now_nl} Zie: spiegel playbook check {path}",
        "en": f"The playbook {path.name} is wrong{en}. {now_en} See: spiegel playbook check {path}",
    }
