"""Reports at intervals what the process uses."""

import threading
from typing import Callable, Optional

from ._waker import stay


class Reporter:
    """A daemon thread that calls a function again and again, none if the interval is 0. Belongs to one process; thread-safe."""

    def __init__(self, interval: float, report: Callable[[], None]) -> None:
        self._interval, self._report = interval, report
        self._is_stopped = threading.Event()
        self._is_forgotten = False
        self._thread: Optional[threading.Thread] = None

    def start(self) -> None:
        if self._interval <= 0 or self._thread is not None:
            return
        self._thread = threading.Thread(target=self._run, name="monitoring-sdk-resources", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:    # no more threads, or the interpreter is ending: resource use is not worth an exception
            self._thread = None

    def stop(self) -> None:
        self._is_stopped.set()

    def forget(self) -> None:
        """In a forked child, in which with gevent and eventlet threads go on. The parent may have held any lock."""
        self._is_forgotten = True

    def _run(self) -> None:
        while not self._is_stopped.wait(self._interval) and not self._is_forgotten:
            self._report()
        if self._is_forgotten:
            stay()
