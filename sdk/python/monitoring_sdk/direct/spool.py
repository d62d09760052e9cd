"""Batches on disk that a backend has not taken, for this process and for those that come after it.

A file is a batch, `<time>-<client>-<first number>.jsonl`; it is written under another name first. Whoever delivers one holds flock(2) on it, so
that no two processes do, and a crash gives it back. Not forced to disk: a power cut can take what was spooled last, and the
dispatcher of a thousand small batches does not stand still. Thread-safe: put and take work on files of the folder and share nothing else.
"""

import fcntl
import os
import threading
import time
from typing import List, NamedTuple, Optional

from .._files import open_file, private_folder
from .batch import Batch

_SIZE_HOLDS = 1.0
_HALF_WRITTEN = 3_600.0


class Claimed(NamedTuple):
    """A batch that was taken, and the file that it goes back to unless it is removed."""

    batch: Batch
    path: str
    descriptor: int

    def remove(self) -> None:
        os.unlink(self.path)
        os.close(self.descriptor)

    def release(self) -> None:
        os.close(self.descriptor)


class BatchSpool:
    def __init__(self, chosen: Optional[str], below: str, source: str, most_bytes: int) -> None:
        """chosen: the spool folder; None: the user's own, in a place that all can write to. below: what there is for these batches."""
        self._chosen, self._below, self.source, self.most = chosen, below, source, most_bytes
        self._lock = threading.Lock()
        self._size = 0
        self._size_at = 0.0

    @property
    def folder(self) -> str:
        return os.path.join(self._chosen or private_folder(), self._below)

    def put(self, batch: Batch) -> bool:
        """Whether there was room. OSError if it can't be written."""
        body = batch.body()
        with self._lock:
            now = time.monotonic()
            if not self._size_at or now - self._size_at > _SIZE_HOLDS:
                os.makedirs(self.folder, 0o700, exist_ok=True)
                self._see_whose_it_is()
                self._size, self._size_at = self._measure(), now
            if self._size + len(body) > self.most:
                return False
            self._size += len(body)
        path = os.path.join(self.folder, batch.name + ".jsonl")
        descriptor = open_file(path + ".tmp", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        try:
            try:
                done = 0
                while done < len(body):
                    done += os.write(descriptor, body[done:])
            finally:
                os.close(descriptor)
            os.rename(path + ".tmp", path)
        except OSError:
            os.unlink(path + ".tmp")
            raise
        return True

    def _see_whose_it_is(self) -> None:
        private = None if self._chosen else private_folder()
        if private and os.lstat(private).st_uid != os.geteuid():
            raise OSError("the spool folder %s belongs to somebody else: set MONITORING_SPOOL_DIR" % private)

    def _measure(self) -> int:
        size = 0
        for name in os.listdir(self.folder):
            path = os.path.join(self.folder, name)
            try:
                about = os.stat(path)
                if name.endswith(".tmp") and time.time() - about.st_mtime > _HALF_WRITTEN:
                    os.unlink(path)     # its writer was killed
                else:
                    size += about.st_size
            except FileNotFoundError:
                pass    # delivered or renamed meanwhile
        return size

    def names(self) -> List[str]:
        """Of the files, oldest first."""
        try:
            places = {name: Batch.place(name) for name in os.listdir(self.folder)}
            return sorted((name for name, place in places.items() if place), key=lambda name: places[name] or ())
        except FileNotFoundError:
            return []

    def take(self) -> Optional[Claimed]:
        """The oldest batch that nobody else is delivering."""
        names = self.names()
        if names:
            self._see_whose_it_is()
        for name in names:
            path = os.path.join(self.folder, name)
            try:
                descriptor = open_file(path, os.O_RDWR | os.O_NOFOLLOW)
            except OSError:
                continue    # done meanwhile, or not ours
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                    lines = [line + b"\n" for line in _read(descriptor).split(b"\n")[:-1]]
                    if lines:
                        return Claimed(Batch.named(self.source, name, lines), path, descriptor)
                    os.unlink(path)
            except (BlockingIOError, FileNotFoundError):
                pass    # in other hands, or done
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)
        return None


def _read(descriptor: int) -> bytes:
    blocks: List[bytes] = []
    while True:
        block = os.read(descriptor, 1_048_576)
        if not block:
            return b"".join(blocks)
        blocks.append(block)
