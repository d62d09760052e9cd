"""BackendRouter: takes messages and delivers them to all backends at the same time, or to the first that works. Thread- and fork-safe."""

import atexit
import os
import threading
import time
import uuid
from types import TracebackType
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Set, Type, Union

from .._waker import Waker, stay
from .._wire import encode
from ..config import BackendConfig, ConfigurationError
from .health import check_all
from .lane import Lane
from .lanes import Lanes, Settings
from .outcome import Delivery, Receipt
from .reload import Reloader

_STAGING_BYTES = 8_388_608      # how far the application may be ahead of the dispatcher
_COLLECT = 0.01                 # messages that keep coming are collected so long
_QUIET_ROUNDS = 4
_LONGEST_REST = 60.0
_STOWING_TIME = 30.0            # for the spool at the end: a disk can stall for seconds, and who gives up earlier loses messages
_CLOSING_TIME = 2.0             # for a backend
Message = Union[bytes, Mapping[str, Any]]
_standing: "Set[BackendRouter]" = set()


class BackendRouter:
    """Sends nothing by itself in the calling thread: `send` appends to a list, a dispatcher thread forms batches, and each lane has a thread."""

    def __init__(self, backends: Sequence[BackendConfig], *, delivery: str = "all", reloader: Optional[Reloader] = None,
                 settings: Optional[Settings] = None, started: Optional[Callable[[], None]] = None, **more: Any) -> None:
        """more: source, spool, spool_dir, spool_bytes, backoff_min, backoff_max, close_timeout. started: who calls close and forget by themselves."""
        if delivery not in ("all", "failover") or not all(isinstance(b, BackendConfig) for b in backends):
            raise ConfigurationError(["BackendRouter: expected a list of BackendConfig, and 'all' or 'failover' for delivery"])
        if len({b.name for b in backends}) < len(backends):
            raise ConfigurationError(["BackendRouter: each backend needs a name of its own"])
        self.settings = settings or Settings(**more)
        self._backends, self._delivery, self.reloader = tuple(backends), delivery, reloader
        self._started = started
        self._begin()
        if started is None:
            _standing.add(self)

    def _begin(self) -> None:
        """All that belongs to one process."""
        self.client = str(uuid.uuid4())
        self._lock = threading.RLock()      # reentrant: a signal handler may send
        self._inbox: List[bytes] = []
        self._inbox_bytes = 0
        self._taken = 0
        self._took_at = time.monotonic()
        self.lost = 0                       # before any lane had them
        self._changed = threading.Condition()
        self._lanes = Lanes(self.settings, self.client, self._backends, self._delivery, self._changed)
        self._waker = Waker()
        self._thread: Optional[threading.Thread] = None
        self._is_asleep = self._is_closed = False
        self._closer: Optional[int] = None  # the thread that closes
        self._has_closed = threading.Event()
        self._flushes_asked = self._flushes_done = self._quiet_rounds = 0
        self.last_error: Optional[str] = None

    # --- the application's threads ---

    def send(self, *messages: Message) -> None:
        """Protocol messages, as mappings or as lines that end with a newline. Waits for nothing."""
        self._add(self._lines(messages))

    def _lines(self, messages: Sequence[Message]) -> List[bytes]:
        lines = []
        for m in messages:
            try:
                line = m if isinstance(m, bytes) else encode(m).encode()
                lines.append(line if line.endswith(b"\n") else line + b"\n")
            except Exception as e:      # no JSON, and code of the application may run in here
                self.lost += 1
                self.last_error = "a message cannot be written as JSON: %r" % e
        return lines

    def _add(self, lines: List[bytes], is_followed: bool = False) -> Optional[Receipt]:
        receipt = None
        with self._lock:
            if self._is_closed or self._inbox_bytes > _STAGING_BYTES:
                self.lost += len(lines)
                return None
            if is_followed:
                receipt = Receipt(self.client, self._taken + len(self._inbox) + 1, len(lines), self._changed)
                with self._changed:
                    self._lanes.receipts.append(receipt)
            self._inbox += lines
            self._inbox_bytes += sum(map(len, lines))
        if self._is_asleep or self._thread is None:
            self._wake()
        elif self._inbox_bytes > _STAGING_BYTES / 2 and time.monotonic() - self._took_at < 0.25:
            time.sleep(0.0001)      # a loop that only sends leaves the interpreter to the dispatcher
        return receipt

    def deliver(self, messages: Sequence[Message], timeout: float = 10.0) -> Dict[str, Delivery]:
        """Sends them and waits until each backend has settled them, or as long as that; what became of them, by backend."""
        lines = self._lines(messages)
        receipt = self._add(lines, True) if lines else None
        if receipt is None:
            return {lane.name: Delivery(dropped=len(lines), error="closed, or too far ahead") for lane in self._lanes.present}
        try:
            with self._changed:
                receipt.expect(lane.name for lane in self._lanes.present)
            self._ask_to_flush()
            return receipt.wait(timeout)
        finally:
            with self._changed:
                self._lanes.receipts.remove(receipt)

    def flush(self, timeout: float = 3.0) -> bool:
        """Waits until every lane has delivered what was sent before, or has tried in vain; whether it is delivered."""
        deadline = time.monotonic() + timeout
        with self._lock:
            last = self._taken + len(self._inbox)
        number = self._ask_to_flush()
        with self._changed:
            if not self._changed.wait_for(lambda: self._flushes_done >= number or self._is_closed, timeout):
                return False
            lanes = self._lanes.present
            tries = [lane.failed_tries for lane in lanes]
            for lane in lanes:
                lane.nudge()
            self._changed.notify_all()

            def is_over() -> bool:
                return all(lane.is_safe(last) or lane.failed_tries > before for lane, before in zip(lanes, tries))
            self._changed.wait_for(is_over, max(0.0, deadline - time.monotonic()))
            return all(lane.is_safe(last) for lane in lanes)

    def _ask_to_flush(self) -> int:
        with self._lock:
            self._flushes_asked += 1
            number = self._flushes_asked
        self._wake()
        return number

    def close(self, timeout: Optional[float] = None) -> None:
        """Delivers what can be delivered in this time, and puts the rest aside. At the end of the process it is done for you."""
        deadline = time.monotonic() + (self.settings.close_timeout if timeout is None else timeout)
        with self._lock:
            closer, self._closer = self._closer, self._closer or threading.get_ident()
            self._is_closed = True
        if closer:
            self._wait_for_close(closer, deadline)
            return
        self._waker.wake()
        if self._thread is None:
            self._run()
        else:
            self._thread.join(max(0.0, deadline - time.monotonic()) + _STOWING_TIME)
        lanes = list(self._lanes.present) + self._lanes.retired
        for lane in lanes:
            lane.end(deadline)
        for lane in lanes:
            if lane.thread:
                lane.thread.join(max(0.0, deadline - time.monotonic()))
        stow_until = time.monotonic() + _STOWING_TIME
        hanging = [lane for lane in lanes if lane.is_busy()]    # with a write: that is not waited for
        for lane in hanging:
            lane.stow()
        for lane in lanes:
            if lane.thread:         # it may have begun to stow meanwhile
                lane.stowed.wait(max(0.0, stow_until - time.monotonic()))
        close_until = time.monotonic() + _CLOSING_TIME
        for lane in lanes:
            if lane.thread and lane not in hanging:
                lane.thread.join(max(0.0, close_until - time.monotonic()))
        self._waker.close()
        self._has_closed.set()
        _standing.discard(self)     # not before: the end of the process waits for a close that is under way

    def _wait_for_close(self, closer: int, deadline: float) -> None:
        """Of two that close, both wait, and the shorter time counts; but a signal handler does not wait for the close that it has interrupted."""
        if closer == threading.get_ident():
            return
        for lane in list(self._lanes.present) + self._lanes.retired:
            if lane.thread:
                lane.end(deadline)
        self._has_closed.wait(max(0.0, deadline - time.monotonic()) + _STOWING_TIME + _CLOSING_TIME)

    def _wake(self) -> None:
        self._is_asleep = False
        if self._thread is None:
            self._start()
        self._waker.wake()

    def _start(self) -> None:
        with self._lock:
            if self._thread is not None or self._is_closed:
                return
            self._thread = threading.Thread(target=self._run, name="monitoring-sdk-router", daemon=True)
            for lane in self._lanes.present:
                lane.start()
            try:
                self._thread.start()
            except RuntimeError as e:   # no more threads, or the interpreter is ending: close does it without one
                self.last_error = "cannot start the dispatcher thread: %s" % e
                self._thread = None
                return
        if self._started:
            self._started()

    # --- the dispatcher ---

    def _run(self) -> None:
        is_last, thread = False, self._thread
        while not is_last and self._thread is thread:
            is_last = self._is_closed
            asked = self._flushes_asked
            try:
                self._dispatch(time.monotonic(), is_last or asked > self._flushes_done)
            except Exception as bug:    # the boundary to the application's process: must end neither it nor this thread
                self.last_error = "unexpected: %r" % bug
            if asked > self._flushes_done:
                with self._changed:
                    self._flushes_done = asked
                    self._changed.notify_all()
            if not is_last:
                self._rest()
        if not is_last:
            stay()

    def _dispatch(self, now: float, is_forced: bool) -> None:
        if self.reloader:
            config = self.reloader.poll(now)
            if config:
                self._backends, self._delivery = config.backends, config.delivery
                self._lanes.apply(config.backends, config.delivery, is_running=True)
        with self._lock:
            lines, self._inbox, self._inbox_bytes = self._inbox, [], 0
            first = self._taken + 1
            self._taken += len(lines)
        self._took_at = now
        self._quiet_rounds = 0 if lines else self._quiet_rounds + 1
        for lane in self._lanes.present:
            if lines:
                lane.take(self.settings.source, self.client, first, lines, now)
            if is_forced or now >= lane.due_at():
                lane.offer(self.settings.source, self.client)

    def _rest(self) -> None:
        due = min([lane.due_at() for lane in self._lanes.present] or [float("inf")])
        if self.reloader:
            due = min(due, self.reloader.due_at())
        if self._quiet_rounds >= _QUIET_ROUNDS:
            self._is_asleep = True
        if not self._is_asleep or self._inbox or self._is_closed:
            due = min(due, time.monotonic() + _COLLECT)
        self._waker.wait(min(due - time.monotonic(), _LONGEST_REST))
        self._is_asleep = False

    # --- what is known ---

    @property
    def lanes(self) -> Sequence[Lane]:
        return self._lanes.present

    def messages(self) -> int:
        with self._lock:
            return self._taken + len(self._inbox)

    def waiting(self) -> int:
        """Messages in memory, of the lane that has most of them."""
        return len(self._inbox) + max([lane.waiting() for lane in self._lanes.present] or [0])

    def results(self) -> Dict[str, Dict[str, Any]]:
        """Counters by backend. Those of a failover group share queue, spool and what is dropped."""
        return {d.name: dict(d.counters(), **dict(lane.counters(), **({"last_error": lane.spool_error} if lane.spool_error else {})))
                for lane in self._lanes.present for d in lane.target.destinations}

    def health(self, check: bool = False, timeout: float = 2.0) -> Dict[str, Dict[str, Any]]:
        """results, and with check what a look at each backend shows, all at the same time and not longer than that."""
        result = self.results()
        if check:
            found = check_all([d for lane in self._lanes.present for d in lane.target.destinations], timeout)
            for name, told in found.items():
                result[name].update(told)
        return result

    # --- the process ---

    def forget(self) -> None:
        """In a forked child: lets go of what is the parent's."""
        self._thread = None     # with gevent and eventlet threads go on: it sees that it is none any more
        self._waker.close()
        for lane in list(self._lanes.present) + self._lanes.retired:
            lane.forget()

    def _after_fork(self) -> None:
        self.forget()
        self._begin()

    def __enter__(self) -> "BackendRouter":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.close()


def _after_fork_in_child() -> None:
    for router in list(_standing):
        router._after_fork()


def _close_all() -> None:
    for router in list(_standing):
        router.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
atexit.register(_close_all)
