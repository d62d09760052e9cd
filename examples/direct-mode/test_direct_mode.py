"""The example without a hub, and then with the packaged one, which gets what the first run has left."""

import os
import re
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../sdk/python"))
from tests.fake_hub import wait_until  # noqa: E402
from tests.test_packaged_hub import HubCase  # noqa: E402
from monitoring_sdk import BackendConfig  # noqa: E402
from monitoring_sdk.direct.backend import create  # noqa: E402
from monitoring_sdk.direct import Transient  # noqa: E402

FOLDER_HOLDS = "folder holds: 3 event, 3 metric, 5 progress, 1 resource, 8 span"


class DirectModeTest(HubCase):

    def run_example(self, **environment):
        work = os.path.join(self.folder, "work")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("MONITORING_", "HUB_"))}
        done = subprocess.run([sys.executable, os.path.join(HERE, "inventory.py"), work], env=dict(clean, **environment), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=120)
        self.assertEqual(0, done.returncode, done.stderr.decode())
        with open(os.path.join(work, "inventory.csv"), encoding="utf-8") as file:
            self.assertEqual(["file", "note.txt", "orders.csv"], [line.split(",")[0] for line in file])
        return done.stdout.decode().splitlines()

    def test_what_each_backend_holds_without_and_with_a_hub(self):
        without = self.run_example(HUB_URL="http://127.0.0.1:1")
        self.assertIn("files: 2 taken, 1 left out", without)
        self.assertIn(FOLDER_HOLDS, without)
        self.assertIn("hub holds: 0 messages of this run and earlier ones; in the spool: 21, refused: 0", without)
        self.assertRegex(without[-1], "^trace: [0-9a-f]{32}$")

        url = "http://127.0.0.1:%d" % self.http_port
        backend = create(BackendConfig("sidecar", url=url))
        wait_until("its HTTP transport", lambda: answers(backend), 60)
        told = self.run_example(HUB_URL=url, HUB_HOME=self.home)
        self.assertIn(FOLDER_HOLDS, told)
        found = re.search(r"^hub holds: ([0-9]+) messages", "\n".join(told), re.M)
        self.assertGreaterEqual(int(found.group(1)), 21, told)
        self.assertTrue(any("job inventory" in line for line in told), told)
        self.assertTrue(any("orders.csv" in line for line in told), told)


def answers(backend):
    try:
        return backend.check()
    except Transient:
        return False


if __name__ == "__main__":
    unittest.main()
