"""Secrets stay out of what the workflow room logs: messages and tracebacks are looked through."""

from __future__ import annotations

import logging

from codeanatomy.workflow.redact import redacted

_ROOM = "the_edge_agent"
_TRACEBACK = logging.Formatter()


class _Hide(logging.Filter):
    """Replaces the secrets of a record before any handler sees it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean a record; all of them are logged."""
        message = record.getMessage()
        clean = redacted(message)
        if clean != message:
            record.msg, record.args = clean, None
        if record.exc_info and not record.exc_text:
            record.exc_text = redacted(_TRACEBACK.formatException(record.exc_info))
        return True


_HIDE = _Hide()


def hide_in_logs() -> None:
    """Have every logger of the room clean its records; those that are there already stay as is."""
    for name, logger in list(logging.Logger.manager.loggerDict.items()):
        if isinstance(logger, logging.Logger) and name.partition(".")[0] == _ROOM:
            logger.addFilter(_HIDE)
