"""Whatever an application passes in, valid protocol JSON comes out and nothing comes back at it."""

import json
import math
import os
import threading
from collections import OrderedDict, UserDict
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from monitoring_sdk import MonitoringSDK
from .fake_hub import HubTest


class Shouting:
    def __str__(self):
        return "LOUD"


class Dying:
    def __str__(self):
        raise RuntimeError("no text")


class DyingDict(UserDict):
    def items(self):
        raise RuntimeError("no items")

    __iter__ = keys = items


class Colour(str, Enum):
    RED = "red"


def strictly(line):
    def refuse(name):
        raise AssertionError("not JSON: " + name)
    return json.loads(line.decode(), parse_constant=refuse)


CYCLE = {"name": "c"}
CYCLE["self"] = CYCLE
DEEP = "end"
for _ in range(1_000):
    DEEP = [DEEP]


class ValuesTest(HubTest):

    def context(self, value):
        lines, _ = self.spooled(lambda sdk: sdk.log_event("info", "m", {"k": value}))
        self.assertEqual(1, len(lines))
        return strictly(lines[0])["data"]["ctx"]["k"]

    def test_values(self):
        cases = [
            (None, None), ("", ""), (True, True), (5, 5), (-0.5, -0.5), ("007", "007"), ("a\"b\\c\n\t\0\x1f\x7f", "a\"b\\c\n\t\0\x1f\x7f"),
            ("Grüße ☺ 😀", "Grüße ☺ 😀"), (b"\xc3\xa9", "é"), (b"\xe9t\xe9", "été"), (bytearray(b"x"), "x"), (memoryview(b"x"), "x"),
            ("a\ud800b", "a\ufffdb"), ("\ud83d\ude00", "😀"), ("\udcff", "\ufffd"), (math.inf, "inf"), (-math.inf, "-inf"), (math.nan, "nan"),
            (2 ** 70, 2 ** 70), (10 ** 5_000, "[int of 16610 bits]"), (Decimal("1.10"), "1.10"), (Fraction(1, 2), 0.5), (Colour.RED, "red"),
            ((1, "a", None), [1, "a", None]), ({1}, [1]), (frozenset(), []), ({"a": {"b": [1]}}, {"a": {"b": [1]}}),
            ({1: "a", None: "b", b"k": "c", True: "d"}, {"1": "d", "": "b", "k": "c"}), (OrderedDict(a=1), {"a": 1}), (UserDict(a=1), {"a": 1}),
            (object(), "[object]"), (Shouting(), "LOUD"), (Dying(), "[Dying, unreadable]"), (DyingDict(), "[DyingDict, unreadable]"),
            (print, "<built-in function print>"), (strictly, "<function strictly>"), (int, "<class 'int'>"),
        ]
        for given, expected in cases:
            self.assertEqual(expected, self.context(given), type(given).__name__)
        self.assertIs(True, self.context(True))

    def test_a_cycle_and_a_thousand_levels_are_cut_off(self):
        self.assertEqual("c", self.context(CYCLE)["self"]["self"]["name"])
        self.assertIsInstance(self.context(DEEP), list)

    def test_odd_arguments_everywhere(self):
        odd = [None, "", [], {}, print, math.inf, math.nan, b"\xff", "ü" * 10, Dying(), object(), DyingDict(), -1, "1e999", "a\nb\x7f\x85", "☺" * 300, "long " * 100,
               "\ud800", "\0" * 70_000, 10 ** 5_000, CYCLE, DEEP, {1: {2: 3}}, type, Colour]

        def use(sdk):
            for x in odd:
                sdk.log_event(x, x, x)
                sdk.log_metric(x, x, x, x)
                sdk.log_metric("n", x)
                sdk.log_progress(x, x, x)
                sdk.log_resource(x, x, x, x, more=x)
                sdk.set_trace_id(x)
                sdk.set_context(x, x)
                sdk.end_span(sdk.start_span(x, x, x, x), x, x)
                sdk.end_span(x, x, x)
                with sdk.span(x, x, x, x) as span:
                    span.tag(x if isinstance(x, str) else "k", x)
                sdk.start_job_analysis(x, x, x, x, x)
                sdk.track_subjob(x, x, x)
                sdk.end_subjob(x, x, x, x)
                sdk.end_job_analysis(x, x, x)
            sdk.log_event()
            sdk.log_metric(no="such argument")
            sdk.flush("x")
        lines, stats = self.spooled(use)
        self.assertGreater(len(lines), 300)
        for line in lines:
            self.assertLessEqual(len(line), 65_536)
            m = strictly(line)
            self.assertIn(m["type"], ("event", "metric", "progress", "resource", "span"))
            for name in ("src", "tid", "sid", "pid"):
                if name in m:
                    self.assertTrue(0 < len(m[name].encode()) <= 255 and not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in m[name]), m[name])
            if m["type"] == "span":
                self.assertIn("tid", m)
                self.assertIsInstance(m["data"]["tags"], dict)
            if m["type"] == "progress":
                self.assertTrue(m["data"]["job_id"] and 0 <= m["data"]["percent"] <= 100)
            if m["type"] == "event":
                self.assertIn(m["data"]["level"], ("debug", "info", "warn", "error", "fatal"))
                self.assertTrue(isinstance(m["data"]["msg"], str) and isinstance(m["data"]["ctx"], dict))
        self.assertEqual(0, stats["dropped"])

    def test_a_metric_without_a_number_becomes_an_event(self):
        lines, _ = self.spooled(lambda sdk: [sdk.log_metric("n", v) for v in ("17", "2.5", "x", None, math.nan, True, "1_0", Decimal("0.5"), 1 << 1_100)])
        self.assertEqual([17, 2.5, None, None, None, 1, None, 0.5, None], [strictly(line)["data"].get("value") for line in lines])

    def test_too_long_is_shortened_marked_and_counted(self):
        cases = [("x" * 1_000_000, {}), ("☺" * 60_000, {}), ("m", {k: "y" * 30_000 for k in "abcdef"}), ("m", {"key%d" % i: "v" * 50 for i in range(5_000)}),
                 ("m", {"list": list(range(100_000))}), ("m", {"k" * 20_000 + str(i): 1 for i in range(9)}), ("\0" * 30_000, {}), (b"\xff" * 100_000, {}),
                 ("m", {"deep": DEEP})]
        for message, context in cases:
            lines, stats = self.spooled(lambda sdk: sdk.log_event("info", message, context))
            self.assertTrue(strictly(lines[0])["data"]["truncated"])
            self.assertLessEqual(len(lines[0]), 65_536)
            self.assertGreater(len(lines[0]), 150)
            self.assertEqual(1, stats["shortened"])

    def test_options_of_no_use_are_left_out_and_told(self):
        sdk = MonitoringSDK("x", port="no port", host=b"127.0.0.1", buffer="many", spool=False, protocol="loud", context=5)
        self.assertIn("unusable", sdk.get_stats()["last_error"])
        sdk.close()
        sdk = MonitoringSDK(colour="red", spool=False)
        self.assertEqual("unknown option 'colour' ignored", sdk.get_stats()["last_error"])
        sdk.close()

    def test_a_source_that_is_no_file_name(self):
        sdk = self.sdk(source='q/ü"')
        sdk.log_event("info", "x")
        sdk.close()
        self.assertRegex(self.files()[0], r"\Aq___-[0-9a-f-]{36}-1\.ldjson\Z")
        with open(os.path.join(self.folder, self.files()[0]), "rb") as file:
            self.assertEqual('q/ü"', strictly(file.read())["src"])

    def test_a_context_that_another_thread_changes(self):
        context, stop = {}, threading.Event()

        def change():
            n = 0
            while not stop.is_set():
                n += 1
                context[str(n % 50)] = n
                context.pop(str((n + 25) % 50), None)
        thread = threading.Thread(target=change)
        thread.start()
        try:
            lines, stats = self.spooled(lambda sdk: [sdk.log_event("info", "m", context) for _ in range(2_000)])
        finally:
            stop.set()
            thread.join()
        self.assertEqual(2_000, len([strictly(line) for line in lines]))
