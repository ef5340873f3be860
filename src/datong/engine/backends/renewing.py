# SPDX-License-Identifier: Apache-2.0
"""Renewing a serving index: a copy of the one that serves, brought up to date by what a commit changed.

Kept here: the file that serves is never touched; the new one appears complete or not at all; it holds the same rows as
one built from the table, so where that cannot be promised none is made and the caller builds one.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from datong.engine.backends import lake as tables
from datong.engine.backends import staging, writer
from datong.engine.backends.duck.dialect import DuckDialect
from datong.engine.base import IndexInfo, Schema, Step
from datong.engine.errors import BackendFailed
from datong.engine.places import Place
from datong.engine.plans import serving
from datong.engine.plans.lookup import TABLE, quoted

_OLD = ("update_preimage", "delete")
_ROWS = 20_000


def renew_index(
    previous: Path, lake: Place, schema: Schema, query_fields: Sequence[str], target: Path, *, version: int
) -> IndexInfo | None:
    """Make the index of a version from that of the version before it.

    Args:
        previous: Index of `version - 1`.
        lake: Where the Delta table lies.
        schema: Declared items; with a key.
        query_fields: Declared query items.
        target: Where the file appears.
        version: The version; its commit wrote its change data feed, or only added rows.

    Returns:
        The index, or None where the previous one is not there or is of other items.

    Raises:
        Unknown: Nothing has landed yet.
        BackendFailed: It could not be written.
    """
    if not schema.keys or not _alike(previous, schema, query_fields):
        return None
    handle, name = tempfile.mkstemp(prefix=".index-", suffix=".partial", dir=target.parent)
    os.close(handle)
    partial = Path(name)
    try:
        shutil.copyfile(previous, partial)
        rows = _change(partial, lake, schema, version)
        partial.chmod(0o640)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        partial.replace(target)
        writer.sync(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise BackendFailed(f"the serving index {target.name} could not be renewed", remedy="check space and rights") from error
    finally:
        partial.unlink(missing_ok=True)
    return IndexInfo(str(target), rows, digest)


def _alike(previous: Path, schema: Schema, queries: Sequence[str]) -> bool:
    if not previous.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{previous.resolve().as_uri()}?immutable=1&mode=ro", uri=True)) as held:
            said = json.loads(held.execute("select text from about").fetchone()[0])
            there = [(row[1], row[2]) for row in held.execute(f"pragma table_info({TABLE})")]
    except (sqlite3.Error, ValueError, TypeError):
        return False
    with closing(sqlite3.connect(":memory:")) as fresh:
        fresh.execute(serving.create(schema))
        wanted = [(row[1], row[2]) for row in fresh.execute(f"pragma table_info({TABLE})")]
    return said == {"fields": list(schema.fields), "keys": list(schema.keys), "queries": list(queries)} and there == wanted


def _change(path: Path, lake: Place, schema: Schema, version: int) -> int:
    """Take out what a commit deleted or changed, put in what it brought; returns the rows there are then."""
    keys = " and ".join(f"{quoted(key)} = ?" for key in schema.keys)
    places = ", ".join("?" * len(schema.columns))
    with staging.session(path.parent) as engine, closing(sqlite3.connect(path)) as held:
        engine.hold("fed", tables.open_table(lake).load_cdf(starting_version=version, ending_version=version))
        for pragma in ("journal_mode = off", "synchronous = off"):
            held.execute(f"pragma {pragma}")
        for batch in engine.stream(_fed(schema, schema.keys, "in"), _ROWS):
            held.executemany(f"delete from {TABLE} where {keys}", _tuples(batch))
        for batch in engine.stream(_fed(schema, schema.fields, "not in"), _ROWS):
            held.executemany(f"insert into {TABLE} values ({places})", _tuples(batch))
        held.commit()
        return int(held.execute(f"select count(*) from {TABLE}").fetchone()[0])


def _fed(schema: Schema, fields: Sequence[str], old: str) -> Step:
    told = f"(select * from fed where _change_type {old} {_OLD})"
    stored = serving.stored(schema, told, DuckDialect()).sql
    return Step("fed", f"select {', '.join(quoted(one) for one in fields)} from ({stored})")


def _tuples(batch: Any) -> Iterator[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in batch.columns), strict=True)
