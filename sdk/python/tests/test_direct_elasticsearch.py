"""Direct mode with a real OpenSearch, killed in the middle: every message is one document."""

import json
import unittest

from monitoring_sdk import BackendConfig
from monitoring_sdk.direct.backend import create
from .direct_case import DirectCase, event, names
from .fake_hub import wait_until
from .opensearch import ARCHIVES, JAVA, OpenSearch
from .test_direct_backends import batch


@unittest.skipUnless(ARCHIVES and JAVA, "no archive of OpenSearch, or no java: build hub-core/hub-testservers, or set OPENSEARCH_ZIP")
class RealElasticsearchTest(DirectCase):

    @classmethod
    def setUpClass(cls):
        cls.server = OpenSearch()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def documents(self, index):
        self.server.ask("/%s/_refresh" % index, method="POST")
        return [hit["_source"] for hit in json.loads(self.server.ask("/%s/_search?size=10000" % index))["hits"]["hits"]]

    def test_a_batch_sent_twice_is_there_once(self):
        backend = create(BackendConfig("elasticsearch", url=self.server.url, index="twice-{date}", timeout=60.0))
        self.addCleanup(backend.close)
        for _ in range(2):
            self.assertEqual(((), ()), tuple(map(tuple, backend.write(batch(20))[:2])))
        documents = self.documents("twice-2023-10-20")
        self.assertEqual(sorted(names(20)), sorted(d["data"]["msg"] for d in documents))
        self.assertEqual({"2023-10-20T17:00:34.567Z"}, {d["@timestamp"] for d in documents})
        self.assertIn('"type":"date"', self.server.ask("/twice-2023-10-20/_mapping/field/@timestamp"))
        self.assertIn("opensearch 2.", backend.check())

    def test_a_message_that_does_not_fit_the_mapping_is_refused_alone(self):
        self.server.ask("/mapped", b'{"mappings":{"properties":{"data":{"properties":{"value":{"type":"long"}}}}}}', "PUT")
        router = self.router(BackendConfig("elasticsearch", "es", url=self.server.url, index="mapped", timeout=60.0))
        metric = dict(event(0), type="metric")
        result = router.deliver([dict(metric, data={"msg": "m%d" % n, "value": value}) for n, value in enumerate((1, "text", 3))], 60)["es"]
        self.assertEqual((2, 1), (result.delivered, result.rejected))
        self.assertIn("mapper_parsing_exception", result.error)
        self.assertEqual(["m0", "m2"], sorted(d["data"]["msg"] for d in self.documents("mapped")))

    def test_kill_9_in_the_middle_and_every_message_is_one_document(self):
        router = self.router(BackendConfig("elasticsearch", "es", url=self.server.url, index="killed", batch_size=100, linger=0.02, timeout=60.0))
        router.send(*[event(n) for n in range(1_000)])
        wait_until("the first batches", lambda: router.results()["es"]["delivered"] >= 100, 60)
        router.send(*[event(n) for n in range(1_000, 4_000)])
        self.server.kill()
        wait_until("its absence is noticed", lambda: router.results()["es"]["state"] == "retrying")
        self.server.start()
        wait_until("delivery", lambda: router.flush(5), 120)
        self.assertEqual((4_000, 0, 0), tuple(router.results()["es"][name] for name in ("delivered", "rejected", "dropped")))
        self.assertEqual(sorted(names(4_000)), sorted(d["data"]["msg"] for d in self.documents("killed")))
