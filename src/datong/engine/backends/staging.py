# SPDX-License-Identifier: Apache-2.0
"""Staging: what every way of landing shares: a session that spills, the columns that are read, how far it is.

Kept here: a session's spilled rows lie beside the table and go with it.
"""

import difflib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from datong.engine.backends import bulk
from datong.engine.backends.duck.engine import DuckEngine
from datong.engine.base import Block, Bulk, Inspection, Schema, Step
from datong.engine.plans import landing
from datong.engine.plans.digesting import Seal
from datong.kernel.errors import Malformed


@contextmanager
def session(beside: Path) -> Iterator[DuckEngine]:
    """Open a session that spills into a folder of its own."""
    beside.mkdir(parents=True, exist_ok=True)
    spill = Path(tempfile.mkdtemp(prefix=".spill-", dir=beside))
    try:
        with DuckEngine(spill) as engine:
            yield engine
    finally:
        shutil.rmtree(spill, ignore_errors=True)


@contextmanager
def chosen(by: Bulk, beside: Path) -> Iterator[bulk.BulkEngine]:
    """Open a session of the engine that does bulk work; what it leaves lies in a folder of its own."""
    beside.mkdir(parents=True, exist_ok=True)
    spill = Path(tempfile.mkdtemp(prefix=".spill-", dir=beside))
    try:
        with bulk.session(by, spill) as engine:
            yield engine
    finally:
        shutil.rmtree(spill, ignore_errors=True)


def positions(schema: Schema, columns: Mapping[str, str], seen: Inspection) -> dict[str, int]:
    """Find the source column of each item.

    Raises:
        Malformed: A field without a column, or a column that is not there or not unique.
    """
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


def watched(blocks: Iterable[Block], progress: Callable[[int], None] | None) -> Iterator[Block]:
    """Pass blocks on and tell how many rows have passed."""
    done = 0
    for block in blocks:
        yield block
        done += len(block.lines) + len(block.faults)
        if progress is not None:
            progress(done)


def count(engine: DuckEngine, name: str) -> int:
    """Count the rows of a step."""
    return int(engine.rows(f"select count(*) from {name}")[0][0])


def faults(engine: DuckEngine) -> dict[str, str]:
    """Give one reason for each item that rejected a row."""
    rows = engine.rows(f"select field, min(reason) from {landing.REJECTED} group by field order by field limit 20")
    return {field or "row": reason for field, reason in rows}


def sealed(engine: DuckEngine, name: str, seal: Seal) -> Any:
    """Give the rows of a step as a RecordBatchReader; each is counted into the digest as it passes."""
    rows = engine.reader(Step("landing", f"select * from {name}"))
    return pa.RecordBatchReader.from_batches(rows.schema, seal.passing(rows))
