"""One numbered stream of lines of one client, and the connection that it goes over.

Lines wait in `lines`; `first` is the number of the first of them. A line stays until the hub has confirmed it. `written` counts how many went
into the present connection; after a lost one it is 0 again, and hello names `first`. The hub numbers by position from there, so every line is
written, also those that welcome says it has: leaving one out would shift the numbers of all that follow.

The mode belongs to the connection: undecided until the hub has answered hello, acked once it has, plain for a server that doesn't know hello.
With a plain one a line counts as sent when the kernel has taken it; the last of these stay in `unsure` as long as the connection: if the answer comes
after all, they wait for their ack like the others. No method waits. Used by one thread at a time.

A hub that says `fenced` has seen this client's id in another connection. Unless that can be the one that was given up here before (`is_left_open`), it
is somebody else's: what is not confirmed goes on under a new id, with the same numbers, and a spool file of others is left to them (`is_over`).
A hub that welcomes this process with a line that it never sent has it from somebody who has the id, too: the same.
"""

import errno
import json
import os
import random
import socket
import time
import uuid
import zlib
from typing import Any, Dict, List, Optional, Set, Union

from ._files import above
from ._lookup import Lookup
from ._poll import READ, WRITE, poll
from ._spool import SpoolFile
from ._tls import TlsSocket
from ._wire import MAX_LINE, encode

UNDECIDED, ACKED, PLAIN = "undecided", "acked", "plain"
_WRITE_BYTES = 65_536
_WRITES_PER_STEP = 16
_LIVELY_SECONDS = 0.2
_random = random.Random()   # of our own: the application may have seeded the shared one


class _GivenUp(OSError):
    """The connection is ended here: the hub need not know it yet."""


class Session:
    def __init__(self, options: Any, stats: Dict[str, Any], client: str, first: int, file: Optional[SpoolFile] = None) -> None:
        self.options, self.stats, self.client, self.first, self.file = options, stats, client, first, file
        self.lines: List[bytes] = []
        self.unsure: List[bytes] = []
        self.written = 0
        self.confirmed = self.highest = first - 1
        self.refused: Set[int] = set()
        self.socket: Union[socket.socket, TlsSocket, None] = None
        self.lookup: Optional[Lookup] = None
        self.is_own = file is None
        self.is_up = self.was_welcomed = self.is_fenced = self.is_left_open = self.is_over = False
        self.handshake_waits_for = 0    # an event of poll(2), while a TLS handshake is going on
        self.mode = UNDECIDED
        self.input = self.output = b""
        self.deflate: Any = None
        self.failures = 0
        self.since = self.heard_at = 0.0
        self.retry_at = time.monotonic()
        self.refusal = ""

    def is_down(self) -> bool:
        """No connection, and none in the making."""
        return self.socket is None and self.lookup is None

    def is_lively(self, now: float) -> bool:
        """Whether the hub takes what it gets: it has confirmed something not long ago."""
        return self.is_up and self.mode != UNDECIDED and now - self.heard_at < _LIVELY_SECONDS

    def is_empty(self) -> bool:
        return not self.lines and not self.output and not (self.file and self.file.has_unread())

    def next_number(self) -> int:
        return self.first + len(self.lines) + (self.file.unread_lines if self.file else 0)

    def due_at(self) -> float:
        """The next moment at which something is due without the network saying so."""
        if self.socket is None:
            return self.retry_at
        if not self.is_up:
            return self.since + self.options.connect_timeout
        return self.since + self.options.welcome_timeout if self.mode == UNDECIDED else float("inf")

    def can_write_more(self) -> bool:
        """Whether there is something to write that was not there, or not its turn, in the last step."""
        if not self.is_up or self.output or self.options.compress and self.mode == UNDECIDED:
            return False
        from_file = self.file is not None and self.file.has_unread() and len(self.lines) <= self.options.buffer / 2
        return self.written < len(self.lines) or from_file

    def interest(self) -> int:
        if not self.is_up:
            return self.handshake_waits_for or WRITE
        return READ | (WRITE if self.output else 0)

    def step(self, now: float, connect_now: bool = False) -> None:
        """Does what can be done now."""
        try:
            if self.socket is None and (connect_now or now >= self.retry_at):
                self._connect(now)
            elif self.handshake_waits_for:
                self._secure(now)
            elif self.socket and not self.is_up:
                self._finish_connect(now)
            if self.is_up:
                self._read(now)
                self._decide_mode(now)
                self._write(now)
        except OSError as e:
            self.down(str(e), isinstance(e, _GivenUp))

    # --- connection ---

    def _connect(self, now: float) -> None:
        o = self.options
        try:
            if o.unix_socket:
                family, address = socket.AF_UNIX, o.unix_socket
            else:
                self.lookup = self.lookup or Lookup(o.host, o.port)
                self.lookup.thread.join(0.01)
                if self.lookup.thread.is_alive():
                    self.retry_at = now + 0.01
                    return
                lookup, self.lookup = self.lookup, None
                if not lookup.found:
                    raise OSError(lookup.error)
                family, address = lookup.found[self.failures % len(lookup.found)]
            self.since = now
            plain = self.socket = above(socket.socket(family, socket.SOCK_STREAM))
            plain.setblocking(False)
            if family != socket.AF_UNIX:
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            code = plain.connect_ex(address)
        except (OSError, RuntimeError) as e:
            raise OSError("cannot connect to %s: %s" % (o.name, e)) from None
        self._connected(code, now)

    def _finish_connect(self, now: float) -> None:
        assert self.socket
        if poll([(self.socket, WRITE)], 0):
            self._connected(self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), now)
        elif now - self.since >= self.options.connect_timeout:
            raise OSError("no connection to %s in %s s" % (self.options.name, self.options.connect_timeout))

    def _connected(self, code: int, now: float) -> None:
        if code == errno.EINPROGRESS:
            return
        if code:
            raise OSError("cannot connect to %s: %s" % (self.options.name, os.strerror(code)))
        if self.options.tls and not self.options.unix_socket:
            assert isinstance(self.socket, socket.socket)
            self.socket = TlsSocket(self.socket, self.options)
            self._secure(now)
        else:
            self._begin(now)

    def _secure(self, now: float) -> None:
        """connect_timeout is for both, the connection and the handshake."""
        o = self.options
        assert isinstance(self.socket, TlsSocket)
        try:
            self.handshake_waits_for = self.socket.handshake()
        except OSError as e:
            raise OSError("no TLS with %s: %s" % (o.name, e)) from None
        if not self.handshake_waits_for:
            self._begin(now)
        elif now - self.since >= o.connect_timeout:
            raise OSError("no TLS handshake with %s in %s s" % (o.name, o.connect_timeout))

    def _begin(self, now: float) -> None:
        self.is_up = True
        self.since = self.heard_at = now
        self.stats["connects"] += 1
        if self.options.protocol == PLAIN:
            self.mode, self.failures = PLAIN, 0
        else:
            self.output = self._hello()

    def _hello(self) -> bytes:
        o = self.options
        data = {"client": self.client, "next": self.first, "sdk": "python/" + o.version}
        if o.token is not None:
            data["token"] = o.token
        if o.compress:
            data["compress"] = ["zlib"]
        hello = {"v": 1, "type": "hello", "src": o.source, "ts": int(time.time() * 1_000), "data": data}
        return (encode(hello) + "\n").encode()

    def down(self, why: str, given_up: bool = True) -> None:
        """Ends the connection. The pause before the next attempt is exponential with full jitter."""
        o = self.options
        if self.mode == PLAIN:   # what the socket took as whole lines is not sent again
            self._forget(self.written - self.output.count(b"\n"))
        pause = min(o.backoff_max, o.backoff_min * 2 ** min(self.failures, 20))
        self.retry_at = time.monotonic() + _random.random() * pause
        self.failures += 1
        self._close_socket()
        fenced, self.is_fenced = self.is_fenced, False
        if fenced and not self.is_left_open:
            self._end_id()
        if self.is_up:
            self.is_left_open = given_up
        self.deflate = None
        self.is_up, self.mode, self.written, self.unsure = False, UNDECIDED, 0, []
        self.input = self.output = b""
        self.stats["last_error"] = self.refusal or why
        self.refusal = ""

    def _end_id(self) -> None:
        """Numbers go on: the hub takes a new client's from wherever they begin."""
        self.is_over = not self.is_own
        if self.is_own:
            self.client = str(uuid.uuid4())
            if self.file:
                try:
                    self.file.give_to(self.client)
                except OSError as e:
                    self.refusal += "; its spool file keeps the old id: %s" % e

    def leave(self) -> None:
        """Ends a session that sends somebody's file: the file is given back if the hub has not confirmed all of it."""
        done, file = self.is_empty(), self.file
        self.down("closed") if not done else self._close_socket()
        if file and self.file:
            file.remove() if done else file.release()

    def _close_socket(self) -> None:
        if self.socket:
            if isinstance(self.socket, TlsSocket):
                self.socket.say_goodbye()
            self.socket.close()
        self.socket, self.handshake_waits_for = None, 0

    def _decide_mode(self, now: float) -> None:
        """A server that has never answered this client doesn't know hello. One that has, has only stopped: a new connection is tried."""
        if self.mode != UNDECIDED or now - self.since < self.options.welcome_timeout:
            return
        if self.was_welcomed or self.options.protocol == ACKED:
            raise _GivenUp("the hub did not answer hello in %s s" % self.options.welcome_timeout)
        self.mode, self.failures, self.heard_at = PLAIN, 0, now
        self._confirm_written()

    # --- what the hub says ---

    def _read(self, now: float) -> bool:
        """Whether there was something."""
        assert self.socket
        try:
            got = self.socket.recv(_WRITE_BYTES)
        except (BlockingIOError, InterruptedError):
            return False
        self.input += got
        *lines, self.input = self.input.split(b"\n")
        for line in lines:
            self._heard(line, now)
        if not got:
            raise OSError("connection closed by the hub")
        if len(self.input) > _WRITE_BYTES:
            raise _GivenUp("the hub sends no lines")
        return True

    def _hear_the_rest(self, now: float) -> None:
        """Why the hub has gone, as far as it said so."""
        try:
            while self._read(now):
                pass
        except OSError:
            pass    # sending has failed already

    def _heard(self, line: bytes, now: float) -> None:
        try:
            answer = json.loads(line.decode())
            kind, data = answer["type"], answer["data"]
            if kind == "ack":
                self._acked(int(data["seq"]))
            elif kind == "welcome":
                self._welcomed(data)
            elif kind == "error":
                self._error(data)
            else:
                return      # a later version's: clients must bear it
        except (ValueError, KeyError, TypeError, RecursionError):
            return
        self.heard_at = now

    def _acked(self, number: int) -> None:
        if number > self.highest:
            raise _GivenUp("the hub acknowledged line %d, but %d was the last one sent" % (number, self.highest))
        self._take_back()
        self.mode = ACKED
        self._confirm(number)

    def _welcomed(self, data: Dict[str, Any]) -> None:
        acked, most = int(data["acked"]), int(data.get("max_message") or MAX_LINE)
        self._take_back()
        self.mode, self.was_welcomed = ACKED, True
        if self.is_own and acked > self.highest:
            self.is_fenced, self.is_left_open = True, False
            self.refusal = "the hub has line %d of this client, but %d was the last one sent: another process has its id" % (acked, self.highest)
            raise OSError(self.refusal)
        self.highest = max(self.highest, acked)     # of a file that somebody else wrote and partly sent, the hub may have more than was read here
        self.failures = 0
        if self.options.compress and data.get("compress") == "zlib":
            self.deflate = zlib.compressobj(1)
        if 1_024 <= most < MAX_LINE:
            self.options.max_line = most
        if acked > 0:
            self._acked(acked)

    def _error(self, data: Dict[str, Any]) -> None:
        why = "refused by the hub: %s: %s" % (data.get("code"), data.get("reason"))
        number = int(data.get("seq") or 0)
        self.stats["refused"] += 1
        self.stats["last_error"] = why
        if number <= 0:     # about the session, which the hub will end
            self.refusal = why
            if data.get("code") == "fenced":
                self._take_back()
                self.mode, self.is_fenced = ACKED, True
                raise OSError(why)
        elif self.confirmed < number <= self.highest:
            self.refused.add(number)    # confirms its own line and says nothing of those before it
            self._confirm(self.confirmed)

    def _confirm(self, number: int) -> None:
        """All lines up to this number are the hub's. Only written ones can go; the rest follow when they have been written."""
        self.confirmed = max(self.confirmed, number)
        if self.refused:
            while self.confirmed + 1 in self.refused:
                self.confirmed += 1
            self.refused = {n for n in self.refused if n > self.confirmed}
        self._forget(min(self.confirmed - self.first + 1, self.written))

    def _confirm_written(self) -> None:
        if not self.output:
            self._forget(self.written)

    def _forget(self, count: int) -> None:
        if count <= 0:
            return
        if self.mode == PLAIN and self.options.protocol != PLAIN:
            self.unsure = (self.unsure + self.lines[:count])[-self.options.buffer:]
        del self.lines[:count]
        self.first += count
        self.written -= count
        self.stats["plain" if self.mode == PLAIN else "acked"] += count
        if self.file and self.file.is_done(self.first - 1):
            self.file.remove()
            self.file = None

    def _take_back(self) -> None:
        """The hub did know hello, it was only slow: what was taken for sent is as unconfirmed as the rest."""
        self.lines[:0] = self.unsure
        self.first -= len(self.unsure)
        self.written += len(self.unsure)
        self.stats["plain"] -= len(self.unsure)
        self.unsure = []

    # --- what goes to the hub ---

    def _write(self, now: float) -> None:
        assert self.socket
        for _ in range(_WRITES_PER_STEP):
            # Who offers compression says nothing more before the answer tells how to.
            if not self.output and not (self.options.compress and self.mode == UNDECIDED):
                self._next_batch()
            if not self.output:
                return
            try:
                self.output = self.output[self.socket.send(self.output):]
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self._hear_the_rest(now)
                raise
            if self.output:
                return
            if self.mode == PLAIN:
                self._confirm_written()
            elif self.mode == ACKED:
                self._confirm(self.confirmed)

    def _next_batch(self) -> None:
        most = self.options.buffer
        if self.file and len(self.lines) <= most / 2 and self.file.has_unread():
            self.lines += self.file.take(most - len(self.lines))
        batch, size, start = [], 0, self.written
        while start + len(batch) < len(self.lines) and size < _WRITE_BYTES:
            batch.append(self.lines[start + len(batch)])
            size += len(batch[-1])
        if not batch:
            return
        self.output = b"".join(batch)
        if self.deflate:
            self.output = self.deflate.compress(self.output) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
        last = self.first + start + len(batch) - 1
        fresh = max(0, last - max(self.highest, self.first + start - 1))
        self.stats["sent"] += fresh
        self.stats["resent"] += len(batch) - fresh
        self.highest = max(self.highest, last)
        self.written = start + len(batch)
