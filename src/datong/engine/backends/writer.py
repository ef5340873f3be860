# SPDX-License-Identifier: Apache-2.0
"""Writing serving indexes: Arrow batches stream into SQLite in C, then the file gets its name in one move."""

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import adbc_driver_sqlite.dbapi as adbc

from datong.engine.base import IndexInfo, Schema
from datong.engine.errors import BackendFailed
from datong.engine.plans import serving
from datong.engine.plans.lookup import TABLE


def write(batches: Any, schema: Schema, queries: Sequence[str], target: Path) -> IndexInfo:
    """Write an index.

    Args:
        batches: Arrow RecordBatchReader of stored values, columns as in `schema`.
        schema: The items.
        queries: Items to index besides the key.
        target: Where the file appears.

    Raises:
        BackendFailed: SQLite refused, for one because a key stands twice in the lake.
    """
    handle, name = tempfile.mkstemp(prefix=".index-", suffix=".partial", dir=target.parent)
    os.close(handle)
    partial = Path(name)
    try:
        rows = _fill(partial, batches, schema, queries)
        partial.chmod(0o640)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        partial.replace(target)
        sync(target.parent)
    except adbc.Error as error:
        raise BackendFailed(f"the serving index {target.name} could not be built", remedy="see the log of the worker") from error
    finally:
        partial.unlink(missing_ok=True)
    return IndexInfo(str(target), rows, digest)


def _fill(path: Path, batches: Any, schema: Schema, queries: Sequence[str]) -> int:
    with adbc.connect(str(path), autocommit=True) as connection, connection.cursor() as cursor:
        for pragma in ("journal_mode = off", "synchronous = off", f"application_id = {serving.APPLICATION}"):
            cursor.execute(f"pragma {pragma}")
        cursor.execute(serving.create(schema))
        cursor.adbc_ingest(TABLE, batches, mode="append")
        for statement in (*serving.indexes(schema, queries), "create table about (text text)", "analyze"):
            cursor.execute(statement)
        about = {"fields": list(schema.fields), "keys": list(schema.keys), "queries": list(queries)}
        cursor.execute("insert into about values (?)", (json.dumps(about, ensure_ascii=False),))
        cursor.execute(f"select count(*) from {TABLE}")
        counted: Any = cursor.fetchone()
        return int(counted[0])


def sync(folder: Path) -> None:
    """Have a folder's names on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
