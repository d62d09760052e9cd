"""What a backend is, and what its failures mean."""

import os
import threading
from typing import NamedTuple, Optional, Sequence, Tuple, Type

from ..config import BackendConfig
from .batch import Batch


class Transient(Exception):
    """It may work later: the batch is kept and tried again."""

    def __init__(self, message: str, retry_after: Optional[float] = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Permanent(Exception):
    """A person must act, as with a wrong password. The batch is kept, and tried again with long pauses."""


class BatchRefused(Exception):
    """Something in the batch, or its size, is refused: it is halved until the culprit stands alone."""


NOT_NAMED = -1      # index of a rejected message whose place the destination does not tell


class WriteResult(NamedTuple):
    """Of the messages of a batch, by index: those that will never be taken and why, and those to send again. All others are written."""

    rejected: Sequence[Tuple[int, str]] = ()
    retry: Sequence[int] = ()
    why: str = ""


class Backend:
    """Delivers batches to one destination. Used by one thread at a time, but for check. A constructor only stores its configuration."""

    def __init__(self, config: BackendConfig) -> None:
        self.config = config

    def write(self, batch: Batch) -> WriteResult:
        """Returns when the destination has the messages; connects when it must. Raises Transient, Permanent or BatchRefused."""
        raise NotImplementedError

    def check(self) -> str:
        """What is there, in a few words, without writing anything to it. Raises like write. May run in another thread."""
        raise NotImplementedError

    def close(self) -> None:
        """Lets go of connections and files. May be called again."""

    def forget(self) -> None:
        """In a forked child: lets go of what belongs to the parent without saying anything to the other side."""


_loading = threading.RLock()


def kind(name: str) -> Type[Backend]:
    """The backends of this type. Their module, and all that it needs later, is loaded here, in the thread of who configures: not by a lane."""
    with _loading:
        if name == "filesystem":
            from .filesystem import FilesystemBackend
            return FilesystemBackend
        if name == "s3":
            from .s3 import S3Backend
            return S3Backend
        if name == "elasticsearch":
            from .elasticsearch import ElasticsearchBackend
            return ElasticsearchBackend
        from .sidecar import SidecarBackend
        return SidecarBackend


def create(config: BackendConfig) -> Backend:
    return kind(config.type)(config)


# A module that another thread is loading when the process is forked stays locked in the child for ever. So a fork waits for the end of it.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_loading.acquire, after_in_parent=_loading.release, after_in_child=_loading.release)
