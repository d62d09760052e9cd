"""Looks at backends, all at the same time. Stateless."""

import threading
import time
from typing import Any, Dict, Sequence

from .backend import Permanent, Transient
from .destination import Destination


def check_all(destinations: Sequence[Destination], timeout: float) -> Dict[str, Dict[str, Any]]:
    """By name: `is_reachable`, and `check`, what was found or what is wrong. Waits no longer than the time-out."""
    found: Dict[str, Dict[str, Any]] = {}
    threads = [threading.Thread(target=_check, args=(d, found), name="monitoring-sdk-check-" + d.name, daemon=True) for d in destinations]
    deadline = time.monotonic() + timeout
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    late = {"is_reachable": False, "check": "no answer in %g s" % timeout}
    return {d.name: found.get(d.name, late) for d in destinations}


def _check(destination: Destination, found: Dict[str, Dict[str, Any]]) -> None:
    try:
        found[destination.name] = {"is_reachable": True, "check": destination.check()}
    except (Transient, Permanent) as e:
        found[destination.name] = {"is_reachable": False, "check": str(e)}
    except Exception as e:      # the boundary to a backend's code and its libraries
        found[destination.name] = {"is_reachable": False, "check": "unexpected: %r" % e}
