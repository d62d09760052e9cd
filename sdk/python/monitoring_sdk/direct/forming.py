"""The batch that is being formed for a lane. Used by the dispatcher only, but for a look at its length."""

from typing import List, NamedTuple, Optional

from .batch import Batch

_BEHIND = 10            # while the backend is behind, batches wait so many times longer to be full
_LEAST_BEHIND = 0.2     # and so long at least, in seconds


class Limits(NamedTuple):
    """Of a lane. Immutable."""

    queue: int
    batch_size: int
    batch_bytes: int
    linger: float


class Forming:
    def __init__(self) -> None:
        self.lines: List[bytes] = []
        self.first = self._bytes = 0
        self._since = 0.0

    def has_room(self, line: bytes, limits: Limits) -> bool:
        return not self.lines or len(self.lines) < limits.batch_size and self._bytes + len(line) <= limits.batch_bytes

    def add(self, number: int, line: bytes, now: float) -> None:
        if not self.lines:
            self.first, self._since = number, now
        self.lines.append(line)
        self._bytes += len(line)

    def due_at(self, limits: Limits, is_behind: bool) -> float:
        if not self.lines:
            return float("inf")
        return self._since + (max(limits.linger, _LEAST_BEHIND) * _BEHIND if is_behind else limits.linger)

    def take(self, source: str, client: str) -> Optional[Batch]:
        if not self.lines:
            return None
        batch = Batch.of(source, client, self.first, self.lines)
        self.lines, self._bytes = [], 0
        return batch
