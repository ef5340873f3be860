# SPDX-License-Identifier: Apache-2.0
"""What a PostgreSQL database says of its tables: schemas, columns, declared types, keys and comments."""

import re
from dataclasses import dataclass, field
from typing import Any

import psycopg

from datong.engine.backends.sources.relational import GLANCE, SESSION, PostgresSource
from datong.engine.base import Declared, Table
from datong.engine.errors import SourceAway, SourceUnreadable
from datong.engine.plans import declared as letters
from datong.kernel.sharing import ItemType

MOST_TABLES = 5_000
NO_FILE = "/nonexistent"
"""Keeps libpq from taking a password of this machine for a server somebody named."""
_TABLES = """
select n.nspname, c.relname, case when c.relkind in ('v', 'm') then 'view' else 'table' end,
       coalesce(obj_description(c.oid, 'pg_class'), ''), nullif(c.reltuples, -1)::bigint
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and has_table_privilege(c.oid, 'SELECT')
order by 1, 2 limit %s"""
_COLUMNS = """
select a.attname, format_type(a.atttypid, a.atttypmod), format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null),
       case when t.typbasetype <> 0 then t.typtypmod else a.atttypmod end, t.typtype, a.attnotnull,
       coalesce(a.attnum = any(i.indkey), false), coalesce(col_description(a.attrelid, a.attnum), '')
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
join pg_type t on t.oid = a.atttypid left join pg_index i on i.indrelid = c.oid and i.indisprimary
where n.nspname = %s and c.relname = %s and a.attnum > 0 and not a.attisdropped order by a.attnum"""
_HEADER = 4
_WIDEST = 4
"""Bytes of a character in UTF-8."""


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """A PostgreSQL database.

    Attributes:
        dsn: libpq address; never shown.
    """

    dsn: str = field(repr=False)

    def tables(self) -> list[Table]:
        """Give the tables and views the account may read."""
        return [Table(*row) for row in self._ask(_TABLES, (MOST_TABLES,))]

    def declared(self, table: Table) -> tuple[Declared, ...]:
        """Give the columns of a table as declared.

        Raises:
            SourceUnreadable: No such table.
        """
        rows = self._ask(_COLUMNS, (table.schema, table.name))
        if not rows:
            raise SourceUnreadable(f"没有这张表：{table.name[:128]} (there is no such table)", fields={"table": "unknown"})
        return tuple(_declared(row) for row in rows)

    def source(self, table: Table) -> PostgresSource:
        """Give the table as something rows can be read from."""
        return PostgresSource(self.dsn, f"{table.schema}.{table.name}")

    def _ask(self, query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        try:
            with psycopg.connect(self.dsn, connect_timeout=10, options=SESSION.format(GLANCE), passfile=NO_FILE) as connection:
                return connection.execute(query, values).fetchall()
        except psycopg.Error as error:
            raise unreachable(type(error).__name__) from None


def unreachable(kind: str) -> SourceUnreadable:
    """The database did not answer; which kind of fault, and nothing of the address."""
    return SourceAway(
        "数据库连接不上 (the database cannot be reached)",
        fields={"dsn": f"连接失败：{kind} (could not connect: {kind})"},
        remedy="检查地址、账号和防火墙 (check address, account and firewall)",
    )


def _declared(row: tuple[Any, ...]) -> Declared:
    name, whole, base, modifier, category, required, key, comment = row
    letter = letters.Letter(ItemType.C) if category == "e" else letters.postgres(re.sub(r"\(.*\)", "", base).strip())
    length, precision = letter.length, None
    if letter.type is ItemType.N and modifier >= _HEADER:
        length, precision = (modifier - _HEADER) >> 16, (modifier - _HEADER) & 0xFFFF
    elif base in ("character varying", "character") and modifier >= _HEADER:
        length = (modifier - _HEADER) * _WIDEST
    return Declared(name, whole, letter.type, length, precision, not required, key, comment, note=letter.note)
