"""A handler for the standard library's logging."""

import logging
from typing import Any, Dict

from ._sdk import MonitoringSDK

_STANDARD = frozenset(vars(logging.LogRecord("", 0, "", 0, "", None, None))) | {"message", "asctime", "taskName"}


class MonitoringHandler(logging.Handler):
    """Sends log records as events: logger, place, exception and what `extra` gave are their context. Thread-safe."""

    def __init__(self, sdk: MonitoringSDK, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self.sdk = sdk

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message: object = record.getMessage()
        except Exception:   # arguments that do not fit their format: logging must not fail for that
            message = "%s %r" % (record.msg, record.args)
        number = record.levelno
        level = "fatal" if number >= 50 else "error" if number >= 40 else "warn" if number >= 30 else "info" if number >= 20 else "debug"
        context: Dict[str, Any] = {"logger": record.name, "file": record.filename, "line": record.lineno}
        for name, value in vars(record).items():
            if name not in _STANDARD:
                context[name] = value
        if record.exc_info and record.exc_info[0]:
            context["exception"] = (self.formatter or logging.Formatter()).formatException(record.exc_info)
        self.sdk.log_event(level, message, context)

    def flush(self) -> None:
        """Nothing: logging.shutdown calls it, and the SDK's own close has a limit."""
