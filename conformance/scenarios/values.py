"""Values that are huge, odd or no text."""

from scenarios.common import finish, scenario
from trial import Trial, equal, true


@scenario
def huge_values(t: Trial) -> None:
    """more than 64 KiB is cut to a valid line, and says so; a hub's lower limit is kept to"""
    hub = t.hub().up()
    r = t.runner(hub.port)
    for size in (60_000, 65_536, 500_000):
        r.call("huge", bytes=size)
    t.settle(r)
    equal(3, r.stats()["shortened"], "shortened")
    equal([True] * 3, [m["data"].get("truncated") for m in hub.messages()], "truncated")
    hub.max_message = 4_096
    hub.up()
    r.call("heartbeat")
    t.settle(r)
    r.call("huge", bytes=10_000)
    t.settle(r)
    true(len(hub.accepted[-1].bytes) < 4_096, "%d bytes" % len(hub.accepted[-1].bytes))
    finish(t, hub, r)


@scenario
def invalid_values(t: Trial) -> None:
    """NaN, infinities, nothing, cycles, objects that throw: valid lines, no exception

    The values are the language's own, in the runner. Each call must make one line, and each line must be one that a hub takes.
    """
    hub = t.hub().up()
    r = t.runner(hub.port)
    calls = r.call("odd_values")
    t.settle(r)
    equal([], hub.faults, "lines that a hub refuses")
    equal(calls, len(hub.accepted), "lines")
    equal(calls, r.stats()["messages"], "messages")
    finish(t, hub, r)


@scenario
def not_utf8(t: Trial) -> None:
    """text that is no UTF-8 arrives as text that is"""
    hub = t.hub().up()
    r = t.runner(hub.port)
    for text in (b"caf\xe9", b"\xff\xfe\xfd", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"cut \xe2\x82", b"good \xe2\x82\xac"):
        r.call("bytes", hex=text.hex())
    t.settle(r)
    equal([], hub.faults, "lines that a hub refuses")
    true(len(hub.accepted) >= 7 and hub.texts()[0].startswith("caf"), "the readable part of it: %s" % hub.texts())
    finish(t, hub, r)
