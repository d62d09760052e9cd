"""The start script as a person runs it, with a good order and one that cannot be priced; and the API without a hub."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../sdk/python"))
from tests.fake_hub import wait_until  # noqa: E402
from tests.test_packaged_hub import TARBALLS  # noqa: E402

WORKER = os.path.join(HERE, "../../target/examples/mixed-language/pack-parcels")


def spans_of(output):
    """{path of names from the root: (source, status)} of the printed tree. Spans that began in the same millisecond are in any order there."""
    path, found = [], {}
    for line in output.split("\nSPAN ")[1].splitlines()[1:]:
        row = re.match(r"([│├└─ ]*)(\S.*?) {2,}(\S+) +\+?[0-9.]+ m?s +[0-9.]+ m?s +\S (\w+)", line)
        if row:
            path[len(row.group(1)) // 3:] = [row.group(2)]
            found[" > ".join(path)] = (row.group(3), row.group(4))
    return found


@unittest.skipUnless(TARBALLS, "no packaged hub: build it with ./mvnw -pl distribution -am package -DskipTests")
class MixedLanguageTest(unittest.TestCase):

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.clean = {name: value for name, value in os.environ.items() if not name.startswith(("MONITORING_", "HUB_"))}
        self.clean["TMPDIR"] = self.folder

    def order(self, *articles):
        path = os.path.join(self.folder, "order.json")
        with open(path, "w", encoding="ascii") as file:
            json.dump({"order": "T-1", "lines": [{"article": article, "quantity": 1} for article in articles]}, file)
        return path

    def run_example(self, *arguments):
        done = subprocess.run([os.path.join(HERE, "run.sh"), *arguments], env=self.clean, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=300)
        return done.returncode, done.stdout.decode()

    def test_one_trace_over_python_perl_and_c(self):
        status, output = self.run_example()
        self.assertEqual(0, status, output)
        self.assertIn("order A-1001: 934.90 EUR", output)
        self.assertIn("parcel 1:  9900 g: 4711 4717 4715", output)
        api, script, worker = ("orders-api", "ok"), ("price-script", "ok"), ("parcel-worker", "ok")
        self.assertEqual({
            "POST /orders": api,
            "POST /orders > check order": api,
            "POST /orders > have it priced": api,
            "POST /orders > have it priced > price order": script,
            "POST /orders > have it priced > price order > read price list": script,
            "POST /orders > have it priced > price order > price lines": script,
            "POST /orders > have it packed": api,
            "POST /orders > have it packed > pack parcels": worker,
            "POST /orders > have it packed > pack parcels > sort items": worker,
            "POST /orders > have it packed > pack parcels > fill parcels": worker}, spans_of(output), output)
        self.assertEqual([], os.listdir(self.folder), "nothing is left behind")

    def test_an_order_that_cannot_be_priced(self):
        status, output = self.run_example(self.order("4713", "4716"))
        self.assertEqual(1, status, output)
        self.assertIn("not taken (422): no price for article 4716", output)
        self.assertEqual({"POST /orders", "POST /orders > have it priced", "POST /orders > have it priced > price order",
                          "POST /orders > have it priced > price order > price lines"},
                         {path for path, (_, state) in spans_of(output).items() if state == "error"}, output)

    def test_without_a_hub_the_answer_is_the_same(self):
        if not os.path.exists(WORKER):
            self.run_example()
        address = os.path.join(self.folder, "address")
        environment = dict(self.clean, MONITORING_PORT="1", MONITORING_SPOOL_DIR=os.path.join(self.folder, "spool"))
        api = subprocess.Popen([sys.executable, os.path.join(HERE, "orders_api.py"), WORKER, address], env=environment)
        self.addCleanup(api.wait)
        self.addCleanup(api.kill)
        wait_until("its address", lambda: os.path.exists(address), 60)
        with open(address, encoding="ascii") as file:
            url = file.read().strip() + "/orders"
        for body, expected in ((b'{"order": "X", "lines": [{"article": "4714", "quantity": 2}, {"article": "4711", "quantity": 1}]}', 201), (b"{}", 422),
                               (b'{"order": "X", "lines": [{"article": "4711", "quantity": 0}]}', 422)):
            try:
                with urllib.request.urlopen(urllib.request.Request(url, body, {"X-Trace-Id": "my-trace"}), timeout=60) as answer:
                    said = json.loads(answer.read().decode())
                    self.assertEqual((201, 47390, [6200, 8600]),
                                     (answer.status, said["total_cents"], sorted(parcel["grams"] for parcel in said["parcels"])))
                    self.assertEqual("my-trace", answer.headers["X-Trace-Id"])
            except urllib.error.HTTPError as e:
                with e:
                    self.assertEqual(expected, e.code)
        api.send_signal(signal.SIGTERM)
        self.assertEqual(0, api.wait(60))
        left = []
        for name in os.listdir(environment["MONITORING_SPOOL_DIR"]):
            if name.endswith(".ldjson"):
                with open(os.path.join(environment["MONITORING_SPOOL_DIR"], name), encoding="utf-8") as file:
                    left += [message for message in map(json.loads, file) if message["type"] == "span" and message["data"].get("end")]
        self.assertEqual({"orders-api", "price-script", "parcel-worker"}, {message["src"] for message in left}, "all three leave their messages in the spool")
        self.assertEqual({"my-trace"}, {message["tid"] for message in left})


if __name__ == "__main__":
    unittest.main()
