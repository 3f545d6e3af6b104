"""The per-user secret: who can read this file may talk to the server. Made at first use, mode 0600."""

import os
import secrets
import stat
from pathlib import Path

import structlog

from server.errors import TokenUnusable

_SHORTEST = 20
_log = structlog.get_logger(__name__)


def load_token(path: Path) -> str:
    """The token in ``path``; made when the file is not there. A file that others may read is closed to them first.

    Raises:
        TokenUnusable: the file cannot be read or made, or holds no token.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _create(path)
        _close_to_others(path)
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise TokenUnusable(f"The token file {path} cannot be used: {error}.", "Remove it and start again.") from error
    if len(token) < _SHORTEST:
        raise TokenUnusable(f"The token file {path} holds no token.", "Remove it and start again.")
    return token


def same_token(given: str, expected: str) -> bool:
    """Whether two tokens are equal, in a time that does not tell where they differ."""
    return secrets.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _create(path: Path) -> None:
    """Writes a new token beside ``path`` and links it there, so that nobody ever sees half of one.

    When another process is faster, its token stays.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
        _put(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def _put(fresh: Path, path: Path) -> None:
    """Gives ``fresh`` the name ``path`` unless that is taken."""
    try:
        os.link(fresh, path)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        fresh.replace(path)


def _close_to_others(path: Path) -> None:
    """Takes everybody else's rights on ``path`` away, and says so."""
    if os.name != "posix":
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        path.chmod(0o600)
        _log.warning("token_file_was_open", path=str(path), mode=oct(mode), now="0o600")
