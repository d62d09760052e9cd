"""Elasticsearch or OpenSearch, by its bulk interface."""

import json
import time
from typing import Any, Dict, List, Tuple

from .backend import Permanent, Transient, WriteResult
from .batch import Batch
from .http import HttpBackend, HttpClient


class ElasticsearchBackend(HttpBackend):
    """A message's identity is its document's `_id`, and it is only created, never replaced: one that is sent again changes nothing.

    Used by one thread at a time.
    """

    def authorize(self, client: HttpClient) -> None:
        if self.config["api_key"]:
            client.authorize("ApiKey", self.config["api_key"])
        elif self.config["username"]:
            client.authorize_basic(self.config["username"], self.config["password"])

    def write(self, batch: Batch) -> WriteResult:
        lines: List[bytes] = []
        for identity, time_ms, line in batch.entries():
            said_at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time_ms // 1_000))
            index = self.config["index"].replace("{date}", said_at[:10])
            lines.append(json.dumps({"create": {"_index": index, "_id": identity}}).encode())
            # As text: an index without a mapping takes a number for a number, not for a date.
            lines.append(b'{"@timestamp":"%s.%03dZ",%s' % (said_at.encode(), time_ms % 1_000, line[1:]))
        answer = self._http.post("/_bulk", b"\n".join(lines) + b"\n", {"Content-Type": "application/x-ndjson"})
        if answer.status != 200:
            self._http.raise_for(answer)
        return self._result(answer.body, len(batch))

    def _result(self, body: bytes, count: int) -> WriteResult:
        try:
            answer: Dict[str, Any] = json.loads(body.decode())
            items = answer["items"]
            if len(items) != count:
                raise ValueError
            if not answer.get("errors"):
                return WriteResult()
            return _items([next(iter(item.values())) for item in items])
        except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
            raise Transient("%s did not answer for each message: %r" % (self._http.name, body[:200])) from None

    def check(self) -> str:
        client = self._client()
        try:
            answer = client.request("GET", "/")
            if answer.status != 200:
                client.raise_for(answer)
            version = json.loads(answer.body.decode()).get("version", {})
            return "%s %s answers at %s" % (version.get("distribution", "elasticsearch"), version.get("number"), client.name)
        except (ValueError, AttributeError):
            raise Permanent("%s is no Elasticsearch" % client.name) from None
        finally:
            client.close()


def _items(items: List[Dict[str, Any]]) -> WriteResult:
    rejected: List[Tuple[int, str]] = []
    retry: List[int] = []
    why = ""
    for i, item in enumerate(items):
        status = item["status"]
        if status < 300 or status == 409:    # 409: it is there from an earlier try
            continue
        error = item.get("error")
        told = "%s: %s" % (error.get("type"), error.get("reason")) if isinstance(error, dict) else str(error)
        if status == 429 or status >= 500:
            retry.append(i)
            why = told
        elif status in (401, 403, 404):
            raise Permanent("the index refuses messages with %d: %s" % (status, told))
        else:
            rejected.append((i, told))
    return WriteResult(rejected, retry, why)
