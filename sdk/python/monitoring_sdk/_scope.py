"""Blocks that hold for one thread or asyncio task: a trace, and values for the context of events. Context variables carry them."""

from contextvars import ContextVar
from types import TracebackType
from typing import Any, Callable, Dict, Optional, Tuple, Type

_values: "ContextVar[Tuple[Tuple[object, Dict[str, Any]], ...]]" = ContextVar("monitoring_sdk_context", default=())


def values(owner: object) -> Dict[str, Any]:
    """What the open blocks of this thread or task have set for this SDK."""
    for of, given in reversed(_values.get()):
        if of is owner:
            return given
    return {}


class Block:
    """Begins with its block and ends with it, `with` or `async with`. Used by one thread or task."""

    def __init__(self, enter: Callable[[], Any], leave: Callable[[Any], Any]) -> None:
        self._enter, self._leave = enter, leave
        self._entered: Any = None

    def __enter__(self) -> "Block":
        self._entered = self._enter()
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        if self._entered is not None:
            self._leave(self._entered)

    async def __aenter__(self) -> "Block":
        return self.__enter__()

    async def __aexit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.__exit__(kind, error, trace)


def context_block(owner: object, more: Dict[str, Any]) -> Block:
    def enter() -> object:
        entry = (owner, dict(values(owner), **more))
        _values.set(_values.get() + (entry,))
        return entry

    def leave(entry: object) -> None:
        _values.set(tuple(e for e in _values.get() if e is not entry))
    return Block(enter, leave)
