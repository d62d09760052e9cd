"""Messages that are delivered together."""

import re
import time
from typing import Iterator, List, Optional, Sequence, Tuple

_TS = re.compile(rb'"ts":([0-9]{1,15})')
_NAME = re.compile(r"([0-9]{13})-([0-9a-f-]{36})-([0-9]{1,18})\.jsonl")


class Batch:
    """Lines and their numbers. A message is (client, number) for ever, so that a second delivery can be known as one. Immutable."""

    def __init__(self, source: str, client: str, born: int, numbers: Sequence[int], lines: Sequence[bytes]) -> None:
        self.source, self.client, self.born, self.numbers, self.lines = source, client, born, numbers, lines

    @classmethod
    def of(cls, source: str, client: str, first: int, lines: List[bytes]) -> "Batch":
        return cls(source, client, int(time.time() * 1_000), range(first, first + len(lines)), lines)

    @classmethod
    def named(cls, source: str, name: str, lines: List[bytes]) -> "Batch":
        """The batch that a spool file of this name holds."""
        place = cls.place(name)
        assert place
        born, client, first = place
        return cls(source, client, born, range(first, first + len(lines)), lines)

    @staticmethod
    def place(name: str) -> Optional[Tuple[int, str, int]]:
        """By which spool files are in their order; None if it is the name of none."""
        found = _NAME.fullmatch(name)
        return (int(found.group(1)), found.group(2), int(found.group(3))) if found else None

    @property
    def name(self) -> str:
        """The same for the same messages, in this process and in one that sends them later."""
        return "%013d-%s-%d" % (self.born, self.client, self.numbers[0])

    @property
    def key(self) -> str:
        """Names exactly these messages, also if they are a part of what was one batch."""
        return "%s-%d-%d-%d" % (self.client, self.numbers[0], self.numbers[-1], len(self.numbers))

    def __len__(self) -> int:
        return len(self.lines)

    def size(self) -> int:
        return sum(map(len, self.lines))

    def body(self) -> bytes:
        return b"".join(self.lines)

    def entries(self) -> Iterator[Tuple[str, int, bytes]]:
        """Identity, time in milliseconds and line, without its newline, of each message."""
        for number, line in zip(self.numbers, self.lines):
            found = _TS.search(line)
            yield "%s-%d" % (self.client, number), int(found.group(1)) if found else self.born, line.rstrip(b"\n")

    def part(self, indexes: Sequence[int]) -> "Batch":
        numbers: Sequence[int] = [self.numbers[i] for i in indexes]
        if numbers[-1] - numbers[0] == len(numbers) - 1:
            numbers = range(numbers[0], numbers[-1] + 1)
        return Batch(self.source, self.client, self.born, numbers, [self.lines[i] for i in indexes])

    def halves(self) -> "List[Batch]":
        middle = len(self) // 2
        return [self.part(range(middle)), self.part(range(middle, len(self)))]
