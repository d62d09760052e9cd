"""A scripted hub for tests: a thread on a free loopback port that speaks the session protocol. What it knows of its clients survives down() and up()."""

import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from typing import NamedTuple

from monitoring_sdk import MonitoringSDK


def wait_until(what, check, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = check()
        if result:
            return result
        threading.Event().wait(0.005)
    raise AssertionError("waited in vain: " + what)


class Line(NamedTuple):
    connection: int
    client: str
    number: int
    bytes: bytes


class _Peer:
    def __init__(self, number):
        self.number, self.input, self.greeted, self.client, self.last, self.lines, self.inflate = number, b"", False, None, 0, 0, None


class FakeHub:
    """Behaviour of up(): answer=False ignores hello; ack=False; close_after=N new lines, which are accepted but not acknowledged;
    late=N: the welcome comes behind so many lines, and these are lost; refuse=function(line); greet_error; max_message; read=False accepts connections and takes nothing; ack_too_much;
    tls=context."""

    def __init__(self):
        self.holder = socket.socket()   # bound, not listening: the port stays ours and refuses
        self.holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.holder.bind(("127.0.0.1", 0))
        self.port = self.holder.getsockname()[1]
        self.accepted, self.repeated, self.hellos, self.closed = [], [], [], []
        self.known, self.connections, self.thread = {}, 0, None

    def up(self, **behaviour):
        self.down()
        self.behaviour, self.stopping = behaviour, False
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", self.port))
        self.listener.listen(50)
        self.thread = threading.Thread(target=self._serve, name="fake-hub", daemon=True)
        self.thread.start()
        return self

    def down(self):
        if self.thread:
            self.stopping = True
            self.thread.join()
            self.thread = None

    def close(self):
        self.down()
        self.holder.close()

    def messages(self):
        return [json.loads(line.bytes.decode()) for line in list(self.accepted)]

    def events(self):
        return [m["data"]["msg"] for m in self.messages() if m["type"] == "event"]

    def _serve(self):
        peers = {}
        while not self.stopping:
            watched = [self.listener] + ([] if self.behaviour.get("read") is False else list(peers))
            for ready in select.select(watched, [], [], 0.02)[0]:
                if ready is self.listener:
                    self.connections += 1
                    accepted = self._accept()
                    if accepted:
                        peers[accepted] = _Peer(self.connections)
                    continue
                peer = peers[ready]
                try:
                    got = ready.recv(65_536)
                    while self.behaviour.get("tls") and ready.pending():
                        got += ready.recv(65_536)
                    peer.input += got
                    stays = bool(got) and self._take(ready, peer)
                except OSError:
                    stays = False
                if not stays:
                    self.closed.append(peer.client)
                    ready.close()
                    del peers[ready]
        for open_socket in [self.listener] + list(peers):
            open_socket.close()

    def _accept(self):
        connection = self.listener.accept()[0]
        if "tls" not in self.behaviour:
            return connection
        connection.settimeout(5)
        try:
            return self.behaviour["tls"].wrap_socket(connection, server_side=True)
        except OSError:
            return None     # it closes the connection

    def _take(self, connection, peer):
        b = self.behaviour
        *lines, peer.input = peer.input.split(b"\n")
        out = []
        for line in filter(None, lines):
            first, peer.greeted = not peer.greeted, True
            message = json.loads(line.decode()) if first else {}
            if message.get("type") == "hello":
                self.hellos.append(message)
                if b.get("greet_error"):
                    connection.sendall(b'{"v":1,"type":"error","data":{"seq":0,"code":"unauthorized","reason":"no token"}}\n')
                    return False
                if b.get("answer") is not False:
                    peer.client, peer.last = message["data"]["client"], message["data"]["next"] - 1
                    self.known.setdefault(peer.client, peer.last)
                    if b.get("late"):
                        continue
                    out.append('{"v":1,"type":"welcome","data":{"acked":%d,"hub":"fake","max_message":%d}}\n'
                               % (self.known[peer.client], b.get("max_message", 65_536)))
                continue
            if b.get("late"):
                peer.lines += 1
                if peer.lines == b["late"]:
                    out.append('{"v":1,"type":"welcome","data":{"acked":%d}}\n' % peer.last)
                continue
            peer.last += 1
            if peer.client and peer.last <= self.known[peer.client]:
                self.repeated.append(Line(peer.number, peer.client, peer.last, line))
                continue
            if peer.client:
                self.known[peer.client] = peer.last
            if b.get("refuse") and b["refuse"](line):
                out.append('{"v":1,"type":"error","data":{"seq":%d,"code":"bad","reason":"no \\"such\\" thing"}}\n' % peer.last)
                continue
            self.accepted.append(Line(peer.number, peer.client, peer.last if peer.client else None, line))
            peer.lines += 1
            if peer.lines == b.get("close_after"):
                return False
        if peer.client and b.get("ack") is not False and not b.get("close_after") and not b.get("late"):
            out.append('{"v":1,"type":"ack","data":{"seq":%d}}\n' % (self.known[peer.client] + b.get("ack_too_much", 0)))
        connection.sendall("".join(out).encode())
        return True


_WATCHED = """
import json, sys, threading
import monitoring_sdk
imported = []
class Watch:
    def find_spec(self, name, path=None, target=None):
        if threading.current_thread() is not threading.main_thread():
            imported.append(name)
sys.meta_path.insert(0, Watch())
options = json.loads(sys.argv[1])
if "backends" in options:
    backends = [monitoring_sdk.BackendConfig(**backend) for backend in options.pop("backends")]
    options["config"] = monitoring_sdk.configure(mode="direct", backends=backends)
sdk = monitoring_sdk.MonitoringSDK("svc", **options)
sdk.log_event("info", "watched", {"half": "\\ud800"})
sdk.end_span(sdk.start_span("work"))
sdk.log_resource()
sdk.close(60)
print(json.dumps([sdk.get_stats()["last_error"], imported]))
"""


def imported_by_threads(**options):
    """What the SDK's threads load in a process that sends a little, behind the last error. A fork in the middle of an import leaves the module locked in the child."""
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    output = subprocess.run([sys.executable, "-c", _WATCHED, json.dumps(options)], cwd=home, stdout=subprocess.PIPE, check=True).stdout
    return json.loads(output.decode())


class HubTest(unittest.TestCase):
    """A fake hub that is down, a spool folder, and SDKs with short pauses that end with the test."""

    def setUp(self):
        for name in [name for name in os.environ if name.startswith("MONITORING_")]:
            del os.environ[name]
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.hub = FakeHub()
        self.addCleanup(self.hub.close)

    def sdk(self, **more):
        options = dict(source="svc", port=self.hub.port, spool_dir=self.folder, backoff_min=0.01, backoff_max=0.05,
                       welcome_timeout=60, close_timeout=60)    # on a busy machine the hub must not be taken for a plain one
        options.update(more)
        sdk = MonitoringSDK(**options)
        self.addCleanup(sdk.close, 0)
        return sdk

    def files(self):
        return sorted(name for name in os.listdir(self.folder) if not name.endswith(".lock"))

    def settled(self, sdk, check=None):
        """Waits as long as it takes; true once all is confirmed, or check holds."""
        return wait_until("delivery", lambda: check() if check else sdk.get_stats()["buffered"] == 0)

    def spooled(self, use, **more):
        """The lines that use(sdk) makes, read back from the spool, and the statistics."""
        sdk = self.sdk(**more)
        use(sdk)
        sdk.close()
        lines = []
        for name in sorted(self.files(), key=lambda n: int(n.split("-")[-1].split(".")[0])):
            path = os.path.join(self.folder, name)
            with open(path, "rb") as file:
                lines += file.read().splitlines(True)
            os.unlink(path)
        return lines, sdk.get_stats()
