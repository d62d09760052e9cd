"""Direct mode with S3: moto's server, which speaks the protocol over HTTP, if boto3 and moto are installed."""

import gzip
import json
import logging
import unittest

from monitoring_sdk import BackendConfig
from monitoring_sdk.direct import Permanent, Transient
from monitoring_sdk.direct.backend import create
from .direct_case import DirectCase, event, names
from .fake_hub import imported_by_threads, wait_until
from .test_direct_backends import CLIENT, batch

try:
    import boto3
    from moto.server import ThreadedMotoServer
except ImportError:
    boto3 = None


@unittest.skipUnless(boto3, "boto3 and moto are not installed: pip install 'moto[s3,server]' boto3")
class S3Test(DirectCase):

    @classmethod
    def setUpClass(cls):
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        cls.moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        cls.moto.start()
        cls.url = "http://%s:%d" % cls.moto.get_host_and_port()
        cls.client = boto3.client("s3", endpoint_url=cls.url, region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s")

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        cls.moto.stop()

    def setUp(self):
        super().setUp()
        self.bucket = "b-" + self.id().split(".")[-1].replace("_", "-")[:40].strip("-")
        self.client.create_bucket(Bucket=self.bucket)

    def s3(self, **more):
        return BackendConfig("s3", "s3", **dict(dict(bucket=self.bucket, endpoint_url=self.url, region="us-east-1", access_key_id="k", secret_access_key="s",
                                                     linger=0.01), **more))

    def objects(self):
        listed = self.client.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return {o["Key"]: self.client.get_object(Bucket=self.bucket, Key=o["Key"])["Body"].read() for o in listed}

    def test_a_batch_is_an_object_and_written_again_it_overwrites_itself(self):
        backend = create(self.s3())
        self.addCleanup(backend.close)
        backend.write(batch(3))
        backend.write(batch(3))
        key = "monitoring/svc/2023/10/20/1697821234567-%s-1.jsonl.gz" % CLIENT
        self.assertEqual({key: batch(3).body()}, {k: gzip.decompress(v) for k, v in self.objects().items()})
        self.assertEqual("bucket %s is there" % self.bucket, backend.check())

    def test_the_router_delivers_each_message_once(self):
        router = self.router(self.s3(gzip=False, prefix="p/", batch_size=100))
        result = router.deliver([event(n) for n in range(1_000)], 60)["s3"]
        self.assertTrue(result.is_complete, result)
        objects = self.objects()
        self.assertGreaterEqual(len(objects), 10)
        lines = [json.loads(line)["data"]["msg"] for _, content in sorted(objects.items()) for line in content.decode().splitlines()]
        self.assertEqual(sorted(names(1_000)), sorted(lines))

    def test_its_lane_imports_nothing(self):
        options = dict(type="s3", bucket=self.bucket, region="us-east-1", linger=0.01)
        keys = dict(access_key_id="k", secret_access_key="s")
        backends = [dict(options, name="there", endpoint_url=self.url, **keys), dict(options, name="away", endpoint_url="http://127.0.0.1:1", **keys),
                    dict(options, name="none", bucket="there-is-none", endpoint_url=self.url, **keys)]
        error, imported = imported_by_threads(backends=backends, spool_dir=self.spool)
        self.assertIn("Could not connect", error)
        self.assertEqual([], imported)
        self.assertEqual(1, len(self.objects()))

    def test_what_was_left_is_the_same_object_when_it_is_sent_later(self):
        self.router(self.s3(endpoint_url="http://127.0.0.1:1")).deliver([event(0)], 0.5)
        before = self.router(self.s3(endpoint_url="http://127.0.0.1:1"))
        before.send(event(1))
        before.close(0.5)
        name = self.spooled("s3")[0]
        self.router(self.s3()).flush(0)
        wait_until("delivery", lambda: name not in self.spooled("s3"))
        self.assertIn("svc/", list(self.objects())[0])
        self.assertIn(name + ".gz", [key.split("/")[-1] for key in self.objects()])

    def test_what_a_person_must_mend_and_what_time_does(self):
        for config, meaning in ((self.s3(bucket="there-is-none"), Permanent), (self.s3(endpoint_url="http://127.0.0.1:1"), Transient),
                                (self.s3(region="no region"), Permanent)):
            backend = create(config)
            self.addCleanup(backend.close)
            with self.assertRaises(meaning):
                backend.write(batch(1))
            with self.assertRaises(meaning):
                backend.check()
