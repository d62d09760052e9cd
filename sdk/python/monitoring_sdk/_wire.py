"""Python values to lines of protocol JSON. Whatever comes in, a line that the hub takes comes out. Stateless."""

import json
import math
import re
from collections import deque
from collections.abc import Mapping
from itertools import islice
from numbers import Integral, Real
from typing import Callable, Dict, List, Optional, Tuple, Union

MAX_LINE = 65_536       # bytes, with the newline
MAX_DEPTH = 8           # of containers in a message's data
_MAX_INT_BITS = 10_000  # beyond, Python itself refuses to write the digits
# Limits of one message, (characters of a string, values): tightened until the line fits.
_LIMITS = ((MAX_LINE, 2_000), (MAX_LINE // 2, 2_000), (8_192, 1_000), (1_024, 200), (128, 100), (32, 20), (16, 0))
_SIMPLE = frozenset((int, float, bool, type(None)))
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def _encoder() -> Callable[[object], str]:
    """JSONEncoder.encode makes its inner encoder anew for each value, which takes nearly as long as to write an ordinary message. This keeps it."""
    outer = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":"))
    try:
        inner = json.encoder.c_make_encoder(None, outer.default, json.encoder.encode_basestring, None, ":", ",", False, False, False)  # type: ignore[attr-defined]
        "".join(inner({}, 0))
    except (AttributeError, TypeError):     # a Python that is made otherwise
        return outer.encode
    return lambda value: "".join(inner(value, 0))


encode = _encoder()


def line(head: str, data: Dict[str, object], limit: int) -> Tuple[bytes, bool]:
    """The line that begins with head, and whether something was cut to make it fit."""
    try:
        if _is_flat(data):
            fast = (head + encode(data) + "}\n").encode()
            if len(fast) <= limit:
                return fast, False
    except (ValueError, RuntimeError):
        pass  # not finite, half a surrogate, or another thread is changing the dict: the slow way copes
    cut = False
    for strings, values in _LIMITS:
        cleaner = _Cleaner(strings, values)
        clean = cleaner.mapping(data, 0, keep_all=True)
        cut = cut or cleaner.cut
        if cut:
            clean["truncated"] = True
        result = (head + encode(clean) + "}\n").encode()
        if len(result) <= limit and not (cleaner.cut and strings == MAX_LINE):
            break
        cut = True
    return result, cut


def _is_flat(data: Dict[str, object], outer: bool = True) -> bool:
    """Whether json writes this as it should be without more ado: the ordinary message."""
    if len(data) > 200:
        return False
    for key, value in data.items():
        kind = type(value)
        if type(key) is not str or len(key) > MAX_LINE:
            return False
        if kind is str:
            if len(value) > MAX_LINE:  # type: ignore[arg-type]
                return False
        elif kind not in _SIMPLE and not (outer and kind is dict and _is_flat(value, False)):  # type: ignore[arg-type]
            return False
    return True


class _Cleaner:
    """A copy of a value that json can write, within limits. Used for one message."""

    def __init__(self, strings: int, values: int) -> None:
        self.strings, self.values, self.seen, self.cut = strings, values, 0, False

    def value(self, v: object, depth: int) -> object:
        self.seen += 1
        try:
            if v is None or v is True or v is False:
                return v
            if isinstance(v, Mapping):
                return self.mapping(v, depth)
            if isinstance(v, (list, tuple, set, frozenset, deque)):
                return self.sequence(v, depth)
            if isinstance(v, float) or isinstance(v, Real) and not isinstance(v, Integral):
                number = float(v)
                return number if math.isfinite(number) else str(number)
            if isinstance(v, Integral):
                whole = int(v)
                return whole if whole.bit_length() <= _MAX_INT_BITS else "[int of %d bits]" % whole.bit_length()
            return self.text(v)
        except Exception:  # code of the application runs in here
            return "[%s, unreadable]" % _name(v)

    def text(self, v: object) -> str:
        result = text(v, self.strings + 1)
        if len(result) > self.strings:
            self.cut = True
            length = str.__len__(v) if isinstance(v, str) else len(v) if isinstance(v, (bytes, bytearray)) else 0
            result = result[:self.strings] + ("...[%d more]" % (length - self.strings) if length else "...")
        return result

    def mapping(self, v: "Mapping[object, object]", depth: int, keep_all: bool = False) -> Dict[str, object]:
        """keep_all: the fields of data, which the protocol requires whatever the limit is."""
        if depth >= MAX_DEPTH:
            return self._deep(v)  # type: ignore[return-value]
        clean: Dict[str, object] = {}
        for key, value in list(v.items() if keep_all else islice(v.items(), self.values + 1)):
            if self.seen >= self.values and not keep_all:
                self.cut = True
                break
            clean[self.text(key)] = self.value(value, depth + 1)
        return clean

    def sequence(self, v: "Union[list, tuple, set, frozenset, deque]", depth: int) -> object:  # type: ignore[type-arg]
        if depth >= MAX_DEPTH:
            return self._deep(v)
        clean: List[object] = []
        for value in list(islice(v, self.values + 1)):
            if self.seen >= self.values:
                self.cut = True
                break
            clean.append(self.value(value, depth + 1))
        return clean

    def _deep(self, v: object) -> str:
        self.cut = True
        return "[%s, too deep]" % _name(v)


def _name(v: object) -> str:
    return str.__str__(type(v).__name__).encode("utf-8", "replace").decode()


def text(v: object, most: int = 10_000_000) -> str:
    """Any value as text that UTF-8 can write. Bytes: UTF-8 if they are, else Latin-1. No memory addresses: they mean nothing to a reader."""
    try:
        if v is None:
            return ""
        if isinstance(v, (bytes, bytearray, memoryview)):
            raw = bytes(v[:most])
            try:
                return raw.decode()
            except UnicodeDecodeError:
                return raw.decode("latin-1")
        if isinstance(v, str):
            result = str.__str__(v)[:most]
        elif type(v).__str__ is object.__str__ and type(v).__repr__ is object.__repr__:
            return "[%s]" % _name(v)
        else:
            result = _ADDRESS.sub("", str.__str__(str(v))[:most])
    except Exception:  # code of the application runs in here
        return "[%s, unreadable]" % _name(v)
    if result.isascii():
        return result
    try:
        result.encode()
        return result
    except UnicodeEncodeError:
        return result.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def identifier(v: object) -> Optional[str]:
    """A source or an id as the hub takes it: at most 255 bytes, no control characters. None if there is nothing."""
    if v is None:
        return None
    result = _CONTROL.sub("?", text(v, 1_024)[:1_024])
    return result.encode()[:255].decode("utf-8", "ignore") or None


def number(v: object) -> Union[int, float, None]:
    """For fields that must be numbers: None if there is none in it."""
    try:
        if isinstance(v, (str, bytes, bytearray)):
            digits = text(v, 1_024).strip()
            v = None if "_" in digits else int(digits) if re.fullmatch(r"[-+]?[0-9]{1,300}", digits) else float(digits)
        if v is None:
            return None
        if isinstance(v, Integral):
            whole = int(v)
            return whole if whole.bit_length() <= 1_024 else None
        result = float(v)  # type: ignore[arg-type]
        return result if math.isfinite(result) else None
    except Exception:  # code of the application may run in here
        return None


def members(*values: object) -> Dict[str, object]:
    """What goes into ctx and tags: later ones override earlier ones; what is no mapping becomes a member."""
    if len(values) == 1 and type(values[0]) is dict:
        return values[0]
    merged: Dict[str, object] = {}
    for value in values:
        try:
            if isinstance(value, Mapping):
                merged.update(value)
            elif value is not None:
                merged["value"] = value
        except Exception:  # a mapping of the application that does not work
            merged["unreadable"] = _name(value)
    return merged
