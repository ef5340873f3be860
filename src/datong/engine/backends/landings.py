# SPDX-License-Identifier: Apache-2.0
"""Landings: rows of a source checked into a lake table, their serving index, and what was rejected.

Kept here: a landing replaces the whole table in one commit or leaves it as it was; every rejected row is kept with its
line, field and reason in `<table>__quarantine`; a landing without one sound row replaces nothing.
"""

import difflib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from datong.engine.backends import lake as tables
from datong.engine.backends import writer
from datong.engine.backends.duck.engine import DuckEngine
from datong.engine.base import Block, IndexInfo, Inspection, Landing, Misfit, Rehearsal, Schema, Source, Stamp, Step
from datong.engine.errors import NothingLanded, SourceUnreadable
from datong.engine.plans import digesting, landing, serving
from datong.engine.plans.doubting import settled
from datong.kernel.errors import Malformed


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
    strange = [name for name in query_fields if name not in schema.fields]
    if strange:
        raise Malformed("a query item must be an item", fields=dict.fromkeys(strange, "no such item"))
    with _session(target.parent) as engine:
        engine.open_table("landed", lake_table, version)
        batches = engine.reader(serving.stored(schema, "landed"))
        return writer.write(batches, schema, query_fields, target)


def put_back(lake: Path, version: int, *, batch: str) -> bool:
    """Put a table back to an earlier version, if what it holds now was committed by a batch.

    Args:
        lake: Folder of the Delta table.
        version: The version whose rows are to stand again; history is kept, this makes a new version.
        batch: The batch to be undone.

    Returns:
        Whether there was something to undo.
    """
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


@contextmanager
def _session(beside: Path) -> Iterator[DuckEngine]:
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


def _count(engine: DuckEngine, name: str) -> int:
    return int(engine.rows(f"select count(*) from {name}")[0][0])


def _faults(engine: DuckEngine) -> dict[str, str]:
    rows = engine.rows(f"select field, min(reason) from {landing.REJECTED} group by field order by field limit 20")
    return {field or "row": reason for field, reason in rows}
