"""What daemons do to files: they go to another folder, and close their standard streams. What is opened next would get the numbers of those, and
whatever is printed all the same would go into it."""

import fcntl
import os
import socket
import tempfile

_FIRST = 3


def absolute(path: str) -> str:
    """As it is now. A name that begins with a zero is none of the file system's: unix(7)."""
    try:
        return path if path[:1] in ("", "\0") else os.path.abspath(path)
    except OSError:
        return path     # relative to a folder that is not there any more


def private_folder() -> str:
    """For spool files; of the user that this process is of now: a daemon may have become another one."""
    return os.path.join(tempfile.gettempdir(), "monitoring-spool-%d" % os.geteuid())


def above_streams(descriptor: int) -> int:
    """The same, or a copy with another number instead of it."""
    if descriptor >= _FIRST:
        return descriptor
    try:
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FIRST)
    finally:
        os.close(descriptor)


def open_file(path: str, flags: int, mode: int = 0o600) -> int:
    return above_streams(os.open(path, flags | os.O_CLOEXEC, mode))


def above(end: socket.socket) -> socket.socket:
    if end.fileno() >= _FIRST:
        return end
    family, kind, protocol = end.family, end.type, end.proto
    return socket.socket(family, kind, protocol, above_streams(end.detach()))
