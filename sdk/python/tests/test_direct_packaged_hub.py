"""Direct mode to the packaged hub over HTTP, killed in the middle: every message once in its archive, and in the files beside it."""

import glob
import json
import os

from monitoring_sdk import BackendConfig, BackendRouter
from monitoring_sdk.direct.backend import create
from .direct_case import event, names
from .fake_hub import wait_until
from .test_direct_backends import batch
from .test_packaged_hub import HubCase


class DirectPackagedHubTest(HubCase):

    def setUp(self):
        super().setUp()
        self.hub_config = BackendConfig("sidecar", "hub", url="http://127.0.0.1:%d" % self.http_port, linger=0.02, batch_size=200)

    def router(self):
        router = BackendRouter([self.hub_config, BackendConfig("filesystem", "files", path=self.folder + "/files", fsync="never")],
                               source="svc", spool_dir=self.spool, backoff_min=0.01, backoff_max=0.1)
        self.addCleanup(router.close, 0)
        wait_until("its HTTP transport", lambda: router.health(check=True)["hub"]["is_reachable"], 60)
        return router

    def test_kill_9_in_the_middle_and_every_message_is_archived_once(self):
        router, count = self.router(), 9_000
        for n in range(count):
            router.send(event(n))
            if n == 4_000:
                wait_until("the hub has some of it", lambda: router.results()["hub"]["delivered"] > 1_000)
                self.kill()
                wait_until("its absence is noticed", lambda: router.results()["hub"]["state"] == "retrying")
                self.start()
        wait_until("delivery", lambda: router.flush(5), 60)
        self.assertEqual((count, 0, 0), tuple(router.results()["hub"][name] for name in ("delivered", "rejected", "dropped")))
        self.kill()
        router.send(*[event(n) for n in range(count, count + 300)])
        router.close(1)         # with the hub away: what is left goes to the spool
        spool = os.path.join(self.spool, "direct", "svc", "hub")
        self.assertTrue(os.listdir(spool))
        self.start()
        self.router().flush(0)
        wait_until("delivery of what was left", lambda: not os.listdir(spool))
        count += 300
        wait_until("the archive", lambda: sum(self.archived().values()) >= count, 60)
        self.assertEqual(dict.fromkeys(names(count), 1), dict(self.archived()))
        lines = []
        for path in sorted(glob.glob(self.folder + "/files/*.jsonl")):      # two at midnight
            with open(path) as file:
                lines += file.read().splitlines()
        self.assertEqual(names(count), [json.loads(line)["data"]["msg"] for line in lines])

    def test_a_batch_sent_twice_is_stored_once_and_what_is_refused_is_told_one_by_one(self):
        router = self.router()
        self.assertIn("a hub answers", router.health(check=True, timeout=20)["hub"]["check"])
        backend = create(self.hub_config)
        self.addCleanup(backend.close)
        for _ in range(2):
            backend.write(batch(50))
        result = router.deliver([event(50), event(0, type="nonsense"), event(51)], 30)
        self.assertEqual((2, 1), (result["hub"].delivered, result["hub"].rejected))
        self.assertIn("unknown_type", result["hub"].error)
        self.assertTrue(result["files"].is_complete)
        result = router.deliver([event(0, type="nonsense")] * 150, 30)["hub"]
        self.assertEqual((0, 150), (result.delivered, result.rejected))
        wait_until("the archive", lambda: sum(self.archived().values()) >= 52)
        self.assertEqual(dict.fromkeys(names(52), 1), dict(self.archived()))
