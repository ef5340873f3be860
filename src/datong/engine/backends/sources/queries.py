# SPDX-License-Identifier: Apache-2.0
"""Queries of databases of others: one statement that reads, its rows as text.

Kept here: the statement stands inside a SELECT and is prepared before it runs, so that it is one and reads; the session is
read-only besides. What an account may read its own database decides.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import psycopg
import pymysql
from psycopg import sql
from pymysql.cursors import SSCursor

from datong.engine.backends.sources import addresses, mysql
from datong.engine.backends.sources.headers import addressable
from datong.engine.backends.sources.relational import GLANCE, PREVIEW, SESSION, WHOLE
from datong.engine.base import Block, Inspection, Limits
from datong.engine.errors import SourceUnreadable

NO_FILE = "/nonexistent"
Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class QuerySource:
    """What one SELECT of a PostgreSQL or MySQL database gives; the line of a row is its number from 1.

    Attributes:
        dsn: Address; never shown.
        query: One statement without its semicolon.
        name: Name to show.
        limits: Bounds.
        beginning: A column and the value from which on, or where it is null, rows are read; empty for all of them.
    """

    dsn: str = field(repr=False)
    query: str = ""
    name: str = "query"
    limits: Limits = field(default_factory=Limits)
    beginning: tuple[str, str] | None = None

    @property
    def label(self) -> str:
        """The name given."""
        return self.name

    def since(self, column: str, start: str) -> "QuerySource":
        """Give the source of the rows whose column is at or after a value, or null."""
        return replace(self, beginning=(column, start))

    def inspect(self) -> Inspection:
        """Read the columns and the first rows.

        Raises:
            SourceUnreadable: No connection, or no statement that reads.
        """
        with _rows(self, PREVIEW, GLANCE) as (names, rows):
            addressed, repeated = addressable(names, self.limits)
            return Inspection(addressed, tuple(islice(rows, PREVIEW)), duplicates=repeated)

    def blocks(self, seen: Inspection) -> Iterator[Block]:
        """Give all rows."""
        with _rows(self, None, WHOLE) as (names, rows):
            if len(names) != len(seen.columns):
                raise _bad("列数变了 (the number of columns changed)")
            line = 1
            while batch := list(islice(rows, self.limits.block_rows)):
                yield Block(range(line, line + len(batch)), list(zip(*batch, strict=True)))
                line += len(batch)


@contextmanager
def _rows(source: QuerySource, limit: int | None, seconds: int) -> Iterator[tuple[list[str], Iterator[Row]]]:
    if addresses.kind_of(source.dsn) == "mysql":
        with _of_mysql(source, limit) as found:
            yield found
        return
    options = SESSION.format(seconds)
    try:
        with psycopg.connect(source.dsn, connect_timeout=10, options=options, passfile=NO_FILE) as connection:
            names = _names(connection, source)
            yield names, _copied(connection, source, names, limit)
    except psycopg.OperationalError as error:
        raise SourceUnreadable(
            "数据库连接不上或者中途断开 (the database cannot be reached, or broke off)",
            fields={"dsn": type(error).__name__},
            remedy="核对地址、账号和防火墙 (check address, account and firewall)",
        ) from None


def _inner(source: QuerySource) -> sql.Composable:
    # sound because it is prepared first: a text that is more than one statement cannot be
    return sql.SQL("({}\n) as asked").format(sql.SQL(source.query))


def _names(connection: psycopg.Connection[Any], source: QuerySource) -> list[str]:
    glance = sql.SQL("select * from {} limit 0").format(_inner(source))
    try:
        cursor = connection.execute(glance, prepare=True)
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        raise _bad(type(error).__name__) from None
    return [column.name for column in cursor.description or ()]


def _copied(connection: psycopg.Connection[Any], source: QuerySource, names: list[str], limit: int | None) -> Iterator[Row]:
    if len(set(names)) < len(names):
        raise _bad("有同名的列，用 as 区分 (columns of one name: tell them apart by AS)")
    shown = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in names)
    query = sql.SQL("select {} from {}").format(shown, _inner(source))
    if source.beginning is not None:
        name = sql.Identifier(source.beginning[0])
        query += sql.SQL(" where {} is null or {} >= {}").format(name, name, sql.Literal(source.beginning[1]))
    if limit is not None:
        query += sql.SQL(" limit {}").format(sql.Literal(limit))
    try:
        with connection.cursor() as cursor, cursor.copy(sql.SQL("copy ({}) to stdout").format(query)) as copy:
            yield from copy.rows()
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        raise _bad(type(error).__name__) from None


@contextmanager
def _of_mysql(source: QuerySource, limit: int | None) -> Iterator[tuple[list[str], Iterator[Row]]]:
    query = f"select * from ({source.query}\n) as asked"
    with mysql.connected(source.dsn, SSCursor) as connection:
        cursor = connection.cursor()
        query += mysql.where(connection, source.beginning)
        try:
            cursor.execute(query + (f" limit {limit}" if limit is not None else ""))
        except pymysql.MySQLError as error:
            raise _bad(type(error).__name__) from None
        names = [column[0] for column in cursor.description or ()]
        yield names, (tuple(map(mysql.text, row)) for row in cursor)


def _bad(why: str) -> SourceUnreadable:
    return SourceUnreadable(
        "查询不能用 (the query cannot be used)",
        fields={"query": why},
        remedy="写成一条 SELECT，只读账号看得到的表和列 (write one SELECT over what the account may read)",
    )
