"""What one call costs the application in direct mode. sdk/benchmarks/run measures calls with a hub.

    python3 benchmarks/cost.py [calls]
"""

import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from monitoring_sdk import MonitoringSDK, configure  # noqa: E402


def kinds(sdk):
    return (lambda n: sdk.log_event("info", "Job started", {"job_id": "12345", "attempt": n}),
            lambda n: sdk.log_metric("queue.depth", n, "items", {"queue": "inbound"}),
            lambda n: sdk.log_progress("12345", n % 101, "running"),
            lambda n: sdk.end_span(sdk.start_span("step")))


def measure(name, calls, functions, pause=0.0):
    took = []
    for n in range(calls):
        call = functions[n % len(functions)]
        start = time.perf_counter()
        call(n)
        took.append(time.perf_counter() - start)
        if pause:
            time.sleep(pause)
    took.sort()
    print("%-36s p50 %6.1f us   p99 %7.1f us   p99.9 %8.1f us   max %9.1f us" % ((name,) + tuple(
        1e6 * took[int(share * (len(took) - 1))] for share in (0.5, 0.99, 0.999, 1))), end="", flush=True)


def measure_direct(name, calls, pause=0.0, **backend):
    with tempfile.TemporaryDirectory() as folder:
        config = configure(mode="direct", app_name="bench", spool_dir=folder, backends=[dict(backend, path=folder) if "path" in backend else backend])
        sdk = MonitoringSDK(config=config)
        sdk.heartbeat()
        sdk.flush(1)
        measure(name, calls, kinds(sdk), pause)
        sdk.close(20)
        print("   spooled %(spooled)d, dropped %(dropped)d" % sdk.get_stats())


def main():
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    print("load %s, Python %s" % (os.getloadavg()[0], sys.version.split()[0]))
    measure_direct("direct, files, without a pause", calls, type="filesystem", path="")
    measure_direct("direct, files, 2,000 calls/s", calls // 10, 0.0005, type="filesystem", path="")
    measure_direct("direct, sidecar away, 2,000 calls/s", calls // 10, 0.0005, type="sidecar", url="http://127.0.0.1:1")


if __name__ == "__main__":
    main()
