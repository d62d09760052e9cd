"""Numbers, acks, answers and lost connections."""

import os
import random
import re
import time

from scenarios.common import finish, scenario, vectors
from trial import Trial, each_once, equal, numbers, true

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SEED = int(os.environ.get("CONFORMANCE_SEED", "20261122"))


@scenario
def hello(t: Trial) -> None:
    """hello: client, first number, SDK; numbers go on over connections"""
    hub = t.hub().up()
    r = t.runner(hub.port, token="s\"ecret")
    r.call("burst", **{"from": 1, "to": 5})
    t.settle(r)
    hub.up()
    r.call("burst", **{"from": 6, "to": 7})
    t.settle(r)
    first, second = [h["data"] for h in hub.hellos]
    true(re.fullmatch(UUID, first["client"]), "a client id as in PROTOCOL.md 7.1, in lower case: " + first["client"])
    equal((1, 6), (first["next"], second["next"]), "next")
    equal(first["client"], second["client"], "client")
    equal("s\"ecret", first["token"], "token")
    true(re.fullmatch(t.language.name + r"/\d+\.\d+\.\d+", first["sdk"]), "sdk is language/version: " + first["sdk"])
    each_once(numbers(1, 7), hub.texts())
    finish(t, hub, r)


@scenario
def acks_trim_the_buffer(t: Trial) -> None:
    """acks trim the buffer, up to their number"""
    hub = t.hub().up()
    hub.ack_at_most = 4
    r = t.runner(hub.port)
    r.call("burst", **{"from": 1, "to": 10})
    t.wait("an ack of 4 lines", lambda: r.stats()["acked"] == 4, r)
    equal(6, r.stats()["buffered"], "buffered")
    hub.ack_at_most = None
    r.call("heartbeat")
    t.settle(r)
    equal(11, r.stats()["acked"], "acked")
    finish(t, hub, r)


@scenario
def answers_as_the_vectors_have_them(t: Trial) -> None:
    """answers as the vectors have them: order, white space, unknown fields, types and codes"""
    hub = t.hub().up()
    hub.acks = False
    lines = vectors("replies/unknown-types-are-ignored") + [vectors("replies/error")[2]] + vectors("replies/order-and-unknown-fields")
    lines += [b'{"new":{"data":{"seq":1},"type":"error"},"data":{"more":[1,{"seq":2}],"seq":7,"s":"a\\"}"},"type":"ack","v":1}']
    r = t.runner(hub.port)
    r.call("burst", **{"from": 1, "to": 10})
    t.wait("ten lines", lambda: len(hub.accepted) == 10, r)
    hub.say(b"\n".join(lines) + b"\n" + b'{"v":1,"type":"ack","data":{"seq":9')
    t.wait("an ack of 7 lines, and with it of the refused 8th", lambda: r.stats()["acked"] == 8, r)
    equal((1, 2), (r.stats()["refused"], r.stats()["buffered"]), "refused, buffered")
    hub.acks = True
    hub.up()
    t.settle(r)
    finish(t, hub, r)


@scenario
def refused_lines(t: Trial) -> None:
    """a refused line counts as confirmed, tells why, and is not sent again"""
    hub = t.hub().up()
    hub.acks, hub.refuses = False, lambda line: b'"msg":"3"' in line
    r = t.runner(hub.port)
    r.call("burst", **{"from": 1, "to": 5})
    t.wait("the refusal", lambda: r.stats()["refused"] == 1, r)
    equal(5, r.stats()["buffered"], "an error says nothing of the lines before it; buffered")
    true('no "such" thing' in (r.stats()["last_error"] or "").replace("\\", ""), "last_error has the reason: %s" % r.stats()["last_error"])
    hub.acks = True
    hub.up()
    t.settle(r)
    each_once(["1", "2", "4", "5"], hub.texts())
    finish(t, hub, r)


@scenario
def acknowledged_too_much(t: Trial) -> None:
    """an ack above what was sent ends the connection"""
    hub = t.hub().up()
    hub.ack_too_much = 3
    r = t.runner(hub.port)
    r.call("burst", **{"from": 1, "to": 2})
    t.wait("a new connection", lambda: hub.connections > 2, r)
    hub.ack_too_much = 0
    t.settle(r)
    r.call("burst", **{"from": 3, "to": 9})
    t.settle(r)
    each_once(numbers(1, 9), hub.texts())
    finish(t, hub, r)


@scenario
def resent_from_the_first_unacknowledged(t: Trial) -> None:
    """after a lost connection: from the first unacknowledged line, the same bytes"""
    hub = t.hub().up()
    hub.ack_at_most = 3
    r = t.runner(hub.port)
    r.call("burst", **{"from": 1, "to": 8})
    t.wait("8 lines, and an ack of 3", lambda: len(hub.accepted) == 8 and r.stats()["acked"] == 3, r)
    hub.ack_at_most = None
    hub.up()
    r.call("burst", **{"from": 9, "to": 10})
    t.settle(r)
    equal(4, hub.hellos[1]["data"]["next"], "next of the second hello")
    first = {line.number: line.bytes for line in hub.accepted}
    equal([4, 5, 6, 7, 8], [line.number for line in hub.repeated], "numbers of the repeated lines")
    equal([], [line.number for line in hub.repeated if first[line.number] != line.bytes], "repeated lines with other bytes")
    each_once(numbers(1, 10), hub.texts())
    finish(t, hub, r)


@scenario
def back_off(t: Trial) -> None:
    """a hub that closes each connection at once is not run at

    The pauses are random, from 0 to 0.2, then 0.4 s: that six take less than 0.05 s together is as good as impossible, on a busy machine more so.
    """
    hub = t.hub().up()
    hub.token = "never"
    r = t.runner(hub.port, backoff_min=0.2, backoff_max=0.4)
    r.call("heartbeat")
    start, before = time.monotonic(), hub.connections
    while hub.connections < before + 7:
        r.call("heartbeat")
    true(time.monotonic() - start >= 0.05, "7 connections in %.3f s" % (time.monotonic() - start))
    hub.token = None
    t.settle(r)
    finish(t, hub, r)


@scenario
def reset_anywhere(t: Trial) -> None:
    """connections reset at random bytes: each message once, in order"""
    hub = t.hub().up()
    hub.resets = random.Random(SEED)
    r = t.runner(hub.port)
    for first in range(1, 2_000, 100):
        r.call("burst", **{"from": first, "to": first + 99})
        r.call("flush", timeout=0.02)
    t.wait("ten resets", lambda: hub.connections > 10 or r.stats()["buffered"] == 0, r)
    hub.resets = None
    hub.up()
    t.settle(r)
    each_once(numbers(1, 2_000), hub.texts())
    finish(t, hub, r)


@scenario
def closed_after_a_few_lines(t: Trial) -> None:
    """a hub that dies again and again before its acks"""
    hub = t.hub().up()
    hub.closes_after = 7
    r = t.runner(hub.port, buffer=50)
    r.call("burst", **{"from": 1, "to": 300})
    t.wait("300 lines", lambda: len(hub.accepted) >= 300, r)
    hub.closes_after = 0
    hub.up()
    t.settle(r)
    each_once(numbers(1, 300), hub.texts())
    finish(t, hub, r)
