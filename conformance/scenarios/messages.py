"""What messages look like."""

import json

from scenarios.common import finish, scenario, vectors
from trial import Trial, equal, numbers


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
