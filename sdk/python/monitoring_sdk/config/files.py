"""Reads a configuration file, YAML or JSON. Stateless."""

import json
import os
import re
from typing import Any, Dict, List

from .values import ConfigurationError

_MOST_BYTES = 1_048_576
_VARIABLE = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}")


def read_file(path: str) -> Dict[Any, Any]:
    """What the file holds, with `${env:NAME}` in texts replaced. Raises ConfigurationError."""
    try:
        with open(path, "rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as e:
        raise ConfigurationError(["%s: cannot be read: %s" % (path, e.strerror or e)]) from None
    if len(raw) > _MOST_BYTES:
        raise ConfigurationError(["%s: has more than 1 MiB: this is no configuration file" % path])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise ConfigurationError(["%s: is not UTF-8: %s" % (path, e)]) from None
    values = _parse_json(path, text) if path.endswith(".json") else _parse_yaml(path, text)
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigurationError(["%s: holds %s: expected a mapping of keys to values" % (path, type(values).__name__)])
    problems: List[str] = []
    values = _resolve(values, "", path, problems)
    if problems:
        raise ConfigurationError(problems)
    return dict(values)


def _parse_json(path: str, text: str) -> Any:
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as e:
        raise ConfigurationError(["%s: is no JSON: %s" % (path, e)]) from None


def _parse_yaml(path: str, text: str) -> Any:
    try:
        import yaml
    except ImportError:
        raise ConfigurationError(["%s: reading YAML needs PyYAML, which is not installed: run 'pip install PyYAML', or write the same as JSON into a file "
                                  "whose name ends in .json" % path]) from None
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as e:
        raise ConfigurationError(["%s: is no YAML: %s" % (path, " ".join(str(e).split()))]) from None


def _resolve(value: Any, key: str, path: str, problems: List[str]) -> Any:
    if isinstance(value, dict):
        return {k: _resolve(v, "%s.%s" % (key, k) if key else str(k), path, problems) for k, v in value.items()}
    if isinstance(value, list):
        return [_resolve(v, "%s[%d]" % (key, n), path, problems) for n, v in enumerate(value)]
    if not isinstance(value, str):
        return value
    for name in _VARIABLE.findall(value):
        if name not in os.environ:
            problems.append("%s: '%s' names the environment variable %s, which is not set" % (path, key, name))
    return _VARIABLE.sub(lambda m: os.environ.get(m.group(1), ""), value)
