"""Gets lines to the hub from a daemon thread: through memory, or through the spool where memory is full, and beside them what earlier processes
of this source have left. The thread waits in nothing but poll(2), so a hub that has stopped reading can't keep it from spooling.

A call of the application appends to a list under a reentrant lock that nobody holds for longer than that: a signal handler that logs finds no
deadlock. Belongs to one process; a forked child makes a new one. Thread-safe.
"""

import threading
import time
import uuid
from typing import Any, Callable, Dict, FrozenSet, List, Optional

from . import _tls
from ._session import UNDECIDED, Session
from ._spool import Spool, SpoolFile
from ._waker import Waker, stay

_STAGING_BYTES = 8_388_608      # how far the application may be ahead of the thread
_LIVELY_WAIT_BYTES = 1_048_576
_SPOOL_BLOCK_LINES = 4_096
_QUIET_ROUNDS = 4
_LONGEST_REST = 60.0
_SPOOL_AGAIN = 1.0
_LOOK_AGAIN = 0.2               # somebody else is choosing a spool file
_SPOOLING_TIME = 30.0           # what the spool may take at the end beyond the time for sending: a disk can stall for seconds
COUNTERS = ("sent", "acked", "plain", "resent", "refused", "spooled", "left_in_spool", "spool_files_sent", "connects")


class _Flush:
    def __init__(self) -> None:
        self.done, self.is_safe, self.has_tried = threading.Event(), False, False
        self.last: Optional[int] = None     # the number of the last line that is waited for


class Sender:
    def __init__(self, options: Any, started: Callable[[], None]) -> None:
        if options.tls:
            _tls.load()
        self.options, self.started = options, started
        self.stats: Dict[str, Any] = dict.fromkeys(COUNTERS, 0)
        self.session = Session(options, self.stats, str(uuid.uuid4()), 1)
        self.spool = Spool(options.source, options.spool_dir, options.spool_bytes) if options.spool else None
        self.old: Optional[Session] = None       # sends a file of an earlier process
        self.left: FrozenSet[str] = frozenset()  # clients whose files somebody else is sending
        self.lock = threading.RLock()
        self.inbox: List[bytes] = []
        self.inbox_bytes = 0
        self.taken = self.dropped = 0
        self.took_at = time.monotonic()
        self.waiting: List[bytes] = []           # taken from the inbox, in neither memory nor spool yet
        self.flushes: List[_Flush] = []
        self.thread: Optional[threading.Thread] = None
        self.is_asleep = self.is_closed = self.overflow = False
        self.is_forgotten = False   # by a forked child: with gevent and eventlet threads go on in it, too
        self.finish_at: Optional[float] = None
        self.goodbye = b""
        self.has_said_goodbye = self.has_tried_to_finish = self.has_tried_at_the_end = False
        self.quiet_rounds = 0
        self.spool_again_at = self.look_at = 0.0
        self.connects_seen = 0
        self.waker = Waker()
        self.stats["last_error"] = self.waker.error

    # --- the application's threads ---

    def add(self, line: bytes) -> None:
        with self.lock:
            full = (self.inbox_bytes > _STAGING_BYTES or self.spool is None
                    and len(self.inbox) + len(self.waiting) + len(self.session.lines) >= self.options.buffer)
            if full or self.is_closed:
                self.dropped += 1
                self.overflow = self.overflow or not self.is_closed
                return
            self.inbox.append(line)
            self.inbox_bytes += len(line)
        if self.is_asleep or self.thread is None:
            self._wake()
        elif self.inbox_bytes > _STAGING_BYTES / 2 and time.monotonic() - self.took_at < 0.25:
            time.sleep(0.0001)      # a loop that only logs leaves the interpreter to the thread that empties this list

    def _wake(self) -> None:
        self.is_asleep = False
        if self.thread is None:
            self._start()
        self.waker.wake()

    def _start(self) -> None:
        with self.lock:
            if self.thread is not None or self.is_closed:
                return
            self.thread = threading.Thread(target=self._run, name="monitoring-sdk-" + self.options.source, daemon=True)
            try:
                self.thread.start()
            except RuntimeError as e:   # no more threads, or the interpreter is ending: close does it without one
                self.stats["last_error"] = "cannot start the sender thread: %s" % e
                self.thread = None
                return
        self.started()

    def flush(self, timeout: float) -> bool:
        """Waits until the hub has everything, but no longer than there is a hub; whether it has."""
        flush = _Flush()
        self.flushes.append(flush)
        try:
            self._wake()
            if self.thread is not None and self.thread is not threading.current_thread():
                flush.done.wait(timeout)
        finally:
            self.flushes.remove(flush)
        return flush.is_safe

    def close(self, timeout: float, goodbye: bytes) -> None:
        """Sends what can be sent in this time, leaves the rest in the spool, and ends the thread. Of two that close, both wait, and the shorter
        time counts."""
        self.goodbye = self.goodbye or goodbye
        finish_at = time.monotonic() + timeout
        self.finish_at = finish_at if self.finish_at is None else min(self.finish_at, finish_at)
        self._wake()
        if self.thread is None:
            self._run()
        elif self.thread is not threading.current_thread():
            self.thread.join(timeout + _SPOOLING_TIME)

    def forget(self) -> None:
        """In a forked child: closes its copies of the parent's sockets and files; the parent notices nothing, the locks stay its own."""
        self.is_forgotten = True
        sessions = [self.session] + ([self.old] if self.old else [])
        files: List[SpoolFile] = [s.file for s in sessions if s.file]
        resources: List[Any] = [self.waker] + [s.socket for s in sessions if s.socket]
        for resource in resources:
            resource.close()
        for file in files:
            file.file.close()

    def messages(self) -> int:
        with self.lock:
            return self.taken + len(self.inbox)

    def buffered(self) -> int:
        return len(self.inbox) + len(self.waiting) + len(self.session.lines)

    def state(self) -> str:
        if self.overflow:
            return "overflow"
        return "connected" if self.session.is_up else "disconnected"

    # --- the thread ---

    def _run(self) -> None:
        try:
            while not self.is_forgotten and not self._is_finished():
                ending = self.finish_at is not None
                was_down = self.session.is_down()
                connect_now = self._wants_connection()
                flushes = list(self.flushes)
                for flush in flushes:
                    flush.has_tried = flush.has_tried or was_down
                    flush.last = self._last_number() if flush.last is None else flush.last
                try:
                    self._work(connect_now)
                except Exception as bug:    # the boundary to the application's process: must end neither it nor this thread
                    self.session.down("unexpected: %r" % bug)
                self.has_tried_to_finish = ending
                self.has_tried_at_the_end = self.has_tried_at_the_end or ending and was_down
                self._answer(flushes)
                if not self._is_finished() and not (self.session.is_down() and self._wants_connection()):
                    self._rest()
        finally:
            if self.is_forgotten:
                stay()
            self._stow()
            self._answer(list(self.flushes), True)

    def _last_number(self) -> int:
        return self.session.next_number() - 1 + len(self.waiting) + len(self.inbox)

    def _wants_connection(self) -> bool:
        """Whether somebody waits for whom no connection has been tried; one that was there and proves dead is no try."""
        return self.finish_at is not None and not self.has_tried_at_the_end or any(not flush.has_tried for flush in list(self.flushes))

    def _work(self, connect_now: bool) -> None:
        now = time.monotonic()
        self._collect(now)
        self._say_goodbye()
        session = self.session
        session.step(now, connect_now and session.is_down())
        self._collect(now)
        self._say_goodbye()     # now there may be a connection, and with a plain server nothing left to wait for
        self.overflow = session.file is not None or self.overflow and self.buffered() >= self.options.buffer
        if self.spool and session.mode != UNDECIDED:
            self._send_old_files(now)

    def _take(self) -> None:
        with self.lock:
            taken, self.inbox, self.inbox_bytes = self.inbox, [], 0
            self.taken += len(taken)
            self.waiting += taken
        self.took_at = time.monotonic()
        self.quiet_rounds = 0 if taken else self.quiet_rounds + 1

    def _collect(self, now: float) -> None:
        """Moves what waits into memory as long as that keeps the order, else into the spool, unless the hub is quick enough."""
        self._take()
        session = self.session
        room = 0 if session.file else self.options.buffer - len(session.lines)
        if room > 0 and self.waiting:
            session.lines += self.waiting[:room]
            del self.waiting[:room]
        lively = session.is_lively(now) and sum(map(len, self.waiting)) < _LIVELY_WAIT_BYTES
        while self.waiting and self.spool and not lively and now >= self.spool_again_at:
            if not self._spool_some():
                self.spool_again_at = now + _SPOOL_AGAIN
        self._drop_surplus()

    def _drop_surplus(self) -> None:
        """What a full spool, or one that can't be written, does not take must not fill the memory."""
        surplus = sum(map(len, self.waiting)) - _STAGING_BYTES
        while surplus > 0:
            surplus -= len(self.waiting.pop())
            with self.lock:
                self.dropped += 1
                last = self._last_number()
            for flush in list(self.flushes):
                flush.last = last if flush.last is not None and flush.last > last else flush.last

    def _spool_some(self) -> bool:
        assert self.spool
        session = self.session
        try:
            if session.file is None:
                session.file = self.spool.create(session.client, session.next_number())
            count = session.file.append(self.waiting[:_SPOOL_BLOCK_LINES])
            if not count:
                self.stats["last_error"] = "the spool is full: raise spool_bytes, or see why the hub is away"
            del self.waiting[:count]
            self.stats["spooled"] += count
            return count > 0
        except OSError as e:
            self.stats["last_error"] = "cannot write to the spool: %s" % e
            return False

    def _send_old_files(self, now: float) -> None:
        assert self.spool
        if self.old:
            self.old.step(now)
            if not self.old.is_empty() and not self.old.is_over:
                return
            if self.old.is_empty():
                self.stats["spool_files_sent"] += 1
            else:
                self.left |= {self.old.client}
            self.old.leave()
            self.old = None
            self.look_at = now
        elif self.connects_seen != self.stats["connects"]:
            self.look_at = now
        if now >= self.look_at:
            try:
                file, again = self.spool.claim(self.session.client, self.left)
            except OSError as e:
                file, again = None, False
                self.stats["last_error"] = "cannot read the spool: %s" % e
            self.look_at = now + (_LOOK_AGAIN if again else _LONGEST_REST)
            if file:
                self.old = Session(self.options, self.stats, file.client, file.first, file)
                self.old.was_welcomed = self.session.was_welcomed   # then it is a hub, however slow
                self.old.step(now, True)
        self.connects_seen = self.stats["connects"]

    def _answer(self, flushes: List[_Flush], at_the_end: bool = False) -> None:
        """Those whose lines are safe, and those to whom a hub that is not there would come too late."""
        for flush in flushes:
            flush.is_safe = flush.last is not None and self.session.first > flush.last
            if at_the_end or flush.is_safe or flush.has_tried and self.session.is_down():
                flush.done.set()

    def _rest(self) -> None:
        """Until there is something to do; messages that keep coming are collected for a moment instead of waking this thread one by one."""
        due = self.session.due_at()
        if self.spool and self.session.mode != UNDECIDED:
            due = min(due, self.old.due_at() if self.old else self.look_at)
        if self.finish_at is not None:
            due = min(due, self.finish_at)
        if self.quiet_rounds >= _QUIET_ROUNDS:
            self.is_asleep = True
        if not self.is_asleep or self.inbox:
            due = min(due, time.monotonic() + self.options.flush_interval)
        if self.waiting and self.spool:
            due = min(due, max(self.spool_again_at, time.monotonic() + self.options.flush_interval))
        if any(session and session.can_write_more() for session in (self.session, self.old)):
            due = 0.0
        self.waker.wait(min(due - time.monotonic(), _LONGEST_REST),
                        [(session.socket, session.interest()) for session in (self.session, self.old) if session and session.socket])
        self.is_asleep = False

    # --- the end ---

    def _is_finished(self) -> bool:
        if self.finish_at is None:
            return False
        now = time.monotonic()
        if now >= self.finish_at:
            return True
        session = self.session
        old_files = self.spool and session.mode != UNDECIDED and (not self.old.is_down() if self.old else now >= self.look_at)
        empty = not self.inbox and not self.waiting and session.is_empty() and not old_files
        return empty or session.is_down() and self.has_tried_at_the_end if self.has_tried_to_finish else empty and not session.is_up

    def _say_goodbye(self) -> None:
        session = self.session
        if self.finish_at and not self.has_said_goodbye and session.is_up and not session.file and not self.waiting and session.next_number() > 1:
            session.lines.append(self.goodbye)
            self.has_said_goodbye = True

    def _stow(self) -> None:
        """Leaves what the hub doesn't have in the spool."""
        with self.lock:
            self.is_closed = True
        self._take()
        session = self.session
        if not session.is_empty() or self.waiting or session.socket:
            error = self.stats["last_error"]
            session.down("closed")
            self.stats["last_error"] = error
        lines = session.lines
        if lines and lines[-1] is self.goodbye and not session.file:
            lines.pop()
        if session.file is None:
            lines += self.waiting
            self.waiting = []
        while self.waiting and self._spool_some():
            pass
        left = session.next_number() - session.first
        kept = 0
        if left and self.spool:
            kept, error = self.spool.seal(session.client, session.first, lines, session.file)
            session.file = None
            if error:
                self.stats["last_error"] = "cannot write to the spool: %s" % error
        self.stats["left_in_spool"] += kept
        with self.lock:
            self.dropped += max(0, left - kept) + len(self.waiting)
        session.lines, self.waiting = [], []
        if self.old:
            self.old.leave()
            self.old = None
        self.waker.close()
