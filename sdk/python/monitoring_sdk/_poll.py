"""What poll(2) tells, also where eventlet has taken it away."""

import select
from typing import Any, Iterable, List, Tuple

READ, WRITE, CLOSED = 1, 4, 32      # POLLIN, POLLOUT, POLLNVAL


def poll(wanted: Iterable[Tuple[Any, int]], seconds: float) -> List[Tuple[int, int]]:
    """Waits until something has happened to one of these, each with the events that count; numbers of descriptors, with what has happened."""
    if not hasattr(select, "poll"):
        return _select(list(wanted), seconds)
    poll = select.poll()
    for resource, events in wanted:
        poll.register(resource, events)
    return poll.poll(seconds * 1_000)


def _select(wanted: List[Tuple[Any, int]], seconds: float) -> List[Tuple[int, int]]:
    reading, writing = ([resource.fileno() for resource, events in wanted if events & event] for event in (READ, WRITE))
    readable, writable, _ = select.select(reading, writing, [], seconds)
    return [(number, READ) for number in readable] + [(number, WRITE) for number in writable]
