"""Logs: one JSON object a line, on stderr."""

import json
import logging
import sys
from typing import Any

from invoicing.dates import now


class JsonLines(logging.Formatter):
    """Writes the message with the fields that came as ``extra=fields(...)``."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": now().isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def fields(**values: Any) -> dict[str, Any]:
    """Return the ``extra`` of a log call."""
    return {"fields": values}


def configure() -> None:
    """Send everything from INFO up to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
