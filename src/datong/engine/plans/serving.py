# SPDX-License-Identifier: Apache-2.0
"""Serving: the columns of a lake table in their stored form, and the tables and indexes of a serving index."""

from collections.abc import Mapping, Sequence

from datong.engine.base import Column, Dialect, Schema, Step
from datong.engine.plans.lookup import TABLE, quoted
from datong.kernel.sharing import DECIMAL_TYPES, ItemType

APPLICATION = 0x44744931
"""SQLite application id of a serving index ("DtI1")."""

_AFFINITY = {ItemType.I: "integer", ItemType.L: "integer", ItemType.F: "real", ItemType.B: "real"}


def stored(schema: Schema, table: str, sql: Dialect) -> Step:
    """Give every item of a lake table in its stored form."""
    shown = ", ".join(f"{_form(column, sql)} as {sql.identifier(column.field)}" for column in schema.columns)
    return Step("stored", f"select {shown} from {table}")


def create(schema: Schema) -> str:
    """Give the CREATE TABLE of the records (SQLite)."""
    return table_of({column.field: column.type for column in schema.columns})


def table_of(columns: Mapping[str, ItemType]) -> str:
    """Give the CREATE TABLE of the records by items and their types (SQLite)."""
    declared = ", ".join(f"{quoted(name)} {_AFFINITY.get(kind, 'text')}" for name, kind in columns.items())
    return f"create table {TABLE} ({declared})"


def indexes(schema: Schema, queries: Sequence[str]) -> tuple[str, ...]:
    """Give the CREATE INDEX statements: the whole key, unique, then each query item it does not begin with."""
    made = []
    if schema.keys:
        made.append(f"create unique index by_key on {TABLE} ({', '.join(quoted(key) for key in schema.keys)})")
    others = [name for name in dict.fromkeys((*schema.keys[1:], *queries)) if name not in schema.keys[:1]]
    made += [f"create index by_{number} on {TABLE} ({quoted(name)})" for number, name in enumerate(others)]
    return tuple(made)


def _form(column: Column, sql: Dialect) -> str:
    name = sql.identifier(column.field)
    if column.type in DECIMAL_TYPES:
        text = f"cast({name} as {sql.text})"
        return sql.unpadded(text) if column.scale else text
    if column.type is ItemType.D:
        return sql.day(name)
    if column.type is ItemType.T:
        return sql.moment(name)
    return f"cast({name} as tinyint)" if column.type is ItemType.L else name
