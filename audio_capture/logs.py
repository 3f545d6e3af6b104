"""Where this folder's programs log to: standard error, since standard output is for what was asked."""

import logging
import sys

import structlog


def log_to_stderr(*, level: int = logging.DEBUG) -> None:
    """Sends structlog's lines of ``level`` and above to standard error, whatever that is at the time."""
    structlog.configure(
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
