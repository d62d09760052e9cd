"""What every SDK has to do, one function for each: its docstring says what, the first line of it is the row of the table."""

import json
import os
import random
import re
import ssl
import subprocess
import time
from typing import Any, Callable, List

from languages import ROOT
from trial import Trial, each_once, equal, numbers, text_of, true

ALL: List[Callable[[Trial], None]] = []
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SEED = int(os.environ.get("CONFORMANCE_SEED", "20261122"))


def scenario(function: Callable[[Trial], None]) -> Callable[[Trial], None]:
    ALL.append(function)
    return function


def vectors(case: str) -> List[bytes]:
    with open(os.path.join(ROOT, "protocol", "vectors", case + ".ldjson"), "rb") as file:
        return file.read().split(b"\n")[:-1]


def finish(t: Trial, hub: Any, runner: Any) -> None:
    """Closes, and looks for what must never be: broken lines, or something left over."""
    runner.call("close", timeout=20)
    equal([], hub.faults, "lines that a hub refuses")
    equal([], t.files(), "spool files")
    equal(0, runner.stats()["dropped"], "dropped")


@scenario
def every_type_of_message(t: Trial) -> None:
    """every type of message, as the vectors have it

    The calls that make the lines of protocol/vectors/valid/types; the same data must come, under the numbers from 1 and with the trace id.
    """
    hub = t.hub().up()
    r = t.runner(hub.port, source="queue-service")
    r.call("set_trace_id", trace_id="trace-123")
    said = [json.loads(vectors("valid/types/" + case)[0]) for case in ("event", "metric", "progress", "resource")]
    event, metric, progress, resource = [message["data"] for message in said]
    resource.pop("gpu")
    r.call("log_event", level=event["level"], message=event["msg"], context=event["ctx"])
    r.call("log_metric", name=metric["name"], value=metric["value"], unit=metric["unit"], tags=metric["tags"])
    r.call("log_progress", job_id=progress["job_id"], percent=progress["percent"], status=progress["status"])
    r.call("log_resource", **resource)
    r.call("heartbeat")
    span = r.call("start_span", name="load", trace_id=None)
    r.call("log_event", level="warn", message="within", context={})
    r.call("end_span", span_id=span, status="ok", tags={"rows": 7})
    t.settle(r)
    got = hub.messages()
    equal(["event", "metric", "progress", "resource", "heartbeat", "span", "event", "span"], [m["type"] for m in got], "types")
    for expected, message in zip([event, metric, progress, resource], got):
        equal(expected, message["data"], message["type"])
    equal({"queue-service"}, {m["src"] for m in got}, "source")
    equal({"trace-123"}, {m["tid"] for m in got}, "trace id")
    opened, within, closed = got[5:]
    equal([span] * 3, [opened["sid"], within["sid"], closed["sid"]], "span id")
    equal(("load", None), (opened["data"]["name"], opened["data"].get("end")), "the open span")
    equal((True, "ok", {"rows": 7}), (closed["data"]["end"] >= opened["data"]["start"], closed["data"]["status"], closed["data"]["tags"]), "its end")
    equal(list(range(1, 9)), [line.number for line in hub.accepted], "numbers")
    finish(t, hub, r)
    equal("goodbye", hub.messages()[-1]["type"], "the last message")


@scenario
def jobs(t: Trial) -> None:
    """jobs: span, parts, progress and events joined by the id"""
    hub = t.hub().up()
    r = t.runner(hub.port)
    r.call("start_job_analysis", job_id="j1", name="nightly", subjobs=2)
    for part in ("a", "b"):
        r.call("track_subjob", job_id="j1", subjob_id=part, name="part " + part)
        r.call("end_subjob", job_id="j1", subjob_id=part, status="ok")
    r.call("end_job_analysis", job_id="j1", status="ok")
    t.settle(r)
    got = hub.messages()
    spans = [m for m in got if m["type"] == "span"]
    opened = {m["sid"]: m for m in spans if m["data"].get("end") is None}
    equal(["nightly", "part a", "part b"], [m["data"]["name"] for m in opened.values()], "spans")
    job = next(iter(opened))
    equal([job, job], [m["pid"] for m in list(opened.values())[1:]], "parents of the parts")
    equal(sorted(opened), sorted(m["sid"] for m in spans if m["data"].get("end") is not None), "closed spans")
    equal(1, len({m["tid"] for m in spans}), "traces")
    progress = [m["data"] for m in got if m["type"] == "progress"]
    equal([0, 50, 99, 100], [p["percent"] for p in progress], "progress")
    equal({"j1"}, {p["job_id"] for p in progress}, "job ids")
    finish(t, hub, r)


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
    t.wait("an ack of 3 lines", lambda: r.stats()["acked"] == 3, r)
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


@scenario
def overflow(t: Trial) -> None:
    """a full buffer overflows into the spool, which follows in order"""
    hub = t.hub()
    r = t.runner(hub.port, buffer=10)
    r.call("burst", **{"from": 1, "to": 500})
    t.wait("490 spooled", lambda: r.stats()["spooled"] == 490, r)
    stats = r.stats()
    equal(("overflow", 10), (stats["state"], stats["buffered"]), "state, buffered")
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
    t.wait("the welcome", lambda: r.stats()["protocol"] == "acked", r)
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


@scenario
def hundred_thousand_calls(t: Trial) -> None:
    """100,000 calls with the hub gone: none is lost, memory keeps its bound"""
    hub = t.hub()
    r = t.runner(hub.port)
    r.call("burst", **{"from": 1, "to": 100_000})
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


@scenario
def compression(t: Trial) -> None:
    """compression, if the hub agrees; none, if it does not"""
    t.needs("compress")
    hub = t.hub().up()
    hub.compresses = True
    r = t.runner(hub.port, compress=True)
    r.call("burst", **{"from": 1, "to": 500})
    t.settle(r)
    hub.compresses = False
    hub.up()
    r.call("burst", **{"from": 501, "to": 1_000})
    t.settle(r)
    each_once(numbers(1, 1_000), hub.texts())
    finish(t, hub, r)


@scenario
def unix_socket(t: Trial) -> None:
    """a hub on a Unix socket"""
    t.needs("unix")
    hub = t.hub(unix=os.path.join(t.folder, "hub.sock")).up()
    r = t.runner(host=hub.unix, port=None)
    r.call("burst", **{"from": 1, "to": 100})
    t.settle(r)
    hub.up()
    r.call("burst", **{"from": 101, "to": 200})
    t.settle(r)
    each_once(numbers(1, 200), hub.texts())
    finish(t, hub, r)


@scenario
def tls(t: Trial) -> None:
    """TLS: the hub's certificate is checked, and without a right one nothing goes out"""
    t.needs("tls")
    certificate = os.path.join(t.folder, "hub.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", certificate + ".key", "-out", certificate, "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate + ".key")
    hub = t.hub(tls=context).up()
    untrusting = t.runner(hub.port, tls=True, spool=False)
    untrusting.call("burst", **{"from": 1, "to": 1})
    t.wait("the refusal", lambda: "certificate verify failed" in (untrusting.stats()["last_error"] or ""), untrusting)
    equal(0, len(hub.hellos), "hellos")
    untrusting.kill()
    r = t.runner(hub.port, tls=True, tls_ca=certificate, token="secret")
    r.call("burst", **{"from": 1, "to": 500})
    t.settle(r)
    each_once(numbers(1, 500), hub.texts())
    equal("secret", hub.hellos[0]["data"]["token"], "token")
    finish(t, hub, r)
