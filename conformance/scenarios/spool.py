"""What memory does not hold, and what is left at the end."""

import os
import re
import time

from scenarios.common import finish, scenario
from trial import Trial, each_once, equal, numbers, text_of, true


@scenario
def overflow(t: Trial) -> None:
    """a full buffer overflows into the spool, which follows in order"""
    hub = t.hub()
    r = t.runner(hub.port, buffer=10)
    r.call("burst", **{"from": 1, "to": 500})
    t.wait("490 spooled, 10 in memory, and it says so", lambda: [r.stats()[name] for name in ("spooled", "buffered", "state")] == [490, 10, "overflow"], r)
    stats = r.stats()
    true(re.fullmatch("conf-" + stats["client"] + r"-11\.open(-[a-z0-9]+)?", "".join(t.files())), "one file, as SPOOL.md names it: %s" % t.files())
    hub.up()
    r.call("burst", **{"from": 501, "to": 520})
    t.settle(r)
    each_once(numbers(1, 520), hub.texts())
    equal(list(range(1, 521)), [line.number for line in hub.accepted], "numbers")
    finish(t, hub, r)


@scenario
def close_without_a_hub(t: Trial) -> None:
    """close without a hub leaves everything in the spool; the next process sends it"""
    hub = t.hub()
    r = t.runner(hub.port, buffer=20)
    r.call("burst", **{"from": 1, "to": 50})
    r.call("close", timeout=5)
    stats = r.stats()
    equal((50, 0), (stats["left_in_spool"], stats["dropped"]), "left_in_spool, dropped")
    each_once(numbers(1, 50), [text_of(line) for line in t.spooled()])
    true(all(re.fullmatch("conf-%s-[0-9]+\\.ldjson" % stats["client"], name) for name in t.files()), "sealed files: %s" % t.files())
    equal(0, r.end(), "exit code")
    hub.up()
    r = t.runner(hub.port)
    r.call("burst", **{"from": 51, "to": 60})
    t.wait("the files of the first", lambda: len(hub.texts()) >= 60 and not t.files(), r)
    by_client = {c: [text_of(line.bytes) for line in hub.accepted if line.client == c] for c in hub.known}
    each_once(numbers(1, 50), by_client[stats["client"]], "under the client that wrote them")
    finish(t, hub, r)
    each_once(numbers(51, 60), [text_of(line.bytes) for line in hub.accepted if line.client == r.stats()["client"] and b'"event"' in line.bytes])


@scenario
def close_behind_a_burst(t: Trial) -> None:
    """close right behind a burst: everything goes out, through the spool where it was fuller than memory

    Again and again, because what is in memory, in the spool and on its way at that moment differs each time.
    """
    hub = t.hub().up()
    for turn in range(1, 6):
        hub.accepted.clear()
        r = t.runner(hub.port, buffer=100)
        r.call("burst", **{"from": 1, "to": 3_000})
        r.call("close", timeout=20)
        each_once(numbers(1, 3_000), hub.texts(), "messages of turn %d" % turn)
        equal(0, r.stats()["left_in_spool"], "left_in_spool")
        finish(t, hub, r)
        equal("goodbye", hub.messages()[-1]["type"], "the last message")


@scenario
def end_without_close(t: Trial) -> None:
    """a program that ends without close: with a hub, and without one"""
    hub = t.hub().up()
    r = t.runner(hub.port)
    r.call("burst", **{"from": 1, "to": 30})
    equal(0, r.end(), "exit code")
    t.wait("all messages", lambda: len(hub.texts()) >= 30)
    each_once(numbers(1, 30), hub.texts())
    hub.down()
    r = t.runner(hub.port)
    r.call("burst", **{"from": 31, "to": 60})
    equal(0, r.end(), "exit code")
    each_once(numbers(31, 60), [text_of(line) for line in t.spooled()], "spooled")


@scenario
def own_files(t: Trial) -> None:
    """files of the client that lives here are not sent by a second session"""
    hub = t.hub().up()
    r = t.runner(hub.port)
    r.call("burst", **{"from": 1, "to": 1})
    t.settle(r)
    name = "conf-%s-1.ldjson" % r.stats()["client"]
    other = "conf-6f2c7a30-5a0e-4d0b-9d5e-0b8f1f0c9a11-5.ldjson"
    for path in (name, other):
        with open(os.path.join(t.spool, path), "wb") as file:
            file.write(b'{"v":1,"src":"conf","ts":1,"type":"heartbeat"}\n')
    hub.up()
    r.call("burst", **{"from": 2, "to": 2})
    t.wait("the other file", lambda: other[:41] not in "".join(t.files()), r)
    t.settle(r)
    equal([name], t.files(), "files")
    equal([], [h for h in hub.hellos if h["data"]["client"] == r.stats()["client"] and h["data"]["next"] == 1][1:], "a second session")
    os.unlink(os.path.join(t.spool, name))
    finish(t, hub, r)
