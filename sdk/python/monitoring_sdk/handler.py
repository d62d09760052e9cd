"""A handler for the standard library's logging."""

import logging
import threading
from typing import Any, Dict

from ._sdk import MonitoringSDK

_STANDARD = frozenset(vars(logging.LogRecord("", 0, "", 0, "", None, None))) | {"message", "asctime", "taskName"}
_OURS = "monitoring-sdk-"       # how the names of this SDK's threads begin
_inside = threading.local()


class MonitoringHandler(logging.Handler):
    """Sends log records as events: logger, place, exception and what `extra` gave are their context. Thread-safe.

    Left out are records of this SDK's own threads and logger, and those that are made while another one is being turned into an event: what
    they would send would make new ones.
    """

    def __init__(self, sdk: MonitoringSDK, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self.sdk = sdk

    def emit(self, record: logging.LogRecord) -> None:
        if getattr(_inside, "emit", False) or record.name.split(".")[0] == "monitoring_sdk" or threading.current_thread().name.startswith(_OURS):
            return
        _inside.emit = True
        try:
            self._send(record)
        except Exception:   # code of the application runs in here: str and repr of what it logs
            self.handleError(record)
        finally:
            _inside.emit = False

    def _send(self, record: logging.LogRecord) -> None:
        try:
            message: object = record.getMessage()
        except Exception:   # arguments that do not fit their format: logging must not fail for that
            message = "%s %s" % (record.msg, _shown(record.args))
        number = record.levelno
        level = "fatal" if number >= 50 else "error" if number >= 40 else "warn" if number >= 30 else "info" if number >= 20 else "debug"
        context: Dict[str, Any] = {"logger": record.name, "file": record.filename, "line": record.lineno}
        for name, value in list(vars(record).items()):
            if name not in _STANDARD:
                context[name] = value
        if record.exc_info and record.exc_info[0]:
            context["exception"] = record.exc_text or self._exception(record.exc_info)
        if record.stack_info:
            context["stack"] = record.stack_info
        self.sdk.log_event(level, message, context)

    def _exception(self, exc_info: Any) -> str:
        try:
            return (self.formatter or logging.Formatter()).formatException(exc_info)
        except Exception:   # an exception whose text can't be had
            return str(exc_info[0].__name__)

    def flush(self) -> None:
        """Nothing: logging.shutdown calls it, and the SDK's own close has a limit."""


def _shown(arguments: object) -> str:
    try:
        return repr(arguments)
    except Exception:   # an argument that can't be shown
        return "(arguments that can't be shown)"
