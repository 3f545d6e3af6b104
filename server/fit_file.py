"""What fitted this machine, kept for the next start (``machine.json`` in the data folder).

What was measured counts only in the circumstances in which it was: another processor, library, model or setting that
matters, and it is measured again. A few circumstances are kept side by side, for calls in Dutch and in English may
differ. Measuring is in ``live_sentiment.fitting``; nothing here fails a start.
"""

import os
import platform
from importlib import metadata
from pathlib import Path

import msgspec

from live_sentiment.assembly import AssemblyConfig, choices
from live_sentiment.fitting import Fit

FILE = "machine.json"
_MOST = 8
_LIBRARIES = ("spiegel", "onnxruntime", "ctranslate2")
_CPU_INFO = Path("/proc/cpuinfo")


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """All that matters for what fits.

    ``models`` are the names and bytes of those that may be chosen, the best first; ``threads`` what the user decides
    (0: what fits); ``told`` is the number of letters of prompt and hotwords, which take time to read.
    """

    processor: str
    cores: int
    libraries: dict[str, str]
    models: tuple[tuple[str, int], ...]
    language: str
    languages: tuple[str, ...]
    threads: int
    told: int


class _Kept(msgspec.Struct, frozen=True):
    """One measurement."""

    circumstances: Circumstances
    fit: Fit


def circumstances(config: AssemblyConfig) -> Circumstances:
    """Those of this machine, now.

    Raises:
        EngineUnavailable: there is no such engine as the user names.
    """
    options = config.options
    return Circumstances(
        processor=processor(),
        cores=cores(),
        libraries={name: _version(name) for name in _LIBRARIES},
        models=tuple((info.name, info.size_bytes) for info in choices(config)),
        language=config.language,
        languages=options.languages,
        threads=config.overrule.threads,
        told=len(options.prompt) + sum(map(len, options.hotwords)),
    )


def recall(folder: Path, now: Circumstances) -> Fit | None:
    """What fitted in the same circumstances; None when that is not known, or cannot be read.

    A model that stands alone ``now`` is known as well when it was found to fit among others.
    """
    kept = _read(folder / FILE)
    same = [one.fit for one in kept if one.circumstances == now]
    return next(iter(same or [one.fit for one in kept if _was_found_among_others(one, now)]), None)


def keep(folder: Path, now: Circumstances, fit: Fit) -> str:
    """Writes down what fits ``now``, in place of what did before. Returns why that was not possible, or ""."""
    others = [kept for kept in _read(folder / FILE) if kept.circumstances != now]
    text = msgspec.json.encode([_Kept(now, fit), *others][:_MOST])
    new = folder / f".{FILE}.{os.getpid()}"
    try:
        new.write_bytes(msgspec.json.format(text, indent=2) + b"\n")
        new.replace(folder / FILE)
    except OSError as error:
        return f"{folder / FILE} cannot be written ({error.strerror or error}), so each start measures again."
    return ""


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on Windows and macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor(info: Path = _CPU_INFO) -> str:
    """What the processor calls itself; ``info`` is where Linux tells that."""
    try:
        lines = info.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def _was_found_among_others(kept: _Kept, now: Circumstances) -> bool:
    """Whether the only model of ``now`` is the one that fitted, all else being the same."""
    alike = msgspec.structs.replace(kept.circumstances, models=now.models) == now
    chosen = [model for model in kept.circumstances.models if model[0] == kept.fit.model]
    return alike and list(now.models) == chosen


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "none"


def _read(path: Path) -> list[_Kept]:
    """What is kept; nothing when there is no such file, or it is broken or another version's."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[_Kept])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return []
