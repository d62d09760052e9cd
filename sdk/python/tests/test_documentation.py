"""Every option, call and counter is in the README, options with their default; and the sources are Python 3.8."""

import ast
import glob
import os
import re
import unittest

from monitoring_sdk import MonitoringSDK
from monitoring_sdk._sdk import _DEFAULTS, _FROM_ENV
from monitoring_sdk.config.schema import BACKENDS, TOP

HOME = os.path.join(os.path.dirname(__file__), "..")


def row(name, option):
    default = "required" if option.is_required else "none" if option.default is None else "`%s`" % (
        str(option.default).lower() if isinstance(option.default, bool) else option.default)
    kind = ", ".join("`%s`" % choice for choice in option.choices) if option.choices else option.kind
    return "| `%s` | %s | %s | %s |" % (name, kind, default, option.meaning)


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

    def test_keys_of_a_configuration_stand_there_as_the_schema_has_them(self):
        with open(os.path.join(HOME, "DIRECT.md"), encoding="utf-8") as file:
            direct = file.read()
        for title, options in [("Top", {name: o for name, o in TOP.items() if name not in _DEFAULTS})] + list(BACKENDS.items()):
            common = BACKENDS["filesystem"] if title != "filesystem" else BACKENDS["sidecar"]
            for name, option in options.items():
                if title in ("Top", "sidecar") or common.get(name) != option:
                    self.assertIn(row(name, option), direct.splitlines(), title)
        for name in TOP:
            self.assertIn("MONITORING_" + name.upper(), direct)

    def test_sources_are_python_3_8(self):
        for path in glob.glob(os.path.join(HOME, "**", "*.py"), recursive=True):
            with open(path, encoding="utf-8") as file:
                ast.parse(file.read(), path, feature_version=(3, 8))
