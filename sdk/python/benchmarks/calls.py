"""The calls that sdk/benchmarks/run times, in Python: prints what each took in nanoseconds. sdk/benchmarks/README.md says with which arguments."""

import logging
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from monitoring_sdk import MonitoringSDK  # noqa: E402

MODE, WARM_UP, BURST, PACED, PAUSE = sys.argv[1], *(int(argument) for argument in sys.argv[2:6])


def timed(call, n):
    start = time.perf_counter_ns()
    call(n)
    return time.perf_counter_ns() - start


def report(name, took):
    print(name, *took)


def measure(kinds, settle):
    """kinds: name to call. A burst of each, then all in turn with pauses."""
    for n in range(WARM_UP):
        for call in kinds.values():
            call(n)
    settle()
    for name, call in kinds.items():
        report("burst " + name, [timed(call, n) for n in range(BURST)])
        settle()
    took = {name: [] for name in kinds}
    for n in range(PACED):
        for name, call in kinds.items():
            took[name].append(timed(call, n))
            time.sleep(PAUSE / 1e6)
    for name in kinds:
        report("paced " + name, took[name])


def main():
    if MODE == "logger":
        logging.basicConfig(filename=sys.argv[6], level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
        print("with logging.FileHandler")
        measure({"event": lambda n: logging.info("Job started job_id=%s attempt=%d", "12345", n)}, lambda: None)
        return
    sdk = MonitoringSDK("cost-python")
    kinds = {"event": lambda n: sdk.log_event("info", "Job started", {"job_id": "12345", "attempt": n}),
             "span": lambda n: sdk.end_span(sdk.start_span("step"))}
    measure({"resource": lambda n: sdk.log_resource()} if MODE == "resource" else kinds, lambda: sdk.flush(2))
    sdk.close(2)
    print("acked %(acked)d\ndropped %(dropped)d" % sdk.get_stats())


main()
