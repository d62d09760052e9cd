"""One backend with what is known of it, and a group of them of which the first that works is used."""

import random
import time
from typing import Any, Dict, List, Optional, Sequence

from ..config import BackendConfig
from .backend import NOT_NAMED, Backend, BatchRefused, Permanent, Transient, WriteResult, kind
from .batch import Batch

_random = random.Random()   # of our own: the application may have seeded the shared one

_MOST_REFUSED_ALONE = 5


class BackOff:
    """Exponential pauses with full jitter. Used by one thread at a time."""

    def __init__(self, least: float, most: float) -> None:
        self.least, self.most, self.failures = least, most, 0

    def pause(self, failure: Exception) -> float:
        pause: float = min(self.most, self.least * 2.0 ** min(self.failures, 20)) * _random.random()
        self.failures += 1
        if isinstance(failure, Permanent):
            pause = self.most
        return max(pause, min(getattr(failure, "retry_after", None) or 0.0, 3_600.0))


class Destination:
    """One backend and its counters. Written by one thread at a time, read by all."""

    def __init__(self, config: BackendConfig, before: "Optional[Destination]" = None) -> None:
        """before: the one whose counters go on."""
        self.config = config
        self.name = config.name
        self._kind = kind(config.type)
        self._backend: Optional[Backend] = None
        self._refused_alone = 0
        self.state = "waiting"
        self.delivered: int = before.delivered if before else 0
        self.rejected: int = before.rejected if before else 0
        self.batches: int = before.batches if before else 0
        self.failures: int = before.failures if before else 0
        self.last_error: Optional[str] = None
        self.last_success: Optional[float] = before.last_success if before else None

    @property
    def destinations(self) -> "Sequence[Destination]":
        return (self,)

    def write(self, batch: Batch, is_urgent: bool = False) -> WriteResult:
        try:
            self._backend = self._backend or self._kind(self.config)
            result = self._write(self._backend, batch)
        except BatchRefused as e:
            self.last_error = str(e)
            raise
        except (Transient, Permanent) as e:
            self._failed(e)
            raise
        except Exception as e:      # the boundary to a backend's code and its libraries
            failure = Transient("unexpected: %r" % e)
            self._failed(failure)
            raise failure from e
        self.delivered += len(batch) - len(result.rejected) - len(result.retry)
        self.rejected += len(result.rejected)
        self.batches += 1
        if len(batch) > len(result.rejected) + len(result.retry):
            self.last_success = time.time()
            self._refused_alone = 0
        if result.rejected:
            self.last_error = "rejected: " + result.rejected[0][1]
        if result.retry:
            self.last_error = result.why
        self.state = "retrying" if result.retry else "ok"
        return result

    def _write(self, backend: Backend, batch: Batch) -> WriteResult:
        try:
            result = backend.write(batch)
            if any(not NOT_NAMED <= i < len(batch) for i, _ in result.rejected) or len(result.rejected) + len(result.retry) > len(batch):
                raise Transient("%s answers for messages that it was not sent" % self.name)
            return result
        except BatchRefused as e:
            if len(batch) > 1:
                raise
            self._refused_alone += 1
            if self._refused_alone > _MOST_REFUSED_ALONE:
                raise Permanent("%s; after %d messages in a row it is the address or the backend that is wrong" % (e, _MOST_REFUSED_ALONE)) from None
            return WriteResult([(0, str(e))])

    def _failed(self, failure: Exception) -> None:
        self.failures += 1
        self.last_error = str(failure)
        self.state = "failed" if isinstance(failure, Permanent) else "retrying"

    def check(self) -> str:
        backend = self._kind(self.config)
        try:
            return backend.check()
        finally:
            backend.close()

    def close(self) -> None:
        backend, self._backend = self._backend, None
        if backend:
            backend.close()

    def forget(self) -> None:
        backend, self._backend = self._backend, None
        if backend:
            backend.forget()

    def counters(self) -> Dict[str, Any]:
        return {"state": self.state, "delivered": self.delivered, "rejected": self.rejected, "batches": self.batches, "failures": self.failures,
                "last_error": self.last_error, "last_success": self.last_success}


class Failover:
    """Several, by priority: a batch goes to the first that takes it. One that has failed is left alone for a pause. As threads go like Destination."""

    def __init__(self, configs: Sequence[BackendConfig], backoff_min: float, backoff_max: float,
                 before: Sequence[Destination] = ()) -> None:
        self.name = "failover"
        known = {d.name: d for d in before}
        self.destinations: List[Destination] = [Destination(c, known.get(c.name)) for c in sorted(configs, key=lambda c: c.priority)]
        self._back_off = [BackOff(backoff_min, backoff_max) for _ in self.destinations]
        self._retry_at = [0.0] * len(self.destinations)

    def write(self, batch: Batch, is_urgent: bool = False) -> WriteResult:
        told: List[str] = []
        for i, destination in enumerate(self.destinations):
            if time.monotonic() < self._retry_at[i] and not is_urgent:
                told.append("%s: %s" % (destination.name, destination.last_error))
                continue
            try:
                result = destination.write(batch)
                self._back_off[i].failures = 0
                return result
            except (Transient, Permanent) as e:
                self._retry_at[i] = time.monotonic() + self._back_off[i].pause(e)
                told.append("%s: %s" % (destination.name, e))
        raise Transient("no backend takes it: " + "; ".join(told), max(0.0, min(self._retry_at) - time.monotonic()))

    def close(self) -> None:
        for destination in self.destinations:
            destination.close()

    def forget(self) -> None:
        for destination in self.destinations:
            destination.forget()
