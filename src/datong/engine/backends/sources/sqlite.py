# SPDX-License-Identifier: Apache-2.0
"""SQLite files: what they say of their tables, and their rows as text.

Kept here: a file that was handed in is opened read-only and immutable, distrusts its own schema and may not reach any
other file; a statement that runs too long is stopped. SQLite enforces no declared type, so what it declares must be
borne out by the values.
"""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from datong.engine.backends.sources.headers import addressable
from datong.engine.base import Block, Declared, Inspection, Limits, Table
from datong.engine.errors import SourceUnreadable
from datong.engine.plans import declared as letters
from datong.kernel.sharing import ItemType

MAGIC = b"SQLite format 3\0"
PREVIEW = 20
SECONDS = 120
_STEPS = 100_000
_SIZE = re.compile(r"\(\s*([0-9]{1,9})\s*(?:,\s*([0-9]{1,3})\s*)?\)")
_WIDEST = 4
_COLUMNS = """select name, type, "notnull", pk from pragma_table_xinfo(?) where hidden <> 1"""


@dataclass(frozen=True, slots=True)
class SqliteDatabase:
    """A SQLite file that was handed in."""

    path: Path

    def tables(self) -> list[Table]:
        """Give the tables and views.

        Raises:
            SourceUnreadable: Not a SQLite file, or a damaged one.
        """
        with _connection(self.path) as connection:
            rows = connection.execute("select type, name from sqlite_schema where type in ('table', 'view') order by name")
            return [Table("", name, kind) for kind, name in rows if not name.lower().startswith("sqlite_")]

    def declared(self, table: Table) -> tuple[Declared, ...]:
        """Give the columns of a table as declared.

        Raises:
            SourceUnreadable: No such table.
        """
        with _connection(self.path) as connection:
            rows = connection.execute(_COLUMNS, (table.name,)).fetchall()
        if not rows:
            raise SourceUnreadable(f"没有这张表：{table.name[:128]} (there is no such table)", fields={"table": "unknown"})
        return tuple(_declared(*row) for row in rows)

    def source(self, table: Table) -> "SqliteSource":
        """Give the table as something rows can be read from."""
        return SqliteSource(self.path, table.name)


@dataclass(frozen=True, slots=True)
class SqliteSource:
    """A table or view of a SQLite file; the line of a row is its number from 1."""

    path: Path
    table: str
    limits: Limits = field(default_factory=Limits)

    @property
    def label(self) -> str:
        """The table's name."""
        return self.table

    def inspect(self) -> Inspection:
        """Read the columns and the first rows.

        Raises:
            SourceUnreadable: Not a SQLite file, damaged, or without that table.
        """
        with _connection(self.path) as connection, closing(_all(connection, self.table)) as cursor:
            names, repeated = addressable([column[0] for column in cursor.description], self.limits)
            return Inspection(names, tuple(tuple(map(_text, row)) for row in islice(cursor, PREVIEW)), duplicates=repeated)

    def blocks(self, seen: Inspection) -> Iterator[Block]:
        """Give all rows."""
        width, line = len(seen.columns), 1
        with _connection(self.path) as connection, closing(_all(connection, self.table)) as cursor:
            while batch := cursor.fetchmany(self.limits.block_rows):
                rows = [tuple(map(_text, row)) for row in batch]
                yield Block(range(line, line + len(rows)), list(zip(*rows, strict=True)) if rows else [()] * width)
                line += len(rows)


@contextmanager
def _connection(path: Path) -> Iterator[sqlite3.Connection]:
    with Path(path).open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise _damaged("这不是 SQLite 文件 (this is not a SQLite file)")
    address = f"file:{quote(str(Path(path).resolve()))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            connection.execute("pragma trusted_schema = off")
            connection.execute("pragma query_only = on")
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            started = time.monotonic()
            connection.set_progress_handler(lambda: time.monotonic() - started > SECONDS, _STEPS)
            yield connection
    except sqlite3.Error:
        raise _damaged("读不下去：文件损坏，或者视图太慢 (it does not read: damaged, or a view is too slow)") from None


def _all(connection: sqlite3.Connection, table: str) -> sqlite3.Cursor:
    quoted = '"' + table.replace('"', '""') + '"'
    return connection.execute(f"select * from {quoted}")


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def _declared(name: str, whole: str, required: int, key: int) -> Declared:
    letter = letters.sqlite(whole or "")
    size: Any = _SIZE.search(whole or "")
    length, precision = letter.length, None
    if size and letter.type is ItemType.C and length is None:
        length = int(size[1]) * _WIDEST
    elif size and letter.type is ItemType.N:
        length, precision = int(size[1]), int(size[2] or 0)
    said = (name, whole or "", letter.type, length, precision, not (required or key), bool(key))
    return Declared(*said, enforced=False, note=letter.note)


def _damaged(why: str) -> SourceUnreadable:
    return SourceUnreadable(why, fields={"file": why}, remedy="换一个文件 (hand in another file)")
