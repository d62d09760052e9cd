"""Direct mode: what the router promises whatever the backend is. The backends are files, and servers that answer as they are told."""

import logging
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
import unittest.mock
import warnings

from monitoring_sdk import BackendConfig, ConfigurationError, Delivery, MonitoringHandler, MonitoringSDK, configure
from monitoring_sdk.direct.spool import BatchSpool
from .direct_case import DirectCase, event, names
from .fake_hub import imported_by_threads, wait_until
from .test_manners import in_child

warnings.filterwarnings("ignore", message=".*multi-threaded, use of fork", category=DeprecationWarning)
HOME = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
NOWHERE = "http://127.0.0.1:1"


def taken(method, path, body):
    return 202, {}, b'{"accepted":%d,"known":0,"refused":0,"errors":[]}' % body.count(b"\n")


class RouterTest(DirectCase):

    def test_all_backends_get_everything_at_the_same_time_and_one_that_is_away_hinders_none(self):
        server = self.server(taken)
        router = self.router(self.files("a"), self.files("b"), BackendConfig("sidecar", "hub", url=server.url), BackendConfig("sidecar", "away", url=NOWHERE))
        router.send(*[event(n) for n in range(2_500)])
        self.assertFalse(router.flush(20))
        self.assertEqual(names(2_500), self.events("a"))
        self.assertEqual(names(2_500), self.events("b"))
        results = router.results()
        self.assertEqual([2_500, 2_500, 2_500, 0], [results[name]["delivered"] for name in ("a", "b", "hub", "away")])
        self.assertEqual(("retrying", 2_500), (results["away"]["state"], results["away"]["queued"]))
        self.assertIn("Connection refused", results["away"]["last_error"])

    def test_lanes_import_nothing_so_that_a_fork_finds_no_import_half_done(self):
        server = self.server(taken)
        backends = [{"type": "filesystem", "name": "files", "path": self.path("files")}, {"type": "sidecar", "name": "hub", "url": server.url},
                    {"type": "elasticsearch", "name": "es", "url": NOWHERE}]
        error, imported = imported_by_threads(backends=backends, spool_dir=self.spool)
        self.assertIn("Connection refused", error)
        self.assertEqual([], imported)
        self.assertIn("watched", self.events())
        self.assertTrue(server.requests)

    def test_a_fork_waits_until_a_module_is_loaded(self):
        code = """
import os, signal, sys, threading
from monitoring_sdk.direct import backend
is_loading, goes_on = threading.Event(), threading.Event()
class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "monitoring_sdk.direct.elasticsearch":
            is_loading.set()
            goes_on.wait(60)
sys.meta_path.insert(0, Slow())
thread = threading.Thread(target=backend.kind, args=("elasticsearch",))
thread.start()
is_loading.wait(60)
os.register_at_fork(before=goes_on.set)     # the last one that is registered is called first
if os.fork() == 0:
    signal.alarm(30)
    os._exit(7 if backend.kind("elasticsearch").__name__ == "ElasticsearchBackend" else 1)
thread.join()
sys.exit(os.WEXITSTATUS(os.wait()[1]))
"""
        self.assertEqual(7, subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=HOME).returncode)

    def test_deliver_says_what_became_of_the_messages_by_backend(self):
        def refuse_second(method, path, body):
            if body.count(b"\n") < 2:
                return taken(method, path, body)
            return 202, {}, b'{"accepted":1,"known":0,"refused":1,"errors":[{"index":1,"code":"c","reason":"why"}]}'
        refusing = self.server(refuse_second)
        router = self.router(self.files(), BackendConfig("sidecar", "hub", url=refusing.url), BackendConfig("sidecar", "away", url=NOWHERE))
        router.send(event("before"))
        self.assertFalse(router.flush(20))
        result = router.deliver([event(0), event(1)], 5.0)
        self.assertEqual(Delivery(delivered=2), result["files"])
        self.assertTrue(result["files"].is_complete)
        self.assertEqual(Delivery(delivered=1, rejected=1, error="c: why"), result["hub"])
        self.assertEqual((0, 2), (result["away"].delivered, result["away"].pending))
        self.assertIn("Connection refused", result["away"].error)

    def test_failover_uses_the_first_that_works_by_priority_and_returns_to_it(self):
        is_up = threading.Event()
        best = self.server(lambda *request: taken(*request) if is_up.is_set() else (503, {}, b"away"))
        router = self.router(self.files("last", priority=9), BackendConfig("sidecar", "best", url=best.url, priority=1), delivery="failover")
        router.send(event(0))
        self.assertTrue(router.flush(20))
        self.assertEqual(["m0"], self.events("last"))
        self.assertEqual("retrying", router.results()["best"]["state"])
        is_up.set()
        sent = [0]

        def is_back():
            sent.append(len(sent))
            router.send(event(sent[-1]))
            return router.flush(20) and router.results()["best"]["delivered"]
        wait_until("its return", is_back)
        self.assertEqual(len(sent), router.results()["best"]["delivered"] + len(self.events("last")))

    def test_failover_with_none_that_works_keeps_everything(self):
        router = self.router(BackendConfig("sidecar", "x", url=NOWHERE), BackendConfig("sidecar", "y", url=NOWHERE), delivery="failover")
        router.send(event(0))
        self.assertFalse(router.flush(20))
        self.assertEqual({"x", "y"}, set(router.results()))
        router.close(0.5)
        self.assertEqual(1, len(self.spooled("failover")))

    def test_what_does_not_fit_into_memory_is_spooled_and_delivered_in_order(self):
        is_up = threading.Event()
        server = self.server(lambda *request: taken(*request) if is_up.is_set() else (503, {}, b"away"))
        router = self.router(BackendConfig("sidecar", "hub", url=server.url, queue=20, batch_size=10, linger=0.01, gzip=False))
        router.send(*[event(n) for n in range(200)])
        wait_until("spooling", lambda: router.results()["hub"]["spooled"] >= 170)
        self.assertEqual(0, router.results()["hub"]["dropped"])
        is_up.set()
        router.send(*[event(n) for n in range(200, 210)])
        wait_until("delivery", lambda: router.flush(1))
        seen = [line for request in server.requests if b"m" in request[3] for line in request[3].splitlines()]
        order = list(dict.fromkeys(line.split(b'"msg":"')[1].split(b'"')[0].decode() for line in seen))
        self.assertEqual(names(210), order)
        self.assertEqual([], self.spooled("hub"))

    def test_what_is_spooled_while_the_lane_looks_for_old_files_waits_for_what_is_in_memory(self):
        server = self.server(taken)
        is_spooled, take = threading.Event(), BatchSpool.take

        def take_late(spool):
            is_spooled.wait(60)
            return take(spool)
        with unittest.mock.patch.object(BatchSpool, "take", take_late):
            router = self.router(BackendConfig("sidecar", "hub", url=server.url, queue=20, batch_size=10, linger=0.01, gzip=False))
            router.send(*[event(n) for n in range(100)])
            wait_until("spooling", lambda: router.results()["hub"]["spooled"] >= 70)
            is_spooled.set()
            wait_until("delivery", lambda: router.flush(1))
        seen = [line for request in server.requests if b"m" in request[3] for line in request[3].splitlines()]
        self.assertEqual(names(100), [line.split(b'"msg":"')[1].split(b'"')[0].decode() for line in seen])

    def test_without_a_spool_what_does_not_fit_is_counted(self):
        router = self.router(BackendConfig("sidecar", "hub", url=NOWHERE, queue=20, batch_size=10, linger=0.01), spool=False)
        router.send(*[event(n) for n in range(200)])
        self.assertFalse(router.flush(20))
        result = router.results()["hub"]
        self.assertEqual(200, result["dropped"] + result["queued"])
        self.assertLessEqual(result["queued"], 30)
        router.close(0)
        self.assertEqual(200, router.results()["hub"]["dropped"])

    def test_a_full_spool_is_counted_and_told(self):
        router = self.router(BackendConfig("sidecar", "hub", url=NOWHERE, queue=1, batch_size=1, linger=0.01), spool_bytes=1_000)
        router.send(*[event(n) for n in range(100)])
        router.close(0.5)
        result = router.results()["hub"]
        self.assertEqual(100, result["spooled"] + result["dropped"])
        self.assertGreater(result["dropped"], 50)
        self.assertIn("the spool is full", result["last_error"])
        self.assertLessEqual(sum(os.path.getsize(os.path.join(self.spool, "direct", "svc", "hub", f)) for f in self.spooled("hub")), 1_000)

    def test_the_next_process_delivers_what_was_left_under_the_same_key(self):
        away = self.server(lambda *_: (503, {}, b"away"))
        router = self.router(BackendConfig("sidecar", "hub", url=away.url, linger=0.01))
        router.send(event(0), event(1))
        router.close(5)
        self.assertEqual(1, len(self.spooled("hub")))
        server = self.server(taken)
        self.router(BackendConfig("sidecar", "hub", url=server.url, linger=0.01)).flush(0)
        wait_until("delivery", lambda: not self.spooled("hub"))
        self.assertEqual([r[2]["Idempotency-Key"] for r in away.requests[:1]], [r[2]["Idempotency-Key"] for r in server.requests])
        self.assertEqual(away.requests[0][3], server.requests[0][3])

    def test_what_a_killed_process_has_spooled_is_delivered_by_the_next(self):
        code = ("import time\nfrom monitoring_sdk import *\nfrom tests.direct_case import event\n"
                "router = BackendRouter([BackendConfig('sidecar', 'hub', url=%r, queue=10, batch_size=10, linger=0)], source='svc', spool_dir=%r)\n"
                "for n in range(300):\n    router.send(event(n))\n    router.flush(0.05) if n %% 10 == 9 else None\ntime.sleep(60)\n") % (NOWHERE, self.spool)
        process = subprocess.Popen([sys.executable, "-c", code], cwd=HOME)
        wait_until("its spool files", lambda: sum(name.endswith(".jsonl") for name in self.spooled("hub")) >= 10, 60)
        process.kill()
        process.wait()
        kept = set()
        for name in self.spooled("hub"):
            with open(os.path.join(self.spool, "direct", "svc", "hub", name), "rb") as file:
                kept.update(file.read().splitlines() if name.endswith(".jsonl") else ())
        server = self.server(taken)
        self.router(BackendConfig("sidecar", "hub", url=server.url)).flush(0)
        wait_until("delivery", lambda: not any(name.endswith(".jsonl") for name in self.spooled("hub")))
        self.assertEqual(kept, {line for request in server.requests for line in request[3].splitlines()})
        self.assertGreaterEqual(len(kept), 100)

    def test_lost_answers_refusals_and_restarts_lose_nothing_and_double_nothing(self):
        dice, stored, lock = random.Random(17), {}, threading.Lock()

        def take(key, body):        # as a hub does: what came under a key is stored once
            with lock:
                luck = dice.random()
                if luck < 0.3:
                    return 503, {}, b"later"
                lines = body.splitlines()
                if len(lines) > 30:
                    return 413, {}, b"too many"
                stored.setdefault(key, lines)
            return None if luck < 0.6 else taken("", "", body)
        server = self.server(None)
        server.takes_key = take
        config = BackendConfig("sidecar", "hub", url=server.url, queue=60, batch_size=50, linger=0.005)
        for part in range(6):
            router = self.router(config)
            for n in range(part * 200, part * 200 + 200):
                router.send(event(n))
                if n % 40 == 0:
                    router.flush(0.02)
            self.assertEqual(0, router.results()["hub"]["dropped"])
            router.close(0.05)
        last = self.router(config)
        wait_until("delivery", lambda: last.flush(1) and not self.spooled("hub") and last.flush(1))
        found = [line.split(b'"msg":"')[1].split(b'"')[0].decode() for lines in stored.values() for line in lines]
        self.assertEqual(sorted(names(1_200)), sorted(found))

    def test_a_backend_that_hangs_holds_up_neither_close_nor_the_others(self):
        release = threading.Event()
        self.addCleanup(release.set)
        server = self.server(lambda *request: (release.wait(30), taken(*request))[1])
        router = self.router(self.files(), BackendConfig("sidecar", "hub", url=server.url, linger=0.01))
        router.send(event(0))
        wait_until("the request", lambda: server.requests)
        router.close(0.2)
        self.assertEqual(["m0"], self.events())
        self.assertEqual(1, len(self.spooled("hub")))

    def test_the_end_of_the_process_waits_for_a_close_under_way(self):
        release = threading.Event()
        self.addCleanup(release.set)
        server = self.server(lambda *request: (release.wait(30), taken(*request))[1])
        code = ("import threading\nfrom monitoring_sdk import *\nrouter = BackendRouter([BackendConfig('sidecar', 'hub', url=%r, linger=0.01)],"
                " source='svc', spool_dir=%r, close_timeout=0.1)\nfor n in range(50):\n    router.send(%r)\n"
                "threading.Thread(target=router.close, args=(600,), daemon=True).start()\n"
                "while not router._is_closed:\n    pass\n") % (server.url, self.spool, event(0))
        self.assertEqual(0, subprocess.run([sys.executable, "-c", code], cwd=HOME).returncode)
        found = 0
        for name in self.spooled("hub"):
            with open(os.path.join(self.spool, "direct", "svc", "hub", name), "rb") as file:
                found += len(file.readlines())
        self.assertEqual(50, found)

    def test_flush_while_another_thread_sends_ends_when_what_was_sent_before_is_delivered(self):
        router = self.router(self.files())
        for n in range(100):
            router.send(event(n))
        done = threading.Event()

        def send():
            while not done.wait(0.0002):     # more than the backend can take would go into the spool, of which flush waits for all
                router.send(event("later"))
        thread = threading.Thread(target=send)
        thread.start()
        try:
            self.assertTrue(router.flush(30))
            self.assertEqual(names(100), [name for name in self.events() if name != "mlater"])
        finally:
            done.set()
            thread.join()

    def test_health_looks_at_all_backends(self):
        server = self.server(lambda *_: (200, {}, b"{}"))
        router = self.router(self.files(), BackendConfig("sidecar", "hub", url=server.url), BackendConfig("sidecar", "away", url=NOWHERE))
        self.assertEqual("waiting", router.health()["files"]["state"])
        health = router.health(check=True, timeout=20)
        self.assertEqual([True, True, False], [health[name]["is_reachable"] for name in ("files", "hub", "away")])
        self.assertIn("MiB free", health["files"]["check"])
        self.assertIn("Connection refused", health["away"]["check"])

    def test_a_forked_child_is_a_new_client_with_empty_queues(self):
        router = self.router(self.files())
        router.send(event(0))
        self.assertTrue(router.flush(20))
        router.send(event("p"))

        def child():
            router.send(event("c"))
            assert router.flush(20)
            router.close()
        self.assertEqual(0, in_child(child))
        self.assertTrue(router.flush(20))
        self.assertEqual(["m0", "mc", "mp"], sorted(self.events()))

    def test_a_child_uses_no_connection_of_its_parent(self):
        server = self.server(taken)
        router = self.router(BackendConfig("sidecar", "hub", url=server.url, linger=0.01))
        router.send(event("first"))
        self.assertTrue(router.flush(20))

        def child():
            for n in range(5):
                router.send(event("child%d" % n))
                assert router.flush(20)
        self.assertEqual(0, in_child(child))
        for n in range(5):
            router.send(event("parent%d" % n))
            self.assertTrue(router.flush(20))
        self.assertEqual(sorted(["mfirst"] + ["m%s%d" % (who, n) for who in ("child", "parent") for n in range(5)]),
                         sorted(line.split(b'"msg":"')[1].split(b'"')[0].decode() for request in server.requests for line in request[3].splitlines()))
        self.assertEqual(11, len({request[2]["Idempotency-Key"] for request in server.requests}))

    def test_memory_is_bounded_by_bytes(self):
        router = self.router(BackendConfig("sidecar", "hub", url=NOWHERE, queue=100_000, linger=0.01))
        long = (b'{"v":1,"x":"' + b"x" * 60_000 + b'"}\n')
        for _ in range(800):
            router.send(long)
            if _ % 50 == 49:
                router.flush(20)
        result = router.results()["hub"]
        self.assertEqual(800, result["queued"] + result["spooled"])
        self.assertLess(result["queued"] * len(long), 20_000_000)
        self.assertGreater(result["spooled"], 300)

    def test_what_is_no_json_is_counted_and_does_not_raise(self):
        router = self.router(self.files())
        router.send({"a": object()}, event(0), {"b": float("nan")})
        self.assertTrue(router.flush(20))
        self.assertEqual(["m0"], self.events())
        self.assertEqual(2, router.lost)
        self.assertIn("cannot be written as JSON", router.last_error)

    def test_the_end_of_the_process_delivers(self):
        code = ("from monitoring_sdk import *\nrouter = BackendRouter([BackendConfig('filesystem', path=%r)], spool_dir=%r)\n"
                "router.send(%r)\n") % (self.path("files"), self.spool, event(0))
        self.assertEqual(0, subprocess.run([sys.executable, "-c", code], cwd=HOME).returncode)
        self.assertEqual(["m0"], self.events())

    def test_a_signal_handler_that_sends_finds_no_deadlock(self):
        router = self.router(self.files())
        counts = {"h": 0, "m": 0}

        def handler(*_):
            counts["h"] += 1
            router.send(event("h%d" % counts["h"]))
        before = signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        try:
            end = time.monotonic() + 20
            while counts["h"] < 200 and time.monotonic() < end:
                router.send(event("n%d" % counts["m"]))
                counts["m"] += 1
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        wait_until("delivery", lambda: router.flush(5))
        self.assertEqual(counts["h"] + counts["m"], len(set(self.events())))

    def test_backends_need_names_of_their_own(self):
        with self.assertRaises(ConfigurationError):
            self.router(self.files(), self.files())


class DirectSdkTest(DirectCase):

    def sdk(self, **more):
        sdk = MonitoringSDK(spool_dir=self.spool, backoff_min=0.01, backoff_max=0.05, **more)
        self.addCleanup(sdk.close, 0)
        return sdk

    def test_the_sdk_delivers_to_backends(self):
        configure(mode="direct", app_name="nightly", backends=[self.files(), BackendConfig("sidecar", "away", url=NOWHERE)])
        sdk = self.sdk()
        with sdk.span("work"):
            sdk.log_event("info", "hello")
        self.assertFalse(sdk.flush(20))
        self.assertEqual([None, "hello", None], self.events())
        stats = sdk.get_stats()
        self.assertEqual(("direct", 3, "connected", {"files", "away"}), (stats["protocol"], stats["messages"], stats["state"], set(stats["backends"])))
        self.assertIn("away: ", stats["last_error"])
        self.assertTrue(sdk.router.health(check=True, timeout=20)["files"]["is_reachable"])
        sdk.close()
        self.assertEqual("closed", sdk.get_stats()["state"])

    def test_100000_calls_with_the_backend_gone(self):
        configure(mode="direct", app_name="n", backends=[BackendConfig("sidecar", "hub", url=NOWHERE)])
        sdk = self.sdk()
        for n in range(100_000):
            sdk.log_event("info", n, {"n": n})
        sdk.close(0)
        stats = sdk.get_stats()
        self.assertEqual((100_001, 0), (stats["spooled"], stats["dropped"]), stats["last_error"])

    def test_a_forked_child_sends_its_own(self):
        configure(mode="direct", app_name="n", backends=[self.files()])
        sdk = self.sdk()
        sdk.log_event("info", "parent")
        self.assertEqual(0, in_child(lambda: (sdk.log_event("info", "child"), sdk.close(20))))
        sdk.close(20)
        self.assertEqual(["child", "parent"], sorted(filter(None, self.events())))

    def test_workers_of_multiprocessing_deliver_without_close(self):
        configure(mode="direct", app_name="n", backends=[self.files()])
        sdk = self.sdk(close_timeout=20)
        sdk.log_event("info", "parent")
        process = multiprocessing.get_context("fork").Process(target=sdk.log_event, args=("info", "worker"))
        process.start()
        process.join()
        sdk.close(20)
        self.assertEqual(["parent", "worker"], sorted(filter(None, self.events())))

    def test_its_own_log_records_do_not_come_back(self):
        configure(mode="direct", app_name="n", backends=[self.files()])
        sdk = self.sdk()
        logger = logging.getLogger("monitoring_sdk")
        handler = MonitoringHandler(sdk)
        logger.addHandler(handler)
        self.addCleanup(logger.removeHandler, handler)
        logger.propagate, before = False, logger.propagate
        self.addCleanup(setattr, logger, "propagate", before)
        logger.warning("ours")
        sdk.log_event("info", "theirs")
        self.assertTrue(sdk.flush(20))
        self.assertEqual(["theirs"], self.events())
