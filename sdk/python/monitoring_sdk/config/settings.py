"""A configuration that was checked, and one backend of it. Immutable."""

from typing import Any, Dict, List, Mapping, Optional, Tuple
from urllib.parse import urlsplit

from .schema import BACKENDS, TOP
from .values import ConfigurationError, Option, nearest, read_all, shown

_NOT_SHOWN = ("token", "password", "api_key", "secret_access_key", "access_key_id")


class BackendConfig:
    """One backend of direct mode: `BackendConfig("filesystem", path="/var/log/app", priority=1)`.

    Raises ConfigurationError. Two with the same values are equal. Immutable.
    """

    def __init__(self, type: str, name: Optional[str] = None, *, priority: int = 100, enabled: bool = True, **options: Any) -> None:
        problems: List[str] = []
        values = dict(options, type=type, priority=priority, enabled=enabled, name=name or None)
        read = _read_backend(values, "BackendConfig", "", problems)
        if problems:
            raise ConfigurationError(problems)
        self._take(read)

    @classmethod
    def _of(cls, read: Dict[str, Any]) -> "BackendConfig":
        self = object.__new__(cls)
        self._take(read)
        return self

    def _take(self, read: Dict[str, Any]) -> None:
        known = BACKENDS[read["type"]]
        self.options: Mapping[str, Any] = dict({key: option.default for key, option in known.items()}, **read)
        self.type: str = self.options["type"]
        self.name: str = self.options["name"] or self.type
        self.priority: int = self.options["priority"]
        self.enabled: bool = self.options["enabled"]

    def named(self, name: str) -> "BackendConfig":
        return BackendConfig._of(dict(self.options, name=name))

    def __getitem__(self, key: str) -> Any:
        return self.options[key]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BackendConfig) and self.name == other.name and dict(self.options, name="") == dict(other.options, name="")

    def __hash__(self) -> int:
        return hash((self.type, self.name))

    def __repr__(self) -> str:
        default = BACKENDS[self.type]
        told = ["%s=%s" % (key, "***" if key in _NOT_SHOWN else repr(value)) for key, value in self.options.items()
                if key not in ("type", "name") and value != default[key].default]
        return "BackendConfig(%s)" % ", ".join([repr(self.type), repr(self.name)] + told)


def _read_backend(values: Mapping[Any, Any], where: str, prefix: str, problems: List[str]) -> Dict[str, Any]:
    kind = values.get("type")
    known = BACKENDS.get(kind) if isinstance(kind, str) else None
    if known is None:
        option: Option = BACKENDS["sidecar"]["type"]
        if kind is None:
            problems.append("%s: '%stype' is missing: expected %s" % (where, prefix, option.expected()))
        else:
            problems.append("%s: '%stype' is %s: expected %s; %s" % (where, prefix, shown("type", kind), option.expected(), nearest(kind, BACKENDS)))
        return {}
    before = len(problems)
    read = read_all(values, known, where, prefix, problems)
    for one, other in (("username", "password"), ("access_key_id", "secret_access_key")):
        if (one in read) != (other in read):
            problems.append("%s: '%s%s' and '%s%s' belong together: give both or none" % (where, prefix, one, prefix, other))
    url = read.get("url")
    if url is not None and not _is_url(url):
        problems.append("%s: '%surl' is %r: expected http://host:port or https://host:port" % (where, prefix, url))
    return read if len(problems) == before else {}


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:      # a port that is none
        return False


def read_backends(value: Any, where: str, problems: List[str]) -> Tuple[BackendConfig, ...]:
    """A list of mappings or BackendConfigs, or a mapping from names to mappings."""
    if isinstance(value, Mapping):
        items = [(dict(entry, name=name) if isinstance(entry, Mapping) else entry, "backends.%s" % name) for name, entry in value.items()]
    elif isinstance(value, (list, tuple)):
        items = [(entry, "backends[%d]" % n) for n, entry in enumerate(value)]
    else:
        problems.append("%s: 'backends' is %s: expected a list of mappings" % (where, shown("", value)))
        return ()
    result: List[BackendConfig] = []
    for entry, key in items:
        if isinstance(entry, BackendConfig):
            result.append(entry)
        elif isinstance(entry, Mapping):
            read = _read_backend(entry, where, key + ".", problems)
            if read:
                result.append(BackendConfig._of(read))
        else:
            problems.append("%s: '%s' is %s: expected a mapping with 'type'" % (where, key, shown("", entry)))
    return _with_names(result, where, problems)


def _with_names(backends: List[BackendConfig], where: str, problems: List[str]) -> Tuple[BackendConfig, ...]:
    given = [b.options["name"] for b in backends if b.options["name"]]
    for name in sorted({name for name in given if given.count(name) > 1}):
        problems.append("%s: two backends have the name '%s': give each one of its own" % (where, name))
    taken, result = set(given), []
    for backend in backends:
        if not backend.options["name"]:
            name, n = backend.type, 1
            while name in taken:
                n += 1
                name = "%s-%d" % (backend.type, n)
            taken.add(name)
            backend = backend.named(name)
        result.append(backend)
    return tuple(result)


class Config:
    """What holds for this program. options: the SDK's own that somebody has set. Immutable."""

    def __init__(self, values: Mapping[str, Any], backends: Tuple[BackendConfig, ...], file: Optional[str], settings: Mapping[str, Any],
                 origins: Mapping[str, str]) -> None:
        def value(name: str) -> Any:
            return values.get(name, TOP[name].default)
        self.mode: str = value("mode")
        self.app_name: Optional[str] = value("app_name")
        self.delivery: str = value("delivery")
        self.reload_interval: float = value("reload_interval")
        self.options: Mapping[str, Any] = {name: v for name, v in values.items() if name not in ("mode", "app_name", "delivery", "reload_interval")}
        self.backends = backends
        self.file, self.settings, self.origins = file, settings, origins

    def __repr__(self) -> str:
        options = {key: "***" if key in _NOT_SHOWN else value for key, value in self.options.items()}
        return "Config(mode=%r, app_name=%r, delivery=%r, backends=%r, options=%r, file=%r)" % (
            self.mode, self.app_name, self.delivery, list(self.backends), options, self.file)
