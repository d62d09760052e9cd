"""The start script as a person runs it; the worker in C and the step in Python with input that cannot be."""

import array
import csv
import math
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "../..")
sys.path.insert(0, os.path.join(HERE, "../../sdk/python"))
sys.path.insert(0, os.path.join(HERE, "../mixed-language"))
from tests.test_packaged_hub import TARBALLS  # noqa: E402
from test_mixed_language import spans_of  # noqa: E402

HAS_R = shutil.which("Rscript") is not None and subprocess.run(
    ["Rscript", "--vanilla", "-e", "for (p in c('R6', 'jsonlite')) library(p, character.only = TRUE)"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
WORKER = os.path.join(ROOT, "target/examples/data-science/score-rows")


@unittest.skipUnless(TARBALLS, "no packaged hub: build it with ./mvnw -pl distribution -am package -DskipTests")
@unittest.skipUnless(HAS_R, "no R with R6 and jsonlite: ./test.sh r installs them")
class DataScienceTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.clean = {name: value for name, value in os.environ.items() if not name.startswith(("MONITORING_", "HUB_"))}
        cls.work = os.path.join(cls.folder, "work")
        done = subprocess.run([os.path.join(HERE, "run.sh"), cls.work], env=dict(cls.clean, TMPDIR=cls.folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=300)
        cls.status, cls.output = done.returncode, done.stdout.decode()

    def alone(self, *command):
        environment = dict(self.clean, MONITORING_PORT="1", MONITORING_SPOOL_DIR=os.path.join(self.folder, "spool"))
        return subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)

    def path(self, name, content=None):
        path = os.path.join(self.folder, name)
        if content is not None:
            with open(path, "wb") as file:
                file.write(content)
        return path

    def test_one_trace_over_r_python_and_c(self):
        self.assertEqual(0, self.status, self.output)
        self.assertIn("scored: 1997 machines, left out: 3", self.output)
        analysis, features, inference = ("analysis", "ok"), ("features", "ok"), ("inference", "ok")
        step = "machine failures > have them scored > features and scores"
        self.assertEqual({
            "machine failures": analysis,
            "machine failures > measure": analysis,
            "machine failures > fit model": analysis,
            "machine failures > have them scored": analysis,
            step: features,
            step + " > prepare features": features,
            step + " > have them scored": features,
            step + " > have them scored > score rows": inference,
            step + " > have them scored > score rows > read model": inference,
            step + " > have them scored > score rows > compute": inference,
            "machine failures > judge the scores": analysis}, spans_of(self.output), self.output)
        self.assertRegex(self.output, r"machine-failures .* 100.0 % +done")
        self.assertEqual(["work"], [name for name in os.listdir(self.folder) if name.startswith(("work", "data-science"))], "nothing else is left behind")

    def test_scores_are_those_of_the_formula(self):
        """R compares them with its own as well, and ends with an error if they differ."""
        model = self.path("model", b"intercept 0 1 -1\na 10 2 0.5\nb 0 1 2\n")
        measurements = self.path("measurements.csv", b"machine,a,b\nx,12,1\ny,NA,-1\nz,10,99\n")
        done = self.alone(sys.executable, os.path.join(HERE, "features.py"), measurements, model, WORKER, self.path("scores.csv"))
        self.assertEqual(0, done.returncode, done.stderr.decode())
        with open(self.path("scores.csv"), newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        self.assertEqual(["machine", "x", "y"], [row[0] for row in rows], "z is too far away")
        for row, z in zip(rows[1:], (-1 + 0.5 + 2, -1 - 2)):
            self.assertAlmostEqual(1 / (1 + math.exp(-z)), float(row[1]), places=15)

    def test_the_worker_refuses_what_does_not_fit(self):
        model = self.path("model", b"intercept 0 1 -1\na 10 2 0.5\n")
        for columns, values in ((2, [1.0, 2.0]), (1, [])):
            features = self.path("features", array.array("q", [1, columns]).tobytes() + array.array("d", values).tobytes())
            done = self.alone(WORKER, model, features)
            self.assertEqual((1, b""), (done.returncode, done.stdout))
            self.assertRegex(done.stderr.decode(), "columns of the model|rows are missing")
        self.assertEqual(1, self.alone(WORKER, self.path("model", b"no model"), features).returncode)


if __name__ == "__main__":
    unittest.main()
