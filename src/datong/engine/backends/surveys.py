# SPDX-License-Identifier: Apache-2.0
"""Surveys: what a database or a file holds, before anybody says what it means."""

from collections.abc import Sequence
from typing import Any

from datong.engine.backends.sources import addresses, mysql, postgres
from datong.engine.base import Database, Declared, Profile, Source, Survey, Table
from datong.engine.plans import profiling


def database(dsn: str) -> Database:
    """Give the database behind an address; whoever takes it from a person calls `check_address` first.

    Raises:
        Malformed: Neither PostgreSQL nor MySQL.
    """
    return postgres.PostgresDatabase(dsn) if addresses.kind_of(dsn) == "postgres" else mysql.MysqlDatabase(dsn)


def profile(source: Source, *, rows: int = profiling.MOST_ROWS) -> tuple[Profile, ...]:
    """Profile the first rows of a source, column by column.

    Raises:
        SourceUnreadable: It cannot be read as what it claims to be.
    """
    seen = source.inspect()
    return profiling.profile(seen.columns, source.blocks(seen), rows)[0]


def survey(held: Database | None, what: Sequence[Table] | Source, *, rows: int = profiling.MOST_ROWS) -> list[Survey]:
    """Look at tables of a database, or at one file: declared types, keys, comments, profiles.

    Args:
        held: The database; None for a file.
        what: Its tables, or the file.
        rows: Rows to profile of each.

    Raises:
        SourceUnreadable: One of them cannot be read.
    """
    if held is None:
        source: Any = what
        return [_survey(source, (), "", rows)]
    listed: Any = what
    return [_survey(held.source(table), held.declared(table), table.comment, rows) for table in listed]


def _survey(source: Source, declared: tuple[Declared, ...], comment: str, rows: int) -> Survey:
    from datong.engine.backends.sources import spelling  # noqa: PLC0415  drivers load on first use

    seen = source.inspect()
    profiles, complete = profiling.profile(seen.columns, source.blocks(seen), rows)
    return Survey(source.label, comment, declared, profiles, complete, spelling.sounds(seen.columns))
