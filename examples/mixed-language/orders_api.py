#!/usr/bin/env python3
"""A web API that takes orders: POST /orders. A script in Perl prices them, a worker in C packs them into parcels.

    orders_api.py WORKER ADDRESS-FILE

Writes its address to that file when it listens, and ends at SIGTERM. The trace of a request is that of its header X-Trace-Id, else a new one; the
answer names it. The child processes get it, and the span that they belong to, in their environment.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../sdk/python"))
from monitoring_sdk import MonitoringSDK  # noqa: E402

PARCEL_GRAMS = 10_000
MOST_BYTES = 1_000_000


class Rejected(Exception):
    """The order is wrong; the text is for the customer."""


def checked(body):
    try:
        order = json.loads(body.decode("utf-8"))
        lines = [(line["article"], line["quantity"]) for line in order["lines"]]
        name = order["order"]
    except (ValueError, KeyError, TypeError):
        raise Rejected("an order is {\"order\": ..., \"lines\": [{\"article\": ..., \"quantity\": ...}]}") from None
    if not lines or not isinstance(name, str) or not all(isinstance(a, str) and type(q) is int and 0 < q < 1_000 for a, q in lines):
        raise Rejected("an order has a name and lines, each with an article and a quantity from 1 to 999")
    return order


class Orders:
    """What happens with an order. Used by any thread."""

    def __init__(self, sdk, worker):
        self.sdk = sdk
        self.worker = worker

    def take(self, body):
        with self.sdk.span("check order"):
            order = checked(body)
        with self.sdk.context(order=order["order"]):
            with self.sdk.span("have it priced"):
                priced = json.loads(self._ask(["perl", os.path.join(HERE, "price_order.pl"), os.path.join(HERE, "input/prices.csv")], json.dumps(order), 3))
                if "error" in priced:
                    raise Rejected(priced["error"])
            with self.sdk.span("have it packed"):
                items = "".join("%(article)s %(quantity)d %(grams)d\n" % line for line in priced["lines"])
                packed = [line.split(" ") for line in self._ask([self.worker, str(PARCEL_GRAMS)], items).splitlines()]
            self.sdk.log_event("info", "order taken", {"total_cents": priced["total_cents"], "parcels": len(packed)})
        return {"order": order["order"], "total_cents": priced["total_cents"],
                "parcels": [{"grams": int(grams), "articles": articles} for grams, *articles in packed]}

    def _ask(self, command, text, *expected):
        done = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, env={**os.environ, **self.sdk.child_env()}, timeout=60)
        if done.returncode not in (0, *expected):
            raise RuntimeError("%s ended with %d" % (os.path.basename(command[0]), done.returncode))
        return done.stdout.decode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_POST(self):
        sdk = self.server.orders.sdk
        with sdk.trace(self.headers.get("X-Trace-Id")), sdk.span("POST " + self.path) as span:
            status, answer = self._answer()
            span.tag("http.status", status)
            if status >= 400:
                span.status = "error"
                sdk.log_event("warn" if status < 500 else "error", "order not taken", answer)
            trace = sdk.trace_id
        content = json.dumps(answer).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Trace-Id", trace)
        self.end_headers()
        self.wfile.write(content)

    def _answer(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MOST_BYTES:
            self.close_connection = True
            return 413, {"error": "at most %d bytes, and their number in Content-Length" % MOST_BYTES}
        body = self.rfile.read(int(length))
        if self.path != "/orders":
            return 404, {"error": "POST /orders"}
        try:
            return 201, self.server.orders.take(body)
        except Rejected as e:
            return 422, {"error": str(e)}
        except (OSError, RuntimeError, ValueError, subprocess.SubprocessError) as e:
            self.log_error("%s", e)
            return 500, {"error": "the order could not be worked on"}

    def log_request(self, code="-", size="-"):
        """Requests are spans."""


def main():
    worker, address_file = sys.argv[1:]
    with MonitoringSDK("orders-api") as sdk, ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.orders = Orders(sdk, os.path.abspath(worker))
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown, name="shutdown").start())
        with open(address_file + ".new", "w", encoding="ascii") as file:
            file.write("http://127.0.0.1:%d\n" % server.server_port)
        os.rename(address_file + ".new", address_file)
        server.serve_forever(0.1)


if __name__ == "__main__":
    main()
