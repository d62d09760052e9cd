"""Spans that are open, and which of them is the innermost: per thread and per asyncio task, by a context variable. Thread-safe."""

import os
import time
from contextvars import ContextVar
from typing import Dict, Optional, Tuple

from ._wire import encode

_MAX_OPEN = 1_000


def new_id(size: int) -> str:
    return os.urandom(size).hex()


class OpenSpan:
    """A span under way, or without an id a trace that a block has set. Immutable but for has_ended."""

    def __init__(self, owner: "Traces", trace: str, parent: Optional[str], name: object, is_span: bool = True) -> None:
        self.owner, self.trace, self.parent, self.name = owner, trace, parent, name
        self.id = new_id(8) if is_span else ""
        self.start = int(time.time() * 1_000)
        self.has_ended = False
        self.ids = ids(trace, self.id or None)


def ids(trace: Optional[str], span: Optional[str], parent: Optional[str] = None) -> str:
    """What an envelope says about where its message belongs."""
    if trace is None:
        return ""
    text = ',"tid":' + encode(trace)
    if span is not None:
        text += ',"sid":' + encode(span)
    return text + (',"pid":' + encode(parent) if parent is not None else "")


_stack: "ContextVar[Tuple[OpenSpan, ...]]" = ContextVar("monitoring_sdk_spans", default=())


class Traces:
    def __init__(self, trace: Optional[str], parent_span: Optional[str]) -> None:
        self.first_trace, self.parent_span = trace, parent_span
        self.open: Dict[str, OpenSpan] = {}
        self.set(trace)

    def set(self, trace: Optional[str]) -> None:
        self.trace = trace
        self.outer_ids = ids(trace, self.parent_span)

    def innermost(self) -> Optional[OpenSpan]:
        for span in reversed(_stack.get()):
            if span.owner is self and not span.has_ended:
                return span
        return None

    def envelope(self) -> str:
        inner = self.innermost()
        return inner.ids if inner else self.outer_ids

    def begin(self, name: object, trace: Optional[str], parent: Optional[str]) -> OpenSpan:
        inner = self.innermost()
        trace = trace or (inner.trace if inner else self.trace) or new_id(16)
        if parent is None and inner:
            parent = inner.id or None if inner.trace == trace else None
        elif parent is None and trace == self.first_trace:
            parent = self.parent_span       # the span that another process has opened for this one
        span = OpenSpan(self, trace, parent, name)
        self.open[span.id] = span
        while len(self.open) > _MAX_OPEN:
            try:
                self.open.pop(next(iter(self.open))).has_ended = True
            except (KeyError, RuntimeError, StopIteration):
                pass    # another thread was quicker
        self._push(span)
        return span

    def enter(self, trace: Optional[str]) -> OpenSpan:
        """A trace for a block, without a span."""
        block = OpenSpan(self, trace or new_id(16), None, None, False)
        self._push(block)
        return block

    @staticmethod
    def leave(block: OpenSpan) -> None:
        block.has_ended = True
        _stack.set(tuple(s for s in _stack.get() if not s.has_ended))

    @staticmethod
    def _push(span: OpenSpan) -> None:
        _stack.set(tuple(s for s in _stack.get() if not s.has_ended) + (span,))

    def end(self, id: Optional[str]) -> Optional[OpenSpan]:
        """The span with this id, else the innermost one; None if there is no such span in this process."""
        inner = self.innermost() if id is None else None
        span = self.open.pop(inner.id if inner else id or "", None)
        if span:
            self.leave(span)
        return span
