"""Every option, call and counter is in the README, options with their default; and the sources are Python 3.8."""

import ast
import glob
import os
import re
import unittest

from monitoring_sdk import MonitoringSDK
from monitoring_sdk._sdk import _DEFAULTS, _FROM_ENV

HOME = os.path.join(os.path.dirname(__file__), "..")


class DocumentationTest(unittest.TestCase):

    def setUp(self):
        with open(os.path.join(HOME, "README.md"), encoding="utf-8") as file:
            self.readme = file.read()

    def test_options_stand_in_the_table_with_their_defaults(self):
        rows = {}
        for line in re.findall(r"^\|.*\|$", self.readme, re.M):
            cells = [cell.strip() for cell in line.split("|")[1:-1]]
            if len(cells) == 4:
                for name, value in zip(cells[0].split(", "), cells[2].split(", ")):
                    rows[name.strip("`")] = (cells[1].strip("`"), value.strip("`"))
        for name, default in _DEFAULTS.items():
            self.assertIn(name, rows)
            self.assertEqual(_FROM_ENV.get(name, ""), rows[name][0], name)
            if default is not None:
                self.assertEqual(str(default), rows[name][1], name)

    def test_calls_and_counters_are_named(self):
        sdk = MonitoringSDK("d", spool=False)
        stats = sdk.get_stats()
        sdk.close(0)
        for name in [n for n in dir(MonitoringSDK) if not n.startswith("_")] + list(stats):
            self.assertRegex(self.readme, r"`%s\b" % name)

    def test_sources_are_python_3_8(self):
        for path in glob.glob(os.path.join(HOME, "**", "*.py"), recursive=True):
            with open(path, encoding="utf-8") as file:
                ast.parse(file.read(), path, feature_version=(3, 8))
