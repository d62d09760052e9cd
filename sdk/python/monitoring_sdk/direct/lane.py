"""One way out: batches that wait for a backend, or for a failover group, and the thread that delivers them.

The dispatcher forms batches and offers them; the worker takes the oldest, tries until it is delivered, and then looks into the spool. Once
something had to be spooled, later batches follow it there until it is empty, so that the order holds. `changed` is the router's condition:
queue, job and counters are read and written under it, but for the batch that is being formed, which is the dispatcher's alone.
"""

import threading
import time
from collections import deque
from typing import Any, Callable, Deque, Dict, List, Optional, Sequence, Union

from .._waker import stay
from .backend import NOT_NAMED, BatchRefused, Permanent, Transient, WriteResult
from .batch import Batch
from .destination import BackOff, Destination, Failover
from .forming import Forming, Limits
from .outcome import Receipt
from .spool import BatchSpool, Claimed

Target = Union[Destination, Failover]
_SPOOL_LOOK = 30.0      # for what other processes have left
_MOST_QUEUE_BYTES = 16_777_216


class _Job:
    def __init__(self, batch: Batch, claimed: Optional[Claimed]) -> None:
        self.batch, self.claimed = batch, claimed
        self.parts: Deque[Batch] = deque([batch])
        self.left = len(batch)      # messages that are not settled


class Lane:
    def __init__(self, name: str, target: Target, limits: Limits, spool: Optional[BatchSpool], back_off: BackOff, changed: threading.Condition,
                 receipts: List[Receipt]) -> None:
        self.name, self.target, self.limits, self.spool, self.changed, self.receipts = name, target, limits, spool, changed, receipts
        self._back_off = back_off
        self._forming = Forming()
        self._queue: Deque[Batch] = deque()
        self._job: Optional[_Job] = None
        self._next_target: Optional[Target] = None
        self._nudges = self._tried_nudges = 0
        self._look_at = 0.0
        self._end_at: Optional[float] = None
        self._has_tried_at_the_end = self._is_stowed = self._is_forgotten = False
        self._queued_bytes = 0
        self.queued = self.dropped = self.spooled = self.failed_tries = 0
        self.is_spilling = False
        self.spool_error: Optional[str] = None
        self.thread: Optional[threading.Thread] = None
        self.stowed = threading.Event()     # what `_is_stowed` announces is done

    # --- the dispatcher ---

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, name="monitoring-sdk-" + self.name, daemon=True)
        try:
            self.thread.start()
        except RuntimeError:    # no more threads, or the interpreter is ending: the end does it without one
            self.thread = None

    def take(self, source: str, client: str, first: int, lines: Sequence[bytes], now: float) -> None:
        for number, line in enumerate(lines, first):
            if not self._forming.has_room(line, self.limits):
                self.offer(source, client)
            self._forming.add(number, line, now)

    def due_at(self) -> float:
        """When the batch that is being formed has waited long enough."""
        return self._forming.due_at(self.limits, bool(self._queue) or self.is_spilling)

    def offer(self, source: str, client: str) -> None:
        """What has been formed becomes a batch, and waits in memory, or in the spool."""
        batch = self._forming.take(source, client)
        if batch is None:
            return
        with self.changed:
            fits = not self._queue or self.queued + len(batch) <= self.limits.queue and self._queued_bytes + batch.size() <= _MOST_QUEUE_BYTES
            if fits and not self.is_spilling and not self._is_stowed:
                self._queue.append(batch)
                self.queued += len(batch)
                self._queued_bytes += batch.size()
                self.changed.notify_all()
                return
        self._put_aside(batch)

    def _put_aside(self, batch: Batch, numbers: Optional[Sequence[int]] = None) -> None:
        """numbers: those of the batch that the backend has not settled, if not all."""
        numbers = batch.numbers if numbers is None else numbers
        is_kept = False
        try:
            is_kept = self.spool is not None and self.spool.put(batch)
            self.spool_error = None if is_kept or self.spool is None else "the spool is full: raise spool_bytes, or see why the backend is away"
        except OSError as e:
            self.spool_error = "cannot write to the spool: %s" % e
        with self.changed:
            if is_kept:
                self.spooled += len(numbers)
                self.is_spilling = True
            else:
                self.dropped += len(numbers)
            self._note("spooled" if is_kept else "dropped", batch.client, numbers, self.spool_error or self.last_error() or "")
            self.changed.notify_all()

    def retarget(self, target: Target, limits: Limits) -> None:
        """From the next try on, what waits goes there."""
        with self.changed:
            self._next_target, self.limits = target, limits
            self.changed.notify_all()

    # --- any thread ---

    def is_empty(self) -> bool:
        return not self._forming.lines and not self._queue and self._job is None and not self.is_spilling

    def is_safe(self, last: int) -> bool:
        """Whether all messages of this process up to this number are settled, and with the spool all of it. With `changed` held."""
        job, queue, forming = self._job, self._queue, self._forming
        if self.is_spilling or job and (job.claimed or job.batch.numbers[0] <= last):
            return False
        return not (queue and queue[0].numbers[0] <= last) and not (forming.lines and forming.first <= last)

    def waiting(self) -> int:
        job = self._job
        return len(self._forming.lines) + self.queued + (job.left if job else 0)

    def is_busy(self) -> bool:
        return self.thread is not None and self.thread.is_alive() and not self._is_stowed

    def is_full(self) -> bool:
        return self.is_spilling or self.waiting() >= self.limits.queue

    def last_error(self) -> Optional[str]:
        return next((d.last_error for d in self.target.destinations if d.last_error), None)

    def nudge(self) -> None:
        """Ends a pause between tries."""
        self._nudges += 1

    def _note(self, outcome: str, client: str, numbers: Sequence[int], error: str = "", was_spooled: bool = False) -> None:
        for receipt in self.receipts:
            receipt.note(self.name, outcome, client, numbers, error, was_spooled)

    # --- the worker ---

    def _run(self) -> None:
        try:
            while self._next():
                try:
                    if not self._deliver():
                        break
                except Exception as bug:    # the boundary to the application's process: must end neither it nor this thread
                    self._give_up(bug)
        finally:
            if self._is_forgotten:
                stay()
            self.stow(is_own=True)
            self.target.close()

    def _give_up(self, bug: Exception) -> None:
        job, self._job = self._job, None
        if job and job.claimed:
            job.claimed.release()
        elif job:
            self._put_aside(job.batch)
        self.spool_error = "unexpected: %r" % bug
        with self.changed:
            self.is_spilling, self._look_at = False, time.monotonic() + _SPOOL_LOOK

    def _next(self) -> bool:
        """Waits for the next job; False at the end."""
        while True:
            with self.changed:
                self._swap_target()
                if self._is_forgotten or self._end_at is not None and time.monotonic() >= self._end_at:
                    return False
                if self._queue:
                    batch = self._queue.popleft()
                    self.queued -= len(batch)
                    self._queued_bytes -= batch.size()
                    self._job = _Job(batch, None)
                    return True
                is_due = self.spool is not None and (self.is_spilling or time.monotonic() >= self._look_at)
                if not is_due:
                    if self._end_at is not None:
                        return False
                    self.changed.wait(max(0.0, self._look_at - time.monotonic()) if self.spool else None)
                    continue
            self._look_into_spool()
            if self._job:
                return True

    def _look_into_spool(self) -> None:
        assert self.spool
        claimed = None
        try:
            claimed = self.spool.take()
        except OSError as e:
            self.spool_error = "cannot read the spool: %s" % e
        with self.changed:
            if claimed and self._queue:
                # Offered while the spool was looked through, and what did not fit behind it is what was found there: it comes first.
                claimed.release()
                return
            self._look_at = time.monotonic() + _SPOOL_LOOK
            if claimed:
                self._job = _Job(claimed.batch, claimed)
                self._look_at = 0.0
            else:
                self.is_spilling = False
                self.changed.notify_all()

    def _swap_target(self) -> None:
        if self._next_target:
            self.target.close()
            self.target, self._next_target = self._next_target, None
            self._back_off.failures = 0

    def _deliver(self) -> bool:
        """Until the job is done; False if it is left at the end."""
        job = self._job
        assert job
        while job.parts and not self._is_forgotten:
            part = job.parts[0]
            nudges, end_at = self._nudges, self._end_at
            if end_at is not None and time.monotonic() >= end_at:
                return False
            self._has_tried_at_the_end = end_at is not None
            is_urgent = end_at is not None or nudges != self._tried_nudges
            self._tried_nudges = nudges
            try:
                result = self.target.write(part, is_urgent)
            except BatchRefused:
                job.parts.popleft()
                job.parts.extendleft(reversed(part.halves()))
                continue
            except (Transient, Permanent) as e:
                if not self._pause(e, nudges):
                    return False
                continue
            job.parts.popleft()
            if result.retry:
                job.parts.appendleft(part.part(result.retry))
            else:
                self._back_off.failures = 0
            self._settle(job, part, result)
            if result.retry and not self._pause(Transient(result.why), nudges):
                return False
        if self._is_forgotten:
            return False
        self._finish(job)
        return True

    def _settle(self, job: _Job, part: Batch, result: WriteResult) -> None:
        out = {i for i, _ in result.rejected} | set(result.retry)
        written = [n for i, n in enumerate(part.numbers) if i not in out]
        unnamed = sum(1 for i, _ in result.rejected if i == NOT_NAMED)
        rejected = [part.numbers[i] for i, _ in result.rejected if i != NOT_NAMED] + written[len(written) - unnamed:]
        was_spooled = job.claimed is not None
        with self.changed:
            job.left -= len(part) - len(result.retry)
            self._note("delivered", part.client, written[:len(written) - unnamed], "", was_spooled)
            if rejected:
                self._note("rejected", part.client, rejected, result.rejected[0][1], was_spooled)

    def _finish(self, job: _Job) -> None:
        if job.claimed:
            try:
                job.claimed.remove()
            except OSError as e:
                self.spool_error = "cannot remove from the spool: %s" % e
        with self.changed:
            self._job = None
            self.changed.notify_all()

    def _pause(self, failure: Exception, nudges: int) -> bool:
        """Between two tries; False if there will be no other."""
        with self.changed:
            self.failed_tries += 1
            for receipt in self.receipts:
                receipt.fail(self.name, str(failure))
            self.changed.notify_all()
            if self._end_at is None or not self._has_tried_at_the_end:
                is_over: Callable[[], bool] = lambda: self._end_at is not None or self._nudges != nudges or self._next_target is not None
                self.changed.wait_for(is_over, self._back_off.pause(failure))
                self._swap_target()
                return True
            return False

    # --- the end ---

    def end(self, end_at: float) -> None:
        """The worker delivers until then, but tries nothing twice any more, and puts aside what is left."""
        with self.changed:
            self._end_at = end_at if self._end_at is None else min(end_at, self._end_at)
            self.changed.notify_all()
        if self.thread is None and not self.is_empty():
            self._run()

    def stow(self, is_own: bool = False) -> None:
        """Puts what waits into the spool. What a worker that did not end in time is busy with goes there too, and may be delivered twice."""
        with self.changed:
            if self._is_stowed:
                return
            self._is_stowed = True
            job, queue = self._job, list(self._queue)
            self._queue.clear()
            self.queued = self._queued_bytes = 0
        if job and job.claimed:
            if is_own:
                job.claimed.release()
            job = None
        parts = list(job.parts) if job else []
        try:
            if all(isinstance(part.numbers, range) for part in parts):
                queue[:0] = parts
            elif job:   # a file's numbers have no gaps; the backend knows again what it has
                self._put_aside(job.batch, [n for part in parts for n in part.numbers])
            for batch in queue:
                self._put_aside(batch)
        finally:
            self.stowed.set()
        with self.changed:
            self._job = None
            self.changed.notify_all()

    def forget(self) -> None:
        """In a forked child, in which with gevent and eventlet threads go on."""
        self._is_forgotten = self._is_stowed = True
        if self._job and self._job.claimed:
            self._job.claimed.release()
        for target in (self.target, self._next_target):
            if target:
                target.forget()

    def counters(self) -> Dict[str, Any]:
        return {"queued": self.waiting(), "spooled": self.spooled, "dropped": self.dropped}
