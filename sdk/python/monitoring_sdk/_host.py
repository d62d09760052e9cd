"""What this process uses, for log_resource, from /proc. What the system does not tell is left out."""

import os
import re
import time
from typing import Optional, Tuple

_MB = 1_048_576
_STARTED = time.monotonic()


def cpu(last: Optional[Tuple[float, float]]) -> Tuple[float, Tuple[float, float]]:
    """Per cent of one core since the last call (the first time: since this module was loaded), and what the next call needs to know."""
    now = (time.process_time(), time.monotonic())
    before = last or (0.0, _STARTED)
    wall = now[1] - before[1]
    return (round(100 * (now[0] - before[0]) / wall, 2) if wall > 0 else 0.0), now


def memory() -> Optional[float]:
    """Resident memory in MB."""
    found = re.search(rb"^VmRSS:\s+([0-9]+) kB", _read("/proc/self/status"), re.M)
    return round(int(found.group(1)) / 1_024, 2) if found else None


def disk() -> Optional[float]:
    """MB that this process has read from and written to disks."""
    found = re.findall(rb"^(?:read|write)_bytes: ([0-9]+)", _read("/proc/self/io"), re.M)
    return round(sum(map(int, found)) / _MB, 2) if found else None


def network() -> Optional[float]:
    """MB received and sent by the host's interfaces without loopback: the kernel does not count them for a process."""
    found = re.findall(rb"^\s*(\S+?):\s*([0-9]+)(?:\s+[0-9]+){7}\s+([0-9]+)", _read("/proc/net/dev"), re.M)
    return round(sum(int(i) + int(o) for name, i, o in found if name != b"lo") / _MB, 2) if found else None


def _read(path: str) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(fd, _MB)
    except OSError:
        return b""
    finally:
        os.close(fd)
