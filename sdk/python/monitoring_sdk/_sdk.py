"""MonitoringSDK: what applications call. Thread-safe."""

import atexit
import functools
import os
import sys
import time
from types import SimpleNamespace, TracebackType
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Set, Type, TypeVar, cast

from . import _host, _scope
from ._files import absolute
from ._reporter import Reporter
from ._scope import Block
from ._sender import Sender
from ._spans import Job, Jobs, Span
from ._traces import OpenSpan, Traces, ids
from ._wire import MAX_LINE, encode, identifier, line, members, number, text

if TYPE_CHECKING:
    from .config import Config
    from .direct import BackendRouter

VERSION = "0.1.0"
_DEFAULTS: Dict[str, Any] = {
    "host": "127.0.0.1", "port": 17_000, "unix_socket": None, "token": None, "tls": False, "tls_ca": None, "tls_cert": None,
    "tls_key": None, "compress": False, "protocol": "auto", "buffer": 1_000,
    "flush_interval": 0.01, "connect_timeout": 2.0, "welcome_timeout": 10.0, "close_timeout": 3.0, "backoff_min": 0.1, "backoff_max": 30.0,
    "spool": True, "spool_dir": None, "spool_bytes": 67_108_864, "trace_id": None, "parent_span": None, "context": None, "resource_interval": 0.0,
}
_FROM_ENV = {"host": "MONITORING_HOST", "port": "MONITORING_PORT", "token": "MONITORING_TOKEN", "tls": "MONITORING_TLS", "tls_ca": "MONITORING_TLS_CA",
             "tls_cert": "MONITORING_TLS_CERT", "tls_key": "MONITORING_TLS_KEY", "spool_dir": "MONITORING_SPOOL_DIR",
             "trace_id": "MONITORING_TRACE_ID", "parent_span": "MONITORING_PARENT_SPAN"}
_LEVELS = {name: name for name in ("debug", "info", "warn", "error", "fatal")}
_LEVELS.update(trace="debug", notice="info", warning="warn", err="error", crit="fatal", critical="fatal")
_PATHS = ("unix_socket", "tls_ca", "tls_cert", "tls_key", "spool_dir")
_OFF = ("0", "false", "no", "off")
_alive: "Set[MonitoringSDK]" = set()
_F = TypeVar("_F", bound=Callable[..., Any])


def _guarded(method: _F) -> _F:
    """A bug of ours, or a wrong call, must not become an exception of the application."""
    @functools.wraps(method)
    def guarded(self: "MonitoringSDK", *args: Any, **named: Any) -> Any:
        try:
            return method(self, *args, **named)
        except Exception as e:
            self._errors.append("%s: %r" % (method.__name__, e))
            del self._errors[:-1]
            return None
    return cast(_F, guarded)


class MonitoringSDK:
    """Sends messages of one source to a hub. One instance per process is enough. README.md has the options."""

    def __init__(self, source: Optional[str] = None, host: Optional[str] = None, port: Optional[int] = None, *, unix_socket: Optional[str] = None,
                 token: Optional[str] = None, buffer: Optional[int] = None, spool: Optional[bool] = None, spool_dir: Optional[str] = None,
                 spool_bytes: Optional[int] = None, config: "Optional[Config]" = None, **more: Any) -> None:
        """config: instead of what configure() has set."""
        self._errors: List[str] = []
        config = config or self._configured()
        given = dict(more, host=host, port=port, unix_socket=unix_socket, token=token, buffer=buffer, spool=spool, spool_dir=spool_dir,
                     spool_bytes=spool_bytes)
        o = self._options = SimpleNamespace(**self._choose(given, config))
        o.source = identifier(source) or identifier(config and config.app_name) or identifier(os.path.basename(sys.argv[0] if getattr(sys, "argv", None) else "")) or "python"
        o.version, o.max_line = VERSION, MAX_LINE
        if o.host.startswith("/") and not o.unix_socket:
            o.unix_socket = o.host
        o.name = o.unix_socket or "%s:%d" % (o.host, o.port)
        self._head = '{"v":1,"src":%s,"ts":' % encode(o.source)
        self._context: Dict[str, object] = dict(members(o.context))
        self._traces = Traces(identifier(o.trace_id), identifier(o.parent_span))
        self._jobs = Jobs(self)
        self._cpu: Any = None
        self._is_closed = False
        self._shortened = self._late = 0
        self._config = config
        self._sender = self._new_sender()
        self._reporter = Reporter(o.resource_interval, self.log_resource)
        self._reporter.start()
        _alive.add(self)

    @_guarded
    def _configured(self) -> "Optional[Config]":
        from .config import present     # not above: it reads the defaults of this module
        return present(self._errors)

    def _new_sender(self) -> Any:
        config = self._config
        if config and config.mode == "direct":
            if config.backends:
                from .direct.sender import DirectSender
                return DirectSender(self._options, config, self._started)
            self._errors.append("mode is 'direct' but there are no backends: everything goes to a hub")
        return Sender(self._options, self._started)

    @property
    def router(self) -> "Optional[BackendRouter]":
        """In direct mode: what delivers to the backends."""
        return getattr(self._sender, "router", None)

    def _choose(self, given: Dict[str, Any], config: "Optional[Config]") -> Dict[str, Any]:
        """Option, else configuration or environment, else default; what is of no use counts as left out."""
        chosen = dict(_DEFAULTS)
        options = {name: os.environ[variable] for name, variable in _FROM_ENV.items() if os.environ.get(variable)}
        options.update(config.options if config else {})
        options.update((name, value) for name, value in given.items() if value is not None)
        for name, value in options.items():
            default = _DEFAULTS.get(name)
            if name not in _DEFAULTS:
                self._errors = ["unknown option %r ignored" % name]
                continue
            if name == "tls":
                value = text(value).lower() not in _OFF     # a wrong value must not mean: without
            elif isinstance(default, bool):
                value = bool(value) if isinstance(value, (bool, int)) else None
            elif isinstance(default, (int, float)):
                value = number(value)
                value = type(default)(value) if value is not None and value >= 0 and (name != "port" or value < 65_536) else None
            elif name == "protocol":
                value = value if value in ("auto", "acked", "plain") else None
            elif name in _PATHS:
                value = absolute(text(value))
            elif name != "context":
                value = text(value)
            if value is None or value == "":
                self._errors = ["option %r: unusable value ignored" % name]
            else:
                chosen[name] = value
        for name in ("tls_ca", "tls_cert", "tls_key"):
            if chosen[name] and not chosen["tls"]:
                self._errors = ["option %r has no effect without 'tls'" % name]
        chosen["buffer"] = max(1, chosen["buffer"])
        chosen["flush_interval"] = max(0.001, chosen["flush_interval"])
        return chosen

    # --- messages ---

    @_guarded
    def log_event(self, level: str, message: object, context: Optional[Dict[str, Any]] = None) -> None:
        """Levels: debug, info, warn, error, fatal; common synonyms are understood, anything else is info."""
        known = _LEVELS.get(level) if type(level) is str else None
        scoped = _scope.values(self)
        ctx = members(self._context, scoped, context) if self._context or scoped else members(context)
        self._emit("event", {"level": known or _LEVELS.get(text(level).lower(), "info"), "msg": _text(message), "ctx": ctx})

    @_guarded
    def log_metric(self, name: str, value: Any, unit: Optional[str] = None, tags: Optional[Dict[str, Any]] = None) -> None:
        """A value that is no finite number, or an empty name, makes an event of level warn: the hub takes only numbers."""
        amount, name = number(value), _text(name)
        if amount is None or not name:
            self.log_event("warn", "metric without a number", {"name": name, "value": value, "unit": unit, "tags": tags})
            return
        self._emit("metric", {"name": name, "value": amount, "unit": _text(unit), "tags": members(tags)})

    @_guarded
    def log_progress(self, job_id: object, percent: Any, status: Optional[str] = None) -> None:
        """Per cent is brought into 0..100."""
        share = min(100, max(0, number(percent) or 0))
        self._emit("progress", {"job_id": _text(job_id) or "unknown", "percent": share, "status": _text(status) or "running"})

    @_guarded
    def log_resource(self, cpu: Any = None, mem: Any = None, disk: Any = None, net: Any = None, **more: Any) -> None:
        """Per cent and MB; further numbers by name. What is left out is measured: CPU of this process since the last call (100 = one core), its
        resident memory, what it has read from and written to disks, traffic of the host's interfaces except loopback. If all four are left out,
        also threads, fds and children of this process, and load1, load5 and load15 of the host."""
        if cpu is mem is disk is net is None:
            more = dict(_host.counts(), **more)
        if cpu is None:
            cpu, self._cpu = _host.cpu(self._cpu)
        values = {"cpu": cpu, "mem": _host.memory() if mem is None else mem, "disk": _host.disk() if disk is None else disk,
                  "net": _host.network() if net is None else net}
        values.update(more)
        numbers = {name: number(value) for name, value in values.items()}
        self._emit("resource", {name: value for name, value in numbers.items() if value is not None})

    @_guarded
    def heartbeat(self) -> None:
        self._emit("heartbeat", {})

    def _emit(self, kind: str, data: Dict[str, object], place: Optional[str] = None) -> None:
        if self._is_closed:
            self._late += 1
            return
        place = self._traces.envelope() if place is None else place
        head = '%s%d,"type":"%s"%s,"data":' % (self._head, time.time() * 1_000, kind, place)
        wire, cut = line(head, data, self._options.max_line)
        if cut:
            self._shortened += 1
        self._sender.add(wire)

    # --- traces, spans and jobs ---

    @_guarded
    def start_span(self, name: object, trace_id: Optional[str] = None, parent: Optional[str] = None, tags: Optional[Dict[str, Any]] = None) -> str:
        """Opens a span and returns its id. Without a trace id it belongs to the present trace, or begins one; without a parent it hangs under
        the innermost open span of this thread or asyncio task."""
        return self._open(name, trace_id, parent, tags).id

    def _open(self, name: object, trace_id: object, parent: object, tags: object) -> OpenSpan:
        span = self._traces.begin(name, identifier(trace_id), identifier(parent))
        self._emit("span", {"name": _text(name), "start": span.start, "end": None, "status": "open", "tags": members(tags)},
                   ids(span.trace, span.id, span.parent))
        return span

    @_guarded
    def end_span(self, span_id: Optional[str] = None, status: str = "ok", tags: Optional[Dict[str, Any]] = None) -> None:
        """Without an id: the innermost one. The id may come from another thread or process."""
        id = identifier(span_id)
        span = self._traces.end(id)
        if span:
            name, start, place = _text(span.name), span.start, ids(span.trace, span.id, span.parent)
        elif id:
            name, start, place = "", 0, ids(self.trace_id or "unknown", id)     # the hub joins the two by the id
        else:
            return
        self._emit("span", {"name": name, "start": start, "end": int(time.time() * 1_000), "status": _text(status) or "ok",
                            "tags": members(tags)}, place)

    def span(self, name: object, trace_id: Optional[str] = None, parent: Optional[str] = None, tags: Optional[Dict[str, Any]] = None) -> Span:
        """`with sdk.span("load") as span:` ends it with status ok, or error if the block raises."""
        return Span(self, lambda: self.start_span(name, trace_id, parent, tags), self.end_span)

    @_guarded
    def set_trace_id(self, trace_id: Optional[str]) -> None:
        """The trace of messages outside of spans, in all threads; None ends it."""
        self._traces.set(identifier(trace_id))

    @property
    def trace_id(self) -> Optional[str]:
        inner = self._traces.innermost()
        return inner.trace if inner else self._traces.trace

    @property
    def current_span(self) -> Optional[str]:
        inner = self._traces.innermost()
        return inner.id or None if inner else self._traces.parent_span

    def child_env(self) -> Dict[str, str]:
        """Environment for a child process, so that its spans hang under the present one."""
        trace, span = self.trace_id, self.current_span
        return {name: value for name, value in (("MONITORING_TRACE_ID", trace), ("MONITORING_PARENT_SPAN", span)) if value}

    @_guarded
    def set_context(self, key: str, value: Any) -> None:
        """Goes into the ctx of every later event; None removes it."""
        name = _text(key)
        if value is None:
            self._context.pop(name, None)
        else:
            self._context[name] = value

    def context(self, **values: Any) -> Block:
        """`with sdk.context(order=17):` puts them into the ctx of the block's events, in this thread or asyncio task only."""
        return _scope.context_block(self, values)

    def trace(self, trace_id: Optional[str] = None) -> Block:
        """`with sdk.trace(id):` is the trace of the block's messages and spans, in this thread or asyncio task only; without an id a new one."""
        return Block(lambda: self._traces.enter(identifier(trace_id)), self._traces.leave)

    @_guarded
    def start_job_analysis(self, job_id: object, name: Optional[str] = None, subjobs: Optional[int] = None, trace_id: Optional[str] = None,
                           tags: Optional[Dict[str, Any]] = None) -> str:
        """Span, event and progress 0 of a job; returns the span's id. With the number of subjobs progress counts by itself."""
        return self._jobs.start(_job(job_id), name, number(subjobs), trace_id, tags)

    @_guarded
    def track_subjob(self, job_id: object, subjob_id: object, name: Optional[str] = None) -> str:
        """Opens the span of a part below the job's; returns its id."""
        return self._jobs.track(_job(job_id), _job(subjob_id), name)

    @_guarded
    def end_subjob(self, job_id: object, subjob_id: object, status: str = "ok", tags: Optional[Dict[str, Any]] = None) -> None:
        """Closes it and reports progress."""
        self._jobs.end_part(_job(job_id), _job(subjob_id), _text(status) or "ok", tags)

    @_guarded
    def end_job_analysis(self, job_id: object, status: str = "ok", summary: Optional[Dict[str, Any]] = None) -> None:
        """Parts that are still open end as abandoned."""
        self._jobs.end(_job(job_id), _text(status) or "ok", summary)

    def job(self, job_id: object, name: Optional[str] = None, subjobs: Optional[int] = None, trace_id: Optional[str] = None,
            tags: Optional[Dict[str, Any]] = None) -> Job:
        """`with sdk.job("J1") as job:` and in it `with job.subjob("part"):`."""
        return Job(self, job_id, lambda: self.start_job_analysis(job_id, name, subjobs, trace_id, tags))

    # --- life cycle ---

    @_guarded
    def get_stats(self) -> Dict[str, Any]:
        sender = self._sender
        stats = dict(sender.stats)
        if self._errors:
            stats["last_error"] = self._errors[-1]
        stats.update(messages=sender.messages(), dropped=sender.dropped + self._late, shortened=self._shortened, buffered=sender.buffered(),
                     state="closed" if self._is_closed else sender.state(), protocol=sender.session.mode, client=sender.session.client)
        return stats

    @_guarded
    def flush(self, timeout: Optional[float] = None) -> bool:
        """Waits until the hub has everything, at most so many seconds, and no longer than there is a hub; whether it has."""
        return self._is_closed or self._sender.flush(self._seconds(timeout))

    @_guarded
    def close(self, timeout: Optional[float] = None) -> None:
        """Waits like flush, and leaves what is not acknowledged in the spool. The end of the process does it for you."""
        self._is_closed = True
        self._reporter.stop()
        goodbye = '%s%d,"type":"goodbye","data":{}}\n' % (self._head, time.time() * 1_000)
        self._sender.close(self._seconds(timeout), goodbye.encode())
        _alive.discard(self)    # not before: the end of the process waits for a close that is under way

    def _seconds(self, timeout: Any) -> float:
        seconds = number(timeout)
        return self._options.close_timeout if seconds is None else min(max(0.0, seconds), 1e6)

    def __enter__(self) -> "MonitoringSDK":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.close()

    async def __aenter__(self) -> "MonitoringSDK":
        return self

    async def __aexit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        """Closes in another thread: the loop goes on."""
        import asyncio
        await asyncio.get_event_loop().run_in_executor(None, self.close)

    def _started(self) -> None:
        self._reporter.start()
        process = sys.modules.get("multiprocessing.process")
        if process and process.parent_process() is not None:
            from multiprocessing.util import Finalize   # such processes end without the functions of atexit
            Finalize(None, self.close, exitpriority=10)

    @_guarded
    def _after_fork(self) -> None:
        """A forked child is a new client: its own id, an empty buffer, its own connection. Open spans and the trace stay known."""
        parents, self._sender = self._sender, self._new_sender()
        self._cpu = _host.cpu(None)[1]
        self._reporter.forget()
        self._reporter = Reporter(self._options.resource_interval, self.log_resource)
        parents.forget()


def _text(value: object) -> str:
    return value if type(value) is str else text(value)


def _job(id: object) -> str:
    return identifier(id) or "unknown"


def _after_fork_in_child() -> None:
    for sdk in list(_alive):
        sdk._after_fork()


def _close_all() -> None:
    for sdk in list(_alive):
        sdk.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
atexit.register(_close_all)
