"""Direct mode: the configuration file is changed while messages flow."""

import json
import logging
import os
import threading

from monitoring_sdk import MonitoringSDK, configure
from .direct_case import DirectCase, names
from .fake_hub import wait_until

NOWHERE = "http://127.0.0.1:1"


class ReloadTest(DirectCase):

    def setUp(self):
        super().setUp()
        self.file = self.path("monitoring.json")
        self.logged = []
        handler = logging.Handler()
        handler.emit = lambda record: self.logged.append(record.getMessage())
        logger = logging.getLogger("monitoring_sdk")
        logger.addHandler(handler)
        self.addCleanup(logger.removeHandler, handler)
        logger.propagate, before = False, logger.propagate
        self.addCleanup(setattr, logger, "propagate", before)

    def write(self, content):
        with open(self.file + ".new", "w") as file:
            file.write(content)
        os.rename(self.file + ".new", self.file)

    def configuration(self, *backends, **more):
        return json.dumps(dict({"mode": "direct", "app_name": "svc", "reload_interval": 0.02, "backends": backends}, **more))

    def disk(self, name, **more):
        return dict({"type": "filesystem", "name": name, "path": self.path(name), "linger": 0.01, "fsync": "never"}, **more)

    def sdk(self):
        configure(self.file)
        sdk = MonitoringSDK(spool_dir=self.spool, backoff_min=0.01, backoff_max=0.05)
        self.addCleanup(sdk.close, 0)
        return sdk

    def log(self, sdk, *numbers):
        for n in numbers:
            sdk.log_event("info", "m%d" % n)

    def reloaded(self, sdk, times):
        wait_until("the reload", lambda: sdk.router.reloader.reloads >= times)

    def test_backends_come_go_and_change_and_the_others_are_not_touched(self):
        self.write(self.configuration(self.disk("a"), self.disk("b")))
        sdk = self.sdk()
        self.log(sdk, 0)
        self.assertTrue(sdk.flush(20))
        untouched = sdk.router.lanes[0]
        self.write(self.configuration(self.disk("a"), self.disk("c")))
        self.reloaded(sdk, 1)
        self.log(sdk, 1)
        self.assertTrue(sdk.flush(20))
        self.assertEqual((names(2), names(1), names(1, 1)), (self.events("a"), self.events("b"), self.events("c")))
        self.assertIs(untouched, sdk.router.lanes[0])
        self.assertEqual({"a", "c"}, set(sdk.get_stats()["backends"]))

    def test_what_waits_for_a_wrong_address_goes_to_the_right_one_after_the_change(self):
        self.write(self.configuration({"type": "sidecar", "name": "out", "url": NOWHERE}))
        sdk = self.sdk()
        self.log(sdk, *range(100))
        self.assertFalse(sdk.flush(20))
        self.write(self.configuration(self.disk("out")))
        self.reloaded(sdk, 1)
        wait_until("delivery", lambda: sdk.flush(1))
        self.assertEqual(names(100), self.events("out"))

    def test_what_waits_for_a_backend_that_is_taken_away_is_spooled(self):
        self.write(self.configuration(self.disk("a"), {"type": "sidecar", "name": "away", "url": NOWHERE}))
        sdk = self.sdk()
        self.log(sdk, 0)
        self.assertFalse(sdk.flush(20))
        self.write(self.configuration(self.disk("a")))
        self.reloaded(sdk, 1)
        wait_until("the spool file", lambda: self.spooled("away"))
        self.assertTrue(sdk.flush(20))

    def test_an_invalid_file_changes_nothing_is_told_once_and_a_valid_one_heals(self):
        self.write(self.configuration(self.disk("a")))
        sdk = self.sdk()
        self.log(sdk, 0)
        self.write(self.configuration(self.disk("a"), {"type": "filesytem"}))
        wait_until("the message", lambda: self.logged)
        self.log(sdk, 1)
        self.assertTrue(sdk.flush(20))
        self.assertEqual(names(2), self.events("a"))
        self.assertIn("did you mean 'filesystem'?", sdk.get_stats()["last_error"])
        self.write("{")
        wait_until("the second message", lambda: len(self.logged) > 1)
        self.assertIn("is no JSON", self.logged[1])
        self.write(self.configuration(self.disk("a"), self.disk("b")))
        self.reloaded(sdk, 1)
        self.assertEqual(2, len(self.logged), self.logged)
        self.assertIsNone(sdk.get_stats()["last_error"])

    def test_a_change_of_mode_needs_a_new_start(self):
        self.write(self.configuration(self.disk("a")))
        sdk = self.sdk()
        self.log(sdk, 0)
        self.write('{"mode": "sidecar"}')
        wait_until("the message", lambda: self.logged)
        self.assertIn("needs a new start", self.logged[0])
        self.log(sdk, 1)
        self.assertTrue(sdk.flush(20))
        self.assertEqual(names(2), self.events("a"))

    def test_reloads_under_load_lose_nothing_and_double_nothing(self):
        def variant(n):
            return self.configuration(self.disk("a", batch_size=100 + n), self.disk("b%d" % (n % 2)), delivery="all")
        self.write(variant(0))
        sdk = self.sdk()
        count, stop = [0], threading.Event()

        def log():
            while not stop.wait(0.0005):  # as fast as a busy machine's disk can follow
                self.log(sdk, count[0])
                count[0] += 1
        thread = threading.Thread(target=log)
        thread.start()
        try:
            for n in range(1, 8):
                self.write(variant(n))
                self.reloaded(sdk, n)
        finally:
            stop.set()
            thread.join()
        wait_until("delivery", lambda: sdk.flush(5), 60)
        self.assertEqual(names(count[0]), self.events("a"))
        sdk.close(20)

        def all_of_b():
            return sorted(filter(None, self.events("b0") + self.events("b1")))
        wait_until("the retired lanes", lambda: len(all_of_b()) >= count[0])
        self.assertEqual(sorted(names(count[0])), all_of_b())
