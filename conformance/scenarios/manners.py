"""Many calls, processes and threads, and what daemons do."""

import os

from languages import ROOT
from scenarios.common import finish, scenario
from trial import Trial, each_once, equal, numbers, text_of

NOBODY = 65_534


@scenario
def hundred_thousand_calls(t: Trial) -> None:
    """100,000 calls with the hub gone: none is lost, memory keeps its bound"""
    hub = t.hub()
    r = t.runner(hub.port)
    for first in range(1, 100_000, 10_000):     # in parts: each has to be answered in time, on a busy machine, too
        r.call("burst", **{"from": first, "to": first + 9_999})
    t.wait("the spool", lambda: r.stats()["spooled"] == 99_000, r)
    stats = r.stats()
    equal((100_000, 1_000, 0), (stats["messages"], stats["buffered"], stats["dropped"]), "messages, buffered, dropped")
    hub.up()
    t.settle(r)
    each_once(numbers(1, 100_000), hub.texts())
    finish(t, hub, r)


@scenario
def fork(t: Trial) -> None:
    """a forked child is a new client; the parent's lines stay the parent's"""
    t.needs("fork")
    hub = t.hub().up()
    r = t.runner(hub.port)
    r.call("burst", **{"from": 1, "to": 10})
    t.settle(r)
    hub.acks = False
    r.call("burst", **{"from": 11, "to": 20})
    hub.acks = True
    equal(0, r.call("fork", **{"from": 1, "to": 10}), "status of the child")
    r.call("burst", **{"from": 21, "to": 30})
    t.settle(r)
    parent = r.stats()["client"]
    each_once(numbers(1, 30), [text_of(line.bytes) for line in hub.accepted if line.client == parent and b'"event"' in line.bytes], "of the parent")
    each_once(["child " + n for n in numbers(1, 10)],
              [text_of(line.bytes) for line in hub.accepted if line.client != parent and b'"event"' in line.bytes], "of the child")
    equal(2, len(hub.known), "clients")
    equal(1, len([h for h in hub.hellos if h["data"]["client"] == parent]), "connections of the parent")
    t.wait("what a child leaves that takes its time to end", lambda: not t.files(), r)
    finish(t, hub, r)


@scenario
def without_streams(t: Trial) -> None:
    """a daemon that has closed its standard streams: what is printed goes into no connection"""
    t.needs("fork")
    hub = t.hub().up()
    r = t.runner(hub.port)
    equal(0, r.call("without_streams", **{"from": 1, "to": 30}), "status of the child")
    t.wait("what a child leaves that takes its time to end", lambda: len(hub.texts()) >= 30 and not t.files(), r)
    each_once(numbers(1, 30), hub.texts())
    finish(t, hub, r)


@scenario
def without_streams_or_hub(t: Trial) -> None:
    """a daemon that has closed its standard streams: what is printed goes into no spool file"""
    t.needs("fork")
    hub = t.hub()
    r = t.runner(hub.port, buffer=10)
    equal(0, r.call("without_streams", **{"from": 1, "to": 30}), "status of the child")
    each_once(numbers(1, 30), [text_of(line) for line in t.spooled()], "spooled")


@scenario
def folder_changed(t: Trial) -> None:
    """a daemon that changes its folder: a relative spool_dir is where it was"""
    t.needs("chdir")
    hub = t.hub()
    r = t.runner(hub.port, buffer=10, spool_dir=os.path.relpath(t.spool, ROOT))
    r.call("burst", **{"from": 1, "to": 30})
    t.wait("the spool", lambda: r.stats()["spooled"] == 20, r)
    elsewhere = os.path.join(t.folder, "elsewhere")
    os.mkdir(elsewhere)
    r.call("chdir", folder=elsewhere)
    hub.up()
    t.settle(r)
    t.wait("the removal of its file", lambda: not t.files(), r)
    hub.down()
    r.call("burst", **{"from": 31, "to": 60})
    r.call("close", timeout=0.5)
    r.end()
    each_once(numbers(31, 60), [text_of(line) for line in t.spooled()], "spooled")
    each_once(numbers(1, 30), hub.texts())


@scenario
def user_changed(t: Trial) -> None:
    """a daemon that gives up root's rights: its private spool folder is the new user's, and root's is left alone"""
    t.needs("setuid")
    t.needs_root()
    os.chmod(t.folder, 0o1777)
    roots = os.path.join(t.folder, "monitoring-spool-0")
    os.mkdir(roots, 0o700)
    hub = t.hub()
    r = t.runner(hub.port, buffer=10, spool_dir=None, environment={"TMPDIR": t.folder})
    r.call("burst", **{"from": 1, "to": 5})
    r.call("setuid", user=NOBODY)
    r.call("burst", **{"from": 6, "to": 30})
    r.call("close", timeout=0.5)
    stats = r.stats()
    equal((30, 0), (stats["left_in_spool"], stats["dropped"]), "left_in_spool, dropped")
    equal([], os.listdir(roots), "files of root")
    t.spool = os.path.join(t.folder, "monitoring-spool-%d" % NOBODY)
    each_once(numbers(1, 30), [text_of(line) for line in t.spooled()], "spooled")


@scenario
def flush_while_logging(t: Trial) -> None:
    """flush, while another thread logs on and on: ends when what was logged before it is safe"""
    t.needs("threads")
    hub = t.hub().up()
    r = t.runner(hub.port)
    r.call("burst", **{"from": 1, "to": 500})
    equal(True, r.call("flush_while_logging", timeout=30), "flush")
    each_once(numbers(1, 500), [text for text in hub.texts() if text != "on and on"])
    t.settle(r)
    finish(t, hub, r)


@scenario
def threads(t: Trial) -> None:
    """eight threads: nothing is lost, each one's order is kept"""
    t.needs("threads")
    hub = t.hub().up()
    r = t.runner(hub.port)
    r.call("threads", threads=8, count=1_000)
    t.settle(r)
    got = hub.texts()
    equal(8_000, len(got), "messages")
    for thread in range(8):
        each_once(["%d.%d" % (thread, n) for n in range(1_000)], [text for text in got if text.startswith("%d." % thread)], "of thread %d" % thread)
    finish(t, hub, r)
