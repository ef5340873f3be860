# SPDX-License-Identifier: Apache-2.0
"""The door of the engine: look at a source, land it, build its serving index, read what was rejected.

Kept here: drivers load on first use, so importing this costs little.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from datong.engine.base import (
    EMBEDDED,
    Bulk,
    Column,
    Database,
    Declared,
    IndexInfo,
    Inspection,
    Landing,
    Limits,
    Misfit,
    Profile,
    Rehearsal,
    Row,
    Schema,
    Sheet,
    Source,
    Survey,
    Table,
)
from datong.engine.plans.reasons import REASONS

if TYPE_CHECKING:
    from datong.engine.backends.arrow import arrow_stream, zstd
    from datong.engine.backends.bulk import answers
    from datong.engine.backends.changes import changes
    from datong.engine.backends.collecting import Collected, collect, fingerprint
    from datong.engine.backends.commits import compact
    from datong.engine.backends.derived import derive
    from datong.engine.backends.exporting import Outflow, Sum, outflow
    from datong.engine.backends.index import first_rows
    from datong.engine.backends.keeping import make_room
    from datong.engine.backends.keeping import remove as take_away
    from datong.engine.backends.landings import (
        build_index,
        land,
        put_back,
        quarantine,
        quarantine_of,
        rehearse,
        rows_of,
    )
    from datong.engine.backends.remote.calls import Caller, Paging
    from datong.engine.backends.remote.local import LocalStore
    from datong.engine.backends.remote.proxied import Interface, Member, Parameter
    from datong.engine.backends.remote.proxying import try_proxied
    from datong.engine.backends.remote.s3 import S3Store
    from datong.engine.backends.remote.sftp import SftpStore
    from datong.engine.backends.remote.stores import Entry, Store, Trial
    from datong.engine.backends.renewing import renew_index
    from datong.engine.backends.rereading import reread
    from datong.engine.backends.sources.addresses import bound as bound_address
    from datong.engine.backends.sources.addresses import check as check_address
    from datong.engine.backends.sources.columnar import ParquetSource
    from datong.engine.backends.sources.delimited import CsvSource
    from datong.engine.backends.sources.fetched import RemoteFile
    from datong.engine.backends.sources.interface import InterfaceSource
    from datong.engine.backends.sources.logged import advance as advance_log
    from datong.engine.backends.sources.logged import drop as drop_log
    from datong.engine.backends.sources.mysql import MysqlDatabase, MysqlSource
    from datong.engine.backends.sources.postgres import PostgresDatabase
    from datong.engine.backends.sources.queries import QuerySource
    from datong.engine.backends.sources.relational import PostgresSource
    from datong.engine.backends.sources.sheets import rows as sheet_rows
    from datong.engine.backends.sources.sheets import sheets
    from datong.engine.backends.sources.spelling import sounds
    from datong.engine.backends.sources.sqlite import SqliteDatabase, SqliteSource
    from datong.engine.backends.sources.workbook import XlsxSource
    from datong.engine.backends.surveys import database, profile, survey
    from datong.engine.backends.targets.pushed import Pushed
    from datong.engine.backends.targets.pushing import committed, push
    from datong.engine.backends.text import chinese
    from datong.engine.backends.text.index import TextIndex
    from datong.engine.backends.trials import try_database, try_interface, try_store
    from datong.engine.backends.vacuuming import orphans, vacuum

__all__ = [
    "EMBEDDED",
    "REASONS",
    "Bulk",
    "Caller",
    "Collected",
    "Column",
    "CsvSource",
    "Declared",
    "Entry",
    "IndexInfo",
    "Inspection",
    "Interface",
    "InterfaceSource",
    "Landing",
    "Limits",
    "LocalStore",
    "Member",
    "Misfit",
    "MysqlDatabase",
    "MysqlSource",
    "Outflow",
    "Paging",
    "Parameter",
    "ParquetSource",
    "PostgresDatabase",
    "PostgresSource",
    "Profile",
    "Pushed",
    "QuerySource",
    "Rehearsal",
    "RemoteFile",
    "Row",
    "S3Store",
    "Schema",
    "SftpStore",
    "Sheet",
    "SqliteDatabase",
    "SqliteSource",
    "Store",
    "Sum",
    "Survey",
    "Table",
    "TextIndex",
    "Trial",
    "XlsxSource",
    "advance_log",
    "answers",
    "apart",
    "arrow_stream",
    "bound_address",
    "build_index",
    "changes",
    "check_address",
    "chinese",
    "collect",
    "committed",
    "compact",
    "database",
    "derive",
    "drop_log",
    "fingerprint",
    "first_rows",
    "inspect",
    "land",
    "make_room",
    "orphans",
    "outflow",
    "profile",
    "push",
    "put_back",
    "quarantine",
    "quarantine_of",
    "rehearse",
    "renew_index",
    "reread",
    "rows_of",
    "sheet_rows",
    "sheets",
    "sounds",
    "survey",
    "tables",
    "take_away",
    "try_database",
    "try_interface",
    "try_proxied",
    "try_store",
    "vacuum",
    "zstd",
]

T = TypeVar("T")
_PLACES: dict[str, tuple[str, ...]] = {
    "arrow": ("arrow_stream", "zstd"),
    "bulk": ("answers",),
    "changes": ("changes",),
    "collecting": ("Collected", "collect", "fingerprint"),
    "commits": ("compact",),
    "derived": ("derive",),
    "exporting": ("Outflow", "Sum", "outflow"),
    "index": ("first_rows",),
    "keeping": ("make_room", "take_away remove"),
    "landings": ("build_index", "land", "put_back", "quarantine", "quarantine_of", "rehearse", "rows_of"),
    "renewing": ("renew_index",),
    "rereading": ("reread",),
    "remote.calls": ("Caller", "Paging"),
    "remote.proxied": ("Interface", "Member", "Parameter"),
    "remote.proxying": ("try_proxied",),
    "remote.local": ("LocalStore",),
    "remote.s3": ("S3Store",),
    "remote.sftp": ("SftpStore",),
    "remote.stores": ("Entry", "Store", "Trial"),
    "sources.addresses": ("bound_address bound", "check_address check"),
    "sources.columnar": ("ParquetSource",),
    "sources.delimited": ("CsvSource",),
    "sources.fetched": ("RemoteFile",),
    "sources.interface": ("InterfaceSource",),
    "sources.mysql": ("MysqlDatabase", "MysqlSource"),
    "sources.logged": ("advance_log advance", "drop_log drop"),
    "sources.postgres": ("PostgresDatabase",),
    "sources.queries": ("QuerySource",),
    "sources.relational": ("PostgresSource",),
    "sources.sheets": ("sheets", "sheet_rows rows"),
    "sources.spelling": ("sounds",),
    "sources.sqlite": ("SqliteDatabase", "SqliteSource"),
    "sources.workbook": ("XlsxSource",),
    "surveys": ("database", "profile", "survey"),
    "targets.pushed": ("Pushed",),
    "targets.pushing": ("committed", "push"),
    "text.index": ("TextIndex",),
    "vacuuming": ("orphans", "vacuum"),
    "trials": ("try_database", "try_interface", "try_store"),
}
"""Module to what it gives; a name of ours, and after a blank its name there where that differs."""
_WHERE = {said.partition(" ")[0]: (module, said.rpartition(" ")[2]) for module, all_said in _PLACES.items() for said in all_said}


def __getattr__(name: str) -> Any:
    """Give what a module of the backends holds on first use, so that a driver loads only then."""
    import importlib  # noqa: PLC0415  drivers load on first use

    if name == "chinese":
        return importlib.import_module("datong.engine.backends.text.chinese")
    if name not in _WHERE:
        raise AttributeError(name)
    module, there = _WHERE[name]
    return getattr(importlib.import_module(f"datong.engine.backends.{module}"), there)


def inspect(source: Source) -> Inspection:
    """Look at a source: its columns, encoding and first rows.

    Raises:
        SourceUnreadable: It cannot be read as what it claims to be.
    """
    return source.inspect()


def tables(held: Database) -> list[Table]:
    """List the tables and views an account may read.

    Raises:
        SourceUnreadable: The database cannot be reached or read.
    """
    return held.tables()


def apart(task: Callable[..., T], *arguments: Any, seconds: float | None = None, **options: Any) -> T:
    """Run `inspect`, `land` or `build_index` in a process of its own, which gives its memory back when it ends.

    Args:
        task: What to run.
        arguments: Its positional arguments.
        seconds: How long it may take; None for any time.
        options: Its keyword arguments.

    Raises:
        DatongError: Whatever the task raises.
        SourceUnreadable: It took longer than it may.
        BackendFailed: The process died.
    """
    from datong.engine.backends import apart as process  # noqa: PLC0415  drivers load on first use

    made: T = process.run(task, arguments, options, seconds)
    return made
