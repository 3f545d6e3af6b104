"""A playbook's file on the disk: its text, and what is said when it cannot be read."""

from pathlib import Path

from live_sentiment.errors import PlaybookUnreadable
from live_sentiment.playbook import Playbook, load_playbook

_ADVICE = "Correct the name, or the rights of the file; for calls it is playbook in settings.toml that names it."


def read_playbook(path: Path) -> Playbook:
    """The playbook in the file ``path``.

    Raises:
        PlaybookUnreadable: the file cannot be read.
        PlaybookError: its first mistake.
    """
    return load_playbook(read_text(path), str(path))


def read_text(path: Path) -> str:
    """What stands in the file ``path``, without the mark that some editors put in front.

    Raises:
        PlaybookUnreadable: it is not there, may not be read, or is not UTF-8 text.
    """
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise PlaybookUnreadable(f"The playbook {path} cannot be read: {error.strerror or error}.", _ADVICE) from error
    except UnicodeDecodeError as error:
        advice = "Save it as UTF-8 in your editor."
        raise PlaybookUnreadable(f"The playbook {path} cannot be read: it is not UTF-8 text.", advice) from error
