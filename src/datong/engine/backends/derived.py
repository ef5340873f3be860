# SPDX-License-Identifier: Apache-2.0
"""Derived tables on disk: written beside their place in one pass, described by a manifest, named in one move.

Kept here: a folder `<version>-<digest>` is there whole or not at all and never changes, so whoever reads the manifest
may serve the files it names for as long as the folder stands; the table is a Delta table of its own without statistics.
"""

import hashlib
import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError

from datong.engine.backends import lake
from datong.engine.backends.duck.engine import DuckEngine
from datong.engine.backends.manifests import MANIFEST, Derived, DerivedFile
from datong.engine.base import Schema
from datong.engine.errors import BackendFailed
from datong.engine.plans import deriving
from datong.engine.plans.lookup import Access

_BARE = {"delta.dataSkippingNumIndexedCols": "0"}
_FILE_BYTES = 128 * 1024 * 1024


def derive(lake_table: Path, schema: Schema, access: Access, folder: Path, *, version: int | None = None) -> Path:
    """Make the derived table of a policy, unless it is there.

    Args:
        lake_table: Folder of the Delta table.
        schema: Its items.
        access: What the policy lets out.
        folder: Of the derived tables of this resource.
        version: Version of the lake table; None takes the newest.

    Returns:
        Folder of the derived table, `<version>-<digest>`.

    Raises:
        Unknown: Nothing has landed yet.
        ItemNotGranted, Malformed: The policy lets out no item, or the rows of single cases only.
        BackendFailed: It could not be written; nothing of it stays.
    """
    sql, bound = deriving.select(access, schema, "landed")
    digest = deriving.policy_digest(access, schema)
    made_of = int(lake.open_table(lake_table, version).version())
    target = folder / f"{made_of}-{digest}"
    if (target / MANIFEST).exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".deriving-", dir=folder, ignore_cleanup_errors=True) as beside:
        fresh = Path(beside) / "table"
        with DuckEngine(Path(beside) / "spill") as engine:
            engine.open_table("landed", lake_table, made_of)
            _write(fresh, engine.query("derived", sql, bound))
        made = _described(fresh, made_of, digest)
        (fresh / MANIFEST).write_text(json.dumps(asdict(made), ensure_ascii=False), "utf-8")
        _put(fresh, target)
    return target


def _write(table: Path, rows: Any) -> None:
    try:
        write_deltalake(str(table), rows, configuration=_BARE, target_file_size=_FILE_BYTES)
    except (DeltaError, OSError) as error:
        raise BackendFailed("a derived table could not be written", remedy="check space and rights") from error


def _described(table: Path, version: int, digest: str) -> Derived:
    held = DeltaTable(str(table))
    files = tuple(_file(Path(path), table, digest) for path in lake.files(held, table))
    schema = held.schema().to_json()
    return Derived(version, digest, schema, sum(one.rows for one in files), sum(one.size for one in files), files)


def _file(path: Path, table: Path, digest: str) -> DerivedFile:
    name = path.relative_to(table).as_posix()
    identifier = hashlib.sha256(f"{digest}/{name}".encode()).hexdigest()[:32]
    return DerivedFile(identifier, name, path.stat().st_size, pq.read_metadata(path).num_rows)


def _put(fresh: Path, target: Path) -> None:
    """Give the table its name; were another one first, theirs stands, for both are made of the same."""
    try:
        fresh.rename(target)
    except OSError as error:
        if not (target / MANIFEST).exists():
            raise BackendFailed("a derived table could not be put in its place", remedy="check space and rights") from error
