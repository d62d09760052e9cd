"""The lanes of a router: made from a configuration, and changed by a new one without touching those that it leaves as they are."""

import os
import threading
import time
import zlib
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ..config import BackendConfig
from .destination import BackOff, Destination, Failover
from .forming import Limits
from .lane import Lane, Target
from .outcome import Receipt
from .spool import BatchSpool


class Settings(NamedTuple):
    """Of a router, for all lanes. Immutable."""

    source: str = "python"
    spool: bool = True
    spool_dir: Optional[str] = None
    spool_bytes: int = 67_108_864
    backoff_min: float = 0.1
    backoff_max: float = 30.0
    close_timeout: float = 3.0


class Lanes:
    """Changed by the dispatcher only; `present` is replaced as a whole, so that others can read it."""

    def __init__(self, settings: Settings, client: str, backends: Sequence[BackendConfig], delivery: str, changed: threading.Condition) -> None:
        self.settings, self._client, self._changed = settings, client, changed
        self.receipts: List[Receipt] = []
        self.present: Tuple[Lane, ...] = ()
        self.retired: List[Lane] = []
        self._configs: Dict[str, Any] = {}
        self.apply(backends, delivery)

    def apply(self, backends: Sequence[BackendConfig], delivery: str, is_running: bool = False) -> None:
        wanted: Dict[str, Tuple[BackendConfig, ...]] = {}
        used = tuple(b for b in backends if b.enabled)
        if delivery == "failover" and used:
            wanted["failover"] = tuple(sorted(used, key=lambda b: b.priority))
        elif delivery != "failover":
            wanted.update((b.name, (b,)) for b in used)
        old = {lane.name: lane for lane in self.present}
        lanes = []
        for name, configs in wanted.items():
            lane = old.pop(name, None)
            if lane is None:
                lane = Lane(name, self._target(configs, delivery, ()), _limits(configs), self._spool(name),
                            BackOff(self.settings.backoff_min, self.settings.backoff_max), self._changed, self.receipts)
                if is_running:
                    lane.start()
            elif self._configs[name] != configs:
                lane.retarget(self._target(configs, delivery, lane.target.destinations), _limits(configs))
            lanes.append(lane)
        self.present, self._configs = tuple(lanes), wanted
        self._retire(old.values())

    def _retire(self, lanes: Any) -> None:
        """What they hold is delivered if that can be done soon, else it is put aside."""
        self.retired = [lane for lane in self.retired if lane.thread and lane.thread.is_alive()]
        for lane in lanes:
            lane.offer(self.settings.source, self._client)
            lane.end(time.monotonic() + self.settings.close_timeout)
            self.retired.append(lane)

    def _target(self, configs: Tuple[BackendConfig, ...], delivery: str, before: Sequence[Destination]) -> Target:
        if delivery == "failover":
            return Failover(configs, self.settings.backoff_min, self.settings.backoff_max, before)
        return Destination(configs[0], before[0] if before else None)

    def _spool(self, name: str) -> Optional[BatchSpool]:
        s = self.settings
        if not s.spool:
            return None
        return BatchSpool(s.spool_dir, os.path.join("direct", _file_name(s.source), _file_name(name)), s.source, s.spool_bytes)


def _limits(configs: Tuple[BackendConfig, ...]) -> Limits:
    """Of a failover group: those that all its members can take."""
    return Limits(*(min(c[key] for c in configs) for key in ("queue", "batch_size", "batch_bytes", "linger")))


def _file_name(name: str) -> str:
    """Two names never have the same one."""
    clean = "".join(c if c.isalnum() and c.isascii() or c in "._-" else "_" for c in name[:100])
    return clean if clean == name and clean.strip(".") else "%s-%08x" % (clean, zlib.crc32(name.encode("utf-8", "replace")))
