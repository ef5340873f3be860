# SPDX-License-Identifier: Apache-2.0
"""MySQL and MariaDB: what a database says of its tables, and their rows as text.

Kept here: sessions are read-only and read times as Asia/Shanghai; every value comes as the text the server sends, so a
code keeps its zeros and a time of day stays one; the client never reads a file of this machine for a server that asks.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import pymysql
from pymysql.converters import encoders
from pymysql.cursors import Cursor, SSCursor

from datong.engine.backends.sources import addresses
from datong.engine.backends.sources.headers import addressable
from datong.engine.backends.sources.postgres import MOST_TABLES, unreachable
from datong.engine.base import Block, Declared, Inspection, Limits, Table
from datong.engine.errors import SourceAway, SourceUnreadable
from datong.engine.plans import declared as letters
from datong.kernel.sharing import ItemType

PREVIEW = 20
SECONDS = 3600
_SYSTEM = "('mysql', 'sys', 'information_schema', 'performance_schema')"
_TABLES = f"""
select table_schema, table_name, if(table_type like '%%VIEW', 'view', 'table'),
       if(table_comment = 'VIEW', '', coalesce(table_comment, '')), table_rows
from information_schema.tables where table_schema not in {_SYSTEM}
order by table_schema = database() desc, 1, 2 limit %s"""
_COLUMNS = """
select column_name, column_type, data_type, character_octet_length, numeric_precision, numeric_scale,
       is_nullable = 'YES', column_key = 'PRI', coalesce(column_comment, '')
from information_schema.columns where table_schema = %s and table_name = %s order by ordinal_position"""


@dataclass(frozen=True, slots=True)
class MysqlDatabase:
    """A MySQL or MariaDB server as one account sees it.

    Attributes:
        dsn: `mysql://user:password@host:port/database`; never shown.
    """

    dsn: str = field(repr=False)

    def tables(self) -> list[Table]:
        """Give the tables and views the account may read, those of the named database first."""
        with connected(self.dsn) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(_TABLES, (MOST_TABLES,))
            return [_table(*map(text, row)) for row in cursor.fetchall()]

    def declared(self, table: Table) -> tuple[Declared, ...]:
        """Give the columns of a table as declared.

        Raises:
            SourceUnreadable: No such table.
        """
        with connected(self.dsn) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(_COLUMNS, (table.schema, table.name))
            rows = cursor.fetchall()
        if not rows:
            raise _gone(table.name)
        return tuple(_declared(row) for row in rows)

    def source(self, table: Table) -> "MysqlSource":
        """Give the table as something rows can be read from."""
        return MysqlSource(self.dsn, table.schema, table.name)


@dataclass(frozen=True, slots=True)
class MysqlSource:
    """A table or view of a MySQL or MariaDB server; the line of a row is its number from 1.

    Attributes:
        dsn: Address; never shown.
        schema: Database the table lies in.
        table: Its name.
        limits: Bounds.
        beginning: A column and the value from which on, or where it is null, rows are read; empty for all of them.
    """

    dsn: str = field(repr=False)
    schema: str = ""
    table: str = ""
    limits: Limits = field(default_factory=Limits)
    beginning: tuple[str, str] | None = None

    @property
    def label(self) -> str:
        """Schema and table."""
        return f"{self.schema}.{self.table}"

    def since(self, column: str, start: str) -> "MysqlSource":
        """Give the source of the rows whose column is at or after a value, or null."""
        return replace(self, beginning=(column, start))

    def inspect(self) -> Inspection:
        """Read the columns and the first rows.

        Raises:
            SourceUnreadable: No connection, or no such table.
        """
        with _rows(self, PREVIEW) as (names, rows):
            addressed, repeated = addressable(names, self.limits)
            return Inspection(addressed, tuple(rows), duplicates=repeated)

    def blocks(self, seen: Inspection) -> Iterator[Block]:
        """Give all rows."""
        with _rows(self, None) as (names, rows):
            if len(names) != len(seen.columns):
                raise _gone(self.table)
            line = 1
            while batch := list(islice(rows, self.limits.block_rows)):
                yield Block(range(line, line + len(batch)), list(zip(*batch, strict=True)))
                line += len(batch)


@contextmanager
def connected(dsn: str, cursor: type[Cursor] = Cursor) -> Iterator[Any]:
    """Give a read-only session.

    Raises:
        SourceUnreadable: No connection, or it broke off.
    """
    server = addresses.mysql(dsn)
    try:
        connection = pymysql.connect(
            host=server.host, port=server.port, user=server.user, password=server.password, database=server.database,
            charset=server.charset, conv=dict(encoders), cursorclass=cursor, connect_timeout=10, read_timeout=SECONDS,
            local_infile=False, autocommit=True, ssl={"check_hostname": False} if server.ssl else None,
        )  # fmt: skip
    except (pymysql.MySQLError, OSError, RuntimeError) as error:
        raise unreachable(type(error).__name__) from None
    try:
        _prepare(connection)
        yield connection
    except pymysql.MySQLError as error:
        raise SourceAway(
            "读取数据库中断 (reading the database broke off)",
            fields={"table": type(error).__name__},
            remedy="检查账号能否读这张表 (check that the account may read the table)",
        ) from None
    finally:
        connection._force_close()  # noqa: SLF001  close() would first read all rows that are left


def _prepare(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set session transaction read only")
        cursor.execute("set session time_zone = '+08:00'")
        with suppress(pymysql.MySQLError):  # MariaDB's name, seconds
            cursor.execute(f"set session max_statement_time = {SECONDS}")
        with suppress(pymysql.MySQLError):  # MySQL's name, milliseconds
            cursor.execute(f"set session max_execution_time = {SECONDS * 1000}")


@contextmanager
def _rows(source: MysqlSource, limit: int | None) -> Iterator[tuple[list[str], Iterator[tuple[str | None, ...]]]]:
    query = f"select * from {quoted(source.schema)}.{quoted(source.table)}"
    with connected(source.dsn, SSCursor) as connection:
        cursor = connection.cursor()
        query += where(connection, source.beginning)
        try:
            cursor.execute(query + (f" limit {limit}" if limit is not None else ""))
        except pymysql.MySQLError:
            raise _gone(source.table) from None
        names = [column[0] for column in cursor.description or ()]
        yield names, (tuple(map(text, row)) for row in cursor)


def where(connection: Any, beginning: tuple[str, str] | None) -> str:
    """Say from which value on rows are read; nothing for all of them."""
    if beginning is None:
        return ""
    name = quoted(beginning[0])
    return f" where {name} is null or {name} >= {connection.escape(beginning[1])}"


def quoted(name: str) -> str:
    """Quote a name."""
    return "`" + name.replace("`", "``") + "`"


def text(value: object) -> str | None:
    """Give a value as the text every source speaks; bits and bytes as hexadecimal."""
    if isinstance(value, bytes):
        return str(value[0]) if len(value) == 1 and value[0] < 2 else value.hex()
    return None if value is None else str(value)


def _number(value: object) -> int | None:
    return None if value is None else int(str(value))


def _table(schema: str | None, name: str | None, kind: str | None, comment: str | None, rows: str | None) -> Table:
    return Table(schema or "", name or "", kind or "table", comment or "", _number(rows))


def _declared(row: tuple[Any, ...]) -> Declared:
    name, whole, base, octets, digits, scale, nullable, key, comment = map(text, row)
    letter = letters.mysql((base or "").lower(), (whole or "").lower())
    length, precision = letter.length, None
    if letter.type is ItemType.C and length is None:
        length = _number(octets)
    elif letter.type is ItemType.N:
        length, precision = _number(digits), _number(scale)
    said = (name or "", whole or "", letter.type, length, precision, nullable == "1", key == "1", comment or "")
    return Declared(*said, note=letter.note)


def _gone(table: str) -> SourceUnreadable:
    return SourceUnreadable(f"没有这张表：{table[:128]} (there is no such table)", fields={"table": "unknown"})
