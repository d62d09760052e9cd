#!/usr/bin/env python3
"""Takes the inventory of a folder, and reports to a folder and a hub in direct mode.

    inventory.py [work folder] [folder to look at]

HUB_URL is the hub's HTTP transport, http://127.0.0.1:17001 without it. With HUB_HOME, the trace is printed by that hub.
"""

import glob
import hashlib
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../sdk/python"))
from monitoring_sdk import MonitoringHandler, MonitoringSDK, configure  # noqa: E402


def take_inventory(sdk, folder, work):
    """Size, lines and checksum of each file, as CSV; a file that is no UTF-8 is told and left out."""
    log = logging.getLogger("inventory")
    paths = sorted(path for path in glob.glob(os.path.join(folder, "**"), recursive=True) if os.path.isfile(path))
    rows = []
    with sdk.job("inventory", subjobs=len(paths)) as job:
        for path in paths:
            name = os.path.relpath(path, folder)
            with job.subjob(name) as part, open(path, "rb") as file:
                content = file.read()
                sdk.log_metric("file.bytes", len(content), "bytes", {"file": name})
                try:
                    lines = len(content.decode("utf-8").splitlines())
                except UnicodeDecodeError:
                    part.status = "error"
                    log.exception("left out", extra={"left_out": name})
                    continue
                rows.append("%s,%d,%d,%s" % (name, len(content), lines, hashlib.sha256(content).hexdigest()))
        with open(os.path.join(work, "inventory.csv"), "w", encoding="utf-8") as result:
            result.write("\n".join(["file,bytes,lines,sha256"] + rows) + "\n")
        job.tag("files", len(rows))
        sdk.log_resource()
    return len(rows), len(paths) - len(rows)


def held_by_the_folder(folder, trace):
    """Its messages of this trace, counted by type."""
    types = Counter()
    for path in glob.glob(os.path.join(folder, "*.jsonl")):
        with open(path, encoding="utf-8") as file:
            types.update(message["type"] for message in map(json.loads, file) if message.get("tid") == trace)
    return types


def main():
    work = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="inventory."))
    os.makedirs(work, exist_ok=True)
    os.environ["INVENTORY_WORK"] = work
    os.environ.setdefault("HUB_URL", "http://127.0.0.1:17001")
    configure(os.path.join(HERE, "monitoring.json"))

    with MonitoringSDK() as sdk:
        handler = MonitoringHandler(sdk)
        logging.getLogger("inventory").addHandler(handler)
        with sdk.trace(), sdk.context(work=work):
            trace = sdk.trace_id
            taken, left_out = take_inventory(sdk, sys.argv[2] if len(sys.argv) > 2 else os.path.join(HERE, "input"), work)
        sdk.flush()
        health = sdk.router.health(check=True)
    results = sdk.router.results()      # after close: what was left is in the spool

    print("files: %d taken, %d left out" % (taken, left_out))
    for name, backend in health.items():
        print("%s: %s" % (name, backend["check"]))
    print("folder holds: " + ", ".join("%d %s" % (count, kind) for kind, count in sorted(held_by_the_folder(os.path.join(work, "events"), trace).items())))
    print("hub holds: %(delivered)d messages of this run and earlier ones; in the spool: %(spooled)d, refused: %(rejected)d" % results["hub"])
    if os.environ.get("HUB_HOME") and health["hub"]["is_reachable"]:
        sys.stdout.flush()
        subprocess.run([os.path.join(os.environ["HUB_HOME"], "bin/hub"), "trace", trace], check=True)
    print("work folder: " + work)
    print("trace: " + trace)


if __name__ == "__main__":
    main()
