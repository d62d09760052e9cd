"""Files of lines of JSON in a folder, which several processes may share."""

import errno
import fcntl
import os
import re
import time
from typing import Optional, Tuple

from ..config import BackendConfig
from .._files import absolute, open_file
from .._spool import _whole_lines
from .backend import Backend, Permanent, Transient, WriteResult
from .batch import Batch

_A_PERSON_MUST_ACT = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP)


class FilesystemBackend(Backend):
    """A batch is appended as one under a lock on the file; what was written of one that failed is cut off. Used by one thread at a time."""

    def __init__(self, config: BackendConfig) -> None:
        super().__init__(config)
        self._descriptor: Optional[int] = None
        self._folder = absolute(config["path"])
        self._path = ""
        self._stem, self._number = "", 0

    def write(self, batch: Batch) -> WriteResult:
        try:
            self._append(batch.body())
        except OSError as e:
            self.close()
            self._stem = ""     # the folder is made anew if it has gone
            told = "%s: %s" % (self._path or self._folder, e.strerror or e)
            raise (Permanent(told) if e.errno in _A_PERSON_MUST_ACT else Transient(told)) from None
        return WriteResult()

    def _append(self, block: bytes) -> None:
        descriptor, size = self._locked_with_room_for(len(block))
        try:
            try:
                done = 0
                while done < len(block):
                    done += os.write(descriptor, block[done:])
                if self.config["fsync"] == "batch":
                    os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, size)
                raise
        finally:
            if self._descriptor is not None:
                fcntl.flock(descriptor, fcntl.LOCK_UN)

    def _locked_with_room_for(self, length: int) -> Tuple[int, int]:
        """The present file, locked, and its size; it ends with a newline."""
        stem = self._now()
        if stem != self._stem:
            self.close()
            self._stem, self._number = stem, self._last_number(stem)
        while True:
            descriptor = self._open()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            size = os.fstat(descriptor).st_size
            if not self._is_present(descriptor):    # somebody has moved or removed it
                self.close()
                continue
            limit = self.config["rotate_bytes"]
            if limit and size and size + length > limit:
                self.close()
                self._number += 1
                continue
            if size and os.pread(descriptor, 1, size - 1) != b"\n":     # a writer was killed
                with open(self._path, "rb", 0) as file:
                    size = _whole_lines(file, size)
                os.ftruncate(descriptor, size)
            return descriptor, size

    def _now(self) -> str:
        day = time.strftime("-%Y-%m-%d", time.gmtime()) if self.config["rotate"] == "daily" else ""
        return str(self.config["file"]) + day

    def _last_number(self, stem: str) -> int:
        os.makedirs(self._folder, exist_ok=True)
        numbered = re.compile(re.escape(stem) + r"(?:\.([0-9]{1,9}))?\.jsonl")
        found = [numbered.fullmatch(name) for name in os.listdir(self._folder)]
        return max([int(match.group(1) or 0) for match in found if match] or [0])

    def _open(self) -> int:
        if self._descriptor is None:
            number = ".%d" % self._number if self._number else ""
            self._path = os.path.join(self._folder, self._stem + number + ".jsonl")
            self._descriptor = open_file(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640)
        return self._descriptor

    def _is_present(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), os.stat(self._path))
        except FileNotFoundError:
            return False

    def check(self) -> str:
        folder = self._folder
        try:
            os.makedirs(folder, exist_ok=True)
            free = os.statvfs(folder)
        except OSError as e:
            raise Permanent("%s: %s" % (folder, e.strerror or e)) from None
        if not os.access(folder, os.W_OK | os.X_OK):
            raise Permanent("%s: this user cannot write there" % folder)
        return "%d MiB free in %s" % (free.f_bavail * free.f_frsize // 1_048_576, folder)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)      # the lock goes with it
            self._descriptor = None

    def forget(self) -> None:
        self.close()
