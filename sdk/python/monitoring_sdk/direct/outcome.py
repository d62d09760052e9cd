"""What became of messages, for those who want to know of each backend."""

import threading
from typing import Dict, Iterable, NamedTuple, Sequence


class Delivery(NamedTuple):
    """Of the messages of one `deliver`, for one backend: how many it has, has refused, are still on their way, wait in the spool, are lost."""

    delivered: int = 0
    rejected: int = 0
    pending: int = 0
    spooled: int = 0
    dropped: int = 0
    error: str = ""

    @property
    def is_complete(self) -> bool:
        return not (self.rejected or self.pending or self.spooled or self.dropped)


class Receipt:
    """Follows messages of one client by their numbers through all lanes. Every method but wait is called with the condition held."""

    def __init__(self, client: str, first: int, count: int, changed: threading.Condition) -> None:
        self._client, self._first, self._end, self._count, self._changed = client, first, first + count, count, changed
        self._of_lane: Dict[str, Dict[str, int]] = {}
        self._errors: Dict[str, str] = {}

    def expect(self, lanes: Iterable[str]) -> None:
        for lane in lanes:
            self._of_lane.setdefault(lane, {})

    def note(self, lane: str, outcome: str, client: str, numbers: Sequence[int], error: str, was_spooled: bool) -> None:
        count = sum(1 for n in numbers if self._first <= n < self._end) if client == self._client else 0
        if count:
            counts = self._of_lane.setdefault(lane, {})
            counts[outcome] = counts.get(outcome, 0) + count
            if was_spooled:
                counts["spooled"] = max(0, counts.get("spooled", 0) - count)
            if error:
                self._errors[lane] = error

    def fail(self, lane: str, error: str) -> None:
        """A try that failed; the messages stay on their way."""
        self._errors[lane] = error

    def wait(self, timeout: float) -> Dict[str, Delivery]:
        """Until all is settled, or as long as that; what is known then."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._of_lane) and not any(d.pending or d.spooled for d in self._deliveries().values()), timeout)
            return self._deliveries()

    def _deliveries(self) -> Dict[str, Delivery]:
        result: Dict[str, Delivery] = {}
        for lane, counts in self._of_lane.items():
            is_well = counts.get("delivered", 0) == self._count
            result[lane] = Delivery(pending=max(0, self._count - sum(counts.values())), error="" if is_well else self._errors.get(lane, ""), **counts)
        return result
