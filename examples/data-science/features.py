#!/usr/bin/env python3
"""Prepares the features of measurements for a model, and has them scored by the worker in C.

    features.py MEASUREMENTS MODEL WORKER SCORES

A missing value becomes the mean that the model knows; a row with a value more than ten standard deviations away is left out, and told.
"""

import array
import csv
import math
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../sdk/python"))
from monitoring_sdk import MonitoringSDK  # noqa: E402

FARTHEST = 10.0


def read_model(path):
    """(name, mean, standard deviation) of each column; the first line is the intercept, the last number of a line the worker's business."""
    with open(path, encoding="utf-8") as file:
        return [(name, float(mean), float(sd)) for name, mean, sd, _ in (line.split() for line in list(file)[1:])]


def prepare(sdk, rows, columns):
    """Names of the machines, and their standardised features."""
    machines, features, filled = [], [], 0
    for row in rows:
        values = []
        for name, mean, sd in columns:
            is_missing = row[name] in ("", "NA")
            filled += is_missing
            values.append(0.0 if is_missing else (float(row[name]) - mean) / sd)
        if any(abs(value) > FARTHEST or math.isnan(value) for value in values):
            sdk.log_event("warn", "row left out: a value cannot be", dict(row))
            continue
        machines.append(row["machine"])
        features.append(values)
    sdk.log_metric("values.filled", filled, "values")
    return machines, features


def write_features(path, features, columns):
    with open(path, "wb") as file:
        array.array("q", [len(features), columns]).tofile(file)
        for values in features:
            array.array("d", values).tofile(file)


def main():
    measurements, model, worker, scores = sys.argv[1:]
    with MonitoringSDK("features") as sdk, sdk.span("features and scores"), tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "features")
        with sdk.span("prepare features") as span:
            columns = read_model(model)
            with open(measurements, newline="", encoding="utf-8") as file:
                machines, features = prepare(sdk, csv.DictReader(file), columns)
            write_features(path, features, len(columns))
            span.tag("rows", len(features))
        with sdk.span("have them scored"):
            done = subprocess.run([worker, model, path], stdout=subprocess.PIPE, env={**os.environ, **sdk.child_env()}, check=True, timeout=600)
        probabilities = done.stdout.decode().split()
        if len(probabilities) != len(machines):
            raise RuntimeError("%d rows, %d scores" % (len(machines), len(probabilities)))
        with open(scores, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("machine", "probability"), *zip(machines, probabilities)])


if __name__ == "__main__":
    main()
