"""What a key may hold, and how a value that it may not is told. Stateless."""

import difflib
import json
import math
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple


class ConfigurationError(ValueError):
    """All problems of a configuration at once. Immutable."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


class Option(NamedTuple):
    """One key. kind: text, integer, number, switch, choice or mapping; least: the lowest number."""

    kind: str
    default: Any
    meaning: str
    choices: Tuple[str, ...] = ()
    least: Optional[float] = None
    is_required: bool = False

    def expected(self) -> str:
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        words = {"text": "a text that is not empty", "integer": "a whole number", "number": "a number", "switch": "true or false", "mapping": "a mapping"}
        return words[self.kind] + ("" if self.least is None else " from %g up" % self.least)

    def read(self, value: Any) -> Any:
        """The value as it is used. ValueError if it is none for this key."""
        kind = type(value)
        if self.kind in ("text", "choice"):
            if isinstance(value, str) and value and (not self.choices or value in self.choices):
                return value
        elif self.kind == "switch":
            if kind is bool:
                return value
        elif self.kind == "mapping":
            if isinstance(value, Mapping):
                return dict(value)
        elif kind is int or self.kind == "number" and kind is float and math.isfinite(value):
            if self.least is None or value >= self.least:
                return value
        raise ValueError("expected " + self.expected())

    def parse(self, text: str) -> Any:
        """The value that a text in the environment stands for."""
        try:
            if self.kind == "switch":
                return {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}[text.strip().lower()]
            if self.kind == "integer":
                return self.read(int(text))
            if self.kind == "number":
                return self.read(float(text))
            return self.read(json.loads(text) if self.kind == "mapping" else text)
        except (ValueError, KeyError):
            raise ValueError("expected " + self.expected()) from None


def nearest(key: object, known: Iterable[str]) -> str:
    """Advice for a key that is not known."""
    names = sorted(known)
    found = difflib.get_close_matches(str(key).lower(), names, 1, 0.6)
    return "did you mean '%s'?" % found[0] if found else "valid are " + ", ".join(names)


def shown(key: str, value: object) -> str:
    """A wrong value for a message; what may be a secret is not shown."""
    if any(part in key for part in ("password", "token", "secret", "key")):
        return "this " + type(value).__name__
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def read_all(values: Mapping[Any, Any], options: Mapping[str, Option], where: str, prefix: str, problems: List[str]) -> Dict[str, Any]:
    """The values that are right; the others become problems."""
    result: Dict[str, Any] = {}
    for key, value in values.items():
        option = options.get(key)
        if option is None:
            problems.append("%s: unknown key '%s%s': %s" % (where, prefix, key, nearest(key, options)))
        elif value is not None:     # an empty value of YAML: left out
            try:
                result[key] = option.read(value)
            except ValueError as e:
                problems.append("%s: '%s%s' is %s: %s" % (where, prefix, key, shown(key, value), e))
                if key == "tls":
                    result[key] = True      # a wrong value must not mean: without
    for key, option in options.items():
        if option.is_required and values.get(key) is None:
            problems.append("%s: '%s%s' is missing: expected %s, %s" % (where, prefix, key, option.expected(), option.meaning))
    return result
