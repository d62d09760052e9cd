"""Acknowledged sessions: nothing lost, nothing twice, whatever the hub does."""

import os
import random
import re
import shutil
import socket
import threading
import time

from monitoring_sdk import MonitoringSDK
from .fake_hub import HubTest, wait_until


class SessionsTest(HubTest):

    def log(self, sdk, first, last):
        for n in range(first, last + 1):
            sdk.log_event("info", n)

    def assert_each_once(self, count):
        self.assertEqual([str(n) for n in range(1, count + 1)], self.hub.events())

    def test_hello_welcome_acks_goodbye(self):
        self.hub.up()
        sdk = self.sdk(token='se"cret')
        self.log(sdk, 1, 10)
        self.assertTrue(sdk.flush(20))
        stats = sdk.get_stats()
        self.assertEqual((10, 10, 10, "connected", "acked", 0), tuple(stats[n] for n in ("messages", "acked", "sent", "state", "protocol", "resent")))
        self.assertEqual({"client": stats["client"], "next": 1, "sdk": "python/0.1.0", "token": 'se"cret'}, self.hub.hellos[0]["data"])
        self.assertTrue(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", stats["client"]))
        sdk.close()
        self.assertEqual("goodbye", self.hub.messages()[-1]["type"])
        sdk.log_event("info", "too late")
        self.assertEqual(("closed", 1), (sdk.get_stats()["state"], sdk.get_stats()["dropped"]))
        self.assertEqual([], self.files())

    def test_a_first_message_goes_out_without_a_flush(self):
        self.hub.up()
        sdk = self.sdk()
        self.log(sdk, 1, 1)
        wait_until("arrival", lambda: len(self.hub.accepted) == 1)
        self.log(sdk, 2, 2)
        wait_until("arrival of one after silence", lambda: len(self.hub.accepted) == 2)

    def test_a_connection_that_is_lost_again_and_again(self):
        self.hub.up(close_after=7)
        sdk = self.sdk()
        self.log(sdk, 1, 100)
        self.settled(sdk, lambda: len(self.hub.accepted) >= 100)
        self.assert_each_once(100)
        self.assertEqual(list(range(1, 101)), [line.number for line in self.hub.accepted])
        self.assertGreater(len(self.hub.hellos), 5)
        self.assertGreater(sdk.get_stats()["resent"], 0)
        self.hub.up()
        self.settled(sdk)
        self.assertEqual(100, sdk.get_stats()["acked"])
        self.assert_each_once(100)

    def test_welcome_knows_more_than_the_client(self):
        self.hub.up(ack=False)
        sdk = self.sdk()
        self.log(sdk, 1, 20)
        self.settled(sdk, lambda: len(self.hub.accepted) == 20)
        self.assertEqual(20, sdk.get_stats()["buffered"])
        self.hub.down()
        wait_until("loss noticed", lambda: sdk.get_stats()["state"] == "disconnected")
        self.log(sdk, 21, 30)
        self.hub.up(ack=False)      # only welcome says that 1..20 are there
        self.settled(sdk, lambda: len(self.hub.accepted) == 30)
        self.assertEqual(list(range(1, 31)), [line.number for line in self.hub.accepted])
        self.assertEqual(1, self.hub.hellos[1]["data"]["next"])
        self.settled(sdk, lambda: sdk.get_stats()["buffered"] == 10)
        self.assertEqual(20, sdk.get_stats()["acked"])
        self.hub.up()
        sdk.close(20)
        self.assert_each_once(30)

    def test_a_refused_line_counts_as_confirmed(self):
        self.hub.up(refuse=lambda line: re.search(b'"msg":"[35]"', line))
        sdk = self.sdk()
        self.log(sdk, 1, 5)
        self.assertTrue(sdk.flush(20))
        self.assertEqual((2, 'refused by the hub: bad: no "such" thing'), (sdk.get_stats()["refused"], sdk.get_stats()["last_error"]))
        self.assertEqual(["1", "2", "4"], self.hub.events())

    def test_an_error_says_nothing_of_earlier_lines(self):
        self.hub.up(refuse=lambda line: b'"msg":"3"' in line, ack=False)
        sdk = self.sdk()
        self.log(sdk, 1, 3)
        self.settled(sdk, lambda: sdk.get_stats()["refused"])
        self.assertEqual(3, sdk.get_stats()["buffered"])
        self.hub.up()
        self.settled(sdk)

    def test_a_refused_hello_keeps_the_messages(self):
        self.hub.up(greet_error=True)
        sdk = self.sdk()
        self.log(sdk, 1, 1)
        self.settled(sdk, lambda: sdk.get_stats()["refused"] > 1)
        self.assertEqual((1, "refused by the hub: unauthorized: no token"), (sdk.get_stats()["buffered"], sdk.get_stats()["last_error"]))
        self.hub.up()
        sdk.close(20)
        self.assert_each_once(1)

    def test_an_ack_above_what_was_sent_ends_the_connection(self):
        self.hub.up(ack_too_much=5)
        sdk = self.sdk()
        self.log(sdk, 1, 3)
        self.settled(sdk, lambda: "acknowledged line" in (sdk.get_stats()["last_error"] or ""))
        self.hub.up()
        sdk.close(20)
        self.assert_each_once(3)

    def test_a_server_that_does_not_know_hello(self):
        self.hub.up(answer=False)
        sdk = self.sdk(welcome_timeout=0.2)
        self.log(sdk, 1, 5)
        self.assertTrue(sdk.flush(20))
        self.assertEqual(("plain", 5), (sdk.get_stats()["protocol"], sdk.get_stats()["plain"]))
        self.log(sdk, 6, 9)
        sdk.close(20)
        wait_until("goodbye", lambda: len(self.hub.accepted) == 10)
        self.assert_each_once(9)
        self.assertEqual([], self.files())

    def test_a_hub_that_is_slow_to_welcome_is_plain_only_until_it_answers(self):
        self.hub.up(late=6)
        sdk = self.sdk(welcome_timeout=0.05)
        self.log(sdk, 1, 5)
        self.settled(sdk, lambda: sdk.get_stats()["plain"] == 5)
        self.log(sdk, 6, 6)
        self.settled(sdk, lambda: sdk.get_stats()["protocol"] == "acked")
        stats = sdk.get_stats()
        self.assertEqual((0, 6, 0), (stats["plain"], stats["buffered"], stats["acked"]))
        self.hub.up()
        self.settled(sdk)
        sdk.close(20)
        self.assert_each_once(6)
        self.assertEqual([], self.files())

    def test_a_short_process_with_such_a_server(self):
        self.hub.up(answer=False)
        sdk = self.sdk(welcome_timeout=0.2)
        self.log(sdk, 1, 1)
        sdk.close(20)
        wait_until("the line and goodbye", lambda: len(self.hub.accepted) >= 1)
        self.assertEqual([], self.files())

    def test_protocol_plain_says_no_hello_and_acked_is_never_plain(self):
        self.hub.up(answer=False)
        sdk = self.sdk(protocol="plain")
        self.log(sdk, 1, 1)
        sdk.close(20)
        wait_until("the line", lambda: len(self.hub.accepted) == 2)
        self.assertEqual([], self.hub.hellos)
        sdk = self.sdk(protocol="acked", welcome_timeout=0.05)
        self.log(sdk, 2, 2)
        self.settled(sdk, lambda: len(self.hub.hellos) > 2)
        self.assertEqual(1, sdk.get_stats()["buffered"])

    def test_a_hub_that_was_there_and_hangs_is_not_taken_for_plain(self):
        self.hub.up()
        sdk = self.sdk(welcome_timeout=0.2)
        self.log(sdk, 1, 1)
        self.settled(sdk, lambda: sdk.get_stats()["acked"] == 1)     # perhaps late: flush is content with a plain server, too
        self.hub.up(answer=False)
        self.log(sdk, 2, 2)
        self.settled(sdk, lambda: len(self.hub.hellos) >= 4)
        self.assertEqual(1, sdk.get_stats()["buffered"])
        self.hub.up()
        self.settled(sdk)
        sdk.close(20)
        self.assertIn("2", self.hub.events())

    def test_a_smaller_limit_of_the_hub_is_kept_to(self):
        self.hub.up(max_message=2_000)
        sdk = self.sdk()
        self.log(sdk, 1, 1)
        self.assertTrue(sdk.flush(20))
        sdk.log_event("info", "y" * 5_000)
        sdk.close(20)
        long = [line for line in self.hub.accepted if b"yyy" in line.bytes]
        self.assertEqual(1, len(long))
        self.assertLess(len(long[0].bytes), 2_000)

    def test_a_hub_on_a_unix_socket(self):
        path = os.path.join(self.folder, "hub.sock")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(1)
            listener.settimeout(20)
            sdk = MonitoringSDK("u", unix_socket=path, spool=False)
            sdk.log_event("info", "local")
            peer = listener.accept()[0]
            with peer:
                self.assertIn(b'"type":"hello"', peer.recv(65_536))
            sdk.close(0)

    def test_a_host_name_is_looked_up(self):
        self.hub.up()
        sdk = self.sdk(host="localhost")
        self.log(sdk, 1, 3)
        sdk.close(20)
        self.assert_each_once(3)
        sdk = self.sdk(host="no.such.host.invalid")
        self.log(sdk, 1, 1)
        self.settled(sdk, lambda: "cannot connect to no.such.host.invalid" in (sdk.get_stats()["last_error"] or ""))

    def test_threads_lose_nothing_and_keep_their_order(self):
        self.hub.up()
        sdk = self.sdk()
        threads = [threading.Thread(target=lambda t=t: [sdk.log_event("info", "%d.%d" % (t, n)) for n in range(2_000)]) for t in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        sdk.close(60)
        events = self.hub.events()
        self.assertEqual(16_000, len(events))
        for t in range(8):
            self.assertEqual(["%d.%d" % (t, n) for n in range(2_000)], [e for e in events if e.startswith("%d." % t)])

    def test_a_hub_that_dies_at_random_moments(self):
        self.hub.up()
        stop = threading.Event()

        def die():
            while not stop.wait(random.uniform(0.02, 0.2)):
                self.hub.up()
        dying = threading.Thread(target=die)
        dying.start()
        sdk = self.sdk(buffer=50, protocol="acked", welcome_timeout=0.5)
        n, end = 0, time.monotonic() + 3
        while time.monotonic() < end:
            for _ in range(random.randrange(60)):
                n += 1
                sdk.log_event("info", n, {"filling": "x" * random.randrange(300)})
            stop.wait(0.01)
        stop.set()
        dying.join()
        self.settled(sdk)
        sdk.close(20)
        self.assert_each_once(n)
        self.assertEqual(0, sdk.get_stats()["dropped"])

    def test_compression_is_offered_and_a_hub_that_does_not_answer_it_gets_plain_lines(self):
        self.hub.up()
        sdk = self.sdk(compress=True)
        self.log(sdk, 1, 5)
        sdk.close(20)
        self.assertEqual(["zlib"], self.hub.hellos[0]["data"]["compress"])
        self.assert_each_once(5)
