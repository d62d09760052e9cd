"""What the application notices: nothing."""

import multiprocessing
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from unittest import mock

from monitoring_sdk import _host
from monitoring_sdk._waker import Waker
from monitoring_sdk.config import BackendConfig
from monitoring_sdk.direct import BackendRouter
from monitoring_sdk.direct.batch import Batch
from monitoring_sdk.direct.lane import _Job
from .fake_hub import HubTest, imported_by_threads, wait_until

warnings.filterwarnings("ignore", message=".*multi-threaded, use of fork", category=DeprecationWarning)


HOME = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def in_child(code):
    """Runs it in a fork of this process; returns its exit status."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            code()
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(pid, 0)[1]


class MannersTest(HubTest):

    def test_100000_calls_without_a_hub(self):
        sdk = self.sdk()
        for n in range(100_000):
            sdk.log_event("info", n, {"n": n})
        stats = sdk.get_stats()
        self.assertEqual((100_000, 0), (stats["messages"], stats["dropped"]))
        self.hub.up()
        wait_until("delivery", lambda: sdk.get_stats()["acked"] == 100_000, 60)
        sdk.close(20)
        self.assertEqual([str(n) for n in range(100_000)], self.hub.events())
        self.assertEqual([], self.files())

    def test_a_hub_that_accepts_and_takes_nothing(self):
        self.hub.up(read=False)
        sdk = self.sdk(protocol="acked", welcome_timeout=60)
        for n in range(3_000):
            sdk.log_event("info", n, {"filling": "x" * 2_000})
        sdk.close(0.1)
        self.assertEqual((0, 3_000), (sdk.get_stats()["dropped"], sdk.get_stats()["left_in_spool"]))
        self.hub.up()
        other = self.sdk()
        other.log_event("info", "last")
        other.close(60)
        self.assertEqual(sorted([str(n) for n in range(3_000)] + ["last"]), sorted(self.hub.events()))

    def test_a_forked_child_is_a_new_client_and_leaves_the_parents_lines_to_the_parent(self):
        self.hub.up(ack=False)
        sdk = self.sdk()
        span = sdk.start_span("parent", "trace-f")
        for n in range(3):
            sdk.log_event("info", "parent %d" % n)
        wait_until("arrival", lambda: len(self.hub.accepted) == 4)      # not confirmed: still the parent's

        def child():
            sdk.log_event("info", "child")
            sdk.end_span(sdk.start_span("in child"))
            sdk.close(0.3)
        self.assertEqual(0, in_child(child))
        self.assertEqual(0, in_child(lambda: None))
        self.assertEqual(0, in_child(lambda: os._exit(0)))
        self.hub.up()
        sdk.end_span(span)
        self.assertTrue(sdk.flush(20))
        sdk.close(20)
        other = self.sdk()      # what the child left
        other.log_event("info", "last")
        other.close(20)
        self.assertEqual(["child", "last"] + ["parent %d" % n for n in range(3)], sorted(self.hub.events()))
        self.assertEqual(3, len({hello["data"]["client"] for hello in self.hub.hellos}))
        inner = [m for m in self.hub.messages() if m["data"].get("name") == "in child"][0]
        self.assertEqual((span, "trace-f"), (inner["pid"], inner["tid"]))

    def test_processor_time_of_a_forked_child_counts_since_the_fork(self):
        sdk = self.sdk()
        before = time.monotonic()

        def child():
            used, counted_from = sdk._cpu
            assert used < 1 and counted_from >= before
        self.assertEqual(0, in_child(child))

    def test_fork_while_spooling(self):
        sdk = self.sdk(buffer=5)
        for n in range(20):
            sdk.log_event("info", "p%d" % n)
        wait_until("overflow", lambda: sdk.get_stats()["spooled"] == 15)

        def child():
            for n in range(20):
                sdk.log_event("info", "c%d" % n)
            sdk.close()
        self.assertEqual(0, in_child(child))
        for n in range(20, 30):
            sdk.log_event("info", "p%d" % n)
        self.hub.up()
        self.assertTrue(wait_until("delivery", lambda: sdk.flush(1)))
        sdk.close(20)
        self.assertEqual(sorted(["p%d" % n for n in range(30)] + ["c%d" % n for n in range(20)]), sorted(self.hub.events()))
        self.assertEqual(["p%d" % n for n in range(30)], [e for e in self.hub.events() if e[0] == "p"])

    def test_forks_while_other_threads_log(self):
        """Each child is forked in the middle of a round of messages. The rounds have an end, so that a slow child is not outrun by what waits for the hub."""
        self.hub.up()
        sdk = self.sdk()
        children, share = 10, 2_000
        rounds, logging = threading.Barrier(3), threading.Semaphore(0)
        self.addCleanup(rounds.abort)

        def log(t):
            for n in range(children * share):
                if n % share == 0:
                    rounds.wait(60)
                if n % share == 10:
                    logging.release()
                sdk.log_event("info", "t%d.%d" % (t, n))
        threads = [threading.Thread(target=log, args=(t,), daemon=True) for t in range(2)]
        for thread in threads:
            thread.start()

        def child(n):
            sdk.log_event("info", "f%d" % n)
            sdk.close(60)
            stats = sdk.get_stats()
            assert (stats["dropped"], stats["left_in_spool"]) == (0, 0), stats
        for n in range(children):
            rounds.wait(60)
            self.assertTrue(all([logging.acquire(timeout=60) for _ in threads]))
            self.assertEqual(0, in_child(lambda: child(n)))
        for thread in threads:
            thread.join()
        sdk.close(60)
        expected = ["t%d.%d" % (t, n) for t in range(2) for n in range(children * share)] + ["f%d" % n for n in range(children)]
        self.assertEqual(sorted(expected), sorted(self.hub.events()))

    def test_its_threads_import_nothing_so_that_a_fork_finds_no_import_half_done(self):
        self.hub.up()
        self.assertEqual([None, []], imported_by_threads(port=self.hub.port, spool_dir=self.folder))
        self.assertEqual(["watched"], self.hub.events())

    def test_workers_of_multiprocessing_send_without_close(self):
        self.hub.up()
        sdk = self.sdk(close_timeout=20)
        sdk.log_event("info", "parent")
        process = multiprocessing.get_context("fork").Process(target=sdk.log_event, args=("info", "worker"))
        process.start()
        process.join()
        sdk.close(20)
        self.assertEqual(["parent", "worker"], sorted(self.hub.events()))

    def test_a_signal_handler_that_logs_finds_no_deadlock(self):
        self.hub.up()
        sdk = self.sdk()
        counts = {"h": 0, "m": 0}

        def handler(*_):
            counts["h"] += 1
            sdk.log_event("info", "h%d" % counts["h"])
        before = signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        try:
            end = time.monotonic() + 20
            while counts["h"] < 300 and time.monotonic() < end:
                counts["m"] += 1
                sdk.log_event("info", "m%d" % counts["m"])
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        sdk.close(30)
        self.assertEqual(sorted(k + str(n) for k, count in counts.items() for n in range(1, count + 1)), sorted(self.hub.events()))

    def test_random_and_signal_handlers_stay_as_they_were(self):
        self.hub.up()
        handlers = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGALRM)]
        random.seed(42)
        expected = [random.random() for _ in range(3)]
        random.seed(42)
        sdk = self.sdk()
        sdk.end_span(sdk.start_span("x"))
        self.hub.down()
        sdk.flush(1)
        sdk.close()
        self.assertEqual(expected, [random.random() for _ in range(3)])
        self.assertEqual(handlers, [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGALRM)])

    def test_threads_that_go_on_in_a_forked_child_as_with_gevent_touch_nothing(self):
        class Stays(Exception):
            pass

        sdk = self.sdk(buffer=1)
        sender, sdk._sender = sdk._sender, sdk._new_sender()
        sender.session.lines.append(b"{}\n")
        sender.forget()
        with mock.patch("monitoring_sdk._sender.stay", side_effect=Stays), self.assertRaises(Stays):
            sender._run()
        self.assertEqual([], self.files())
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        router = BackendRouter([BackendConfig("filesystem", "files", path=folder.name)], spool_dir=folder.name)
        router.send({"n": 1})
        self.assertTrue(router.flush(20))
        lane = router.lanes[0]
        lane.end(time.monotonic() + 20)
        lane.thread.join()
        lane._job = _Job(Batch.of("svc", router.client, 1, [b"{}\n"]), None)
        lane.forget()
        with mock.patch("monitoring_sdk.direct.lane.stay", side_effect=Stays), self.assertRaises(Stays):
            lane._run()
        self.assertFalse(lane._deliver(), "is not taken for delivered")
        lane.stowed.set()
        router.close()

    def test_without_poll_as_with_eventlet(self):
        with mock.patch.object(select, "poll"):
            del select.poll
            sdk = self.sdk()
            sdk.log_event("info", "before the hub")
            self.hub.up()
            wait_until("the hub", lambda: sdk.flush(20), 60)
            sdk.log_event("info", "and with it")
            self.assertTrue(sdk.flush(20))
            sdk.close(20)
        self.assertEqual(["before the hub", "and with it"], self.hub.events())

    def test_close_ends_the_thread_and_its_descriptors(self):
        self.hub.up()
        threads, descriptors = set(threading.enumerate()), len(os.listdir("/proc/self/fd"))
        for n in range(5):
            with self.sdk() as sdk:
                sdk.log_event("info", n)
        self.assertEqual(set(), set(threading.enumerate()) - threads)
        wait_until("the hub's ends closed", lambda: len(os.listdir("/proc/self/fd")) <= descriptors)
        self.assertEqual(5, len(self.hub.events()))

    def test_an_application_that_closes_descriptors_it_did_not_open(self):
        waker = Waker()
        os.closerange(waker._ends[0].fileno(), waker._ends[0].fileno() + 1)
        waker.wait(30)
        self.assertIn("has closed", waker.error)
        self.assertEqual((), waker._ends)     # else the thread would not rest any more
        waker.wait(0.001)
        waker.wake()

    def test_the_end_of_the_process_waits_for_a_close_under_way(self):
        code = ("import socket, threading\nfrom monitoring_sdk import MonitoringSDK\nserver = socket.create_server(('127.0.0.1', 0))\n"
                "sdk = MonitoringSDK('svc', port=server.getsockname()[1], spool_dir=%r, close_timeout=0.1)\n"
                "for n in range(50):\n    sdk.log_event('info', n)\n"
                "threading.Thread(target=sdk.close, args=(600,), daemon=True).start()\n"
                "while sdk.get_stats()['state'] != 'closed':\n    pass\n") % self.folder
        self.assertEqual(0, subprocess.run([sys.executable, "-c", code], cwd=HOME).returncode)
        with open(os.path.join(self.folder, os.listdir(self.folder)[0]), "rb") as spooled:
            self.assertEqual(50, len(spooled.readlines()))

    def test_what_the_kernel_gives_in_pages_is_read_whole(self):
        self.assertIn(b"[stack]", _host._read("/proc/self/maps"))

    def test_flush_without_a_hub_returns_at_once(self):
        sdk = self.sdk(backoff_min=30)
        sdk.log_event("info", "x")
        self.assertFalse(sdk.flush(600))
        self.assertFalse(sdk.flush(600))
