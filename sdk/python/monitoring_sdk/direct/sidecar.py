"""A hub on this machine or elsewhere, by its HTTP transport (docs/http-api.md)."""

import json
from typing import Any, Dict, List, Tuple

from .backend import NOT_NAMED, Permanent, WriteResult
from .batch import Batch
from .http import HttpBackend, HttpClient


class SidecarBackend(HttpBackend):
    """The Idempotency-Key names the messages of a request, so that the hub stores one that is sent again once. Used by one thread at a time."""

    def authorize(self, client: HttpClient) -> None:
        if self.config["token"]:
            client.authorize("Bearer", self.config["token"])

    def write(self, batch: Batch) -> WriteResult:
        answer = self._http.post("/v1/ingest/batch", batch.body(), {"Content-Type": "application/x-ndjson", "Idempotency-Key": batch.key})
        counts = _json(answer.body)
        if answer.status == 202 or answer.status == 400 and counts.get("refused") == len(batch):
            return WriteResult(self._refused(counts))
        self._http.raise_for(answer)

    def _refused(self, counts: Dict[str, Any]) -> List[Tuple[int, str]]:
        """The hub names the first hundred. The others are counted: to send them in smaller requests would store those between twice."""
        count, errors = counts.get("refused", 0), counts.get("errors", [])
        if not isinstance(count, int) or not isinstance(errors, list):
            raise Permanent("%s is no hub: its answer has no counts" % self._http.name)
        named = [(int(e["index"]), "%s: %s" % (e.get("code"), e.get("reason"))) for e in errors]
        return named + [(NOT_NAMED, "refused by the hub, which names the first hundred")] * (count - len(named))

    def check(self) -> str:
        client = self._client()
        try:
            answer = client.request("GET", "/v1/openapi.json")
            if answer.status != 200:
                client.raise_for(answer, "a hub's HTTP transport answers there with 200")
            return "a hub answers at %s" % client.name
        finally:
            client.close()


def _json(body: bytes) -> Dict[str, Any]:
    try:
        value = json.loads(body.decode())
        return value if isinstance(value, dict) else {}
    except (ValueError, RecursionError):
        return {}
