"""Two processes that say hello with one client id."""

import json
import socket
from typing import Any

from scenarios.common import finish, scenario
from trial import Trial, each_once, equal, numbers, text_of, true


def another(t: Trial, hub: Any, client: str, number: int) -> socket.socket:
    """Somebody else who has this client's id, as a copied process has; welcome."""
    other = socket.create_connection(("127.0.0.1", hub.port))
    t.ends.append(other.close)
    data = {"client": client, "next": number}
    other.sendall((json.dumps({"v": 1, "type": "hello", "src": "other", "ts": 1, "data": data}) + "\n").encode())
    other.settimeout(30)
    true(b"welcome" in other.recv(4_096), "a welcome for the other one")
    return other


@scenario
def fenced(t: Trial) -> None:
    """fenced by another process with its id: it goes on under a new one, with what was not confirmed

    The other one is left alone. The hub has acknowledged what it took of the first session; what it has not is sent again.
    """
    hub = t.hub().up()
    r = t.runner(hub.port)
    r.call("burst", **{"from": 1, "to": 10})
    t.settle(r)
    hub.acks = False
    r.call("burst", **{"from": 11, "to": 20})
    t.wait("20 messages", lambda: len(hub.accepted) == 20, r)
    first = r.stats()["client"]
    hub.acks = True
    other = another(t, hub, first, 21)
    r.call("burst", **{"from": 21, "to": 30})
    t.settle(r)
    second = r.stats()["client"]
    true(second != first, "a new client id")
    each_once(numbers(1, 30), hub.texts())
    hub.acks, hub.ack_at_most = False, 35
    r.call("burst", **{"from": 31, "to": 40})
    t.wait("40 messages", lambda: len(hub.accepted) == 40, r)

    def lift_the_limit(hello: dict) -> bool:
        """For whoever comes under a new id, before its first line."""
        hub.ack_at_most = 35 if hello["data"]["client"] == second else None
        return False

    hub.acks, hub.fences = True, lift_the_limit
    another(t, hub, second, 41)
    t.settle(r)
    each_once(numbers(36, 40), [text_of(line.bytes) for line in hub.accepted if line.client == r.stats()["client"]], "under the third id")
    equal([1, 21, 21, 41, 36], [h["data"]["next"] for h in hub.hellos], "next of the hellos")
    true(any(p.client == first for p in list(hub.peers.values())), "the other one has its connection still")
    other.sendall(json.dumps({"v": 1, "src": "other", "ts": 1, "type": "heartbeat"}).encode() + b"\n")
    true(b"ack" in other.recv(4_096), "an ack for the other one")
    finish(t, hub, r)


@scenario
def fenced_while_spooling(t: Trial) -> None:
    """fenced with a spool file of its own: the file follows under the new id, each message once, in order"""
    hub = t.hub().up()
    r = t.runner(hub.port, buffer=50)
    r.call("burst", **{"from": 1, "to": 10})
    t.settle(r)
    first = r.stats()["client"]
    hub.acks = False
    r.call("burst", **{"from": 11, "to": 500})
    t.wait("a spool file", lambda: r.stats()["spooled"] > 0 and t.files(), r)
    hub.acks = True
    another(t, hub, first, 10_000)
    t.wait("a new id", lambda: r.stats()["client"] != first, r)
    t.wait("the spool file under it", lambda: all(first not in name for name in t.files()), r)
    t.settle(r)
    each_once(numbers(1, 500), hub.texts())
    finish(t, hub, r)


@scenario
def fenced_by_itself(t: Trial) -> None:
    """fenced by a connection that it gave up itself: the same id, and each message once

    The hub was slow to answer hello. When it gets to the connections that were given up meanwhile, one of them may look newer than the present one.
    """
    hub = t.hub().up()
    r = t.runner(hub.port, welcome_timeout=0.5)
    r.call("burst", **{"from": 1, "to": 10})
    t.wait("a welcome, however late", lambda: r.stats()["acked"] == 10, r)
    hub.answers_hello = False
    hub.up()
    r.call("burst", **{"from": 11, "to": 20})
    t.wait("a connection that was given up", lambda: len(hub.hellos) >= 3, r)
    due = [1]
    hub.fences = lambda hello: bool(due and due.pop())
    hub.answers_hello = True
    t.settle(r)
    true(not due, "it was fenced")
    equal(1, len({h["data"]["client"] for h in hub.hellos}), "client ids")
    each_once(numbers(1, 20), [text_of(line.bytes) for line in hub.accepted if line.client])     # the others came while no hello was answered
    finish(t, hub, r)


@scenario
def fenced_unheard(t: Trial) -> None:
    """fenced, and sending fails before that is read: it is read all the same, and what follows goes under a new id"""
    hub = t.hub().up()
    r = t.runner(hub.port, faults=True)
    r.call("burst", **{"from": 1, "to": 10})
    t.settle(r)
    first = r.stats()["client"]
    fenced = []
    hub.fences_at = lambda line: not fenced and (fenced.append(line) or True)
    t.fault("deaf", True)
    r.call("burst", **{"from": 11, "to": 11})
    t.wait("the end of the connection", lambda: fenced and (not hub.peers or t.was_hit("deaf")), r)
    r.call("burst", **{"from": 12, "to": 12})
    t.settle(r)
    true(t.was_hit("deaf"), "sending failed first")
    true(r.stats()["client"] != first, "a new client id")
    equal((1, 11), (r.stats()["refused"], hub.hellos[-1]["data"]["next"]), "refused, next")
    each_once(numbers(1, 12), hub.texts())
    finish(t, hub, r)


@scenario
def fenced_file(t: Trial) -> None:
    """fenced with a spool file of an earlier process: it is left to who sends it, and nothing is sent twice"""
    hub = t.hub()
    r = t.runner(hub.port)
    r.call("burst", **{"from": 1, "to": 20})
    r.call("close", timeout=0.1)
    earlier = r.stats()["client"]
    equal(1, len(t.files()), "spool files")
    hub.fences = lambda hello: hello["data"]["client"] == earlier
    hub.up()
    r = t.runner(hub.port)
    r.call("burst", **{"from": 21, "to": 30})
    t.wait("the try with the file", lambda: any(h["data"]["client"] == earlier for h in hub.hellos), r)
    t.settle(r)
    hub.up()
    r.call("burst", **{"from": 31, "to": 40})
    t.settle(r)
    r.call("close", timeout=20)
    equal(1, len([h for h in hub.hellos if h["data"]["client"] == earlier]), "hellos for the file")
    each_once(numbers(21, 40), hub.texts())
    equal(1, len([name for name in t.files() if name.endswith(".ldjson")]), "spool files that were left")
    hub.fences = lambda hello: False
    next_one = t.runner(hub.port)
    next_one.call("burst", **{"from": 41, "to": 41})
    t.settle(next_one)
    t.wait("its messages", lambda: len(hub.texts()) == 41, next_one)
    each_once(numbers(1, 41), sorted(hub.texts(), key=int))
    finish(t, hub, next_one)


@scenario
def welcomed_with_lines_of_others(t: Trial) -> None:
    """a welcome that names more than it ever sent: another process has its id, it goes on under a new one; no more than that: under its own

    As a copy of a process finds it when the other one has ended, or a process that was put back to an older state.
    """
    hub = t.hub().up()
    r = t.runner(hub.port, buffer=50)
    r.call("burst", **{"from": 1, "to": 10})
    t.settle(r)
    first = r.stats()["client"]
    hub.ack_at_most = 15
    r.call("burst", **{"from": 11, "to": 20})
    t.wait("20 messages", lambda: len(hub.accepted) == 20, r)
    hub.down()
    hub.ack_at_most = None
    hub.up()
    t.settle(r)
    equal(first, r.stats()["client"], "client id after a lost connection")
    hub.down()
    hub.known[first] = 40
    r.call("burst", **{"from": 21, "to": 30})
    hub.up()
    t.settle(r)
    second = r.stats()["client"]
    true(second != first, "a new client id")
    equal(21, hub.hellos[-1]["data"]["next"], "next under it")
    hub.down()
    hub.known[second] = 200
    r.call("burst", **{"from": 31, "to": 500})
    t.wait("a spool file", lambda: r.stats()["spooled"] > 0 and t.files(), r)
    hub.up()
    t.settle(r)
    third = r.stats()["client"]
    true(third not in (first, second), "a third client id")
    equal(31, [h["data"] for h in hub.hellos if h["data"]["client"] == third][0]["next"], "next under it")
    each_once(numbers(1, 20), [text_of(line.bytes) for line in hub.accepted if line.client == first])
    each_once(numbers(21, 500), [text_of(line.bytes) for line in hub.accepted if line.client in (second, third)])
    finish(t, hub, r)
