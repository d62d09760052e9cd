"""The hub as a user meets it: the tarball, unpacked, killed in the middle. Every message once in the archive."""

import glob
import gzip
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest
from collections import Counter

from monitoring_sdk import MonitoringSDK
from .fake_hub import wait_until

TARGET = os.environ.get("HUB_TARBALLS", os.path.join(os.path.dirname(__file__), "../../../distribution/target"))
TARBALLS = sorted(glob.glob(os.path.join(TARGET, "monitoring-hub-*.tar.gz")))
CONFIGURATION = """
transports:
  tcp: {{ port: {} }}
  unix: {{ path: run/ingest.sock }}
  http: {{ port: {} }}
backends:
  archive: {{ type: filesystem, path: data/events }}
routes:
  - {{ source: "*", to: [archive] }}
log: {{ path: data/log, retain: 24h, max_size: 1GB, durability: sync }}
"""


def free_port():
    """Below those that the system gives to outgoing connections: none of them takes it while the hub is down."""
    for port in random.sample(range(20_000, 32_768), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:     # the next one
                continue
    raise AssertionError("100 ports are in use")


@unittest.skipUnless(TARBALLS, "no monitoring-hub-*.tar.gz in %s: build it with ./mvnw -pl distribution -am package -DskipTests" % TARGET)
class HubCase(unittest.TestCase):
    """The tarball, unpacked and started."""

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder, True)
        subprocess.run(["tar", "xzf", TARBALLS[-1], "-C", self.folder], check=True)
        self.home = glob.glob(self.folder + "/monitoring-hub-*")[0]
        self.port, self.http_port = free_port(), free_port()
        with open(self.home + "/conf/hub.yaml", "w") as file:
            file.write(self.configuration())
        self.spool = self.folder + "/spool"
        self.start()
        self.addCleanup(self.hub, "stop")

    def configuration(self):
        return CONFIGURATION.format(self.port, self.http_port)

    def hub(self, command):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        with tempfile.TemporaryFile() as output:
            code = subprocess.run([self.home + "/bin/hub", command], env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output).returncode
            output.seek(0)
            return code, output.read().decode()

    def start(self):
        code, output = self.hub("start")
        self.assertEqual(0, code, output)

    def kill(self):
        with open(self.home + "/data/run/hub.pid") as file:
            pid = int(file.read())
        os.kill(pid, signal.SIGKILL)
        wait_until("its end", lambda: not os.path.exists("/proc/%d" % pid) or open_and_read("/proc/%d/stat" % pid).split(") ")[1][0] in "ZX")

    def archived(self):
        events = Counter()
        try:
            for path in glob.glob(self.home + "/data/events/**", recursive=True):
                if path.endswith((".jsonl", ".jsonl.gz")):
                    with gzip.open(path, "rb") if path.endswith(".gz") else open(path, "rb") as file:
                        for line in file.read().splitlines(True):
                            if line.endswith(b"\n"):
                                message = json.loads(line.decode())
                                if message["type"] == "event":
                                    events[message["data"]["msg"]] += 1
        except FileNotFoundError:   # it was closed and renamed meanwhile, at midnight
            return self.archived()
        return events


class PackagedHubTest(HubCase):

    def sdk(self, **more):
        sdk = MonitoringSDK("py-test", port=self.port, spool_dir=self.spool, protocol="acked", backoff_min=0.01, backoff_max=0.2,
                            welcome_timeout=20, **more)
        self.addCleanup(sdk.close, 0)
        return sdk

    def test_kill_9_in_the_middle_and_every_message_is_archived_once(self):
        sdk, count = self.sdk(), 0
        for part in range(3):
            for _ in range(10_000):
                sdk.log_event("info", "m%d" % count, {"part": part})
                count += 1
                if count % 10_000 == 5_000:
                    wait_until("the hub has some of it", lambda: sdk.get_stats()["acked"] > part * 10_000)
                    self.kill()
            if part < 2:
                self.start()
        sdk.close(0.1)          # with the hub away: what is left goes to the spool
        stats = sdk.get_stats()
        self.assertEqual(0, stats["dropped"])
        self.assertGreater(stats["left_in_spool"], 0)
        self.start()
        other = self.sdk()
        other.log_event("info", "m%d" % count)
        other.close(60)
        self.assertEqual([], [name for name in os.listdir(self.spool) if not name.endswith(".lock")])
        expected = Counter("m%d" % n for n in range(count + 1))
        wait_until("the archive", lambda: sum(self.archived().values()) >= count + 1, 60)
        self.assertEqual(expected, self.archived())
        self.assertEqual(0, stats["refused"] + other.get_stats()["refused"])

    def test_every_kind_of_message_is_taken_compressed_and_over_the_unix_socket(self):
        for more in ({"compress": True}, {"unix_socket": self.home + "/data/run/ingest.sock"}):
            sdk = self.sdk(**more)
            with sdk.job("J1", "nightly", subjobs=1) as job, job.subjob("one"):
                sdk.log_metric("rows", 4_000, "rows", {"table": "orders"})
                sdk.log_resource(threads=3)
                sdk.heartbeat()
                sdk.log_event("error", "☺\ud800\0" * 100, {"deep": [[[[[[[[[[1]]]]]]]]]], "odd": float("nan"), "long": "x" * 100_000})
            wait_until("delivery", lambda: sdk.flush(5), 60)     # the socket may come up later than start returns
            stats = sdk.get_stats()
            self.assertEqual((0, "acked", stats["messages"]), (stats["refused"], stats["protocol"], stats["acked"]), stats)


def open_and_read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:     # gone between the two looks
        return ") X"
