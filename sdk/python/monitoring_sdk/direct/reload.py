"""Looks whether the configuration file has changed. Used by one thread at a time."""

import logging
import os
import time
from typing import Optional, Tuple

from ..config import Config, ConfigurationError, load

_log = logging.getLogger("monitoring_sdk")
_Signature = Optional[Tuple[int, int, int]]


class Reloader:
    """A file counts as changed when it looks different from the last time and twice the same, so that one that is being written is left alone."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.interval = config.reload_interval if config.file else 0.0
        self._seen = self._read = self._signature()
        self._due_at = time.monotonic() + self.interval
        self.error: Optional[str] = None
        self.reloads = 0

    def due_at(self) -> float:
        return self._due_at if self.interval > 0 else float("inf")

    def poll(self, now: float) -> Optional[Config]:
        """The new configuration, if there is a valid one. One that is not is told once and changes nothing."""
        if now < self.due_at():
            return None
        self._due_at = now + self.interval
        signature, before = self._signature(), self._seen
        self._seen = signature
        if signature is None or signature == self._read or signature != before:
            return None
        self._read = signature
        try:
            config = load(self._config.file, self._config.settings)
            if config.mode != "direct":
                raise ConfigurationError(["%s: mode is now '%s': a change of mode needs a new start of the program" % (config.file, config.mode)])
        except ConfigurationError as e:
            self.error = "configuration not reloaded, what held goes on: %s" % e
            _log.warning(self.error)
            return None
        self.error = None
        self.reloads += 1
        self._config = config
        self.interval = config.reload_interval
        return config

    def _signature(self) -> _Signature:
        try:
            about = os.stat(self._config.file or "")
        except OSError:
            return None
        return about.st_mtime_ns, about.st_ino, about.st_size
