"""Context managers of spans and jobs, and the jobs under way. Thread-safe."""

from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Type, TypeVar, Union

from ._wire import members

if TYPE_CHECKING:
    from ._sdk import MonitoringSDK


_S = TypeVar("_S", bound="Span")


class Span:
    """A span that ends with its block. Used by one thread or task at a time."""

    def __init__(self, sdk: "MonitoringSDK", start: Callable[[], str], end: Callable[[str, str, Dict[str, Any]], None]) -> None:
        self.id = ""
        self.status = "ok"
        self.tags: Dict[str, Any] = {}
        self._sdk, self._start, self._end = sdk, start, end

    def tag(self, key: str, value: Any) -> None:
        self.tags[key] = value

    def __enter__(self) -> "Span":
        self.id = self._start() or ""
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        if kind is not None:
            self.status = "error"
            self.tags.setdefault("error", kind.__name__)
        if self.id:
            self._end(self.id, self.status, self.tags)

    async def __aenter__(self: _S) -> _S:
        self.__enter__()
        return self

    async def __aexit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.__exit__(kind, error, trace)


class Job(Span):
    """A job that ends with its block; the tags become its summary."""

    def __init__(self, sdk: "MonitoringSDK", job_id: object, start: Callable[[], str]) -> None:
        super().__init__(sdk, start, lambda span, status, tags: sdk.end_job_analysis(job_id, status, tags))
        self.job_id = job_id

    def subjob(self, subjob_id: object, name: Optional[str] = None) -> Span:
        return Span(self._sdk, lambda: self._sdk.track_subjob(self.job_id, subjob_id, name),
                    lambda span, status, tags: self._sdk.end_subjob(self.job_id, subjob_id, status, tags))

    def progress(self, percent: Any, status: Optional[str] = None) -> None:
        self._sdk.log_progress(self.job_id, percent, status)

    def __enter__(self) -> "Job":
        super().__enter__()
        return self


class _Running:
    def __init__(self, span: Optional[str], trace: Optional[str], total: Union[int, float, None]) -> None:
        self.span, self.trace, self.total = span, trace, total
        self.parts: Dict[str, str] = {}
        self.done = self.percent = 0


_MAX_JOBS = 1_000


class Jobs:
    """A span for each job and below it one for each part, joined by the job's id."""

    def __init__(self, sdk: "MonitoringSDK") -> None:
        self._sdk = sdk
        self._running: Dict[str, _Running] = {}

    def start(self, job: str, name: Optional[str], total: Union[int, float, None], trace: Optional[str], tags: Optional[Dict[str, Any]]) -> str:
        span = self._sdk._open("job " + job if name is None else name, trace, None, _with(tags, job_id=job))
        self._add(job, _Running(span.id, span.trace, total))
        self._sdk.log_event("info", "job started", {"job_id": job, "name": name})
        self._sdk.log_progress(job, 0, "started")
        return span.id

    def _add(self, job: str, running: _Running) -> _Running:
        for forgotten in list(self._running)[:max(0, len(self._running) - _MAX_JOBS + 1)]:
            self._running.pop(forgotten, None)
        self._running[job] = running
        return running

    def track(self, job: str, part: str, name: Optional[str]) -> str:
        running = self._running.get(job) or self._add(job, _Running(None, None, None))
        span = self._sdk._open(part if name is None else name, running.trace, running.span, {"job_id": job, "subjob_id": part})
        running.parts[part] = span.id
        return span.id

    def end_part(self, job: str, part: str, status: str, tags: Optional[Dict[str, Any]]) -> None:
        running = self._running.get(job)
        span = running.parts.pop(part, None) if running else None
        if running is None or span is None:
            return
        self._sdk.end_span(span, status, _with(tags, job_id=job, subjob_id=part))
        running.done += 1
        if running.total:
            running.percent = min(99, int(100 * running.done / running.total))     # 100 is said at the end of the job
        self._sdk.log_progress(job, running.percent, "running" if status == "ok" else "%s: %s" % (part, status))

    def end(self, job: str, status: str, summary: Optional[Dict[str, Any]]) -> None:
        running = self._running.pop(job, None) or _Running(None, None, None)
        is_ok = status == "ok"
        for part, span in list(running.parts.items()):
            self._sdk.end_span(span, "abandoned", {"job_id": job, "subjob_id": part})
        self._sdk.log_progress(job, 100 if is_ok else running.percent, "done" if is_ok else status)
        self._sdk.log_event("info" if is_ok else "error", "job ended", _with(summary, job_id=job, status=status))
        if running.span:
            self._sdk.end_span(running.span, status, _with(summary, job_id=job))


def _with(tags: object, **more: str) -> Dict[str, Any]:
    return dict(members(tags), **more)
