"""asyncio tasks and threads side by side do not mix; logging handlers bear everything."""

import asyncio
import json
import logging
import os
import subprocess
import sys
import threading

from monitoring_sdk import MonitoringHandler, MonitoringSDK
from .fake_hub import HubTest


def parsed(lines):
    return [json.loads(line.decode()) for line in lines]


class Unshowable(Exception):
    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


class TasksTest(HubTest):

    def test_tasks_have_traces_spans_and_context_of_their_own(self):
        async def task(sdk, n):
            async with sdk.trace("trace-%d" % n), sdk.context(task=n):
                async with sdk.span("outer-%d" % n) as outer:
                    await asyncio.sleep(0)
                    sdk.log_event("info", "in", {"n": n, "outer": outer.id})
                    await asyncio.gather(*[inner(sdk, n, outer.id) for _ in range(3)])
                sdk.log_event("info", "after", {"n": n, "outer": None})

        async def inner(sdk, n, outer):
            async with sdk.span("inner") as span:
                await asyncio.sleep(0)
                sdk.log_event("info", "inner", {"n": n, "outer": span.id})

        async def everything(sdk):
            async with sdk.job("J", subjobs=1) as job, job.subjob("part"):
                pass
            await asyncio.gather(*[task(sdk, n) for n in range(20)])
        messages = parsed(self.spooled(lambda sdk: asyncio.run(everything(sdk)))[0])
        events = [m for m in messages if m["type"] == "event" and "n" in m["data"]["ctx"]]
        self.assertEqual(100, len(events))
        for m in events:
            ctx = m["data"]["ctx"]
            self.assertEqual(("trace-%d" % ctx["n"], ctx["n"], ctx["outer"]), (m["tid"], ctx["task"], m.get("sid")))
        opened = {m["sid"]: m for m in messages if m["type"] == "span" and m["data"]["end"] is None}
        for m in opened.values():
            if m["data"]["name"] == "inner":
                self.assertEqual(m["tid"], opened[m["pid"]]["tid"])
                self.assertEqual("outer-" + m["tid"].split("-")[1], opened[m["pid"]]["data"]["name"])

    def test_blocks_nest_and_end_with_an_exception(self):
        def use(sdk):
            with sdk.trace("t1"), sdk.context(a=1, b=1):
                with sdk.span("s") as span:
                    with sdk.trace("t2"), sdk.context(b=2):
                        sdk.log_event("info", "1")
                        self.assertEqual(("t2", None), (sdk.trace_id, sdk.current_span))
                    self.assertEqual(span.id, sdk.current_span)
                try:
                    with sdk.trace():
                        raise ValueError
                except ValueError:
                    sdk.log_event("info", "2", {"a": 3})
            sdk.log_event("info", "3")
        m = [(x.get("tid"), x.get("sid"), x["data"]["ctx"]) for x in parsed(self.spooled(use)[0]) if x["type"] == "event"]
        self.assertEqual([("t2", None, {"a": 1, "b": 2}), ("t1", None, {"a": 3, "b": 1}), (None, None, {})], m)

    def test_a_thread_does_not_see_the_blocks_of_another(self):
        def use(sdk):
            with sdk.trace("t"), sdk.context(a=1):
                thread = threading.Thread(target=sdk.log_event, args=("info", "elsewhere"))
                thread.start()
                thread.join()
        self.assertEqual([(None, {})], [(x.get("tid"), x["data"]["ctx"]) for x in parsed(self.spooled(use)[0])])

    def test_async_with_closes_the_sdk_and_the_loop_goes_on(self):
        async def use():
            ticks = []

            async def tick():
                while True:
                    ticks.append(1)
                    await asyncio.sleep(0.005)
            ticking = asyncio.get_running_loop().create_task(tick())
            async with MonitoringSDK("svc", port=self.hub.port, spool_dir=self.folder, welcome_timeout=20, close_timeout=0.3) as sdk:
                sdk.log_event("info", "x")
                before = len(ticks)
            ticking.cancel()
            return sdk.get_stats()["state"], len(ticks) - before
        self.hub.up(ack=False)      # so that close has to wait
        state, ticks = asyncio.run(use())
        self.assertEqual("closed", state)
        self.assertGreater(ticks, 3)


class HandlerTest(HubTest):

    def logged(self, use):
        def with_logger(sdk):
            logger = logging.Logger("app")
            logger.addHandler(MonitoringHandler(sdk))
            use(logger)
        return [m["data"] for m in parsed(self.spooled(with_logger)[0])]

    def test_levels_extra_exception_and_stack(self):
        def use(logger):
            for level in (5, 10, 20, 25, 30, 40, 50, 99):
                logger.log(level, "%s", level, extra={"n": level})
            try:
                raise ValueError("why")
            except ValueError:
                logger.exception("oh", stack_info=True)
        found = self.logged(use)
        self.assertEqual(["debug", "debug", "info", "info", "warn", "error", "fatal", "fatal", "error"], [d["level"] for d in found])
        self.assertEqual([5, 10, 20, 25, 30, 40, 50, 99], [d["ctx"]["n"] for d in found[:-1]])
        self.assertIn("ValueError: why", found[-1]["ctx"]["exception"])
        self.assertIn("Stack (most recent call last)", found[-1]["ctx"]["stack"])

    def test_what_logs_while_it_is_logged_does_not_come_back(self):
        class Loud:
            def __str__(self):
                logger.info("again %s", self)
                return "loud"
        logger = logging.Logger("app")

        def use(sdk):
            logger.addHandler(MonitoringHandler(sdk))
            logger.info("%s", Loud())
            logger.info("x", extra={"odd": Loud()})
        self.assertEqual(["loud", "x"], [m["data"]["msg"] for m in parsed(self.spooled(use)[0])])

    def test_nothing_that_is_logged_raises(self):
        before, logging.raiseExceptions = logging.raiseExceptions, False
        self.addCleanup(setattr, logging, "raiseExceptions", before)

        def use(logger):
            logger.info("%d %s", Unshowable(), Unshowable())
            logger.info(Unshowable())
            try:
                raise Unshowable()
            except Unshowable:
                logger.exception("raised")
            logger.info("last", extra={"odd": Unshowable()})
        found = self.logged(use)
        self.assertEqual("%d %s (arguments that can't be shown)", found[0]["msg"])
        self.assertIn("Unshowable", found[-2]["ctx"]["exception"])
        self.assertEqual("last", found[-1]["msg"])


class ResourcesTest(HubTest):

    def test_resource_use_is_reported_at_intervals_also_in_a_child(self):
        from .fake_hub import wait_until
        from .test_manners import in_child
        self.hub.up()
        sdk = self.sdk(resource_interval=0.02)
        clients = lambda: {line.client for line in list(self.hub.accepted) if b'"type":"resource"' in line.bytes}     # noqa: E731
        wait_until("two reports", lambda: sum(b"load15" in line.bytes for line in list(self.hub.accepted)) >= 2)

        def child():
            sdk.log_event("info", "begins")
            wait_until("its thread", lambda: any(t.name == "monitoring-sdk-resources" for t in threading.enumerate()))
            wait_until("its reports", lambda: sdk.get_stats()["acked"] >= 2)
            sdk.close(20)
        self.assertEqual(0, in_child(child))
        wait_until("both", lambda: len(clients()) == 2)
        sdk.close(20)
        after = sdk.get_stats()["messages"]
        self.assertEqual(0, sdk.get_stats()["dropped"])
        self.assertGreaterEqual(after, 2)

    def test_numbers_of_this_process(self):
        # Of its own: in this one threads and sockets of earlier tests may just be ending.
        code = '''
import json, os, subprocess, threading
from monitoring_sdk import _host
before = _host.counts()
held = [os.open("/dev/null", os.O_RDONLY) for _ in range(7)]
stop = threading.Event()
threading.Thread(target=stop.wait).start()
process = subprocess.Popen(["sleep", "60"])
try:
    print(json.dumps([before, _host.counts()]))
finally:
    process.kill()
    process.wait()
    stop.set()
'''
        home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        before, now = json.loads(subprocess.run([sys.executable, "-c", code], cwd=home, stdout=subprocess.PIPE, check=True).stdout.decode())
        self.assertEqual((1, 7), (now["threads"] - before["threads"], now["fds"] - before["fds"]))
        if "children" in now:
            self.assertEqual(1, now["children"] - before["children"])
        for name in ("load1", "load5", "load15"):
            self.assertGreaterEqual(now[name], 0)
