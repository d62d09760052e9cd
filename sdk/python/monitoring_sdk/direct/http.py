"""HTTP by the standard library: one connection that is kept, and what its answers mean."""

import base64
import gzip
import http.client
import ssl
from typing import Dict, NamedTuple, NoReturn, Optional
from urllib.parse import urlsplit

from ..config import BackendConfig
from .backend import Backend, BatchRefused, Permanent, Transient

_MOST_ANSWER = 16_777_216


class Answer(NamedTuple):
    status: int
    body: bytes
    retry_after: Optional[float]

    def text(self) -> str:
        return " ".join(self.body[:300].decode("utf-8", "replace").split())


class HttpClient:
    """Requests to one server, one after the other. Used by one thread at a time."""

    def __init__(self, config: BackendConfig) -> None:
        self.config = config
        url = urlsplit(config["url"])
        self.is_tls, self.host, self.port, self.base = url.scheme == "https", url.hostname or "", url.port, url.path.rstrip("/")
        self.name = config["url"]
        self.headers: Dict[str, str] = {}
        self._connection: Optional[http.client.HTTPConnection] = None

    def authorize(self, scheme: str, secret: str) -> None:
        self.headers["Authorization"] = "%s %s" % (scheme, secret)

    def authorize_basic(self, user: str, password: str) -> None:
        self.authorize("Basic", base64.b64encode(("%s:%s" % (user, password)).encode()).decode())

    def post(self, path: str, body: bytes, headers: Dict[str, str]) -> Answer:
        if self.config["gzip"]:
            body = gzip.compress(body, 1)
            headers = dict(headers, **{"Content-Encoding": "gzip"})
        return self.request("POST", path, body, headers)

    def request(self, method: str, path: str, body: Optional[bytes] = None, headers: Optional[Dict[str, str]] = None) -> Answer:
        """Whatever the server answers. Raises Transient if it does not, Permanent if it can't be spoken to."""
        is_old = self._connection is not None
        try:
            return self._request(method, path, body, headers)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError) as e:
            self.close()
            if not is_old:
                raise Transient("%s closed the connection: %s" % (self.name, e)) from None
        except ssl.SSLCertVerificationError as e:
            self.close()
            raise Permanent("%s is not trusted: %s; name its authority in ca_file" % (self.name, e.verify_message)) from None
        except (OSError, http.client.HTTPException) as e:
            self.close()
            raise Transient("%s cannot be reached: %s" % (self.name, e or type(e).__name__)) from None
        # A connection that was kept open and that the server has closed meanwhile: every request here may be sent twice.
        return self.request(method, path, body, headers)

    def _request(self, method: str, path: str, body: Optional[bytes], headers: Optional[Dict[str, str]]) -> Answer:
        connection = self._connection = self._connection or self._new_connection()
        connection.request(method, self.base + path, body, dict(self.headers, **(headers or {})))
        response = connection.getresponse()
        content = response.read(_MOST_ANSWER)
        if response.will_close or not response.isclosed():
            self.close()
        try:
            retry_after: Optional[float] = float(response.headers.get("Retry-After", ""))
        except ValueError:
            retry_after = None
        return Answer(response.status, content, retry_after)

    def _new_connection(self) -> http.client.HTTPConnection:
        timeout = self.config["timeout"]
        if not self.is_tls:
            return http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            context = ssl.create_default_context(cafile=self.config.options.get("ca_file"))
        except OSError as e:
            raise Permanent("ca_file %s cannot be read: %s" % (self.config["ca_file"], e)) from None
        return http.client.HTTPSConnection(self.host, self.port, timeout=timeout, context=context)

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def raise_for(self, answer: Answer, hint: str = "") -> NoReturn:
        """What an answer other than success means for the batch."""
        told = "%s answered %d: %s%s" % (self.name, answer.status, answer.text(), "; " + hint if hint else "")
        if answer.status in (408, 409, 425, 429) or answer.status >= 500:
            raise Transient(told, answer.retry_after)
        if answer.status in (400, 413, 422):
            raise BatchRefused(told)
        raise Permanent(told)


class HttpBackend(Backend):
    """One that is reached by HTTP. Used by one thread at a time."""

    def __init__(self, config: BackendConfig) -> None:
        super().__init__(config)
        self._http = self._client()

    def _client(self) -> HttpClient:
        client = HttpClient(self.config)
        self.authorize(client)
        return client

    def authorize(self, client: HttpClient) -> None:
        """Gives it what the server wants to see."""
        raise NotImplementedError

    def close(self) -> None:
        self._http.close()

    def forget(self) -> None:
        self.close()    # nothing is said when this end's descriptor goes, neither by TCP nor by TLS
