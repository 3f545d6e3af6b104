"""Which models there are to pull, by name, and where each lies. Nothing here asks a network or looks at the disk.

The names and their places are faster-whisper's own, so that "small" means the same as everywhere else; any other
repository of a Whisper model for CTranslate2 can be named as owner/repository.
"""

import re
from dataclasses import dataclass

from server.errors import UnknownModel

FAMILY_PREFIX = "whisper-"
"""As engines are listed: "whisper-small" is the model "small"."""
USUAL = ("tiny", "base", "small", "medium", "large-v3-turbo", "large-v3")
"""What is offered first; all others are for those who know what they want."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model to pull: the ``repository`` it lies in (owner/name), and the ``name`` it gets here."""

    name: str
    repository: str


def wanted(asked: str, name: str = "") -> Wanted:
    """What ``asked`` means: a known name, or owner/repository. ``name`` is what it shall be called here, "" as usual.

    Raises:
        UnknownModel: there is no model of that name, or ``name`` cannot be one.
    """
    if _REPOSITORY.fullmatch(asked):
        return Wanted(checked_name(name or _usual_name(asked)), asked)
    short = asked.removeprefix(FAMILY_PREFIX)
    repository = repositories().get(short)
    if repository is None:
        others = ", ".join(sorted(set(repositories()) - set(USUAL)))
        raise UnknownModel(
            f'There is no model "{asked}" to pull.',
            f"Take one of: {', '.join(USUAL)}; or {others}; or owner/repository of another Whisper model for "
            "CTranslate2. For Dutch on two cores: small.",
        )
    return Wanted(checked_name(name or short), repository)


def asked_as(model: Wanted) -> str:
    """What to give `spiegel models pull` to get ``model``: ``wanted`` makes it of that."""
    if repositories().get(model.name) == model.repository:
        return model.name
    named = "" if model.name == _usual_name(model.repository) else f" --name {model.name}"
    return f"{model.repository}{named}"


def repositories() -> dict[str, str]:
    """Name → repository, for all names that faster-whisper knows."""
    # Half of it is public (available_models); the other half, where each lies, has no other door than this one.
    from faster_whisper.utils import _MODELS  # noqa: PLC0415  # pyright: ignore[reportPrivateUsage]

    return dict(_MODELS)


def checked_name(name: str) -> str:
    """``name``, when a model can be called so: it becomes a folder's name.

    Raises:
        UnknownModel: it cannot.
    """
    if not _NAME.fullmatch(name):
        raise UnknownModel(
            f'"{name}" cannot be the name of a model.',
            "Use letters, digits, dots, hyphens and underscores, beginning with a letter or a digit: --name ours-nl",
        )
    return name


def _usual_name(repository: str) -> str:
    """What a model is called when it is asked for by its repository."""
    return repository.rpartition("/")[2].removeprefix("faster-whisper-")
