"""How the server logs: short lines on stderr, by structlog, never with what a person said or wrote, nor a token."""

import logging
import os
import sys
import traceback
from typing import Any, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

LEVEL_VARIABLE = "SPIEGEL_LOG"
"""Environment variable with the lowest level shown: debug, info, warning or error."""

_CAUSES = 5
"""How many errors of a chain are told."""
_PRIVATE = frozenset({"token", "text", "comment", "note", "customer", "words", "advice", "body", "authorization"})


def hide_private(logger: WrappedLogger, name: str, entry: EventDict) -> EventDict:
    """A structlog processor: hides values under names that hold people's words or secrets, should a log call slip."""
    del logger, name
    return {key: "(hidden)" if key in _PRIVATE else value for key, value in entry.items()}


def trace_without_values(logger: WrappedLogger, name: str, entry: EventDict) -> EventDict:
    """A structlog processor: an exception's kind and where it came from, and the same of its causes.

    Not its message: those of databases, decoders and models quote what they were given.
    """
    del logger, name
    error = _given(entry.pop("exc_info", None))
    if error is not None:
        entry["exception"] = _trace(error)
    return entry


class TraceFormatter(logging.Formatter):
    """The same for the libraries' own loggers."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        """The exception in a logging record."""
        error = _given(ei)
        return "" if error is None else _trace(error)


def _trace(error: BaseException | None) -> str:
    told: list[str] = []
    while error is not None and len(told) < _CAUSES:
        told.append("".join([*traceback.format_tb(error.__traceback__), type(error).__qualname__]))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n from ".join(told)


def _given(exc_info: Any) -> BaseException | None:
    """The exception meant by what logging calls ``exc_info``: itself, a triple, or True for the present one."""
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return cast("tuple[type, BaseException | None, object]", exc_info)[1]
    return sys.exc_info()[1] if exc_info else None


def set_up_logs(lowest: str = "info") -> None:
    """Sets up structlog and the standard library's logging for this process. Call once, at its start.

    ``lowest`` is the lowest level shown when the environment names none.
    """
    names = logging.getLevelNamesMapping()
    level = names.get(os.environ.get(LEVEL_VARIABLE, lowest).strip().upper(), logging.INFO)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(TraceFormatter("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
            hide_private,
            trace_without_values,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
