# SPDX-License-Identifier: Apache-2.0
"""Messages of PostgreSQL's logical decoding (plugin pgoutput, protocol 1): bytes in, what they say out.

Kept here: no I/O; bytes that are no message end in one refusal and never in a row. The layout is that of PostgreSQL's
manual, "Logical Replication Message Formats".
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from datong.engine.errors import SourceUnreadable

_FLAGS: Final = 1


class Unsent(Enum):
    """A cell that the server left out: a long value that the update did not change."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unsent.UNCHANGED
Cell = str | None | Unsent
Cells = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """What a table was when the changes after it were made.

    Attributes:
        number: By which changes name it.
        schema: Its schema.
        name: Its name.
        identity: `d` primary key, `i` an index, `f` all columns, `n` none.
        columns: Name and type (pg_type) of each column.
    """

    number: int
    schema: str
    name: str
    identity: str
    columns: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A row that was inserted, updated or deleted.

    Attributes:
        relation: Number of its table.
        new: The row now; None where it was deleted.
        old: The row before, or its key alone; None where the server saw no need to say.
    """

    relation: int
    new: Cells | None
    old: Cells | None = None


@dataclass(frozen=True, slots=True)
class Truncated:
    """Tables that were emptied."""

    relations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Committed:
    """The end of a transaction: the place in the log behind it."""

    end: int


Message = Relation | Change | Truncated | Committed


def position(text: str) -> int:
    """Read a place in the log, such as 0/16B3748.

    Raises:
        SourceUnreadable: It is none.
    """
    upper, slash, lower = text.partition("/")
    try:
        return (int(upper, 16) << 32) + int(lower, 16)
    except ValueError:
        raise _bad(f"no place in a log{slash and ' of two halves'}") from None


def written(place: int) -> str:
    """Write a place in the log."""
    return f"{place >> 32:X}/{place & 0xFFFFFFFF:X}"


def read(message: bytes) -> Message | None:
    """Read one message; None for one that says nothing of rows, such as the beginning of a transaction.

    Raises:
        SourceUnreadable: It is no message of protocol 1.
    """
    reader = _Reader(message)
    kind = reader.letter()
    if kind not in _READERS:
        raise _bad("unknown kind of message")
    made = _READERS[kind](reader)
    if made is not None and reader.at != len(message):
        raise _bad("more bytes than the message has")
    return made


class _Reader:
    """Bytes and how far they were read."""

    def __init__(self, message: bytes) -> None:
        self.message, self.at = message, 0

    def take(self, size: int) -> bytes:
        end = self.at + size
        if size < 0 or end > len(self.message):
            raise _bad("fewer bytes than the message has")
        part = self.message[self.at : end]
        self.at = end
        return part

    def number(self, form: str) -> int:
        found: int = struct.unpack(f">{form}", self.take(struct.calcsize(f">{form}")))[0]
        return found

    def letter(self) -> str:
        return chr(self.take(1)[0])

    def text(self, size: int) -> str:
        try:
            return self.take(size).decode("utf-8")
        except UnicodeDecodeError:
            raise _bad("text that is not UTF-8") from None

    def name(self) -> str:
        end = self.message.find(b"\0", self.at)
        if end < 0:
            raise _bad("a name without end")
        found = self.text(end - self.at)
        self.at += 1
        return found

    def cells(self) -> Cells:
        return tuple(self._cell() for _ in range(self.number("H")))

    def _cell(self) -> Cell:
        kind = self.letter()
        if kind == "t":
            return self.text(self.number("i"))
        if kind not in "nu":
            raise _bad("unknown kind of cell")
        return None if kind == "n" else UNCHANGED


def _relation(reader: _Reader) -> Relation:
    number, schema, name, identity = reader.number("I"), reader.name(), reader.name(), reader.letter()
    return Relation(number, schema, name, identity, tuple(_column(reader) for _ in range(reader.number("H"))))


def _column(reader: _Reader) -> tuple[str, int]:
    reader.take(_FLAGS)
    name, kind = reader.name(), reader.number("I")
    reader.number("i")
    return name, kind


def _inserted(reader: _Reader) -> Change:
    number = reader.number("I")
    _marked(reader, "N")
    return Change(number, reader.cells())


def _updated(reader: _Reader) -> Change:
    number, mark, old = reader.number("I"), reader.letter(), None
    if mark in "KO":
        old, mark = reader.cells(), reader.letter()
    if mark != "N":
        raise _bad("an update without its new row")
    return Change(number, reader.cells(), old)


def _deleted(reader: _Reader) -> Change:
    number = reader.number("I")
    _marked(reader, "KO")
    return Change(number, None, reader.cells())


def _truncated(reader: _Reader) -> Truncated:
    count = reader.number("I")
    reader.take(1)
    if count * 4 != len(reader.message) - reader.at:
        raise _bad("a truncation of other tables than it counts")
    return Truncated(tuple(reader.number("I") for _ in range(count)))


def _committed(reader: _Reader) -> Committed:
    reader.take(1 + 8)
    end = reader.number("Q")
    reader.take(8)
    return Committed(end)


def _passed(_: _Reader) -> None:
    return None


_READERS: Mapping[str, Callable[[_Reader], Message | None]] = {
    "R": _relation, "I": _inserted, "U": _updated, "D": _deleted, "T": _truncated, "C": _committed,
    "B": _passed, "Y": _passed, "O": _passed, "M": _passed,
}  # fmt: skip
"""B begins a transaction, Y names a type, O an origin, M is a message of an application."""


def _marked(reader: _Reader, marks: str) -> None:
    if reader.letter() not in marks:
        raise _bad("a row without its mark")


def _bad(why: str) -> SourceUnreadable:
    return SourceUnreadable(
        "数据库日志里有读不懂的消息 (the log of the database holds a message that does not read)", fields={"log": why}
    )
