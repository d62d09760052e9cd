"""Direct mode: what each backend makes of batches, and of the answers of its destination."""

import fcntl
import gzip
import json
import os
import shutil
import ssl
import subprocess
import sys
import time
import unittest

from monitoring_sdk import BackendConfig
from monitoring_sdk.direct import Batch, BatchRefused, Permanent, Transient
from monitoring_sdk.direct.backend import NOT_NAMED, create
from monitoring_sdk.direct.spool import BatchSpool
from .direct_case import DirectCase, event

CLIENT = "6f2c7a30-5a0e-4d0b-9d5e-0b8f1f0c9a11"
HOME = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def batch(count, first=1):
    return Batch("svc", CLIENT, 1_697_821_234_567, range(first, first + count),
                 [(json.dumps(event(n), separators=(",", ":")) + "\n").encode() for n in range(count)])


class BackendCase(DirectCase):

    def backend(self, kind, **options):
        backend = create(BackendConfig(kind, **options))
        self.addCleanup(backend.close)
        return backend

    def answering(self, kind, *answers, **options):
        """A backend of a server that gives these answers one after the other, the last one for ever; and the server."""
        left = list(answers)
        server = self.server(lambda *_: left.pop(0) if len(left) > 1 else left[0])
        return self.backend(kind, url=server.url, timeout=20.0, **options), server


class FilesystemTest(BackendCase):

    def stored(self):
        found = {}
        for name in sorted(os.listdir(self.path("files"))):
            with open(self.path("files", name), "rb") as file:
                found[name] = file.read()
        return found

    def filesystem(self, **options):
        return self.backend("filesystem", path=self.path("files"), **options)

    def test_a_file_a_day(self):
        today = time.strftime("events-%Y-%m-%d.jsonl", time.gmtime())
        self.filesystem().write(batch(2))
        self.assertIn(self.stored(), ({today: batch(2).body()}, {time.strftime("events-%Y-%m-%d.jsonl", time.gmtime()): batch(2).body()}))

    def test_rotation_by_size_never_splits_a_batch_and_goes_on_with_the_last_file(self):
        size = len(batch(3).body())
        options = dict(rotate="never", file="app", rotate_bytes=2 * size)
        backend = self.filesystem(**options)
        for _ in range(3):
            backend.write(batch(3))
        backend.write(batch(9))
        self.filesystem(**options).write(batch(3))
        self.assertEqual({"app.jsonl": 2 * size, "app.1.jsonl": size, "app.2.jsonl": len(batch(9).body()), "app.3.jsonl": size},
                         {name: len(content) for name, content in self.stored().items()})

    def test_half_a_line_of_a_killed_writer_is_cut_off(self):
        backend = self.filesystem(rotate="never")
        backend.write(batch(1))
        with open(self.path("files", "events.jsonl"), "ab") as file:
            file.write(b'{"v":1,"half')
        backend.write(batch(1))
        self.assertEqual({"events.jsonl": batch(1).body() * 2}, self.stored())

    def test_a_file_or_folder_that_is_taken_away_is_made_anew(self):
        backend = self.filesystem(rotate="never")
        backend.write(batch(1))
        os.rename(self.path("files", "events.jsonl"), self.path("files", "moved"))
        backend.write(batch(2))
        self.assertEqual({"events.jsonl": batch(2).body(), "moved": batch(1).body()}, self.stored())
        os.rename(self.path("files"), self.path("moved"))
        with self.assertRaises(Transient):
            backend.write(batch(3))
        backend.write(batch(3))
        self.assertEqual({"events.jsonl": batch(3).body()}, self.stored())

    def test_a_folder_that_cannot_be_is_told(self):
        with open(self.path("files"), "w"):
            pass
        with self.assertRaisesRegex(Transient, "files: File exists"):
            self.filesystem().write(batch(1))
        with self.assertRaises(Permanent):
            self.backend("filesystem", path=self.path("files", "below")).write(batch(1))

    def test_what_was_written_of_a_batch_that_failed_is_cut_off(self):
        backend = self.filesystem(rotate="never")
        backend.write(batch(1))
        code = ("import resource, signal\nfrom tests.test_direct_backends import *\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
                "resource.setrlimit(resource.RLIMIT_FSIZE, (%d, -1))\nbackend = create(BackendConfig('filesystem', path=%r, rotate='never'))\n"
                "try:\n    backend.write(batch(100))\nexcept Transient:\n    print('transient')\n") % (len(batch(1).body()) + 500, self.path("files"))
        self.assertEqual(b"transient\n", subprocess.run([sys.executable, "-c", code], cwd=HOME, stdout=subprocess.PIPE).stdout)
        self.assertEqual({"events.jsonl": batch(1).body()}, self.stored())

    def test_several_processes_share_the_files(self):
        code = ("from tests.test_direct_backends import *\nbackend = create(BackendConfig('filesystem', path=%r, rotate_bytes=20_000, fsync='never'))\n"
                "for _ in range(100):\n    backend.write(batch(7))\n") % self.path("files")
        processes = [subprocess.Popen([sys.executable, "-c", code], cwd=HOME) for _ in range(3)]
        self.assertEqual([0, 0, 0], [p.wait() for p in processes])
        content = b"".join(self.stored().values())
        self.assertEqual(batch(7).body() * 300, content)
        self.assertLessEqual(max(map(len, self.stored().values())), 20_000)

    def test_the_lock_is_free_between_batches(self):
        self.filesystem(rotate="never").write(batch(1))
        with open(self.path("files", "events.jsonl")) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class SidecarAnswersTest(BackendCase):
    """Error answers. What a hub really does with a batch is in test_direct_packaged_hub.py."""

    def test_the_request(self):
        backend, server = self.answering("sidecar", (202, {}, b'{"accepted":2,"known":0,"refused":0,"errors":[]}'), token="secret")
        self.assertEqual(((), ()), tuple(map(tuple, backend.write(batch(2))[:2])))
        method, path, headers, body = server.requests[0]
        self.assertEqual(("POST", "/v1/ingest/batch", batch(2).body()), (method, path, body))
        self.assertEqual(("application/x-ndjson", "gzip", "Bearer secret", CLIENT + "-1-2-2"),
                         tuple(headers[n] for n in ("Content-Type", "Content-Encoding", "Authorization", "Idempotency-Key")))

    def test_refusals_of_single_messages(self):
        body = b'{"accepted":0,"known":0,"refused":2,"errors":[{"index":1,"code":"c","reason":"r"}]}'
        for status in (202, 400):
            backend, _ = self.answering("sidecar", (status, {}, body))
            result = backend.write(batch(2))
            self.assertEqual([1, NOT_NAMED], [i for i, _ in result.rejected])
            self.assertEqual("c: r", result.rejected[0][1])

    def test_answers_and_what_they_mean(self):
        for status, meaning in ((500, Transient), (503, Transient), (429, Transient), (408, Transient), (409, Transient), (401, Permanent), (403, Permanent),
                                (404, Permanent), (415, Permanent), (301, Permanent), (200, Permanent), (400, BatchRefused), (413, BatchRefused)):
            backend, server = self.answering("sidecar", (status, {"Retry-After": "7"}, b'{"error":{"code":"x","message":"because"}}'))
            with self.assertRaisesRegex(meaning, "answered %d" % status) as caught:
                backend.write(batch(1))
            if meaning is Transient:
                self.assertEqual(7, caught.exception.retry_after)

    def test_a_connection_that_the_server_has_closed_is_made_anew(self):
        backend, server = self.answering("sidecar", (202, {"Connection": "close"}, b'{"refused":0,"errors":[]}'))
        for _ in range(3):
            backend.write(batch(1))
        self.assertEqual(3, len(server.requests))

    @unittest.skipUnless(shutil.which("openssl"), "openssl is not installed")
    def test_https_trusts_whom_it_is_told_to(self):
        pem = self.path("server.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", pem + ".key", "-out", pem], check=True, stderr=subprocess.DEVNULL)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(pem, pem + ".key")
        server = self.server(lambda *_: (202, {}, b'{"refused":0,"errors":[]}'), tls)
        with self.assertRaisesRegex(Permanent, "is not trusted: .*; name its authority in ca_file"):
            self.backend("sidecar", url=server.url).write(batch(1))
        for _ in range(2):
            self.backend("sidecar", url=server.url, ca_file=pem).write(batch(1))
        self.assertEqual(2, len(server.requests))
        with self.assertRaisesRegex(Permanent, "ca_file .*none.pem cannot be read"):
            self.backend("sidecar", url=server.url, ca_file=self.path("none.pem")).write(batch(1))

    def test_no_server_and_no_hub(self):
        with self.assertRaisesRegex(Transient, "http://127.0.0.1:1 cannot be reached: .*refused"):
            self.backend("sidecar", url="http://127.0.0.1:1").write(batch(1))
        backend, _ = self.answering("sidecar", (404, {}, b"not here"))
        with self.assertRaisesRegex(Permanent, "answered 404: not here"):
            backend.check()

    def test_a_batch_that_is_refused_is_halved_until_the_culprit_stands_alone(self):
        def answer(method, path, body):
            return (413, {}, b"too large") if b'"m3"' in body else (202, {}, b'{"refused":0,"errors":[]}')
        server = self.server(answer)
        router = self.router(BackendConfig("sidecar", "hub", url=server.url))
        result = router.deliver([event(n) for n in range(8)], 20)["hub"]
        self.assertEqual((7, 1, 0), (result.delivered, result.rejected, result.pending))
        self.assertIn("answered 413", result.error)

    def test_a_backend_that_refuses_everything_is_taken_to_be_wrong_and_keeps_the_messages(self):
        server = self.server(lambda *_: (400, {}, b"no idea what this is"))
        router = self.router(BackendConfig("sidecar", "web", url=server.url))
        result = router.deliver([event(n) for n in range(100)], 5.0)["web"]
        self.assertEqual((5, 95), (result.rejected, result.pending))
        self.assertEqual("failed", router.results()["web"]["state"])
        self.assertIn("it is the address or the backend that is wrong", router.results()["web"]["last_error"])


class ElasticsearchAnswersTest(BackendCase):
    """The request, and error answers. A real server is in test_direct_elasticsearch.py."""

    def test_the_request(self):
        backend, server = self.answering("elasticsearch", (200, {}, b'{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201}}]}'),
                                         username="u", password="p")
        self.assertEqual((), tuple(backend.write(batch(2, 41)).rejected))
        method, path, headers, body = server.requests[0]
        lines = [json.loads(line.decode()) for line in body.splitlines()]
        self.assertEqual(("POST", "/_bulk", "Basic dTpw", "application/x-ndjson"), (method, path, headers["Authorization"], headers["Content-Type"]))
        self.assertEqual([{"create": {"_index": "monitoring-2023-10-20", "_id": "%s-%d" % (CLIENT, n)}} for n in (41, 42)], lines[::2])
        self.assertEqual([dict(event(n), **{"@timestamp": "2023-10-20T17:00:34.567Z"}) for n in range(2)], lines[1::2])

    def test_each_message_has_a_result_of_its_own(self):
        items = [{"status": 201}, {"status": 409, "error": {"type": "version_conflict_engine_exception"}}, {"status": 429, "error": {"type": "busy", "reason": "later"}},
                 {"status": 400, "error": {"type": "document_parsing_exception", "reason": "no date"}}, {"status": 503, "error": "shard"}]
        answer = json.dumps({"errors": True, "items": [{"create": item} for item in items]}).encode()
        backend, _ = self.answering("elasticsearch", (200, {}, answer))
        result = backend.write(batch(5))
        self.assertEqual([(3, "document_parsing_exception: no date")], result.rejected)
        self.assertEqual([2, 4], result.retry)

    def test_those_to_send_again_are_sent_again_and_no_others(self):
        def item(status):
            return {"create": {"status": status, "error": {"type": "t", "reason": "r"}}}
        first = json.dumps({"errors": True, "items": [item(201), item(429), item(400), item(429)]}).encode()
        answers = [(200, {}, first), (200, {}, b'{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201}}]}')]
        server = self.server(lambda *_: answers.pop(0))
        router = self.router(BackendConfig("elasticsearch", "es", url=server.url))
        result = router.deliver([event(n) for n in range(4)], 20)["es"]
        self.assertEqual((3, 1, 0), (result.delivered, result.rejected, result.pending))
        again = [json.loads(line.decode()) for line in server.requests[1][3].splitlines()]
        self.assertEqual(["m1", "m3"], [line["data"]["msg"] for line in again[1::2]])
        self.assertEqual(["2", "4"], [line["create"]["_id"].split("-")[-1] for line in again[::2]])

    def test_answers_that_are_none(self):
        forbidden = json.dumps({"errors": True, "items": [{"create": {"status": 403, "error": {"type": "cluster_block_exception", "reason": "read-only"}}}]}).encode()
        for answer, meaning in (((200, {}, b"hello"), Transient), ((200, {}, b'{"errors":false,"items":[]}'), Transient), ((200, {}, forbidden), Permanent),
                                ((401, {}, b""), Permanent), ((413, {}, b""), BatchRefused), ((429, {}, b""), Transient), ((204, {}, b""), Permanent)):
            backend, _ = self.answering("elasticsearch", answer)
            with self.assertRaises(meaning):
                backend.write(batch(1))
        backend, _ = self.answering("elasticsearch", (200, {}, b"<html>"))
        with self.assertRaisesRegex(Permanent, "no Elasticsearch"):
            backend.check()


class S3WithoutTest(DirectCase):

    def test_without_boto3_the_error_says_what_to_install_and_messages_are_kept(self):
        code = ("import sys\nsys.modules['boto3'] = None\nfrom monitoring_sdk import *\n"
                "router = BackendRouter([BackendConfig('s3', bucket='b', linger=0)], spool_dir=%r)\nrouter.send(b'{}\\n')\nprint(router.flush(20))\n"
                "print(router.results()['s3']['state'], router.results()['s3']['last_error'])\nrouter.close(0.2)\n") % self.spool
        told = subprocess.run([sys.executable, "-c", code], cwd=HOME, stdout=subprocess.PIPE).stdout.decode()
        self.assertTrue(told.startswith("False\nfailed backend s3: S3 needs boto3"), told)
        self.assertIn("pip install boto3", told)
        self.assertEqual(1, len(os.listdir(os.path.join(self.spool, "direct", "python", "s3"))))

    def test_nothing_of_it_is_loaded_before_it_is_used(self):
        code = "import sys\nimport monitoring_sdk\nprint([n for n in ('boto3', 'yaml', 'ssl', 'http.client', 'asyncio') if n in sys.modules])"
        self.assertEqual(b"[]\n", subprocess.run([sys.executable, "-c", code], cwd=HOME, stdout=subprocess.PIPE).stdout)


class SpoolTest(DirectCase):

    def test_what_a_killed_writer_has_left_half_is_removed_and_no_file_is_taken_twice(self):
        spool = BatchSpool(self.spool, "", "svc", 100_000)
        self.assertTrue(spool.put(batch(3)))
        half = os.path.join(self.spool, "1697821234567-%s-9.jsonl.tmp" % CLIENT)
        with open(half, "w") as file:
            file.write('{"half')
        os.utime(half, (1, 1))
        other = BatchSpool(self.spool, "", "svc", 100_000)
        self.assertTrue(other.put(batch(2, 700)))
        self.assertFalse(os.path.exists(half))
        first, second = spool.take(), other.take()
        self.assertEqual([range(1, 4), range(700, 702)], [first.batch.numbers, second.batch.numbers])
        self.assertIsNone(spool.take())
        first.release()
        again = other.take()
        self.assertEqual(first.batch.key, again.batch.key)
        again.remove()
        second.remove()
        self.assertEqual([], os.listdir(self.spool))


class BatchTest(DirectCase):

    def test_the_same_messages_have_the_same_names(self):
        whole = batch(8, 3)
        left, right = whole.halves()
        self.assertEqual(whole.body(), left.body() + right.body())
        self.assertEqual((range(3, 7), range(7, 11)), (left.numbers, right.numbers))
        self.assertEqual(3, len({whole.key, left.key, right.key}))
        again = Batch.named("svc", whole.name + ".jsonl", list(whole.lines))
        self.assertEqual((whole.key, whole.name, list(whole.entries())), (again.key, again.name, list(again.entries())))
        self.assertLess(Batch.place(batch(1, 900).name + ".jsonl"), Batch.place(batch(1, 1_000).name + ".jsonl"))
        self.assertIsNone(Batch.place(whole.name + ".jsonl.tmp"))
        self.assertEqual([4, 6], whole.part([1, 3]).numbers)
        self.assertEqual(gzip.compress(whole.body(), 6, mtime=0), gzip.compress(again.body(), 6, mtime=0))
