"""Where a configuration comes from: code, then environment, then file, then defaults. The one that holds for the process is kept here; thread-safe."""

import json
import logging
import os
import threading
from typing import Any, Dict, List, Mapping, Optional

from .files import read_file
from .schema import TOP
from .settings import BackendConfig, Config, read_backends
from .values import ConfigurationError, nearest, read_all, shown

PREFIX = "MONITORING_"
FILE_VARIABLE = PREFIX + "CONFIG"
_SWITCHES_ON = (FILE_VARIABLE, PREFIX + "MODE", PREFIX + "BACKENDS")     # without configure(), one of these makes the configuration hold
_log = logging.getLogger("monitoring_sdk")
_lock = threading.RLock()
_present: Optional[Config] = None


def load(file: Optional[str] = None, settings: Optional[Mapping[str, Any]] = None, problems: Optional[List[str]] = None) -> Config:
    """Reads and checks all sources. With a list for problems, what is wrong goes there and counts as left out; else it raises ConfigurationError."""
    found: List[str] = []
    origins: Dict[str, str] = {}
    backends: Any = ()
    values: Dict[str, Any] = {}
    path = file or os.environ.get(FILE_VARIABLE) or None
    if path:
        path = os.path.abspath(path)    # the program may change its folder before the file is read again

    def take(more: Dict[str, Any], where: str) -> None:
        nonlocal backends
        if "backends" in more:
            backends = more.pop("backends")
            origins["backends"] = where
        values.update(more)
        origins.update(dict.fromkeys(more, where))
    if path:
        try:
            take(_checked(read_file(path), path, found), path)
        except ConfigurationError as e:
            found += e.problems
    for name, value in _from_environment(found).items():
        take({name: value}, "environment " + PREFIX + name.upper())
    take(_checked(dict(settings or {}), "configure()", found), "configure()")
    config = Config(values, tuple(backends), path, dict(settings or {}), origins)
    if config.mode == "direct" and not any(b.enabled for b in config.backends) and not found:
        found.append("%s: mode is 'direct' but there are no backends: name at least one under 'backends'" % (path or "configure()"))
    if found and problems is None:
        raise ConfigurationError(found)
    if problems is not None:
        problems += found
    return config


def _checked(values: Dict[Any, Any], where: str, problems: List[str]) -> Dict[str, Any]:
    has_backends = "backends" in values
    backends = values.pop("backends", None)
    known = dict(TOP)
    unknown = [key for key in values if key not in known]
    for key in unknown:
        problems.append("%s: unknown key '%s': %s" % (where, key, nearest(key, list(known) + ["backends"])))
    read = read_all({key: value for key, value in values.items() if key in known}, known, where, "", problems)
    if has_backends and backends is not None:
        read["backends"] = read_backends(backends, where, problems)
    return read


def _from_environment(problems: List[str]) -> Dict[str, Any]:
    read: Dict[str, Any] = {}
    for name, option in TOP.items():
        text = os.environ.get(PREFIX + name.upper())
        if text:
            try:
                read[name] = option.parse(text)
            except ValueError as e:
                problems.append("environment: %s%s is %s: %s" % (PREFIX, name.upper(), shown(name, text), e))
    text = os.environ.get(PREFIX + "BACKENDS")
    if text:
        try:
            read["backends"] = read_backends(json.loads(text), "environment " + PREFIX + "BACKENDS", problems)
        except (ValueError, RecursionError) as e:
            problems.append("environment: %sBACKENDS is no JSON: %s" % (PREFIX, e))
    return read


def configure(file: Optional[str] = None, **settings: Any) -> Config:
    """Sets what every MonitoringSDK made from now on begins with, and returns it. Raises ConfigurationError with all problems, and changes nothing then."""
    global _present
    with _lock:
        _present = load(file, settings)
        return _present


def get_config() -> Config:
    """What configure() has set, else what environment and file say. What is wrong there is logged and counts as left out."""
    return _get([], True) or Config({}, (), None, {}, {})


def present(problems: List[str]) -> Optional[Config]:
    """The same for a MonitoringSDK, which must not raise; None if nobody has configured anything."""
    return _get(problems, False)


def _get(problems: List[str], always: bool) -> Optional[Config]:
    with _lock:
        if _present is not None or not always and not any(os.environ.get(name) for name in _SWITCHES_ON):
            return _present
        config = load(problems=problems)
    for problem in problems:
        _log.warning("%s; this counts as left out", problem)
    return config


def reset() -> None:
    """Forgets what configure() has set."""
    global _present
    with _lock:
        _present = None


__all__ = ["BackendConfig", "configure", "get_config", "load", "present", "reset"]
