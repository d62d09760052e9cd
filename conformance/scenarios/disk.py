"""A spool folder in which things go wrong: faults.c makes them."""

import os

from languages import Runner
from scenarios.common import finish, scenario
from trial import Trial, each_once, equal, numbers, text_of, true

OTHERS = "6f2c7a30-5a0e-4d0b-9d5e-0b8f1f0c9a11"


def event(number: int) -> bytes:
    return b'{"v":1,"src":"conf","ts":1,"type":"event","data":{"level":"info","msg":"%d"}}\n' % number


def leave(t: Trial, content: bytes, first: int = 1) -> str:
    """A file that an earlier process has left; returns its name."""
    name = "conf-%s-%d.ldjson" % (OTHERS, first)
    with open(os.path.join(t.spool, name), "wb") as file:
        file.write(content)
    return name


def overflowing(t: Trial, hub, last: int, **more) -> Runner:
    """An SDK with ten messages in memory and the rest, up to `last`, in its spool file."""
    r = t.runner(hub.port, buffer=10, **more)
    r.call("burst", **{"from": 1, "to": last})
    t.wait("the spool", lambda: r.stats()["spooled"] == last - 10, r)
    return r


def sends_the_rest(t: Trial, hub, last: int) -> None:
    """A next process without faults sends what is left: then all have come, each once."""
    hub.down()
    hub.ack_at_most = None
    hub.up()
    r = t.runner(hub.port)
    r.call("burst", **{"from": last + 1, "to": last + 1})
    t.wait("what the first has left", lambda: not t.files(), r)
    finish(t, hub, r)
    each_once(numbers(1, last + 1), sorted(hub.texts(), key=int))


@scenario
def file_of_others_unreadable(t: Trial) -> None:
    """a spool file that can't be read stays, what is logged goes on, and it is sent when it can"""
    name = leave(t, b"".join(map(event, range(1, 6))))
    hub = t.hub().up()
    t.fault("unreadable", True)
    r = t.runner(hub.port, faults=True)
    r.call("burst", **{"from": 6, "to": 10})
    t.settle(r)
    t.wait("a look at the folder", lambda: hub.texts() == numbers(6, 10), r)
    equal([name[:-7]], [left[:len(name) - 7] for left in t.files()], "files")
    t.fault("unreadable", False)
    hub.up()
    r.call("burst", **{"from": 11, "to": 11})
    t.wait("the file", lambda: not t.files(), r)
    finish(t, hub, r)
    each_once(numbers(1, 11), sorted(hub.texts(), key=int))


@scenario
def own_file_unreadable(t: Trial) -> None:
    """its own spool file can't be read: it stays, also when the program ends, and is sent by the next"""
    hub = t.hub()
    r = overflowing(t, hub, 200, faults=True)
    t.fault("unreadable", True)
    hub.up()
    t.wait("what is in memory", lambda: len(hub.accepted) >= 10, r)
    r.call("close", timeout=0.5)
    equal(0, r.stats()["dropped"], "dropped")
    r.end()
    t.fault("unreadable", False)
    sends_the_rest(t, hub, 200)


@scenario
def disk_full(t: Trial) -> None:
    """a full disk: what it does not take is counted, no line is torn, and it goes on when there is room"""
    hub = t.hub()
    r = overflowing(t, hub, 50, faults=True)
    t.fault("full", True)
    r.call("burst", **{"from": 51, "to": 100})
    t.wait("that it is hit", lambda: t.was_hit("full"), r)
    t.fault("full", False)
    r.call("burst", **{"from": 101, "to": 150})
    hub.up()
    t.settle(r)
    r.call("burst", **{"from": 151, "to": 160})
    r.call("close", timeout=20)
    came = list(map(int, hub.texts()))
    equal([], hub.faults, "lines that a hub refuses")
    equal(sorted(set(came)), came, "messages, in their order, each once")
    equal(160, len(came) + r.stats()["dropped"], "messages that came or were counted as dropped")
    equal([], [n for n in [*range(1, 51), *range(151, 161)] if n not in came], "messages before and after that did not come")


@scenario
def disk_full_at_close(t: Trial) -> None:
    """a full disk at close: what is in the spool stays there, what is in memory is counted"""
    hub = t.hub()
    r = overflowing(t, hub, 60, faults=True)
    t.fault("full", True)
    r.call("close", timeout=0.5)
    stats = r.stats()
    equal((50, 10), (stats["left_in_spool"], stats["dropped"]), "left_in_spool, dropped")
    r.end()
    equal(numbers(11, 60), [text_of(line) for line in t.spooled()], "spooled")


@scenario
def disk_full_at_close_behind_acks(t: Trial) -> None:
    """a full disk at close, with a spool file that is sent in part: it stays whole, and nothing comes twice"""
    hub = t.hub()
    r = overflowing(t, hub, 200, faults=True)
    hub.ack_at_most = 60
    hub.up()
    t.wait("acks", lambda: r.stats()["acked"] == 60, r)
    hub.down()
    t.fault("full", True)
    r.call("close", timeout=0.5)
    stats = r.stats()
    equal((140, 0), (stats["left_in_spool"], stats["dropped"]), "left_in_spool, dropped")
    r.end()
    t.fault("full", False)
    sends_the_rest(t, hub, 200)


@scenario
def file_size_limited(t: Trial) -> None:
    """a limit on the size of files: what does not fit is counted, no line is torn, and the program lives"""
    r = t.runner(t.hub().port, buffer=10, largest_file=65_536)
    r.call("burst", **{"from": 1, "to": 2_000})      # at once: what a thread takes in one piece is more than fits
    r.call("close", timeout=0.5)
    stats = r.stats()
    equal(0, r.end(), "exit code")
    lines = [text_of(line) for line in t.spooled()]
    equal(sorted(set(lines), key=int), sorted(lines, key=int), "messages, each once")
    true(len(lines) > 400, "what fits is kept: %d" % len(lines))
    equal((len(lines), 2_000), (stats["left_in_spool"], stats["left_in_spool"] + stats["dropped"]), "left_in_spool, with dropped")


@scenario
def half_a_line_left(t: Trial) -> None:
    """a file that ends in half a line, longer than what is read at once: its whole lines are sent"""
    leave(t, b"".join(map(event, range(1, 6))) + b"x" * 400_000)
    hub = t.hub().up()
    r = t.runner(hub.port)
    r.call("burst", **{"from": 6, "to": 6})
    t.wait("the file", lambda: not t.files(), r)
    finish(t, hub, r)
    each_once(numbers(1, 6), sorted(hub.texts(), key=int))


@scenario
def links_in_the_spool(t: Trial) -> None:
    """a link that bears the name of a spool file is not followed"""
    name = leave(t, event(1))
    aside = os.path.join(t.folder, "aside")
    os.rename(os.path.join(t.spool, name), aside)
    os.symlink(aside, os.path.join(t.spool, name))
    other = "conf-7" + OTHERS[1:] + "-1.ldjson"
    with open(os.path.join(t.spool, other), "wb") as file:
        file.write(event(2))
    hub = t.hub().up()
    r = t.runner(hub.port)
    r.call("burst", **{"from": 3, "to": 3})
    t.wait("the file that is one", lambda: t.files() == [name], r)
    t.settle(r)
    equal([name], t.files(), "files")
    os.unlink(os.path.join(t.spool, name))
    finish(t, hub, r)
    each_once(numbers(2, 3), sorted(hub.texts(), key=int))


@scenario
def names_of_sources(t: Trial) -> None:
    """a long source with characters that no file name has is spooled under the name that SPOOL.md gives it"""
    for source, name in (("Z\u00e4hler \u20ac/1", "Z_hler___1"), ("long/" * 50, "long_" * 32)):
        hub = t.hub()
        r = t.runner(hub.port, source=source)
        r.call("burst", **{"from": 1, "to": 5})
        r.call("close", timeout=0.5)
        equal(["%s-%s-1.ldjson" % (name, r.stats()["client"])], t.files(), "files")
        hub.up()
        r = t.runner(hub.port, source=source)
        r.call("burst", **{"from": 6, "to": 6})
        t.wait("the file", lambda: not t.files(), r)
        finish(t, hub, r)
        each_once(numbers(1, 6), sorted(hub.texts(), key=int))


@scenario
def folder_of_somebody_else(t: Trial) -> None:
    """the spool folder in /tmp that somebody else has made first: nothing is taken from it, nothing written to it"""
    t.needs_root()
    folder = os.path.join(t.folder, "monitoring-spool-%d" % os.geteuid())
    os.rmdir(t.spool)
    t.spool = folder
    os.mkdir(folder, 0o777)
    os.chown(folder, 65_534, -1)
    os.chmod(folder, 0o777)
    name = leave(t, event(1))
    hub = t.hub().up()
    r = t.runner(hub.port, spool_dir=None, environment={"TMPDIR": t.folder, "JAVA_TOOL_OPTIONS": "-Djava.io.tmpdir=" + t.folder}, buffer=10)
    r.call("burst", **{"from": 2, "to": 5})
    t.settle(r)
    hub.down()
    r.call("burst", **{"from": 6, "to": 100})
    r.call("close", timeout=0.5)
    equal([name], t.files(), "files")
    true(r.stats()["dropped"] > 0, "messages are counted as dropped")
    each_once(numbers(2, 5), hub.texts())
