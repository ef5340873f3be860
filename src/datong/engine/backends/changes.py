# SPDX-License-Identifier: Apache-2.0
"""Changes of a lake table as a policy lets them out, commit by commit, read as Arrow batches.

Kept here: a commit that wrote its change data feed is told from that, any other from the files it added and removed,
compared by key; so replaying what comes out over the derived table of one version gives that of another. What a failed
landing committed and took back is never told. Memory is that of the database, which spills beside the table.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from datong.engine.backends import lake
from datong.engine.backends.duck.dialect import DuckDialect
from datong.engine.backends.duck.engine import DuckEngine
from datong.engine.base import Schema
from datong.engine.errors import BackendFailed, ChangesGone
from datong.engine.places import Place
from datong.engine.plans import changing
from datong.engine.plans.lookup import Access
from datong.kernel.errors import Malformed

_OLD, _NEW, _FEED = "old_rows", "new_rows", "fed_rows"


def changes(lake_table: Place, schema: Schema, access: Access, since: int, until: int) -> Any:
    """Tell what changed between two versions of a lake table, through a policy.

    Args:
        lake_table: Where the Delta table lies.
        schema: Its items.
        access: What the policy lets out.
        since: Version from which on, itself not told; -1 tells everything as insertions.
        until: Last version told.

    Returns:
        A RecordBatchReader: `_change_type` (insert, update_preimage, update_postimage, delete), the columns of the
        policy as its derived table has them, `_commit_version` (int64), `_commit_timestamp` (UTC). Commits in order;
        in a commit deletions first, the two images of an update side by side; the same order each time.

    Raises:
        Unknown: Nothing has landed yet.
        Malformed: The versions do not follow one another.
        ItemNotGranted, Malformed: The policy lets out no item, or the rows of single cases only.
        ChangesGone: A version or its files are no longer kept, or its items are of other types; when reading as well.
    """
    if not -1 <= since <= until:
        raise Malformed("changes are told from an older version to a newer one", fields={"since": "not after until"})
    sql, bound = changing.statement(access, schema, DuckDialect())
    newest = int(lake.open_table(lake_table).version())
    if until > newest:
        raise Malformed("there is no such version yet", fields={"until": f"at most {newest}"})
    told = changing.stretches((_commit(lake_table, number) for number in range(since + 1, until + 1)), since)
    batches = _batches(lake_table, schema, told, sql, bound)
    first = next(batches)  # rows none: it says the columns
    return pa.RecordBatchReader.from_batches(first.schema, batches)


def _batches(table: Place, schema: Schema, told: list[changing.Stretch], sql: str, bound: tuple[Any, ...]) -> Iterator[Any]:
    """Give an empty batch for its columns, then those of each stretch."""
    with (
        tempfile.TemporaryDirectory(prefix=".changes-", dir=table.parent, ignore_cleanup_errors=True) as spill,
        DuckEngine(Path(spill)) as engine,
    ):
        engine.open_columns(_NEW, lake.open_table(table))
        _checked(engine, schema, _NEW)
        for name in (changing.BEFORE, changing.AFTER):
            engine.name(name, f"select * from {_NEW} where false")
        columns = engine.query("changes", _stamped(sql, changing.Commit(0, 0)), bound).schema
        yield pa.RecordBatch.from_pylist([], schema=columns)
        for stretch in told:
            if _compared(engine, table, schema, stretch):
                yield from _read(engine.query("changes", _stamped(sql, stretch.commit), bound))


def _read(reader: Any) -> Iterator[Any]:
    try:
        yield from reader
    except (pa.ArrowException, OSError) as error:  # its message may quote values of rows
        raise BackendFailed("changes could not be read to their end", remedy="see the log of the worker") from error


def _stamped(sql: str, commit: changing.Commit) -> str:
    version = f"cast({commit.version} as bigint) as {changing.VERSION}"
    return f"select *, {version}, make_timestamptz(cast({commit.at * 1000} as bigint)) as {changing.INSTANT} from ({sql})"


def _compared(engine: DuckEngine, table: Place, schema: Schema, stretch: changing.Stretch) -> bool:
    """Name the rows before and after a stretch; returns whether there are any."""
    commit = stretch.commit
    if commit.feed:
        _opened(engine, table, schema, _FEED, commit.feed)
        sides = {changing.BEFORE: (changing.PREIMAGE, changing.DELETE), changing.AFTER: (changing.POSTIMAGE, changing.INSERT)}
        for name, (one, other) in sides.items():
            engine.name(name, f"select * from {_FEED} where {changing.CHANGE} in ('{one}', '{other}')")
        return True
    removed, added = set(commit.removed), set(commit.added)
    if stretch.since is not None:
        before, after = (_held(table, version) for version in (stretch.since, commit.version))
        removed, added = before - after, after - before
    if not removed and not added:
        return False
    types = [_opened(engine, table, schema, name, files) for name, files in ((_OLD, removed), (_NEW, added)) if files]
    if any(one != types[0] for one in types):
        raise _gone(f"第 {commit.version} 版改了信息项类型 (version {commit.version} changed the types of items)")
    for name, rows, files in ((changing.BEFORE, _OLD, removed), (changing.AFTER, _NEW, added)):
        engine.name(name, f"select * from {rows}" if files else f"select * from {_NEW if added else _OLD} where false")
    return True


def _opened(engine: DuckEngine, table: Place, schema: Schema, name: str, files: Any) -> dict[str, str]:
    try:
        paths = lake.here(table, sorted(files))
    except FileNotFoundError:
        raise _gone("所需的数据文件已清理 (a file of the table is no longer kept)") from None
    engine.open_files(name, paths)
    return _checked(engine, schema, name)


def _checked(engine: DuckEngine, schema: Schema, name: str) -> dict[str, str]:
    there = engine.columns(name)
    if not set(schema.fields) <= there.keys():
        raise _gone("数据的信息项与目录不同 (the rows have other items than the entry)")
    return {field: there[field] for field in schema.fields}


def _held(table: Place, version: int) -> set[str]:
    return set() if version < 0 else set(lake.names(lake.open_table(table, version)))


def _commit(table: Place, version: int) -> changing.Commit:
    """Read a commit from the log of the table."""
    try:
        lines = lake.log(table, version)
    except FileNotFoundError:
        raise _gone(f"第 {version} 版的记录已清理 (the log of version {version} is no longer kept)") from None
    actions = [json.loads(line) for line in lines if line.strip()]
    said: dict[str, Any] = next((one["commitInfo"] for one in actions if "commitInfo" in one), {})
    back = said.get("operation") == "RESTORE" and said["operationParameters"]["version"]
    return changing.Commit(
        version=version,
        at=int(said.get("timestamp", 0)),
        restored=None if back is False else int(back),
        added=_paths(actions, "add"),
        removed=_paths(actions, "remove"),
        feed=tuple(one["cdc"]["path"] for one in actions if "cdc" in one),
    )


def _paths(actions: list[dict[str, Any]], kind: str) -> tuple[str, ...]:
    """Files of the actions that change data; files merely rewritten are none."""
    return tuple(one[kind]["path"] for one in actions if kind in one and one[kind].get("dataChange", True))


def _gone(why: str) -> ChangesGone:
    return ChangesGone(why, remedy="重新取全部数据，再从最新版本跟随 (read everything anew, then follow from the newest version)")
