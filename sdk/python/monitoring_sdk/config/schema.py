"""Every key of a configuration, beside the SDK's own options. Stateless."""

from typing import Any, Dict

from .._sdk import _DEFAULTS
from .values import Option


def _sdk_option(name: str, default: Any) -> Option:
    kinds = ((bool, "switch"), (int, "integer"), (float, "number"))
    kind = next((word for type_, word in kinds if isinstance(default, type_)), "text")
    if name == "protocol":
        return Option("choice", default, "", ("auto", "acked", "plain"))
    if name == "context":
        return Option("mapping", default, "")
    return Option(kind, default, "", least=0 if kind in ("integer", "number") else None)


# What the option means stands with the SDK's constructor.
SDK: Dict[str, Option] = {name: _sdk_option(name, default) for name, default in _DEFAULTS.items()}

TOP: Dict[str, Option] = {
    "mode": Option("choice", "sidecar", "`sidecar`: everything goes to a hub; `direct`: to `backends`", ("sidecar", "direct")),
    "app_name": Option("text", None, "source of the messages; without it the name of the program"),
    "delivery": Option("choice", "all", "`all`: each backend gets everything; `failover`: the first that works, by `priority`", ("all", "failover")),
    "reload_interval": Option("number", 2.0, "seconds between looks at the file in direct mode; 0: never", least=0),
}
TOP.update(SDK)

_BATCH = {
    "name": Option("text", None, "how it is called in results and errors; without it its type, with a number if that is taken"),
    "type": Option("choice", None, "what it is", ("sidecar", "filesystem", "s3", "elasticsearch"), is_required=True),
    "enabled": Option("switch", True, "`false`: as if it were not there"),
    "priority": Option("integer", 100, "with `failover`: the lowest is tried first"),
    "queue": Option("integer", 10_000, "messages in memory that it has not taken yet", least=1),
    "batch_size": Option("integer", 500, "most messages of a batch", least=1),
    "batch_bytes": Option("integer", 1_048_576, "most bytes of a batch", least=1),
    "linger": Option("number", 0.2, "seconds that a batch waits for more messages", least=0),
    "timeout": Option("number", 10.0, "seconds that one request may take", least=0.001),
}

_HTTP = {
    "ca_file": Option("text", None, "PEM file of the authorities that are trusted with https; without it the system's"),
    "gzip": Option("switch", True, "compress what is sent"),
}

BACKENDS: Dict[str, Dict[str, Option]] = {
    "sidecar": dict(_BATCH, **_HTTP, **{
        "url": Option("text", "http://127.0.0.1:17001", "address of the hub's HTTP transport"),
        "token": Option("text", None, "sent as Bearer token"),
    }),
    "filesystem": dict(_BATCH, **{
        "path": Option("text", None, "the folder", is_required=True),
        "file": Option("text", "events", "how its files' names begin"),
        "rotate": Option("choice", "daily", "when a new file begins, by UTC", ("daily", "never")),
        "rotate_bytes": Option("integer", 0, "bytes that a file does not pass, but for a batch that is larger; 0: no limit", least=0),
        "fsync": Option("choice", "batch", "`batch`: a batch counts when the disk has it; `never`: when the kernel has it", ("batch", "never")),
    }),
    "s3": dict(_BATCH, **{
        "bucket": Option("text", None, "the bucket, which must exist", is_required=True),
        "prefix": Option("text", "monitoring/", "how its objects' keys begin"),
        "region": Option("text", None, "without it, as boto3 finds it"),
        "endpoint_url": Option("text", None, "of another service that speaks S3"),
        "access_key_id": Option("text", None, "without it, as boto3 finds credentials"),
        "secret_access_key": Option("text", None, "belongs to it"),
        "gzip": Option("switch", True, "objects are compressed, and end in `.gz`"),
        "batch_size": Option("integer", 10_000, "most messages of an object", least=1),
        "batch_bytes": Option("integer", 4_194_304, "most bytes of an object, before compression", least=1),
        "linger": Option("number", 10.0, "seconds that an object waits for more messages", least=0),
    }),
    "elasticsearch": dict(_BATCH, **_HTTP, **{
        "url": Option("text", "http://127.0.0.1:9200", "address of Elasticsearch or OpenSearch"),
        "index": Option("text", "monitoring-{date}", "the index; `{date}` is the message's day, by UTC"),
        "username": Option("text", None, "for basic authentication"),
        "password": Option("text", None, "belongs to it"),
        "api_key": Option("text", None, "instead of the two"),
    }),
}
