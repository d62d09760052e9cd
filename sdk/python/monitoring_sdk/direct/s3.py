"""S3 and what speaks like it. Needs boto3, which is loaded with this module: what it loads later, too."""

import gzip
import time
from typing import Any, Dict, Optional

from ..config import BackendConfig
from .backend import Backend, BatchRefused, Permanent, Transient, WriteResult
from .batch import Batch

_missing = ""
try:
    import boto3  # type: ignore[import-untyped]
    from botocore.config import Config  # type: ignore[import-untyped]
    from botocore.exceptions import (  # type: ignore[import-untyped]
        BotoCoreError, ClientError, NoCredentialsError, ParamValidationError, PartialCredentialsError)
except Exception as e:      # the boundary to boto3's libraries: the backend tells it
    _missing = str(e)
else:
    try:    # the first client of a process loads more; the backend's own may ask the network for credentials, and is made by its lane
        boto3.session.Session(aws_access_key_id="none", aws_secret_access_key="none").client("s3", region_name="us-east-1").close()
    except Exception:       # as for a wrong profile: the backend's own client tells it
        pass

_A_PERSON_MUST_ACT = {"NoSuchBucket", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "PermanentRedirect", "AuthorizationHeaderMalformed",
                      "ExpiredToken", "InvalidToken", "AllAccessDisabled", "InvalidBucketName", "403", "404", "301"}


class S3Backend(Backend):
    """A batch is an object. Its key comes from the messages in it, so that one that is written again overwrites itself.

    Used by one thread at a time.
    """

    def __init__(self, config: BackendConfig) -> None:
        super().__init__(config)
        self._client: Optional[Any] = None

    def _new_client(self) -> Any:
        if _missing:
            raise Permanent("backend %s: S3 needs boto3, which cannot be loaded (%s): run 'pip install monitoring-sdk[s3]' or 'pip install boto3', "
                            "and start the program anew" % (self.config.name, _missing))
        c = self.config
        try:
            return boto3.session.Session().client(
                "s3", region_name=c["region"], endpoint_url=c["endpoint_url"], aws_access_key_id=c["access_key_id"],
                aws_secret_access_key=c["secret_access_key"],
                config=Config(connect_timeout=c["timeout"], read_timeout=c["timeout"], retries={"total_max_attempts": 1}))
        except Exception as e:      # boto3's own classes for a wrong region, address or profile
            raise Permanent("backend %s: %s" % (c.name, e)) from None

    def key(self, batch: Batch) -> str:
        day = time.strftime("%Y/%m/%d", time.gmtime(batch.born / 1_000))
        source = "".join(c if c.isalnum() and c.isascii() or c in "._-" else "_" for c in batch.source)
        return "%s%s/%s/%s.jsonl%s" % (self.config["prefix"], source, day, batch.name, ".gz" if self.config["gzip"] else "")

    def write(self, batch: Batch) -> WriteResult:
        body, more = batch.body(), {}
        if self.config["gzip"]:
            body, more = gzip.compress(body, 6, mtime=0), {"ContentEncoding": "gzip"}
        self._call("put_object", Key=self.key(batch), Body=body, ContentType="application/x-ndjson", **more)
        return WriteResult()

    def check(self) -> str:
        client = self._new_client()
        try:
            self._call("head_bucket", client)
        finally:
            client.close()
        return "bucket %s is there" % self.config["bucket"]

    def _call(self, operation: str, client: Optional[Any] = None, **arguments: Any) -> Dict[str, Any]:
        if client is None:
            client = self._client = self._client or self._new_client()
        told = "S3 bucket %s: " % self.config["bucket"]
        try:
            answer: Dict[str, Any] = getattr(client, operation)(Bucket=self.config["bucket"], **arguments)
            return answer
        except ClientError as e:
            code = str(e.response.get("Error", {}).get("Code"))
            if code in _A_PERSON_MUST_ACT:
                raise Permanent(told + str(e)) from None
            if code == "EntityTooLarge":
                raise BatchRefused(told + str(e)) from None
            raise Transient(told + str(e)) from None
        except (NoCredentialsError, PartialCredentialsError, ParamValidationError) as e:
            raise Permanent(told + str(e)) from None
        except BotoCoreError as e:
            raise Transient(told + str(e)) from None

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def forget(self) -> None:
        self._client = None
