"""One scenario with one language: its folder, its hubs and runners, all of which end with it. Used by one thread."""

import glob
import json
import os
import shutil
import tempfile
import threading
import time
from typing import Any, Callable, Dict, List, Optional

from fake_hub import FakeHub
from languages import FAULTS, PATIENCE, Failure, Language, Runner


class NotApplicable(Exception):
    """The language lacks what the scenario is about; the text says why."""


class Trial:
    def __init__(self, language: Language, logs: str) -> None:
        self.language = language
        self.folder = tempfile.mkdtemp(prefix="conformance-")
        self.spool = os.path.join(self.folder, "spool")
        os.mkdir(self.spool)
        self.log = os.path.join(logs, language.name + ".log")
        self.ends: List[Callable[[], Any]] = []
        self.hubs: List[FakeHub] = []

    def __enter__(self) -> "Trial":
        return self

    def __exit__(self, *_: object) -> None:
        for end in reversed(self.ends):
            end()
        shutil.rmtree(self.folder, True)

    def needs(self, feature: str) -> None:
        if feature in self.language.lacks:
            raise NotApplicable(self.language.lacks[feature])

    def hub(self, **more: Any) -> FakeHub:
        """A fake hub that is down: it holds its port and refuses."""
        hub = FakeHub(**more)
        self.hubs.append(hub)
        self.ends.append(hub.close)
        return hub

    def fault(self, name: str, on: bool) -> None:
        """Of the disk, for runners with faults=True: faults.c says which there are."""
        path = os.path.join(self.folder, name)
        if on:
            open(path, "w").close()
        else:
            os.unlink(path)

    def was_hit(self, fault: str) -> bool:
        return os.path.exists(os.path.join(self.folder, fault + ".hit"))

    def needs_root(self) -> None:
        if os.geteuid() != 0:
            raise NotApplicable("only root can make a folder of somebody else")

    def _taken(self) -> int:
        return sum(len(hub.accepted) for hub in self.hubs)

    def runner(self, port: int = 0, faults: bool = False, environment: Optional[Dict[str, str]] = None, largest_file: int = 0, **options: Any) -> Runner:
        """An SDK in a process of its own, with short pauses, and patience with a busy machine. largest_file: its limit, in bytes; 0: none."""
        more = dict(environment or {})
        if faults:
            more.update(LD_PRELOAD=FAULTS, FAULTS=self.folder, FAULTS_SPOOL=self.spool)
        runner = Runner(self.language, self.log, more, largest_file)
        self.ends.append(runner.kill)
        chosen = dict(source="conf", host="127.0.0.1", port=port, spool_dir=self.spool, backoff_min=0.01, backoff_max=0.05, welcome_timeout=30,
                      close_timeout=20)
        chosen.update(options)
        runner.call("new", **{name: value for name, value in chosen.items() if value is not None})
        return runner

    def wait(self, what: str, check: Callable[[], Any], *runners: Runner) -> Any:
        """Until check is true, as long as a hub goes on taking lines. An SDK without a thread sends only within calls, so each runner is asked to
        flush meanwhile."""
        taken, deadline = self._taken(), time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            result = check()
            if result:
                return result
            if taken != self._taken():
                taken, deadline = self._taken(), time.monotonic() + PATIENCE
            for runner in runners:
                runner.call("flush", timeout=0.05)
            if not runners:
                threading.Event().wait(0.01)
        raise Failure("waited in vain: %s; %s" % (what, [runner.stats() for runner in runners]))

    def settle(self, runner: Runner) -> None:
        self.wait("everything acknowledged", lambda: runner.stats()["buffered"] == 0 and runner.call("flush", timeout=0.5), runner)

    def files(self) -> List[str]:
        return sorted(os.path.basename(path) for path in glob.glob(self.spool + "/*") if not path.endswith(".lock"))

    def spooled(self) -> List[bytes]:
        """The lines of all spool files, in the order of their numbers."""
        lines: List[bytes] = []
        for name in sorted(self.files(), key=lambda n: int(n.rsplit("-", 1)[1].split(".")[0]) if n.count("-") else 0):
            with open(os.path.join(self.spool, name), "rb") as file:
                lines += [line for line in file.read().split(b"\n") if line]
        return lines


def equal(expected: Any, actual: Any, what: str) -> None:
    if expected != actual:
        raise Failure("%s: expected %s, got %s" % (what, _short(expected), _short(actual)))


def true(condition: Any, what: str) -> None:
    if not condition:
        raise Failure(what)


def each_once(expected: List[str], actual: List[str], what: str = "messages") -> None:
    """The same messages in the same order, each once."""
    if expected == actual:
        return
    missing, surplus = set(expected) - set(actual), len(actual) - len(set(actual))
    raise Failure("%s: %d expected, %d came, %d missing (%s), %d twice%s" % (
        what, len(expected), len(actual), len(missing), _short(sorted(missing)), surplus, "" if missing or surplus else ", in another order"))


def numbers(first: int, last: int) -> List[str]:
    return [str(n) for n in range(first, last + 1)]


def text_of(line: bytes) -> str:
    return json.loads(line.decode())["data"].get("msg", "")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 300 else text[:300] + "..."
