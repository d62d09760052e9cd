"""Overflow, the hub away, processes that end or are killed: the spool."""

import fcntl
import os
import signal
import subprocess
import sys

from .fake_hub import HubTest, wait_until

PROGRAM = """
import sys, os, signal
from monitoring_sdk import MonitoringSDK
sdk = MonitoringSDK("svc", port=int(sys.argv[1]), spool_dir=sys.argv[2], buffer=int(sys.argv[3]), backoff_min=0.01, backoff_max=0.05, close_timeout=20,
                    welcome_timeout=20)
for n in sys.argv[5:]:
    sdk.log_event("info", n)
exec(sys.argv[4])
"""


class SpoolTest(HubTest):

    def process(self, *events, end="", buffer=1_000, start=False):
        command = [sys.executable, "-c", PROGRAM, str(self.hub.port), self.folder, str(buffer), end] + [str(e) for e in events]
        home = os.path.dirname(os.path.dirname(__file__))
        return subprocess.Popen(command, cwd=home) if start else subprocess.run(command, cwd=home, stderr=subprocess.PIPE).returncode

    def lines(self, path):
        with open(path, "rb") as file:
            return file.read().count(b"\n")

    def finished(self):
        """Another process of the source sends what it finds."""
        sdk = self.sdk()
        sdk.log_event("info", "last")
        sdk.close(20)
        return sdk.get_stats()

    def assert_each_once(self, *expected):
        self.assertEqual(sorted(map(str, expected)), sorted(self.hub.events()))

    def test_overflow_while_the_hub_is_away_then_it_comes(self):
        sdk = self.sdk(buffer=50)
        for n in range(50):
            sdk.log_event("info", n)
        wait_until("an attempt", lambda: sdk.get_stats()["last_error"])
        self.assertEqual(("disconnected", 50, []), (sdk.get_stats()["state"], sdk.get_stats()["buffered"], self.files()))
        for n in range(50, 400):
            sdk.log_event("info", n)
        wait_until("overflow", lambda: sdk.get_stats()["spooled"] == 350 and sdk.get_stats()["state"] == "overflow")
        self.assertEqual(50, sdk.get_stats()["buffered"])
        self.assertEqual(["svc-%s-51.open-python" % sdk.get_stats()["client"]], self.files())
        self.hub.up()
        wait_until("delivery", lambda: sdk.get_stats()["acked"] == 400)
        wait_until("calm", lambda: sdk.get_stats()["state"] == "connected")
        sdk.log_event("info", 400)
        sdk.close(20)
        self.assertEqual([str(n) for n in range(401)], self.hub.events())
        self.assertEqual([], self.files())

    def test_the_process_ends_with_the_hub_away_and_the_next_one_sends(self):
        self.assertEqual(7, self.process(1, 2, 3, end="sys.exit(7)"))
        self.assertRegex(self.files()[0], r"\Asvc-[0-9a-f-]{36}-1\.ldjson\Z")
        with open(os.path.join(self.folder, self.files()[0])) as file:
            self.assertEqual(3, len(file.readlines()))
        self.assertEqual(1, self.process(4, 5, end="raise ValueError"))
        self.assertEqual(0, self.process(6, 7, 8, 9, buffer=2))
        self.assertEqual(4, len(self.files()))
        self.hub.up()
        self.assertEqual(4, self.finished()["spool_files_sent"])
        self.assert_each_once(*range(1, 10), "last")
        self.assertEqual([], self.files())

    def test_lines_that_the_hub_had_before_the_process_ended_are_not_doubled(self):
        self.hub.up(ack=False)
        sdk = self.sdk()
        for n in range(5):
            sdk.log_event("info", n)
        wait_until("arrival", lambda: len(self.hub.accepted) == 5)
        sdk.close(0.1)
        self.assertEqual(1, len(self.files()))
        self.hub.up()
        self.finished()
        self.assert_each_once(*range(5), "last")
        self.assertGreaterEqual(len(self.hub.repeated), 5)

    def test_a_killed_process_leaves_its_file_and_half_a_line(self):
        process = self.process(*range(6), buffer=2, start=True, end="import time; time.sleep(60)")
        path = wait_until("the spool file", lambda: self.files())[0]
        path = os.path.join(self.folder, path)
        wait_until("its lines", lambda: self.lines(path) == 4)
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.assertTrue(path.endswith("-3.open-python"))
        with open(path, "ab") as file:
            file.write(b'{"v":1,"half a li')
        self.hub.up()
        self.finished()
        self.assert_each_once(2, 3, 4, 5, "last")
        self.assertEqual([], self.files())

    def test_a_living_process_keeps_its_file(self):
        process = self.process(*range(4), buffer=2, start=True, end="import time; time.sleep(60)")
        name = wait_until("the spool file", lambda: self.files())[0]
        wait_until("its lines", lambda: self.lines(os.path.join(self.folder, name)) == 2)
        process.send_signal(signal.SIGSTOP)
        self.hub.up()
        self.finished()
        self.assert_each_once("last")
        self.assertEqual(1, len(self.files()))
        process.send_signal(signal.SIGCONT)
        wait_until("its own delivery", lambda: len(self.hub.events()) == 5)
        process.kill()
        process.wait()
        self.assert_each_once(*range(4), "last")

    def test_a_file_in_other_hands_holds_up_those_of_its_client(self):
        self.process(1, 2, 3)
        path = os.path.join(self.folder, self.files()[0])
        lower = path.replace("-1.ldjson", "-0.claimed-hub")
        open(lower, "w").close()
        self.hub.up()
        self.finished()
        self.assertTrue(os.path.exists(path))
        os.unlink(lower)
        theirs = path.replace(".ldjson", ".claimed-java")
        os.rename(path, theirs)
        self.finished()
        self.assertTrue(os.path.exists(theirs))
        os.rename(theirs, path)
        with open(path) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.finished()
            self.assertTrue(os.path.exists(path))
        self.finished()
        self.assert_each_once(1, 2, 3, *["last"] * 4)
        self.assertEqual([], self.files())

    def test_a_file_that_another_language_left_is_sent_under_its_names(self):
        client = "6f2c7a30-5a0e-4d0b-9d5e-0b8f1f0c9a11"
        line = '{"v":1,"src":"svc","ts":1,"type":"event","data":{"level":"info","msg":"%d"}}\n'
        for first in (12, 10):
            with open(os.path.join(self.folder, "svc-%s-%d.ldjson" % (client, first)), "w") as file:
                file.write(line % first + line % (first + 1))
        self.hub.up()
        self.finished()
        theirs = [(entry.number, entry.bytes.decode() + "\n") for entry in self.hub.accepted if entry.client == client]
        self.assertEqual([(n, line % n) for n in range(10, 14)], theirs)

    def test_several_processes_share_a_spool(self):
        for p in range(4):
            self.assertEqual(0, self.process(*("%d.%d" % (p, n) for n in range(50))))
        self.hub.up()
        for process in [self.process("now.%d" % p, start=True) for p in range(4)]:
            self.assertEqual(0, process.wait())
        self.finished()
        self.assert_each_once(*["%d.%d" % (p, n) for p in range(4) for n in range(50)], *["now.%d" % p for p in range(4)], "last")
        self.assertEqual([], self.files())

    def test_a_full_spool_is_counted(self):
        sdk = self.sdk(buffer=5, spool_bytes=2_000)
        for n in range(100):
            sdk.log_event("info", n)
        sdk.close()
        stats = sdk.get_stats()
        self.assertEqual(100, stats["left_in_spool"] + stats["dropped"])
        self.assertGreater(stats["left_in_spool"], 5)
        self.assertGreater(stats["dropped"], 50)
        self.assertIn("the spool is full", stats["last_error"])
        self.assertLessEqual(sum(os.path.getsize(os.path.join(self.folder, f)) for f in self.files()), 2_000)

    def test_a_folder_that_cannot_be_is_counted_and_told(self):
        path = os.path.join(self.folder, "file")
        open(path, "w").close()
        sdk = self.sdk(buffer=5, spool_dir=path + "/x")
        for n in range(10):
            sdk.log_event("info", n)
        sdk.close()
        self.assertEqual(10, sdk.get_stats()["dropped"])
        self.assertIn("cannot write to the spool", sdk.get_stats()["last_error"])

    def test_without_a_spool_what_does_not_fit_is_dropped(self):
        sdk = self.sdk(buffer=5, spool=False)
        for n in range(10):
            sdk.log_event("info", n)
        self.assertEqual("overflow", sdk.get_stats()["state"])
        self.hub.up()
        sdk.close(20)
        self.assertEqual(5, sdk.get_stats()["dropped"])
        self.assert_each_once(*range(5))
