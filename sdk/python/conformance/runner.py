"""Plays calls for the conformance suite: conformance/README.md says how."""

import json
import math
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from monitoring_sdk import MonitoringSDK    # noqa: E402

sdk = None


class Strange:
    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


def new(**options):
    global sdk
    sdk = MonitoringSDK(**options)


def odd_values():
    cyclic = {"name": "c"}
    cyclic["self"] = cyclic
    deep = []
    for _ in range(2_000):
        deep = [deep]
    values = [None, math.nan, math.inf, -math.inf, "", cyclic, deep, object(), Strange(), {1, 2}, b"\xff", "\ud800", "\0\x1f\x7f", 10 ** 400, True,
              1j, {Strange(): 1}, {None: 2}]
    for value in values:
        sdk.log_event(value, value, {"value": value, "list": [value]})
        sdk.log_event("info", "context", value)
        sdk.log_metric(value, value, value, value)
        sdk.log_metric("m", value)
        sdk.log_progress(value, value, value)
        sdk.log_resource(value, value, value, value)
        sdk.end_span(sdk.start_span(value, value), value, value)
    return 8 * len(values)


def burst(**args):
    slowest, start = 0.0, time.perf_counter()
    before = start
    for n in range(args["from"], args["to"] + 1):
        sdk.log_event("info", str(n))
        now = time.perf_counter()
        slowest, before = max(slowest, now - before), now
    return {"seconds": before - start, "slowest": slowest}


def in_child(**args):
    """The child ends as a program does: nobody calls close."""
    pid = os.fork()
    if pid == 0:
        os.close(1)
        sys.stdout = None
        for n in range(args["from"], args["to"] + 1):
            sdk.log_event("info", "child %d" % n)
        sys.exit(0)
    return os.waitpid(pid, 0)[1]


def without_streams(**args):
    """A child as a daemon is: what it and its own children print goes nowhere."""
    pid = os.fork()
    if pid == 0:
        for stream in range(3):
            os.close(stream)
        middle = (args["from"] + args["to"]) // 2
        burst(**{"from": args["from"], "to": middle})
        sdk.flush(5)
        for stream in (1, 2):
            try:
                os.write(stream, b"stray\n")
                os._exit(1)     # it is somebody's
            except OSError:
                pass
        os.system("echo stray; echo stray >&2")
        burst(**{"from": middle + 1, "to": args["to"]})
        sys.stdout = sys.stderr = None
        sys.exit(0)
    return os.waitpid(pid, 0)[1]


def in_threads(threads, count):
    def log(t):
        for n in range(count):
            sdk.log_event("info", "%d.%d" % (t, n))
    running = [threading.Thread(target=log, args=(t,)) for t in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def flush_while_logging(timeout):
    done = threading.Event()

    def log():
        while not done.is_set():
            sdk.log_event("info", "on and on")
    thread = threading.Thread(target=log)
    thread.start()
    result = sdk.flush(timeout)
    done.set()
    thread.join()
    return result


def log_bytes(hex):
    text = bytes.fromhex(hex)
    sdk.log_event("info", text, {"text": text})
    text = text.decode("utf-8", "surrogateescape")
    sdk.log_event("info", text, {text: text})


CALLS = {
    "new": new, "burst": burst, "fork": in_child, "without_streams": without_streams,
    "chdir": lambda folder: os.chdir(folder), "setuid": lambda user: os.setuid(user), "threads": in_threads,
    "flush_while_logging": flush_while_logging, "odd_values": odd_values, "bytes": log_bytes,
    "stats": lambda: sdk.get_stats(),
    "huge": lambda bytes: sdk.log_event("info", "x" * bytes, {"text": "y" * bytes}),
    "start_job_analysis": lambda job_id, name, subjobs: sdk.start_job_analysis(job_id, name, subjobs=subjobs) and None,
    "track_subjob": lambda **a: sdk.track_subjob(**a) and None,
}

while True:
    line = sys.stdin.readline()
    if not line:
        break
    request = json.loads(line)
    call = CALLS.get(request["call"]) or getattr(sdk, request["call"])
    result = call(**request.get("args", {}))
    print(json.dumps({"ok": True, "result": result if isinstance(result, (dict, str, bool, int, float)) else None}), flush=True)
