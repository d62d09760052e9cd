"""Every kind of message, and the protocol's vectors to the byte."""

import asyncio
import glob
import json
import logging
import os
import socket
import threading
from unittest import mock

from monitoring_sdk import MonitoringHandler
from monitoring_sdk._session import Session
from .fake_hub import HubTest

VECTORS = os.path.join(os.path.dirname(__file__), "../../../protocol/vectors")


def vector(name):
    with open(os.path.join(VECTORS, "valid/types", name + ".ldjson"), "rb") as file:
        return file.read().splitlines(True)


class MessagesTest(HubTest):

    def made(self, use, **more):
        with mock.patch("monitoring_sdk._sdk.time.time", return_value=1697821234.567):
            return self.spooled(use, source="queue-service", **more)[0]

    def test_vectors_are_emitted_to_the_byte(self):
        self.assertEqual(vector("event")[:1], self.made(lambda s: s.log_event("info", "Job started", {"job_id": "12345"}),
                                                        trace_id="trace-123", parent_span="span-456"))
        self.assertEqual(vector("metric")[0], self.made(lambda s: s.log_metric("queue.wait", 12.5, "ms", {"queue": "nightly"}))[0])
        self.assertEqual(vector("progress")[0], self.made(lambda s: s.log_progress("12345", 0, "running"))[0])
        self.assertEqual(vector("resource")[0], self.made(lambda s: s.log_resource(12.5, 512, 1024, 0.5, gpu=3))[0])
        self.assertIn(self.made(lambda s: s.heartbeat())[0], vector("heartbeat"))
        with mock.patch("monitoring_sdk._traces.new_id", return_value="span-456"), \
                mock.patch("monitoring_sdk._traces.time", mock.Mock(time=lambda: 1697821234.0)):
            self.assertEqual(vector("span")[0], self.made(lambda s: s.start_span("load"), trace_id="trace-123")[0])
        self.assertEqual(vector("span")[1], self.made(lambda s: s.end_span("span-456", "ok", {"rows": 7}), trace_id="trace-123")[0])

    def test_levels_of_the_vectors(self):
        levels = [json.loads(line.decode())["data"]["level"] for line in vector("event-levels")]
        lines = self.made(lambda s: [s.log_event(level, "") for level in levels + ["WARNING", "critical", "loud", None]])
        self.assertEqual(levels + ["warn", "fatal", "info", "info"], [json.loads(line.decode())["data"]["level"] for line in lines])

    def test_replies_of_the_vectors_are_understood(self):
        for path in sorted(glob.glob(os.path.join(VECTORS, "replies/*.ldjson"))):
            seen = []

            class Recording(Session):
                def _acked(self, number):
                    seen.append({"ack": {"seq": str(number)}})

                def _welcomed(self, data):
                    seen.append({"welcome": {name: str(value) for name, value in data.items()}})

                def _error(self, data):
                    seen.append({"error": {name: str(value) for name, value in data.items()}})

            ours, theirs = socket.socketpair()
            with ours, theirs, open(path, "rb") as file, open(path[:-6] + "json") as expected:
                session = Recording(None, {}, "c", 1)
                session.socket = ours
                theirs.sendall(file.read())
                session._read(1.0)
                wanted = json.load(expected)
            self.assertEqual([r for r in wanted["replies"] if "ignored" not in r], seen, path)
            self.assertEqual(int(wanted["partial_bytes"]), len(session.input), path)

    def test_spans_nest_and_messages_belong_to_them(self):
        def use(sdk):
            outer = sdk.start_span("outer")
            with sdk.span("inner", tags={"a": 1}) as inner:
                sdk.log_event("info", "inside")
                inner.tag("code", 7)
                ids.extend([outer, inner.id])
            sdk.log_event("info", "outside")
            sdk.end_span()
            sdk.log_event("info", "after")
            sdk.end_span()      # none is open
        ids = []
        m = [json.loads(line.decode()) for line in self.made(use, trace_id="t")]
        self.assertEqual(["outer", "inner", "inside", "inner", "outside", "outer", "after"], [x["data"].get("name", x["data"].get("msg")) for x in m])
        self.assertEqual([ids[0], ids[1], ids[1], ids[1], ids[0], ids[0], None], [x.get("sid") for x in m])
        self.assertEqual([None, ids[0], None, ids[0], None, None, None], [x.get("pid") for x in m])
        self.assertEqual({"code": 7}, m[3]["data"]["tags"])
        self.assertEqual({"t"}, {x["tid"] for x in m})

    def test_a_block_that_raises_ends_its_span_as_error_and_the_exception_passes(self):
        def use(sdk):
            with self.assertRaises(KeyError):
                with sdk.span("s"):
                    raise KeyError("mine")
        data = json.loads(self.made(use)[-1].decode())["data"]
        self.assertEqual(("error", {"error": "KeyError"}), (data["status"], data["tags"]))

    def test_each_thread_and_each_task_has_its_own_innermost_span(self):
        seen = {}

        def use(sdk):
            async def task(name, other):
                with sdk.span(name) as span:
                    await asyncio.sleep(0)
                    seen[name] = sdk.current_span == span.id

            async def both():
                await asyncio.gather(task("a", "b"), task("b", "a"))

            with sdk.span("main"):
                thread = threading.Thread(target=lambda: seen.update(thread=sdk.current_span))
                thread.start()
                thread.join()
                asyncio.run(both())
        self.made(use)
        self.assertEqual({"a": True, "b": True, "thread": None}, seen)

    def test_a_span_of_another_trace_has_no_parent_in_this_one_and_child_env_carries_the_place(self):
        def use(sdk):
            with sdk.span("here"):
                with sdk.span("there", "trace-2") as there:
                    env.update(sdk.child_env(), id=there.id)
        env = {}
        m = [json.loads(line.decode()) for line in self.made(use, trace_id="t")]
        self.assertNotIn("pid", m[1])
        self.assertEqual({"MONITORING_TRACE_ID": "trace-2", "MONITORING_PARENT_SPAN": env["id"], "id": env["id"]}, env)
        os.environ.update(MONITORING_TRACE_ID="trace-9", MONITORING_PARENT_SPAN="abcd")
        m = [json.loads(line.decode()) for line in self.made(lambda s: (s.end_span(s.start_span("work")), s.log_event("info", "x")))]
        self.assertEqual(["abcd", "abcd", None], [x.get("pid") for x in m])
        self.assertEqual("abcd", m[2]["sid"])

    def test_context_goes_into_events(self):
        def use(sdk):
            sdk.set_context("host", "a")
            sdk.set_context("site", "b")
            sdk.log_event("debug", "1", {"site": "mine"})
            sdk.set_context("host", None)
            sdk.log_event("debug", "2")
        contexts = [json.loads(line.decode())["data"]["ctx"] for line in self.made(use)]
        self.assertEqual([{"host": "a", "site": "mine"}, {"site": "b"}], contexts)

    def test_a_job_is_spans_progress_and_events_joined_by_its_id(self):
        def use(sdk):
            with sdk.job("J1", "nightly", subjobs=2) as job:
                with job.subjob("one"):
                    pass
                sdk.track_subjob("J1", "two", "the second")
                sdk.end_subjob("J1", "two", "failed")
                sdk.track_subjob("J1", "three")
                job.tag("rows", 3)
        m = [json.loads(line.decode()) for line in self.made(use, trace_id="t")]
        spans = [x for x in m if x["type"] == "span"]
        opened = [x for x in spans if x["data"]["end"] is None]
        self.assertEqual(["nightly", "one", "the second", "three"], [x["data"]["name"] for x in opened])
        self.assertEqual([None] + [opened[0]["sid"]] * 3, [x.get("pid") for x in opened])
        self.assertEqual(["one ok", "the second failed", "three abandoned", "nightly ok"],
                         ["%(name)s %(status)s" % x["data"] for x in spans if x["data"]["end"] is not None])
        self.assertEqual(["0 started", "50 running", "99 two: failed", "100 done"],
                         ["%(percent)s %(status)s" % x["data"] for x in m if x["type"] == "progress"])
        self.assertTrue(all("J1" in (x["data"].get("job_id"), x["data"].get("ctx", {}).get("job_id"), x["data"].get("tags", {}).get("job_id"))
                            for x in m))

    def test_resource_use_is_measured_where_left_out(self):
        data = json.loads(self.made(lambda s: s.log_resource(threads=4))[0].decode())["data"]
        self.assertEqual(["cpu", "fds", "load1", "load15", "load5", "mem", "net", "threads"],
                         sorted(name for name in data if name not in ("disk", "children")))     # not every container has these
        self.assertGreater(data["mem"], 1)
        self.assertEqual(4, data["threads"])

    def test_log_records_become_events(self):
        def use(sdk):
            logger = logging.Logger("app.part")
            logger.addHandler(MonitoringHandler(sdk))
            logger.warning("disk %d%% full", 93, extra={"disk": "sda"})
            logger.info("wrong %d", "x")
            try:
                1 / 0
            except ZeroDivisionError:
                logger.exception("oh")
        m = [json.loads(line.decode())["data"] for line in self.made(use)]
        self.assertEqual([("warn", "disk 93% full"), ("info", "wrong %d ('x',)"), ("error", "oh")], [(d["level"], d["msg"]) for d in m])
        self.assertEqual(("app.part", "sda", "test_messages.py"), tuple(m[0]["ctx"][n] for n in ("logger", "disk", "file")))
        self.assertIn("ZeroDivisionError", m[2]["ctx"]["exception"])
