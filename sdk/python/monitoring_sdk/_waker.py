"""Wakes a thread from any other, also from a signal handler: no lock is held anywhere. Thread-safe."""

import socket
import time
from typing import Any, Iterable, Optional, Tuple

from ._files import above
from ._poll import CLOSED, READ, poll

_WITHOUT_SOCKETS = 0.05


def stay() -> None:
    """For a thread that goes on in a forked child, as it does with gevent: the interpreter has forgotten it, and would print a traceback at its end."""
    while True:
        time.sleep(3_600)


class Waker:
    def __init__(self) -> None:
        self._ends: Tuple[socket.socket, ...] = ()
        self.error: Optional[str] = None
        try:
            self._ends = tuple(map(above, socket.socketpair()))
        except OSError as e:    # no more descriptors: the thread looks again and again instead
            self.error = "cannot wake the sender thread: %s" % e
        for end in self._ends:
            end.setblocking(False)

    def wake(self) -> None:
        try:
            if self._ends:
                self._ends[1].send(b".")
        except OSError:
            pass    # full: it will wake; closed: nobody is there to wake

    def wait(self, seconds: float, others: Iterable[Tuple[Any, int]] = ()) -> None:
        """others: sockets, each with the events of poll(2) that end the wait as well."""
        try:
            found = poll([(end, READ) for end in self._ends[:1]] + list(others), max(0.0, seconds if self._ends else min(seconds, _WITHOUT_SOCKETS)))
            if self._ends and (self._ends[0].fileno(), CLOSED) in found:
                for end in self._ends:
                    end.detach()    # the number may be somebody else's by now
                self._ends, self.error = (), "the application has closed descriptors of this library"
            for end in self._ends[:1]:
                end.recv(4_096)
        except (OSError, ValueError):
            pass    # nothing there, or closed: whoever waits looks what there is to do

    def close(self) -> None:
        for end in self._ends:
            end.close()
