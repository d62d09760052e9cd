"""The packaged hub: unpacked from its tarball, started, killed, and what it has stored. Used by one thread."""

import glob
import gzip
import json
import os
import random
import signal
import socket
import subprocess
import time
from typing import Dict, List

from languages import ROOT, Failure

TARBALLS = sorted(glob.glob(os.path.join(ROOT, "distribution", "target", "monitoring-hub-*.tar.gz")))
CONFIGURATION = """
transports:
  tcp: {{ port: {} }}
  unix: {{ path: run/ingest.sock }}
backends:
  archive: {{ type: filesystem, path: data/events }}
routes:
  - {{ source: "*", to: [archive] }}
log: {{ path: data/log, retain: 24h, max_size: 1GB, durability: sync }}
"""


class RealHub:
    def __init__(self, folder: str) -> None:
        subprocess.run(["tar", "xzf", TARBALLS[-1], "-C", folder], check=True)
        self.home = glob.glob(folder + "/monitoring-hub-*")[0]
        self.port = _free_port()
        with open(self.home + "/conf/hub.yaml", "w") as file:
            file.write(CONFIGURATION.format(self.port))

    def command(self, *arguments: str) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        with open(self.home + "/conformance.log", "ab+") as log:
            code = subprocess.run([self.home + "/bin/hub", *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log).returncode
            if code:
                log.seek(0)
                raise Failure("hub %s: %s" % (" ".join(arguments), log.read().decode()[-2_000:]))

    def kill(self) -> None:
        with open(self.home + "/data/run/hub.pid") as file:
            pid = int(file.read())
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while _runs(pid):
            if time.monotonic() > deadline:
                raise Failure("process %d does not end" % pid)
            time.sleep(0.01)

    def stored(self) -> Dict[str, List[dict]]:
        """The messages of each source, in the order of the files."""
        result: Dict[str, List[dict]] = {}
        try:
            for path in sorted(glob.glob(self.home + "/data/events/**", recursive=True)):
                if path.endswith((".jsonl", ".jsonl.gz")):
                    with gzip.open(path, "rb") if path.endswith(".gz") else open(path, "rb") as file:
                        for line in file.read().splitlines(True):
                            if line.endswith(b"\n"):
                                message = json.loads(line.decode())
                                result.setdefault(message["src"], []).append(message)
        except FileNotFoundError:   # it was closed and renamed meanwhile, at midnight
            return self.stored()
        return result


def _free_port() -> int:
    """Below those that the system gives to outgoing connections: none of them takes it while the hub is down."""
    for port in random.sample(range(20_000, 32_768), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:     # the next one
                continue
    raise Failure("100 ports are in use")


def _runs(pid: int) -> bool:
    try:
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rsplit(") ", 1)[1][0] not in "ZX"
    except OSError:
        return False
