"""What every SDK has to do with the packaged hub. All languages at once, each as a source of its own: a killed hub is killed for all."""

import os
import time
from typing import Callable, Dict, List

from languages import PATIENCE
from real_hub import RealHub
from trial import Trial, each_once, equal, numbers

ALL: List[Callable[[RealHub, List[Trial]], Dict[str, Exception]]] = []
ROUNDS = 3
BURST = 400


def scenario(function: Callable[[RealHub, List[Trial]], Dict[str, Exception]]) -> Callable[[RealHub, List[Trial]], Dict[str, Exception]]:
    ALL.append(function)
    return function


def _each(trials: List[Trial], action: Callable[[Trial], None], failures: Dict[str, Exception]) -> None:
    for t in trials:
        if t.language.name not in failures:
            try:
                action(t)
            except Exception as e:     # the next language must have its turn
                failures[t.language.name] = e


def _wait(check: Callable[[], bool]) -> None:
    """What is not there in the end is told by the comparison that follows."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and not check():
        time.sleep(0.1)


@scenario
def taken_by_the_hub(hub: RealHub, trials: List[Trial]) -> Dict[str, Exception]:
    """packaged hub: odd and huge values over TCP, none refused, all stored"""
    failures: Dict[str, Exception] = {}
    expected: Dict[str, int] = {}

    def play(t: Trial) -> None:
        source = "odd-" + t.language.name
        r = t.runner(hub.port, source=source)
        calls = r.call("odd_values")
        for size in (1_000, 65_000, 200_000):
            r.call("huge", bytes=size)
        r.call("bytes", hex="636166e9ff")
        t.settle(r)
        stats = r.stats()
        equal(0, stats["refused"], "refused, at last: %s" % stats["last_error"])
        equal(stats["messages"], stats["acked"], "acked")
        r.call("close", timeout=20)
        expected[source] = r.stats()["acked"]
        equal(True, expected[source] >= calls + 4, "calls that made a message")

    _each(trials, play, failures)
    _wait(lambda: all(len(hub.stored().get(source, [])) >= count for source, count in expected.items()))
    stored = hub.stored()
    _each(trials, lambda t: equal(expected["odd-" + t.language.name], len(stored.get("odd-" + t.language.name, [])), "stored"), failures)
    return failures


@scenario
def over_its_unix_socket(hub: RealHub, trials: List[Trial]) -> Dict[str, Exception]:
    """packaged hub: its Unix socket"""
    failures: Dict[str, Exception] = {}

    def play(t: Trial) -> None:
        t.needs("unix")
        r = t.runner(source="unix-" + t.language.name, host=os.path.join(hub.home, "data", "run", "ingest.sock"), port=None)
        r.call("burst", **{"from": 1, "to": 100})
        t.settle(r)
        equal(("acked", 100), (r.stats()["protocol"], r.stats()["acked"]), "protocol, acked")
        r.call("close", timeout=20)

    _each(trials, play, failures)
    return failures


@scenario
def killed_in_the_middle(hub: RealHub, trials: List[Trial]) -> Dict[str, Exception]:
    """packaged hub: kill -9 under calls, restarted; each message once in its files, in order"""
    failures: Dict[str, Exception] = {}
    runners: Dict[str, object] = {}
    said = 0

    def begin(t: Trial) -> None:
        runners[t.language.name] = t.runner(hub.port, source="kill-" + t.language.name, buffer=200, backoff_max=0.2)

    def speak(t: Trial) -> None:
        runners[t.language.name].call("burst", **{"from": said + 1, "to": said + BURST})

    def close(t: Trial) -> None:
        r = runners[t.language.name]
        t.settle(r)
        r.call("close", timeout=20)
        equal((0, []), (r.stats()["dropped"], t.files()), "dropped, spool files")

    _each(trials, begin, failures)
    for turn in range(ROUNDS):
        _each(trials, speak, failures)
        said += BURST
        hub.kill()
        _each(trials, speak, failures)
        said += BURST
        hub.command("start")
    _each(trials, close, failures)
    names = [t.language.name for t in trials if t.language.name not in failures]

    def texts(name: str) -> List[str]:
        return [m["data"]["msg"] for m in hub.stored().get("kill-" + name, []) if m["type"] == "event"]

    _wait(lambda: all(len(texts(name)) >= said for name in names))
    _each(trials, lambda t: each_once(numbers(1, said), sorted(texts(t.language.name), key=int)), failures)
    return failures
