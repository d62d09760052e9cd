"""Servers that do not answer hello, or late, or with a refusal."""

import json

from scenarios.common import finish, scenario
from trial import Trial, each_once, equal, numbers, true


@scenario
def server_without_hello(t: Trial) -> None:
    """a server that never answers hello gets plain lines"""
    hub = t.hub().up()
    hub.answers_hello = False
    r = t.runner(hub.port, welcome_timeout=0.2)
    r.call("burst", **{"from": 1, "to": 50})
    t.wait("the decision", lambda: r.stats()["plain"] == 50, r)
    r.call("burst", **{"from": 51, "to": 60})
    t.wait("the lines", lambda: len(hub.texts()) == 60, r)
    equal("plain", r.stats()["protocol"], "protocol")
    each_once(numbers(1, 60), hub.texts())
    finish(t, hub, r)


@scenario
def default_patience(t: Trial) -> None:
    """a hub that needs 3 s for its welcome is not taken for plain

    With the default of the SDK. Three seconds are what the scenario is about: a hub that fences, or collects garbage, may need them.
    """
    hub = t.hub().up()
    hub.answers_hello = False
    r = t.runner(hub.port, welcome_timeout=None)
    r.call("burst", **{"from": 1, "to": 50})
    t.wait("hello and lines", lambda: len(hub.accepted) == 50, r)
    r.call("flush", timeout=3)
    stats = r.stats()
    equal((0, 50, "undecided"), (stats["plain"], stats["buffered"], stats["protocol"]), "plain, buffered, protocol")
    hub.answers_hello = True
    hub.accepted.clear()
    hub.up()
    t.settle(r)
    each_once(numbers(1, 50), hub.texts())
    finish(t, hub, r)


@scenario
def late_welcome(t: Trial) -> None:
    """a late welcome: what was taken for sent is unconfirmed again, and not lost"""
    hub = t.hub().up()
    hub.welcome_after = 60
    r = t.runner(hub.port, welcome_timeout=0.1)
    r.call("burst", **{"from": 1, "to": 50})
    t.wait("taken for plain", lambda: r.stats()["plain"] == 50, r)
    r.call("burst", **{"from": 51, "to": 60})
    t.wait("the welcome", lambda: r.stats()["protocol"] == "acked" and r.stats()["buffered"] == 60, r)
    stats = r.stats()
    equal((0, 60, 0), (stats["plain"], stats["buffered"], stats["acked"]), "plain, buffered, acked")
    hub.welcome_after = 0
    hub.up()
    t.settle(r)
    each_once(numbers(1, 60), hub.texts())
    finish(t, hub, r)


@scenario
def wrong_token(t: Trial) -> None:
    """a wrong token is told, and nothing is lost by it"""
    hub = t.hub().up()
    hub.token = "right"
    r = t.runner(hub.port, token="wrong")
    r.call("burst", **{"from": 1, "to": 5})
    t.wait("the refusal", lambda: "unauthorized" in (r.stats()["last_error"] or ""), r)
    equal((5, 0), (r.stats()["buffered"], len(hub.accepted)), "buffered, taken")
    r.call("close", timeout=0.2)
    true("wrong" not in json.dumps(r.stats()), "the token is in no statistics")
    equal(5, r.stats()["left_in_spool"], "left_in_spool")
    r = t.runner(hub.port, token="right")
    r.call("burst", **{"from": 6, "to": 6})
    t.wait("all", lambda: len(hub.texts()) >= 6 and not t.files(), r)
    finish(t, hub, r)
    each_once(numbers(1, 6), sorted(hub.texts()))
