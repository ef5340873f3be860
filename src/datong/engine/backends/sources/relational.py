# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL tables of others: read in one read-only snapshot as text, in the order the server gives.

Kept here: nothing of the address but the table's name is ever shown or kept; times come as UTC with their offset.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import psycopg
from psycopg import sql

from datong.engine.backends.sources.headers import addressable
from datong.engine.base import Block, Fault, Inspection, Limits
from datong.engine.errors import SourceUnreadable

PREVIEW = 20
GLANCE, WHOLE = 30, 3600
"""Seconds a statement may take: to look at a table, to read all of it."""
SESSION = "-c timezone=UTC -c datestyle=ISO -c default_transaction_read_only=on -c statement_timeout={}s"


@dataclass(frozen=True, slots=True)
class PostgresSource:
    """A table or view.

    Attributes:
        dsn: libpq address; never shown.
        table: `table` or `schema.table`.
        limits: Bounds.
        beginning: A column and the value from which on, or where it is null, rows are read; empty for all of them.
    """

    dsn: str = field(repr=False)
    table: str = ""
    limits: Limits = field(default_factory=Limits)
    beginning: tuple[str, str] | None = None

    @property
    def label(self) -> str:
        """The table's name."""
        return self.table

    def since(self, column: str, start: str) -> "PostgresSource":
        """Give the source of the rows whose column is at or after a value, or null."""
        return replace(self, beginning=(column, start))

    def inspect(self) -> Inspection:
        """Read the columns and the first rows.

        Raises:
            SourceUnreadable: No connection, or no such table.
        """
        with _connection(self, GLANCE) as connection:
            names = _columns(connection, self)
            addressed, repeated = addressable(names, self.limits)
            rows = tuple(islice(_rows(connection, self, names, PREVIEW), PREVIEW))
        return Inspection(addressed, rows, duplicates=repeated)

    def blocks(self, seen: Inspection) -> Iterator[Block]:
        """Give all rows; the line of a row is its number from 1."""
        with _connection(self, WHOLE) as connection:
            names = _columns(connection, self)
            if len(names) != len(seen.columns):
                raise _gone(self)
            rows = enumerate(_rows(connection, self, names, None), 1)
            while batch := list(islice(rows, self.limits.block_rows)):
                lines = [line for line, _ in batch]
                faults: list[Fault] = []
                yield Block(lines, list(zip(*(row for _, row in batch), strict=True)), faults)


def _connection(source: PostgresSource, seconds: int) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(source.dsn, connect_timeout=10, options=SESSION.format(seconds), passfile="/nonexistent")
    except psycopg.Error as error:
        raise SourceUnreadable(
            f"the database of {source.table} cannot be reached",
            fields={"dsn": type(error).__name__},
            remedy="check address, account and firewall",
        ) from None


def _columns(connection: psycopg.Connection[Any], source: PostgresSource) -> list[str]:
    try:
        cursor = connection.execute(sql.SQL("select * from {} limit 0").format(_identifier(source)))
    except psycopg.Error as error:
        raise _gone(source) from error
    return [column.name for column in cursor.description or ()]


def _rows(
    connection: psycopg.Connection[Any], source: PostgresSource, names: list[str], limit: int | None
) -> Iterator[tuple[str | None, ...]]:
    shown = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in names)
    query = sql.SQL("select {} from {}").format(shown, _identifier(source))
    if source.beginning is not None:
        name = sql.Identifier(source.beginning[0])
        query += sql.SQL(" where {} is null or {} >= {}").format(name, name, sql.Literal(source.beginning[1]))
    if limit is not None:
        query += sql.SQL(" limit {}").format(sql.Literal(limit))
    try:
        with connection.cursor() as cursor, cursor.copy(sql.SQL("copy ({}) to stdout").format(query)) as copy:
            yield from copy.rows()
    except psycopg.Error as error:
        raise SourceUnreadable(
            f"reading {source.table} broke off",
            fields={"table": type(error).__name__},
            remedy="check that the account may read it, then land again",
        ) from error


def _identifier(source: PostgresSource) -> sql.Identifier:
    return sql.Identifier(*source.table.split(".", 1))


def _gone(source: PostgresSource) -> SourceUnreadable:
    return SourceUnreadable(
        f"there is no table {source.table[:128]} the account may read",
        fields={"table": "unknown"},
        remedy="name it as schema.table and grant SELECT",
    )
