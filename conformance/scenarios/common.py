"""What the scenarios share."""

import os
from typing import Any, Callable, List

from languages import ROOT
from trial import Trial, equal

ALL: List[Callable[[Trial], None]] = []


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
