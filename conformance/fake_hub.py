"""A scripted hub: speaks the session protocol on a free loopback port, or a Unix socket, and can be told to misbehave.

What it knows of its clients survives down() and up(), as with a real one. The attributes under "the script" may be changed at any time. Thread-safe.
"""

import json
import random
import select
import socket
import ssl
import struct
import threading
import time
import zlib
from typing import Callable, Dict, List, NamedTuple, Optional

from wire import check


class Line(NamedTuple):
    client: Optional[str]
    number: Optional[int]
    bytes: bytes


class _Peer:
    def __init__(self, connection: socket.socket) -> None:
        self.connection, self.input, self.is_new, self.client, self.last, self.lines = connection, b"", True, None, 0, 0
        self.inflate = None
        self.resets_at: Optional[int] = None
        self.got = 0


class FakeHub:
    def __init__(self, unix: Optional[str] = None, tls: Optional[ssl.SSLContext] = None) -> None:
        self.unix, self.tls, self.lock = unix, tls, threading.RLock()
        self.holder = None
        self.port = 0
        if not unix:
            self.holder = _bound(0)     # not listening: the port stays ours, and refuses
            self.port = self.holder.getsockname()[1]
        self.accepted: List[Line] = []
        self.repeated: List[Line] = []
        self.hellos: List[dict] = []
        self.faults: List[str] = []     # what breaks the protocol
        self.connections = 0
        self.known: Dict[str, int] = {}
        self.peers: Dict[socket.socket, _Peer] = {}
        self.thread: Optional[threading.Thread] = None
        self.stopping = False
        # The script.
        self.answers_hello = True
        self.acks = True
        self.ack_at_most: Optional[int] = None
        self.ack_too_much = 0
        self.welcome_after = 0                          # so many lines, which are lost
        self.token: Optional[str] = None
        self.compresses = False
        self.max_message = 65_536
        self.refuses: Callable[[bytes], bool] = lambda line: False
        self.resets: Optional[random.Random] = None     # each connection is reset at a random byte
        self.closes_after = 0                           # lines, which are taken and not acknowledged
        self.fences: Callable[[dict], bool] = lambda hello: False   # as if another client of the same id came right behind this one
        self.fences_at: Callable[[bytes], bool] = lambda line: False    # the same, before this line is taken

    # --- for scenarios ---

    def up(self) -> "FakeHub":
        self.down()
        self.stopping = False
        if self.unix:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(self.unix)
        else:
            listener = _bound(self.port)
        listener.listen(50)
        self.thread = threading.Thread(target=self._serve, args=(listener,), name="fake-hub", daemon=True)
        self.thread.start()
        return self

    def down(self) -> None:
        if self.thread:
            self.stopping = True
            self.thread.join()
            self.thread = None

    def close(self) -> None:
        self.down()
        if self.holder:
            self.holder.close()

    def messages(self) -> List[dict]:
        with self.lock:
            return [json.loads(line.bytes.decode()) for line in self.accepted]

    def texts(self) -> List[str]:
        """The messages of the events, in the order of arrival."""
        return [m["data"]["msg"] for m in self.messages() if m["type"] == "event"]

    def say(self, lines: bytes) -> None:
        """To everybody who is connected."""
        with self.lock:
            for connection in self.peers:
                connection.sendall(lines)

    # --- its thread ---

    def _serve(self, listener: socket.socket) -> None:
        peers = self.peers = {}
        while not self.stopping:
            for ready in select.select([listener, *peers], [], [], 0.01)[0]:
                with self.lock:
                    if ready is listener:
                        self._accept(listener, peers)
                    elif ready in peers and not self._read(peers[ready]):
                        ready.close()
                        peers.pop(ready, None)
        for sock in [listener, *peers]:
            sock.close()
        if self.unix:
            import os
            os.unlink(self.unix)

    def _accept(self, listener: socket.socket, peers: Dict[socket.socket, _Peer]) -> None:
        connection = listener.accept()[0]
        self.connections += 1
        if self.tls:
            connection.settimeout(5)
            try:
                connection = self.tls.wrap_socket(connection, server_side=True)
            except (OSError, ssl.SSLError):
                return
            connection.settimeout(None)
        peer = peers[connection] = _Peer(connection)
        if self.resets:
            peer.resets_at = self.resets.randrange(1, 40_000)

    def _read(self, peer: _Peer) -> bool:
        try:
            got = peer.connection.recv(65_536)
            while got and self.tls and peer.connection.pending():
                got += peer.connection.recv(65_536)
            peer.got += len(got)
            if peer.resets_at is not None and peer.got >= peer.resets_at:
                self._take(peer, got[:len(got) - (peer.got - peer.resets_at)], silent=True)
                peer.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            return bool(got) and self._take(peer, got)
        except OSError:
            return False

    def _take(self, peer: _Peer, got: bytes, silent: bool = False) -> bool:
        peer.input += peer.inflate.decompress(got) if peer.inflate else got
        *lines, peer.input = peer.input.split(b"\n")
        answer: List[bytes] = []
        stays = True
        for line in lines:
            stays = stays and self._line(peer, line, answer)
        if peer.client and self.acks and stays and not self.closes_after and not self.welcome_after:
            answer.append(self._ack(peer))
        if not silent and peer.connection in self.peers:
            peer.connection.sendall(b"".join(answer))
        return stays

    def _line(self, peer: _Peer, line: bytes, answer: List[bytes]) -> bool:
        fault = check(line + b"\n")
        if fault:
            self.faults.append("%s: %r" % (fault, line[:200]))
        if peer.is_new:
            peer.is_new = False
            message = json.loads(line.decode()) if not fault else {}
            if message.get("type") == "hello":
                return self._hello(peer, message, answer)
        if self.welcome_after:
            peer.lines += 1
            if peer.lines == self.welcome_after:
                answer.append(_control("welcome", acked=peer.last))
            return True
        if self.fences_at(line):
            self._fence(peer)
            return False
        peer.last += 1
        number = peer.last if peer.client else None
        if peer.client and peer.last <= self.known[peer.client]:
            self.repeated.append(Line(peer.client, number, line))
            return True
        if peer.client:
            self.known[peer.client] = peer.last
        if self.refuses(line):
            answer.append(_control("error", seq=number, code="invalid_data", reason='no "such" thing'))
            return True
        self.accepted.append(Line(peer.client, number, line))
        peer.lines += 1
        return peer.lines != self.closes_after

    def _ack(self, peer: _Peer) -> bytes:
        number = self.known[peer.client] if self.ack_at_most is None else min(self.ack_at_most, self.known[peer.client])
        return _control("ack", seq=number + self.ack_too_much)

    def _fence(self, peer: _Peer) -> None:
        """It gets the ack for what was taken of it, and an end."""
        try:
            peer.connection.sendall((self._ack(peer) if peer.client else b"") + _control("error", seq=0, code="fenced", reason="a newer session"))
        except OSError:     # it has gone
            pass
        peer.connection.close()
        self.peers.pop(peer.connection, None)

    def _hello(self, peer: _Peer, hello: dict, answer: List[bytes]) -> bool:
        self.hellos.append(hello)
        data = hello["data"]
        if self.token is not None and data.get("token") != self.token:
            answer.append(_control("error", seq=0, code="unauthorized", reason="no such token"))
            peer.connection.sendall(b"".join(answer))
            return False
        if not self.answers_hello:
            return True
        if self.fences(hello):
            peer.connection.sendall(_control("error", seq=0, code="fenced", reason="a newer session"))
            return False
        for other in [p for p in self.peers.values() if p is not peer and p.client == data["client"]]:
            self._fence(other)
        peer.client, peer.last = data["client"], data["next"] - 1
        self.known[peer.client] = max(self.known.get(peer.client, 0), peer.last)
        if self.welcome_after:
            return True
        welcome = dict(acked=self.known[peer.client], hub="fake", max_message=self.max_message)
        if self.compresses and "zlib" in (data.get("compress") or []):
            welcome["compress"] = "zlib"
            peer.inflate = zlib.decompressobj()
        answer.append(_control("welcome", **welcome))
        return True


def _control(kind: str, **data: object) -> bytes:
    return (json.dumps({"v": 1, "type": kind, "data": data}) + "\n").encode()


def _bound(port: int) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    for attempt in range(500):
        try:
            sock.bind(("127.0.0.1", port))
            return sock
        except OSError:     # a process that another language starts has a copy of the old one, for a moment
            time.sleep(0.01)
    raise OSError("port %d stays in use" % port)
