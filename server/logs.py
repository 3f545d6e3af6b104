"""How the server logs: short lines on stderr, by structlog, never with what a person said or wrote, nor a token."""

import logging
import os
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

LEVEL_VARIABLE = "SPIEGEL_LOG"
"""Environment variable with the lowest level shown: debug, info, warning or error."""

_PRIVATE = frozenset({"token", "text", "comment", "note", "customer", "words", "advice", "body", "authorization"})


def hide_private(logger: WrappedLogger, name: str, entry: EventDict) -> EventDict:
    """A structlog processor: hides values under names that hold people's words or secrets, should a log call slip."""
    del logger, name
    return {key: "(hidden)" if key in _PRIVATE else value for key, value in entry.items()}


def set_up_logs(lowest: str = "info") -> None:
    """Sets up structlog and the standard library's logging for this process. Call once, at its start.

    ``lowest`` is the lowest level shown when the environment names none.
    """
    names = logging.getLevelNamesMapping()
    level = names.get(os.environ.get(LEVEL_VARIABLE, lowest).strip().upper(), logging.INFO)
    logging.basicConfig(
        stream=sys.stderr, level=max(level, logging.WARNING), format="%(levelname)s %(name)s %(message)s"
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
            hide_private,
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
