"""What PROTOCOL.md sections 2 to 5 ask of a line that a client sends. Stateless."""

import json
import math
import re
from typing import Any, Optional

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_LEVELS = ("debug", "info", "warn", "error", "fatal")


def check(line: bytes) -> Optional[str]:
    """Why a hub would refuse this line, newline included; None if it would not."""
    if len(line) > 65_536:
        return "too_long"
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return "invalid_utf8"
    if not text.startswith("{") or not text.endswith("\n"):
        return "not_object"
    try:
        message = json.loads(text, parse_constant=_refuse, object_pairs_hook=_object)
    except RecursionError:
        return "too_deep"
    except ValueError as e:
        return "malformed: %s" % e
    return _envelope(message)


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


class _Twice(dict):
    """An object in which a name stands twice."""


def _object(pairs: list) -> dict:
    result = dict(pairs)
    return result if len(result) == len(pairs) else _Twice(result)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and not (isinstance(value, float) and math.isnan(value))


def _is_identifier(value: Any) -> bool:
    return isinstance(value, str) and len(value.encode("utf-8", "surrogatepass")) <= 255 and not _CONTROL.search(value) \
        and not any("\ud800" <= c <= "\udfff" for c in value)


def _is_object(value: Any) -> bool:
    return value is None or isinstance(value, dict) or value == []


def _envelope(m: dict) -> Optional[str]:
    if isinstance(m, _Twice):
        return "duplicate_field"
    if type(m.get("v")) is not int or m["v"] != 1:
        return "unknown_version"
    if m.get("type") not in _DATA:
        return "unknown_type"
    if not m.get("src") or not _is_identifier(m["src"]) or type(m.get("ts")) is not int or m["ts"] < 0:
        return "invalid_field"
    if any(m.get(name) is not None and not _is_identifier(m[name]) for name in ("tid", "sid", "pid")):
        return "invalid_field: an id"
    if m["type"] == "span" and not (m.get("tid") and m.get("sid")):
        return "missing_field: tid and sid"
    data = m.get("data")
    if data is None:
        return None if m["type"] in ("heartbeat", "goodbye") else "missing_field: data"
    if not isinstance(data, dict):
        return None if data == [] else "invalid_data"
    return None if _DATA[m["type"]](data) else "invalid_data"


_DATA = {
    "hello": lambda d: isinstance(d.get("client"), str) and type(d.get("next")) is int and d["next"] >= 1,
    "event": lambda d: d.get("level") in _LEVELS and isinstance(d.get("msg"), str) and _is_object(d.get("ctx")),
    "metric": lambda d: isinstance(d.get("name"), str) and d["name"] != "" and _is_number(d.get("value")) and _is_object(d.get("tags"))
    and isinstance(d.get("unit", ""), (str, type(None))),
    "progress": lambda d: (type(d.get("job_id")) is int or isinstance(d.get("job_id"), str) and d["job_id"] != "") and _is_number(d.get("percent"))
    and 0 <= d["percent"] <= 100 and isinstance(d.get("status", ""), (str, type(None))),
    "resource": lambda d: all(d.get(name) is None or _is_number(d[name]) for name in ("cpu", "mem", "disk", "net")),
    "span": lambda d: isinstance(d.get("name"), str) and _is_number(d.get("start")) and (d.get("end") is None or _is_number(d["end"]))
    and _is_object(d.get("tags")),
    "heartbeat": lambda d: True,
    "goodbye": lambda d: True,
}
