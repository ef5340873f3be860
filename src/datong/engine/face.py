# SPDX-License-Identifier: Apache-2.0
"""The door of the engine: look at a source, land it, build its serving index, read what was rejected.

Kept here: a landing replaces the whole table in one commit or leaves it as it was; every rejected row is kept with its
line, field and reason in `<table>__quarantine`; a landing without one sound row replaces nothing. Drivers load on
first use, so importing this costs little.
"""

import difflib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from datong.engine.base import (
    Block,
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
    Stamp,
    Step,
    Survey,
    Table,
)
from datong.engine.errors import NothingLanded, SourceUnreadable
from datong.engine.plans import digesting, landing, lookup, profiling, serving
from datong.engine.plans.doubting import settled
from datong.engine.plans.reasons import REASONS
from datong.kernel.errors import Malformed
from datong.kernel.masks import Mask
from datong.kernel.sharing import ItemType

if TYPE_CHECKING:
    from datong.engine.backends.derived import derive
    from datong.engine.backends.duck.engine import DuckEngine
    from datong.engine.backends.sources.columnar import ParquetSource
    from datong.engine.backends.sources.delimited import CsvSource
    from datong.engine.backends.sources.mysql import MysqlDatabase, MysqlSource
    from datong.engine.backends.sources.postgres import PostgresDatabase
    from datong.engine.backends.sources.relational import PostgresSource
    from datong.engine.backends.sources.sqlite import SqliteDatabase, SqliteSource
    from datong.engine.backends.sources.workbook import XlsxSource
    from datong.engine.backends.text import chinese
    from datong.engine.backends.text.index import TextIndex

__all__ = [
    "REASONS",
    "Column",
    "CsvSource",
    "Declared",
    "IndexInfo",
    "Inspection",
    "Landing",
    "Limits",
    "Misfit",
    "MysqlDatabase",
    "MysqlSource",
    "ParquetSource",
    "PostgresDatabase",
    "PostgresSource",
    "Profile",
    "Rehearsal",
    "Row",
    "Schema",
    "Sheet",
    "SqliteDatabase",
    "SqliteSource",
    "Survey",
    "Table",
    "TextIndex",
    "XlsxSource",
    "apart",
    "build_index",
    "check_address",
    "chinese",
    "database",
    "derive",
    "first_rows",
    "inspect",
    "land",
    "profile",
    "put_back",
    "quarantine",
    "quarantine_of",
    "rehearse",
    "rows_of",
    "sheet_rows",
    "sheets",
    "sounds",
    "survey",
    "tables",
]

T = TypeVar("T")
_SOURCES = {
    "CsvSource": "delimited",
    "XlsxSource": "workbook",
    "ParquetSource": "columnar",
    "PostgresSource": "relational",
    "PostgresDatabase": "postgres",
    "MysqlDatabase": "mysql",
    "MysqlSource": "mysql",
    "SqliteDatabase": "sqlite",
    "SqliteSource": "sqlite",
}


_TEXT = "datong.engine.backends.text"


def __getattr__(name: str) -> Any:
    """Give a source class, the text index or its language on first use, so that a driver loads only then."""
    import importlib  # noqa: PLC0415  drivers load on first use

    if name == "chinese":
        return importlib.import_module(f"{_TEXT}.chinese")
    if name == "TextIndex":
        return importlib.import_module(f"{_TEXT}.index").TextIndex
    if name == "derive":
        return importlib.import_module("datong.engine.backends.derived").derive
    if name not in _SOURCES:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"datong.engine.backends.sources.{_SOURCES[name]}"), name)


def inspect(source: Source) -> Inspection:
    """Look at a source: its columns, encoding and first rows.

    Raises:
        SourceUnreadable: It cannot be read as what it claims to be.
    """
    return source.inspect()


def check_address(dsn: str) -> str:
    """Check the address of a database a person handed in: a server, an account, a database, no local file or socket.

    Raises:
        Malformed: Says what is not taken, without quoting the address.
    """
    from datong.engine.backends.sources import addresses  # noqa: PLC0415  drivers load on first use

    return addresses.check(dsn)


def database(dsn: str) -> Database:
    """Give the database behind an address; whoever takes it from a person calls `check_address` first.

    Raises:
        Malformed: Neither PostgreSQL nor MySQL.
    """
    from datong.engine.backends.sources import addresses, mysql, postgres  # noqa: PLC0415  drivers load on first use

    return postgres.PostgresDatabase(dsn) if addresses.kind_of(dsn) == "postgres" else mysql.MysqlDatabase(dsn)


def tables(held: Database) -> list[Table]:
    """List the tables and views an account may read.

    Raises:
        SourceUnreadable: The database cannot be reached or read.
    """
    return held.tables()


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


def sheets(path: Path) -> tuple[Sheet, ...]:
    """List the sheets of a workbook, hidden ones too.

    Raises:
        SourceUnreadable: Not a sound XLSX workbook within bounds; says why and what to do.
    """
    from datong.engine.backends.sources import sheets as books  # noqa: PLC0415  drivers load on first use

    return books.sheets(path)


def sheet_rows(path: Path, sheet: str) -> Iterator[Row]:
    """Read a sheet row by row, with the cells that hold no value they should.

    Raises:
        SourceUnreadable: Not a sound workbook, or no such sheet.
    """
    from datong.engine.backends.sources import sheets as books  # noqa: PLC0415  drivers load on first use

    return books.rows(path, sheet)


def sounds(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Give how the runs of Chinese in some names sound; costs memory, so for processes that end."""
    from datong.engine.backends.sources import spelling  # noqa: PLC0415  drivers load on first use

    return spelling.sounds(names)


def land(
    source: Source,
    schema: Schema,
    columns: Mapping[str, str],
    lake: Path,
    *,
    batch: str,
    progress: Callable[[int], None] | None = None,
) -> Landing:
    """Replace a lake table by the sound rows of a source.

    Args:
        source: Where the rows come from.
        schema: Declared items; types are never guessed.
        columns: Field to the source column it is read from, as `inspect` names it. Nullable fields may be left out.
        lake: Folder of the Delta table.
        batch: Identifier of this landing, kept with each row.
        progress: Called with the number of rows read so far.

    Raises:
        Malformed: A field without a column, or a column that is not there or not unique.
        SourceUnreadable: The source cannot be read to its end; nothing is changed.
        NothingLanded: No row was sound; the table is unchanged and the reasons are in quarantine.
        Conflict: Another landing into the same table was first.
    """
    from datong.engine.backends import lake as tables  # noqa: PLC0415  drivers load on first use

    seen = source.inspect()
    plan = landing.LandingPlan(
        schema, _positions(schema, columns, seen), seen.columns, Stamp(source.label, batch, datetime.now(UTC))
    )
    with _session(lake.parent) as engine:
        blocks = settled(source.blocks(seen), {*plan.positions.values()})
        read = engine.stage(landing.STAGED, len(seen.columns), _watched(blocks, progress))
        if not read:
            raise SourceUnreadable("there are no rows below the header", fields={"file": "no rows"})
        for step in landing.steps(plan, engine.dialect):
            engine.run(step)
        good, bad = _count(engine, landing.SOUND), _count(engine, landing.REJECTED)
        if bad or quarantine_of(lake).exists():
            reader = engine.reader(Step("quarantine", f"select * from {landing.REJECTED}"))
            tables.replace_batch(quarantine_of(lake), reader, batch=batch)
        if not good:
            raise NothingLanded(f"none of {bad} rows is sound", fields=_faults(engine), remedy="see the quarantine")
        digest = digesting.digest(engine.stream(digesting.row_texts(schema, landing.SOUND)))
        sound = engine.reader(Step("landing", f"select * from {landing.SOUND}"))
        version = tables.overwrite(lake, sound, batch=batch)
    return Landing(good, bad, version, digest)


def rehearse(source: Source, schema: Schema, columns: Mapping[str, str], beside: Path) -> Rehearsal:
    """Read a source as a landing would and tell what it finds; nothing is landed.

    Args:
        source: Where the rows come from.
        schema: Declared items.
        columns: Field to the source column it is read from.
        beside: Folder in which to spill.

    Raises:
        SourceUnreadable: It cannot be read to its end.
    """
    seen = source.inspect()
    there = [column for column in schema.columns if columns.get(column.field, "") in seen.columns]
    missing = tuple(field for field in schema.fields if field not in {column.field for column in there})
    unread = tuple(name for name in seen.columns if name not in set(columns.values()))
    if not there:
        return Rehearsal(missing, 0, unread=unread)
    whole = not set(schema.keys) & set(missing)
    plain = Schema(tuple(column if whole else replace(column, key=False) for column in there))
    places = {column.field: seen.columns.index(columns[column.field]) for column in there}
    plan = landing.LandingPlan(plain, places, seen.columns, Stamp(source.label, "rehearsal", datetime.now(UTC)))
    with _session(beside) as engine:
        read = engine.stage(landing.STAGED, len(seen.columns), settled(source.blocks(seen), {*places.values()}))
        if not read:
            return Rehearsal(missing, 0, unread=unread)
        for step in landing.steps(plan, engine.dialect):
            engine.run(step)
        rows = _count(engine, landing.SOUND) + _count(engine, landing.REJECTED)
        told = engine.rows(f"select field, code, count(*) from {landing.REJECTED} group by field, code order by field, code")
    return Rehearsal(missing, rows, tuple(Misfit(field or "", code, int(number)) for field, code, number in told), unread)


def rows_of(lake: Path, version: int | None = None) -> int | None:
    """Count the rows of a lake table, None where nothing has landed."""
    if not lake.exists():
        return None
    with _session(lake.parent) as engine:
        engine.open_table("landed", lake, version)
        return _count(engine, "landed")


def build_index(
    lake_table: Path, schema: Schema, query_fields: Sequence[str], target: Path, *, version: int | None = None
) -> IndexInfo:
    """Build the serving index of a lake table.

    Args:
        lake_table: Folder of the Delta table.
        schema: Declared items; all of them are served, grants decide who sees which.
        query_fields: Declared query items; each gets an index.
        target: The SQLite file; appears complete or not at all.
        version: Version of the table; None takes the newest.

    Raises:
        Unknown: Nothing has landed yet.
        Malformed: A query field that is no item.
    """
    from datong.engine.backends import writer  # noqa: PLC0415  drivers load on first use

    strange = [name for name in query_fields if name not in schema.fields]
    if strange:
        raise Malformed("a query item must be an item", fields=dict.fromkeys(strange, "no such item"))
    with _session(target.parent) as engine:
        engine.open_table("landed", lake_table, version)
        batches = engine.reader(serving.stored(schema, "landed"))
        return writer.write(batches, schema, query_fields, target)


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


def put_back(lake: Path, version: int, *, batch: str) -> bool:
    """Put a table back to an earlier version, if what it holds now was committed by a batch.

    Args:
        lake: Folder of the Delta table.
        version: The version whose rows are to stand again; history is kept, this makes a new version.
        batch: The batch to be undone.

    Returns:
        Whether there was something to undo.
    """
    from datong.engine.backends import lake as tables  # noqa: PLC0415  drivers load on first use

    return tables.put_back(lake, version, batch=batch)


def quarantine_of(lake: Path) -> Path:
    """Give the folder of a table's quarantine."""
    return lake.with_name(f"{lake.name}__quarantine")


def quarantine(lake: Path, batch: str, *, limit: int = 100, after: int = 0) -> list[dict[str, Any]]:
    """Read rejected rows of one batch by line: line, field, code, reason and raw.

    Args:
        lake: Folder of the table itself.
        batch: The batch.
        limit: Most rows.
        after: Only lines beyond this one.
    """
    where = quarantine_of(lake)
    if not where.exists():
        return []
    names = ("line", "field", "code", "reason", "raw")
    with _session(lake.parent) as engine:
        engine.open_table("rejects", where)
        rows = engine.rows(
            f"select {', '.join(names)} from rejects where _batch = {engine.dialect.literal(batch)} "
            f"and line > {int(after)} order by line limit {int(limit)}"
        )
    return [dict(zip(names, row, strict=True)) for row in rows]


def first_rows(index: Path, columns: Mapping[str, ItemType], masks: Mapping[str, Mask], *, limit: int) -> list[dict[str, Any]]:
    """Read the first rows of a serving index, masked inside the look-up.

    Args:
        index: The SQLite file.
        columns: Items of the resource and their types.
        masks: Items wanted, each with what hides it; no other item is read. None of them hashes.
        limit: Most rows.

    Raises:
        IndexMissing: The file is absent, or lacks one of the items.
    """
    from datong.engine.backends.index import ServingIndex  # noqa: PLC0415  drivers load on first use

    plan = lookup.compile_lookup(lookup.LookupRequest(lookup.Access(columns, (), (), masks), limit=limit))
    with ServingIndex(index) as held:
        return plan.page(held.fetch(plan)).records


@contextmanager
def _session(beside: Path) -> "Iterator[DuckEngine]":
    from datong.engine.backends.duck.engine import DuckEngine  # noqa: PLC0415  drivers load on first use

    beside.mkdir(parents=True, exist_ok=True)
    spill = Path(tempfile.mkdtemp(prefix=".spill-", dir=beside))
    try:
        with DuckEngine(spill) as engine:
            yield engine
    finally:
        shutil.rmtree(spill, ignore_errors=True)


def _positions(schema: Schema, columns: Mapping[str, str], seen: Inspection) -> dict[str, int]:
    wrong: dict[str, str] = {}
    places: dict[str, int] = {}
    for column in schema.columns:
        header = columns.get(column.field, "")
        if header in seen.columns:
            places[column.field] = seen.columns.index(header)
        elif header or column.required:
            wrong[column.field] = _why_not(header, seen)
    wrong |= {name[:64]: "no such item" for name in columns if name not in schema.fields}
    if wrong:
        raise Malformed("the columns of the source do not fit the items", fields=wrong,
                        remedy=f"columns there: {', '.join(seen.columns)[:500]}")  # fmt: skip
    return places


def _why_not(header: str, seen: Inspection) -> str:
    if not header:
        return "no column is named for it"
    if header in seen.duplicates:
        return f"{header} stands more than once: choose {header}#1, {header}#2 …"
    close = difflib.get_close_matches(header, seen.columns, 1, 0.5)
    return f"no column {header[:64]}" + (f"; did you mean {close[0]}?" if close else "")


def _watched(blocks: Iterable[Block], progress: Callable[[int], None] | None) -> Iterator[Block]:
    done = 0
    for block in blocks:
        yield block
        done += len(block.lines) + len(block.faults)
        if progress is not None:
            progress(done)


def _count(engine: "DuckEngine", name: str) -> int:
    return int(engine.rows(f"select count(*) from {name}")[0][0])


def _faults(engine: "DuckEngine") -> dict[str, str]:
    rows = engine.rows(f"select field, min(reason) from {landing.REJECTED} group by field order by field limit 20")
    return {field or "row": reason for field, reason in rows}
