"""What the tests of direct mode share: folders, routers that end with the test, and an HTTP server that answers as it is told."""

import glob
import gzip
import json
import os
import shutil
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from monitoring_sdk import BackendConfig, BackendRouter
from monitoring_sdk.config import sources


def event(n, **more):
    return dict({"v": 1, "src": "svc", "ts": 1_697_821_234_567, "type": "event", "data": {"level": "info", "msg": "m%s" % n, "ctx": {}}}, **more)


class AnsweringServer:
    """An HTTP server on a free port that stores requests and answers each by answer(method, path, body) -> status, headers, body;
    None closes the connection without an answer."""

    def __init__(self, answer, tls=None):
        self.requests = []
        self.takes_key = None       # instead of answer: takes key and body
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                server.requests.append((self.command, self.path, dict(self.headers), body))
                answered = answer(self.command, self.path, body) if server.takes_key is None else server.takes_key(self.headers["Idempotency-Key"], body)
                if answered is None:
                    self.close_connection = True
                    return
                status, headers, content = answered
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST

            def log_message(self, *_):
                pass    # a test's output is its own
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        if tls:
            self.http.socket = tls.wrap_socket(self.http.socket, server_side=True)
        self.url = "%s://127.0.0.1:%d" % ("https" if tls else "http", self.http.server_address[1])
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def close(self):
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


class DirectCase(unittest.TestCase):

    def setUp(self):
        for name in [name for name in os.environ if name.startswith("MONITORING_")]:
            del os.environ[name]
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.addCleanup(sources.reset)
        self.spool = os.path.join(self.folder, "spool")

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def files(self, name="files", **more):
        return BackendConfig("filesystem", name, path=self.path(name), **dict({"linger": 0.01, "fsync": "never"}, **more))

    def router(self, *backends, **more):
        router = BackendRouter(list(backends), **dict(dict(source="svc", spool_dir=self.spool, backoff_min=0.01, backoff_max=0.05), **more))
        self.addCleanup(router.close, 0)
        return router

    def server(self, answer, tls=None):
        server = AnsweringServer(answer, tls)
        self.addCleanup(server.close)
        return server

    def events(self, name="files"):
        """What the messages of a filesystem backend's folder say, in their order."""
        said = []
        for path in sorted(glob.glob(self.path(name, "*.jsonl")), key=lambda p: (len(p), p)):
            with open(path, encoding="utf-8") as file:
                said += [json.loads(line)["data"].get("msg") for line in file]
        return said

    def spooled(self, name):
        folder = os.path.join(self.spool, "direct", "svc", name)
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


def names(count, first=0):
    return ["m%d" % n for n in range(first, first + count)]
