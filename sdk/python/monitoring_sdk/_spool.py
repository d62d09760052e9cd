"""The spool folder of one source: lines that the hub has not confirmed, for whoever comes next.

protocol/SPOOL.md is the contract with the hub and the other languages. This one is `python` there and locks with flock(2). Used by one thread
at a time.
"""

import fcntl
import io
import os
import re
import resource
import stat
from typing import Dict, FrozenSet, List, NamedTuple, Optional, Tuple

from ._files import open_file, private_folder

_BLOCK = 131_072
_NAME_LENGTH = 160


class Found(NamedTuple):
    client: str
    first: int
    path: str
    size: int
    changed: float
    is_others: bool


class SpoolFile:
    """One file as a queue: lines are appended at its end and taken from its beginning. It is locked as long as it is open."""

    def __init__(self, spool: "Spool", client: str, first: int, path: str, file: io.FileIO, size: int, room: int) -> None:
        self.spool, self.client, self.first, self.path, self.file = spool, client, first, path, file
        self.size, self.room = size, room
        self.read_at = self.read_lines = 0
        self.unread_lines = 0   # of a claimed file: unknown, 0

    def append(self, lines: List[bytes]) -> int:
        """Writes as many as there is room for; returns how many."""
        count, size = 0, self.size
        for line in lines:
            if size + len(line) > self.room:
                break
            size += len(line)
            count += 1
        block = b"".join(lines[:count])
        try:
            done = 0
            while done < len(block):
                done += os.write(self.file.fileno(), block[done:])
        except OSError:
            self._cut()
            raise
        self.size = size
        self.unread_lines += count
        return count

    def _cut(self) -> None:
        """The disk is full in the middle of a line: behind half a line no other may stand."""
        try:
            os.ftruncate(self.file.fileno(), self.size)
        except OSError:
            self.room = self.size

    def has_unread(self) -> bool:
        return self.read_at < self.size

    def copy(self, other: "SpoolFile", skip: int) -> None:
        """All of that file but the first lines, through to the disk."""
        self.room += other.size     # they only move
        other.read_at = 0
        while other.has_unread():
            lines = other.take(1_000)
            if self.append(lines[skip:]) < len(lines) - skip:
                raise OSError("the spool is full")
            skip = max(0, skip - len(lines))
        os.fsync(self.file.fileno())

    def take(self, most: int) -> List[bytes]:
        block = os.pread(self.file.fileno(), min(_BLOCK, self.size - self.read_at), self.read_at)
        lines = [line + b"\n" for line in block.split(b"\n")[:-1]]
        if not lines:               # not a file of ours, or it shrank
            self.read_at = self.size
            return []
        lines = lines[:most]
        self.read_at += sum(map(len, lines))
        lines = [line for line in lines if line != b"\n"]   # empty lines have no number
        self.read_lines += len(lines)
        self.unread_lines = max(0, self.unread_lines - len(lines))
        return lines

    def is_done(self, number: int) -> bool:
        return not self.has_unread() and number >= self.first + self.read_lines - 1

    def remove(self) -> None:
        try:
            os.unlink(self.path)
        except FileNotFoundError:
            pass    # somebody tidies up
        self.file.close()

    def give_to(self, client: str) -> None:
        """Its lines go on under another client's id."""
        path = self.spool.path(client, self.first, "open-python")
        os.rename(self.path, path)
        self.client, self.path = client, path

    def release(self) -> None:
        """Gives the file to whoever comes next."""
        try:
            os.rename(self.path, self.spool.path(self.client, self.first, "ldjson"))
        except OSError:
            pass    # without its lock it is as free under the name that it has
        self.file.close()

    def finish(self) -> None:
        try:
            os.fsync(self.file.fileno())
        finally:
            self.release()


class Spool:
    def __init__(self, source: str, folder: Optional[str], most: int) -> None:
        self.name = re.sub(r"[^A-Za-z0-9._-]", "_", source)[:_NAME_LENGTH]
        self.is_private = folder is None
        self._chosen = folder
        self.most = most
        self.names = re.compile(re.escape(self.name) + r"-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-([0-9]{1,18})"
                                r"\.(ldjson|(?:open|claimed)(?:-[a-z0-9]+)?)")

    @property
    def folder(self) -> str:
        return self._chosen or private_folder()

    def path(self, client: str, first: int, ending: str) -> str:
        return os.path.join(self.folder, "%s-%s-%d.%s" % (self.name, client, first, ending))

    def create(self, client: str, first: int) -> SpoolFile:
        """A new, locked file for lines from this number on."""
        os.makedirs(self.folder, 0o700 if self.is_private else 0o777, exist_ok=True)
        if not self._is_ours():
            raise OSError("the spool folder %s belongs to somebody else: set MONITORING_SPOOL_DIR" % self.folder)
        files = self.files()
        largest = resource.getrlimit(resource.RLIMIT_FSIZE)[0]      # what is written beyond that fails as a whole
        room = self.most - sum(found.size for found in files)
        room = room if largest == resource.RLIM_INFINITY else min(room, largest)
        for found in files:     # a failed call has left it
            if found.client == client and not found.size and found.path.endswith(".open-python"):
                os.unlink(found.path)
        path = self.path(client, first, "open-python")
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND
        file = io.FileIO(open_file(path, flags, 0o600 if self.is_private else 0o640), "r+")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(file.fileno()).st_nlink == 0:    # taken for an abandoned one before it was locked
            file.close()
            raise OSError("somebody has removed %s" % path)
        return SpoolFile(self, client, first, path, file, 0, max(0, room))

    def _is_ours(self) -> bool:
        """In a shared temporary folder somebody else may have been quicker."""
        if not self.is_private:
            return True
        try:
            about = os.lstat(self.folder)
        except OSError:
            return False
        return stat.S_ISDIR(about.st_mode) and about.st_uid == os.geteuid()

    def files(self) -> List[Found]:
        result = []
        try:
            names = os.listdir(self.folder)
        except OSError:
            return []
        for name in names:
            match = self.names.fullmatch(name)
            if match:
                path = os.path.join(self.folder, name)
                try:
                    about = os.lstat(path)
                except OSError:
                    continue    # somebody else has it now
                ours = match.group(3) in ("ldjson", "open-python", "claimed-python") and stat.S_ISREG(about.st_mode)
                result.append(Found(match.group(1), int(match.group(2)), path, about.st_size, about.st_mtime, not ours))
        return result

    def claim(self, own: str, left: FrozenSet[str] = frozenset()) -> Tuple[Optional[SpoolFile], bool]:
        """The oldest file that is free, now ours; and whether it is worth looking again soon.

        Never one of the client `own`, whose session lives here: a second session would end it. Nor one of those in `left`, who live elsewhere.
        """
        if not self._is_ours() or not self.files():     # whose files are not ours to delete
            return None, False
        with open(os.path.join(self.folder, self.name + ".lock"), "ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return None, True
            for found in sorted(self._lowest().values(), key=lambda f: (f.changed, f.path)):
                file = None if found.is_others or found.client == own or found.client in left else self._claim(found)
                if file:
                    now = self._lowest().get(found.client)
                    if now is None or now.first >= found.first:
                        return file, False
                    file.release()   # a listing can miss a file that is being renamed
                    return None, True
        return None, False

    def _lowest(self) -> Dict[str, Found]:
        lowest: Dict[str, Found] = {}
        for found in self.files():
            if found.client not in lowest or found.first < lowest[found.client].first:
                lowest[found.client] = found
        return lowest

    def _claim(self, found: Found) -> Optional[SpoolFile]:
        file = None
        try:
            file = io.FileIO(open_file(found.path, os.O_RDWR | os.O_NOFOLLOW), "r+")
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            about = os.fstat(file.fileno())
            if os.path.samestat(about, os.lstat(found.path)):
                path = self.path(found.client, found.first, "claimed-python")
                os.rename(found.path, path)
                claimed = SpoolFile(self, found.client, found.first, path, file, 0, 0)
                try:
                    claimed.size = claimed.room = _whole_lines(file, about.st_size)
                except OSError:
                    claimed.release()   # cannot be read, now
                    raise
                if claimed.size:
                    return claimed
                os.unlink(path)
        except OSError:
            pass    # in other hands
        if file:
            file.close()
        return None

    def seal(self, client: str, first: int, lines: List[bytes], file: Optional[SpoolFile]) -> Tuple[int, Optional[OSError]]:
        """Leaves everything from number first on as finished files: the lines in memory, which the session's own file continues or holds.

        Returns how many lines were kept, and why not all.
        """
        if file is None:
            return self._write(client, first, lines)
        if file.first < first:
            return self._move(file, first)
        kept, error = self._write(client, first, lines[:file.first - first]) if file.first > first else (0, None)
        return kept + file.read_lines + file.unread_lines, _finished(file) or error

    def _write(self, client: str, first: int, lines: List[bytes]) -> Tuple[int, Optional[OSError]]:
        try:
            file = self.create(client, first)
        except OSError as e:
            return 0, e
        try:
            kept = file.append(lines)
        except OSError as e:
            file.remove()
            return 0, e
        if not kept:
            file.remove()
            return 0, None
        return kept, _finished(file)

    def _move(self, file: SpoolFile, first: int) -> Tuple[int, Optional[OSError]]:
        """Into a new file without the lines that are confirmed: a plain server knows no numbers and would have them twice.

        If that fails, the old one has everything.
        """
        kept = file.read_lines + file.unread_lines - (first - file.first)
        rest = None
        try:
            rest = self.create(file.client, first)
            rest.copy(file, first - file.first)
        except OSError as e:
            if rest:
                rest.remove()
            return kept, _finished(file) or e
        rest.release()
        file.remove()
        return kept, None


def _finished(file: SpoolFile) -> Optional[OSError]:
    """Gives it to whoever comes next; why it may not be on the disk."""
    try:
        file.finish()
    except OSError as e:
        return e
    return None


def _whole_lines(file: io.FileIO, size: int) -> int:
    """Length up to the last newline: a killed writer may have left half a line."""
    end = size
    while end > 0:
        start = max(0, end - _BLOCK)
        newline = os.pread(file.fileno(), end - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0
