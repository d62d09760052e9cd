"""configure() and get_config(): what comes first, what is told, and what a MonitoringSDK makes of it."""

import json
import os
import subprocess
import sys

from monitoring_sdk import BackendConfig, ConfigurationError, MonitoringSDK, configure, get_config
from .direct_case import DirectCase

HOME = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
try:
    import yaml
except ImportError:
    yaml = None


class ConfigurationTest(DirectCase):

    def file(self, content, name="monitoring.json"):
        with open(self.path(name), "w") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
        return self.path(name)

    def problems(self, *arguments, **settings):
        with self.assertRaises(ConfigurationError) as caught:
            configure(*arguments, **settings)
        return list(caught.exception.problems)

    def test_code_comes_before_environment_before_file_before_defaults(self):
        path = self.file({"app_name": "file", "port": 1, "host": "file", "token": "file", "mode": "sidecar"})
        os.environ.update(MONITORING_PORT="2", MONITORING_HOST="environment", MONITORING_RESOURCE_INTERVAL="2.5", MONITORING_COMPRESS="true")
        config = configure(path, host="code", buffer=7)
        self.assertEqual(("sidecar", "file", "all", 2.0), (config.mode, config.app_name, config.delivery, config.reload_interval))
        self.assertEqual({"port": 2, "host": "code", "token": "file", "buffer": 7, "resource_interval": 2.5, "compress": True}, config.options)
        self.assertEqual({"app_name": path, "token": path, "mode": path, "port": "environment MONITORING_PORT", "host": "configure()", "buffer": "configure()",
                          "resource_interval": "environment MONITORING_RESOURCE_INTERVAL", "compress": "environment MONITORING_COMPRESS"}, config.origins)
        self.assertIs(config, get_config())

    def test_backends_come_from_the_first_source_that_names_any(self):
        path = self.file({"mode": "direct", "backends": [{"type": "filesystem", "path": "file"}]})
        self.assertEqual(["file"], [b["path"] for b in configure(path).backends])
        os.environ["MONITORING_BACKENDS"] = '{"disk": {"type": "filesystem", "path": "environment", "priority": 3}}'
        self.assertEqual([("disk", "environment", 3)], [(b.name, b["path"], b.priority) for b in configure(path).backends])
        self.assertEqual(["code"], [b["path"] for b in configure(path, backends=[BackendConfig("filesystem", path="code")]).backends])

    def test_backends_without_a_name_get_one(self):
        config = configure(mode="direct", backends=[BackendConfig("sidecar"), BackendConfig("sidecar"), BackendConfig("sidecar", "sidecar-2")])
        self.assertEqual(["sidecar", "sidecar-3", "sidecar-2"], [b.name for b in config.backends])

    def test_every_problem_is_told_with_file_key_what_was_expected_and_the_nearest_key(self):
        path = self.file({"mod": "direct", "port": "17000", "delivery": "some", "compress": 1, "backends": [
            {"type": "filesytem"}, {"type": "filesystem", "pathh": "x"}, {"path": "y"}, 5, {"type": "sidecar", "url": "localhost", "queue": 0},
            {"type": "elasticsearch", "username": "u", "timeout": True}, {"type": "s3", "bucket": "b", "name": "n"}, {"type": "sidecar", "name": "n"}]})
        self.assertEqual([
            path + ": unknown key 'mod': did you mean 'mode'?",
            path + ": 'port' is '17000': expected a whole number from 0 up",
            path + ": 'delivery' is 'some': expected one of all, failover",
            path + ": 'compress' is 1: expected true or false",
            path + ": 'backends[0].type' is 'filesytem': expected one of sidecar, filesystem, s3, elasticsearch; did you mean 'filesystem'?",
            path + ": unknown key 'backends[1].pathh': did you mean 'path'?",
            path + ": 'backends[1].path' is missing: expected a text that is not empty, the folder",
            path + ": 'backends[2].type' is missing: expected one of sidecar, filesystem, s3, elasticsearch",
            path + ": 'backends[3]' is 5: expected a mapping with 'type'",
            path + ": 'backends[4].queue' is 0: expected a whole number from 1 up",
            path + ": 'backends[4].url' is 'localhost': expected http://host:port or https://host:port",
            path + ": 'backends[5].timeout' is True: expected a number from 0.001 up",
            path + ": 'backends[5].username' and 'backends[5].password' belong together: give both or none",
            path + ": two backends have the name 'n': give each one of its own",
        ], self.problems(path))

    def test_wrong_environment_and_code_are_told_and_secrets_are_not_shown(self):
        os.environ.update(MONITORING_PORT="many", MONITORING_MODE="sideways", MONITORING_BACKENDS="{")
        told = self.problems(token=5, colour="red")
        self.assertIn("environment: MONITORING_PORT is 'many': expected a whole number from 0 up", told)
        self.assertIn("environment: MONITORING_MODE is 'sideways': expected one of sidecar, direct", told)
        self.assertTrue(any(t.startswith("environment: MONITORING_BACKENDS is no JSON") for t in told))
        self.assertIn("configure(): 'token' is this int: expected a text that is not empty", told)
        self.assertTrue(any(t.startswith("configure(): unknown key 'colour': valid are app_name, ") for t in told))
        self.assertNotIn("geheim", repr(BackendConfig("sidecar", token="geheim")) + repr(BackendConfig("elasticsearch", username="u", password="geheim")))

    def test_files_that_are_none(self):
        self.assertIn("No such file", self.problems(self.path("missing.json"))[0])
        self.assertIn("is no JSON: ", self.problems(self.file("{"))[0])
        self.assertIn("holds list: expected a mapping", self.problems(self.file([]))[0])
        self.assertIn("there are no backends", self.problems(self.file({"mode": "direct"}))[0])

    def test_what_failed_changes_nothing(self):
        configure(port=5)
        self.problems(port="x")
        self.assertEqual(5, get_config().options["port"])

    def test_environment_variables_in_files(self):
        os.environ["SECRET_OF_TEST"] = "s3cr3t"
        path = self.file({"token": "${env:SECRET_OF_TEST}!"})
        self.assertEqual("s3cr3t!", configure(path).options["token"])
        del os.environ["SECRET_OF_TEST"]
        self.assertEqual([path + ": 'token' names the environment variable SECRET_OF_TEST, which is not set"], self.problems(path))

    def test_without_pyyaml_the_error_says_what_to_do(self):
        path = self.file("mode: direct\n", "m.yaml")
        code = "import sys\nsys.modules['yaml'] = None\nfrom monitoring_sdk import *\ntry:\n    configure(%r)\nexcept ConfigurationError as e:\n    print(e)\n" % path
        told = subprocess.run([sys.executable, "-c", code], cwd=HOME, stdout=subprocess.PIPE).stdout.decode()
        self.assertEqual("%s: reading YAML needs PyYAML, which is not installed: run 'pip install PyYAML', or write the same as JSON into a file whose name ends in "
                         ".json\n" % path, told)

    def test_yaml_and_json_give_the_same(self):
        if yaml is None:
            self.skipTest("PyYAML is not installed")
        text = "mode: direct\napp_name: a\nbackends:\n  disk: {type: filesystem, path: x, priority: 1}\n  hub:\n    type: sidecar\n"
        left = configure(self.file(text, "m.yaml"))
        right = configure(self.file(yaml.safe_load(text)))
        self.assertEqual((left.mode, left.app_name, left.backends), (right.mode, right.app_name, right.backends))
        told = self.problems(self.file("mode: direct\n  x: y\n", "bad.yaml"))[0]
        self.assertRegex(told, r"bad\.yaml: is no YAML: .*line 2")

    def test_the_sdk_begins_with_what_was_configured_and_its_own_arguments_come_first(self):
        configure(app_name="configured", port=1, spool=False, buffer=3)
        with MonitoringSDK(port=2) as sdk:
            self.assertEqual(("configured", 2, 3, None), (sdk._options.source, sdk._options.port, sdk._options.buffer, sdk.router))
        with MonitoringSDK("own", config=configure(port=9, spool=False)) as sdk:
            self.assertEqual(("own", 9), (sdk._options.source, sdk._options.port))

    def test_the_environment_alone_is_enough(self):
        os.environ.update(MONITORING_MODE="direct", MONITORING_APP_NAME="job", MONITORING_CONFIG=self.file({"backends": [{"type": "filesystem", "path": self.path("files")}]}))
        with MonitoringSDK(spool_dir=self.spool) as sdk:
            sdk.log_event("info", "x")
        self.assertEqual(["x", None], self.events())

    def test_a_wrong_environment_does_not_raise_in_the_sdk_and_is_logged(self):
        os.environ.update(MONITORING_MODE="direct", MONITORING_CONFIG=self.path("missing.json"))
        with self.assertLogs("monitoring_sdk", "WARNING") as logged:
            sdk = MonitoringSDK(spool=False)
        sdk.close(0)
        self.assertIn("missing.json: cannot be read", logged.output[0])
        self.assertIn("there are no backends", sdk.get_stats()["last_error"])
