# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL tables of others: read in one read-only snapshot by Arrow batches, in the order the server gives.

Kept here: nothing of the address but the table's name is ever shown or kept; times come as UTC with their offset. Values
come as the server's own text, or typed where the type of the column and of the item leave no doubt what the text would
have become; the next batch is fetched while one is worked on.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import adbc_driver_manager
import psycopg
import pyarrow as pa
from adbc_driver_postgresql import dbapi
from psycopg import sql
from psycopg.conninfo import make_conninfo

from datong.engine.backends.sources import kinds as types
from datong.engine.backends.sources.ahead import ahead
from datong.engine.backends.sources.headers import addressable
from datong.engine.base import Block, Column, Inspection, Limits
from datong.engine.errors import SourceAway, SourceUnreadable
from datong.engine.plans.casting import Kind

PREVIEW = 20
GLANCE, WHOLE = 30, 3600
"""Seconds a statement may take: to look at a table, to read all of it."""
_BATCH, _BYTES = "adbc.postgresql.batch_size_hint_bytes", 8 << 20
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
        """Give all rows as text; the line of a row is its number from 1."""
        line = 1
        try:
            for batch in self._batches(seen, {}):
                for start in range(0, batch.num_rows, self.limits.block_rows):
                    part = batch.slice(start, self.limits.block_rows)
                    yield Block(range(line, line + part.num_rows), part.columns)
                    line += part.num_rows
        except types.OddValue:  # before the first row: a server that speaks the protocol but lacks what Arrow asks for
            yield from self._plainly(seen)

    def _plainly(self, seen: Inspection) -> Iterator[Block]:
        with _connection(self, WHOLE) as connection:
            names = _columns(connection, self)
            if len(names) != len(seen.columns):
                raise _gone(self)
            rows, line = _rows(connection, self, names, None), 1
            while batch := list(islice(rows, self.limits.block_rows)):
                yield Block(range(line, line + len(batch)), list(zip(*batch, strict=True)))
                line += len(batch)

    def kinds(self, seen: Inspection, wanted: Mapping[int, Column]) -> Mapping[int, Kind]:
        """Tell which source columns can be read typed for the items that are read from them."""
        with _connection(self, GLANCE) as connection:
            described = _described(connection, self)
        if len(described) != len(seen.columns):
            raise _gone(self)
        return types.kinds(described, wanted)

    def typed(self, seen: Inspection, kinds: Mapping[int, Kind]) -> Iterator[Block]:
        """Give all rows, the columns of `kinds` as Arrow values of their type, the others as text.

        Raises:
            OddValue: A value is none that every backend can hold; the rows are to be read as text.
        """
        line = 1
        for batch in self._batches(seen, kinds):
            types.check(batch, kinds)
            yield Block(range(line, line + batch.num_rows), batch.columns)
            line += batch.num_rows

    def _batches(self, seen: Inspection, kinds: Mapping[int, Kind]) -> Iterator[Any]:
        with _connection(self, GLANCE) as connection:
            names = [column.name for column in _described(connection, self)]
            if len(names) != len(seen.columns):
                raise _gone(self)
            query = _query(self, names, kinds).as_string(connection)
        with _reading(self), _session(self.dsn) as session, session.cursor() as cursor:
            yield from ahead(_begun(cursor, query), cursor.adbc_cancel)


def _session(dsn: str) -> Any:
    address = make_conninfo(dsn, connect_timeout=10, options=SESSION.format(WHOLE), passfile="/nonexistent")
    try:
        return dbapi.connect(address)
    except adbc_driver_manager.Error:
        raise types.OddValue("this server cannot be read by Arrow batches") from None


def _begun(cursor: Any, query: str) -> Any:
    """Begin to read; nothing has been given yet when this fails."""
    try:
        cursor.adbc_statement.set_options(**{_BATCH: str(_BYTES)})
        cursor.execute(query)
        return cursor.fetch_record_batch()
    except adbc_driver_manager.Error:
        raise types.OddValue("this server cannot be read by Arrow batches") from None


def _connection(source: PostgresSource, seconds: int) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(source.dsn, connect_timeout=10, options=SESSION.format(seconds), passfile="/nonexistent")
    except psycopg.Error as error:
        raise SourceAway(
            f"the database of {source.table} cannot be reached",
            fields={"dsn": type(error).__name__},
            remedy="check address, account and firewall",
        ) from None


def _columns(connection: psycopg.Connection[Any], source: PostgresSource) -> list[str]:
    return [column.name for column in _described(connection, source)]


def _described(connection: psycopg.Connection[Any], source: PostgresSource) -> list[psycopg.Column]:
    try:
        cursor = connection.execute(sql.SQL("select * from {} limit 0").format(_identifier(source)))
    except psycopg.Error as error:
        raise _gone(source) from error
    return list(cursor.description or ())


def _rows(
    connection: psycopg.Connection[Any], source: PostgresSource, names: list[str], limit: int | None
) -> Iterator[tuple[str | None, ...]]:
    query = _query(source, names, {})
    if limit is not None:
        query += sql.SQL(" limit {}").format(sql.Literal(limit))
    with _reading(source), connection.cursor() as cursor, cursor.copy(sql.SQL("copy ({}) to stdout").format(query)) as copy:
        yield from copy.rows()


def _query(source: PostgresSource, names: list[str], kinds: Mapping[int, Kind]) -> sql.Composed:
    forms = [sql.SQL("{}" if types.is_sent(kinds.get(place)) else "{}::text") for place in range(len(names))]
    shown = sql.SQL(", ").join(form.format(sql.Identifier(name)) for form, name in zip(forms, names, strict=True))
    query = sql.SQL("select {} from {}").format(shown, _identifier(source))
    if source.beginning is not None:
        name = sql.Identifier(source.beginning[0])
        query += sql.SQL(" where {} is null or {} >= {}").format(name, name, sql.Literal(source.beginning[1]))
    return query


@contextmanager
def _reading(source: PostgresSource) -> Iterator[None]:
    try:
        yield
    except (psycopg.Error, adbc_driver_manager.Error, pa.ArrowException, OSError) as error:
        raise SourceAway(
            f"reading {source.table} broke off",
            fields={"table": type(error).__name__},
            remedy="check that the account may read it, then land again",
        ) from None


def _identifier(source: PostgresSource) -> sql.Identifier:
    return sql.Identifier(*source.table.split(".", 1))


def _gone(source: PostgresSource) -> SourceUnreadable:
    return SourceUnreadable(
        f"there is no table {source.table[:128]} the account may read",
        fields={"table": "unknown"},
        remedy="name it as schema.table and grant SELECT",
    )
