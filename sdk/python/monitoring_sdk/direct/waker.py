"""Wakes a thread from any other, also from a signal handler: no lock is held anywhere. Thread-safe."""

import select
import socket
import time
from typing import Tuple

_WITHOUT_SOCKETS = 0.05


class Waker:
    def __init__(self) -> None:
        self._ends: Tuple[socket.socket, ...] = ()
        try:
            self._ends = socket.socketpair()
        except OSError:
            pass    # no more descriptors: the thread looks again and again instead
        for end in self._ends:
            end.setblocking(False)

    def wake(self) -> None:
        try:
            if self._ends:
                self._ends[1].send(b".")
        except OSError:
            pass    # full: it will wake; closed: nobody is there to wake

    def wait(self, seconds: float) -> None:
        if not self._ends:
            time.sleep(min(seconds, _WITHOUT_SOCKETS))
            return
        try:
            poll = select.poll()
            poll.register(self._ends[0], select.POLLIN)
            poll.poll(max(0.0, seconds) * 1_000)
            self._ends[0].recv(4_096)
        except (OSError, ValueError):
            pass    # nothing there, or closed: whoever waits looks what there is to do

    def close(self) -> None:
        for end in self._ends:
            end.close()
