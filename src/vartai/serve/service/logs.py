"""A line of JSON a request, on standard error: what was asked of which route, never the text."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

logger = logging.getLogger("vartai.serve")
logger.propagate = False


class LossyHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes lines, and drops those that cannot be written: a full disk stops no answer."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """Count, and go on."""
        del record
        self.dropped = getattr(self, "dropped", 0) + 1


def log_to_stderr() -> None:
    """Begin to write."""
    handler = LossyHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)


def log_event(event: str, facts: dict[str, Any], *, level: int = logging.INFO) -> None:
    """Write one line.

    Args:
        event: such as ``request``.
        facts: JSON values, none of them a user's text.
        level: of `logging`.
    """
    if logger.isEnabledFor(level):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        logger.log(level, json.dumps({"time": stamp, "event": event, **facts}))
