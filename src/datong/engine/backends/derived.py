# SPDX-License-Identifier: Apache-2.0
"""Derived tables: written beside their place in one pass, described by a manifest, named in one move.

Kept here: a folder `<version>-<digest>` is there whole or not at all and never changes, so whoever reads the manifest
may serve the files it names for as long as the folder stands; the table is a Delta table of its own without statistics.
A new version takes over the files of the one before that still hold, as hard links, and writes the others; it comes to
hold what one written at once would hold. Where the lake is in an object store the files go there before the manifest gets
its name; manifests stay on this machine, so that nobody asks the store what there is.
"""

import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake import Schema as DeltaSchema
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction

from datong.engine.backends import bulk, keeping, lake, telling
from datong.engine.backends.manifests import MANIFEST, Derived, DerivedFile, derived, file_id, versions
from datong.engine.base import EMBEDDED, Bulk, Schema
from datong.engine.errors import BackendFailed
from datong.engine.places import Place, Remote
from datong.engine.plans import deriving, upkeep
from datong.engine.plans.lookup import Access

_BARE = {"delta.dataSkippingNumIndexedCols": "0"}
_LANDED = "landed"


@dataclass(frozen=True, slots=True)
class _Work:
    """What a derived table is made of."""

    lake_table: Place
    version: int
    schema: Schema
    access: Access
    digest: str
    sql: str
    bound: tuple[Any, ...]
    store: Remote | None
    by: Bulk

    @property
    def at(self) -> str:
        """Where in the store its files lie; empty where they stay beside the manifest."""
        return "" if self.store is None else self.store.key


def derive(
    lake_table: Place,
    schema: Schema,
    access: Access,
    folder: Path,
    *,
    version: int | None = None,
    history: bool = False,
    store: Remote | None = None,
    by: Bulk = EMBEDDED,
) -> Path:
    """Make the derived table of a policy, unless it is there.

    Args:
        lake_table: Where the Delta table lies.
        schema: Its items.
        access: What the policy lets out.
        folder: Of the derived tables of this resource.
        version: Version of the lake table; None takes the newest.
        history: Whether to keep what changed since the version before, were there one.
        store: Where in an object store the derived tables of this resource have their files; None for `folder` itself.
        by: Who does the work; what it has no words for DuckDB does.

    Returns:
        Folder of the derived table, `<version>-<digest>`.

    Raises:
        Unknown: Nothing has landed yet.
        ItemNotGranted, Malformed: The policy lets out no item, or the rows of single cases only.
        BackendFailed: It could not be written; nothing of it stays.
    """
    by, (sql, bound) = bulk.compiled(by, lambda words: deriving.select(access, schema, _LANDED, words))
    digest = deriving.policy_digest(access, schema)
    table = lake.open_table(lake_table, version)
    into = None if store is None else Remote(store.bucket, f"{store.key}/{digest}", store.kept / digest)
    work = _Work(lake_table, int(table.version()), schema, access, digest, sql, bound, into, by)
    target = folder / f"{work.version}-{digest}"
    if (target / MANIFEST).exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with _writing(), tempfile.TemporaryDirectory(prefix=".deriving-", dir=folder, ignore_cleanup_errors=True) as beside:
        fresh = Path(beside) / "table"
        made = _made(work, table, folder, fresh, Path(beside) / "spill", history=history)
        if into is not None:
            _stored(into, fresh)
        (fresh / MANIFEST).write_text(json.dumps(asdict(made), ensure_ascii=False), "utf-8")
        for path in (*fresh.rglob("*"), fresh):
            _sync(path)
        _put(fresh, target)
    return target


def _made(work: _Work, table: DeltaTable, folder: Path, fresh: Path, spill: Path, *, history: bool) -> Derived:
    """Write the table, and what changed since the version before."""
    earlier = [one for one in versions(folder, work.digest) if one < work.version]
    last = derived(folder / f"{earlier[-1]}-{work.digest}") if earlier else None
    last = last if last is not None and last.at == work.at else None
    fresh.mkdir()
    with bulk.session(work.by, spill) as engine:
        columns = _columns(engine, work, table)
        files = _files(engine, work, table, last, folder, fresh)
    _logged(fresh, columns, files)
    changes = None
    if history and last is not None:
        changes = telling.tell(work.lake_table, work.schema, work.access, (last.version, work.version), fresh)
    return Derived(
        version=work.version,
        digest=work.digest,
        schema=columns.to_json(),
        rows=sum(one.rows for one in files),
        size=sum(one.size for one in files),
        files=tuple(files),
        timestamp=lake.committed_at(work.lake_table, work.version),
        before=None if changes is None or last is None else last.version,
        begins=last is None,
        changes=changes or (),
        at=work.at,
    )


def _columns(engine: bulk.BulkEngine, work: _Work, table: DeltaTable) -> DeltaSchema:
    """Columns of the derived table, any of which may be empty."""
    engine.open_columns(_LANDED, table)
    told = engine.columns_of("derived", work.sql, work.bound)
    return DeltaSchema.from_arrow(pa.schema([pa.field(one.name, one.type) for one in told]))


def _files(
    engine: bulk.BulkEngine, work: _Work, table: DeltaTable, last: Derived | None, folder: Path, fresh: Path
) -> list[DerivedFile]:
    held = last.files if last is not None else ()
    todo = upkeep.plan([one.made_of for one in held], lake.sizes(table))
    kept = [held[place] for place in todo.kept]
    for one in kept:
        if one.path and last is not None and not last.at:
            _taken_over(folder / f"{last.version}-{work.digest}" / one.path, fresh / one.path)
    written = []
    for pack in todo.packs:
        engine.open_files(_LANDED, _landed(work.lake_table, pack))
        written.append(_file(engine, work, fresh, pack))
    return [*kept, *written]


def _file(engine: bulk.BulkEngine, work: _Work, fresh: Path, pack: tuple[str, ...]) -> DerivedFile:
    name = f"part-{uuid.uuid4().hex}.parquet"
    path = fresh / name
    engine.write("derived", work.sql, work.bound, path)
    rows = int(pq.read_metadata(path).num_rows)
    if not rows:
        path.unlink()
    return DerivedFile(file_id(work.digest, name), name if rows else "", path.stat().st_size if rows else 0, rows, pack)


def _landed(table: Place, pack: tuple[str, ...]) -> list[str]:
    try:
        return lake.here(table, pack)
    except FileNotFoundError as error:
        raise BackendFailed("a file of the lake is not there any more", remedy="land the resource again") from error


def _stored(place: Remote, fresh: Path) -> None:
    """Put what was written into the store, under names nothing else has; here only the manifest is left."""
    written = [path.relative_to(fresh).as_posix() for path in fresh.rglob("*.parquet")]
    keeping.put(place, fresh, written)
    shutil.rmtree(fresh)
    fresh.mkdir()


def _taken_over(there: Path, here: Path) -> None:
    """Let two versions share a file; where the disk knows no hard links each has its own."""
    try:
        here.hardlink_to(there)
    except OSError:
        shutil.copyfile(there, here)


def _logged(table: Path, columns: DeltaSchema, files: list[DerivedFile]) -> None:
    """Write the log of the table: it names the files that have rows, and says nothing of what is in them."""
    held = DeltaTable.create(str(table), columns, configuration=_BARE)
    actions = [
        AddAction(one.path, one.size, {}, modification_time=0, data_change=True, stats=json.dumps({"numRecords": one.rows}))
        for one in files
        if one.rows
    ]
    if actions:
        held.create_write_transaction(actions, "append", columns)


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except (DeltaError, OSError) as error:
        raise BackendFailed("a derived table could not be written", remedy="check space and rights") from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _put(fresh: Path, target: Path) -> None:
    """Give the table its name; were another one first, theirs stands, for both are made of the same."""
    try:
        fresh.rename(target)
    except OSError as error:
        if not (target / MANIFEST).exists():
            raise BackendFailed("a derived table could not be put in its place", remedy="check space and rights") from error
