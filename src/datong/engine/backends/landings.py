# SPDX-License-Identifier: Apache-2.0
"""Landings: rows of a source checked into a lake table, their serving index, and what was rejected.

Kept here: a landing replaces the whole table in one commit or leaves it as it was; every rejected row is kept with its
line, field and reason in `<table>__quarantine`; a landing without one sound row replaces nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from datong.engine.backends import lake as tables
from datong.engine.backends import reading, staging, writer
from datong.engine.base import EMBEDDED, Bulk, IndexInfo, Landing, Misfit, Rehearsal, Schema, Source, Stamp, Step
from datong.engine.errors import NothingLanded, SourceUnreadable
from datong.engine.places import Place
from datong.engine.plans import digesting, landing, serving
from datong.kernel.errors import Malformed


def land(
    source: Source,
    schema: Schema,
    columns: Mapping[str, str],
    lake: Place,
    *,
    batch: str,
    progress: Callable[[int], None] | None = None,
) -> Landing:
    """Replace a lake table by the sound rows of a source.

    Args:
        source: Where the rows come from.
        schema: Declared items; types are never guessed.
        columns: Field to the source column it is read from, as `inspect` names it. Nullable fields may be left out.
        lake: Where the Delta table lies.
        batch: Identifier of this landing, kept with each row.
        progress: Called with the number of rows read so far.

    Raises:
        Malformed: A field without a column, or a column that is not there or not unique.
        SourceUnreadable: The source cannot be read to its end; nothing is changed.
        NothingLanded: No row was sound; the table is unchanged and the reasons are in quarantine.
        Conflict: Another landing into the same table was first.
    """
    seen = source.inspect()
    plan = landing.LandingPlan(
        schema, staging.positions(schema, columns, seen), seen.columns, Stamp(source.label, batch, datetime.now(UTC))
    )
    with staging.session(lake.parent) as engine:
        plan, read = reading.read(engine, source, seen, plan, progress)
        if not read:
            raise SourceUnreadable("there are no rows below the header", fields={"file": "no rows"})
        bad = reading.judge(engine, plan)
        if bad or tables.exists(quarantine_of(lake)):
            reader = engine.reader(Step("quarantine", f"select * from {landing.REJECTED}"))
            tables.replace_batch(quarantine_of(lake), reader, batch=batch)
        if bad == read:
            raise NothingLanded(f"none of {bad} rows is sound", fields=staging.faults(engine), remedy="see the quarantine")
        seal = digesting.Seal(schema.fields)
        version = tables.overwrite(lake, staging.sealed(engine, landing.SOUND, seal), batch=batch)
    return Landing(read - bad, bad, version, seal.hexdigest())


def rehearse(source: Source, schema: Schema, columns: Mapping[str, str], beside: Path, *, by: Bulk = EMBEDDED) -> Rehearsal:
    """Read a source as a landing would and tell what it finds; nothing is landed.

    Args:
        source: Where the rows come from.
        schema: Declared items.
        columns: Field to the source column it is read from.
        beside: Folder in which to spill.
        by: Who judges the rows; they are read here.

    Raises:
        SourceUnreadable: It cannot be read to its end.
        BackendFailed: The cluster does not answer.
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
    with staging.chosen(by, beside) as engine:
        texts = frozenset(range(len(seen.columns))) if by.remote else frozenset()
        plan, rows = reading.read(engine, source, seen, plan, None, as_text=texts)
        if not rows:
            return Rehearsal(missing, 0, unread=unread)
        reading.reject(engine, plan)
        told = engine.rows(f"select field, code, count(*) from {landing.REJECTED} group by field, code order by field, code")
    return Rehearsal(missing, rows, tuple(Misfit(field or "", code, int(number)) for field, code, number in told), unread)


def rows_of(lake: Place, version: int | None = None) -> int | None:
    """Count the rows of a lake table, None where nothing has landed."""
    if not tables.exists(lake):
        return None
    with staging.session(lake.parent) as engine:
        engine.open_table("landed", lake, version)
        return staging.count(engine, "landed")


def build_index(
    lake_table: Place, schema: Schema, query_fields: Sequence[str], target: Path, *, version: int | None = None
) -> IndexInfo:
    """Build the serving index of a lake table.

    Args:
        lake_table: Where the Delta table lies.
        schema: Declared items; all of them are served, grants decide who sees which.
        query_fields: Declared query items; each gets an index.
        target: The SQLite file; appears complete or not at all.
        version: Version of the table; None takes the newest.

    Raises:
        Unknown: Nothing has landed yet.
        Malformed: A query field that is no item.
    """
    strange = [name for name in query_fields if name not in schema.fields]
    if strange:
        raise Malformed("a query item must be an item", fields=dict.fromkeys(strange, "no such item"))
    with staging.session(target.parent) as engine:
        engine.open_table("landed", lake_table, version)
        batches = engine.reader(serving.stored(schema, "landed", engine.dialect))
        return writer.write(batches, schema, query_fields, target)


def put_back(lake: Place, version: int, *, batch: str) -> bool:
    """Put a table back to an earlier version, if what it holds now was committed by a batch.

    Args:
        lake: Where the Delta table lies.
        version: The version whose rows are to stand again; history is kept, this makes a new version.
        batch: The batch to be undone.

    Returns:
        Whether there was something to undo.
    """
    return tables.put_back(lake, version, batch=batch)


def quarantine_of(lake: Place) -> Place:
    """Tell where a table's quarantine lies."""
    return lake.with_name(f"{lake.name}__quarantine")


def quarantine(lake: Place, batch: str, *, limit: int = 100, after: int = 0) -> list[dict[str, Any]]:
    """Read rejected rows of one batch by line: line, field, code, reason and raw.

    Args:
        lake: Where the table itself lies.
        batch: The batch.
        limit: Most rows.
        after: Only lines beyond this one.
    """
    where = quarantine_of(lake)
    if not tables.exists(where):
        return []
    names = ("line", "field", "code", "reason", "raw")
    with staging.session(lake.parent) as engine:
        engine.open_table("rejects", where)
        rows = engine.rows(
            f"select {', '.join(names)} from rejects where _batch = {engine.dialect.literal(batch)} "
            f"and line > {int(after)} order by line limit {int(limit)}"
        )
    return [dict(zip(names, row, strict=True)) for row in rows]
