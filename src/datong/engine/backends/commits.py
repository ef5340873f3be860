# SPDX-License-Identifier: Apache-2.0
"""Commits of a collected batch: one each, with exactly the rows it changed in the change data feed, told by its batch.

Kept here: a commit says which batch made it and what it did, so a batch that was killed after it is known when it comes
again; rows of files that no change touches are not written anew.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from deltalake import CommitProperties, write_deltalake

from datong.engine.backends import lake as tables
from datong.engine.places import Place
from datong.engine.plans import collecting

_SPILL = 8 << 30
_FILE_BYTES = 128 << 20


def newest(table: Place) -> tuple[int, str, dict[str, Any]]:
    """Give the newest version, its batch, and what it said of itself; -1 and nothing where there is no table."""
    with tables.writing(table) as exists:
        if not exists:
            return -1, "", {}
        held = tables.handle(table)
        said = held.history(1)[0]
        return int(held.version()), str(said.get("batch", "")), json.loads(said.get("collected", "{}"))


def replace(table: Place, rows: Any, *, batch: str, said: Mapping[str, Any]) -> int:
    """Put rows in the place of all that were there; makes the table where there is none.

    Raises:
        Conflict: Another landing committed meanwhile.
        BackendFailed: The table could not be written.
    """
    with tables.writing(table) as exists:
        write_deltalake(
            tables.address(table),
            rows,
            mode="overwrite",
            storage_options=tables.options(table),
            schema_mode="overwrite" if exists else None,
            configuration=None if exists else tables.CONFIGURATION,
            commit_properties=_properties(batch, said),
        )
    return int(tables.open_table(table).version())


def append(table: Place, rows: Any, *, batch: str, said: Mapping[str, Any]) -> int:
    """Add rows whose keys are new; raises as `replace`."""
    with tables.writing(table):
        options = tables.options(table)
        write_deltalake(
            tables.address(table), rows, mode="append", storage_options=options, commit_properties=_properties(batch, said)
        )
    return int(tables.open_table(table).version())


def merge(table: Place, rows: Any, columns: Sequence[str], keys: Sequence[str], *, batch: str, said: Mapping[str, Any]) -> int:
    """Insert, update and delete rows by key.

    Args:
        table: Where it lies.
        rows: Arrow stream of the columns and `CHANGE`; of a deleted row only the key counts.
        columns: All columns of the table.
        keys: The key.
        batch: Kept with the commit.
        said: What the batch did, kept with the commit.

    Raises:
        Conflict: Another landing committed meanwhile.
        BackendFailed: The table could not be written.
    """
    values = {f'"{one}"': f'now."{one}"' for one in columns}
    wanted = {one: f"now.{collecting.CHANGE} = '{one}'" for one in (collecting.INSERT, collecting.UPDATE, collecting.DELETE)}
    with tables.writing(table):
        merger = tables.handle(table).merge(
            rows,
            " and ".join(f'held."{key}" = now."{key}"' for key in keys),
            source_alias="now",
            target_alias="held",
            max_temp_directory_size=_SPILL,
            commit_properties=_properties(batch, said),
        )
        merger = merger.when_matched_delete(wanted[collecting.DELETE])
        merger = merger.when_matched_update(values, wanted[collecting.UPDATE])
        merger.when_not_matched_insert(values, wanted[collecting.INSERT]).execute()
    return int(tables.open_table(table).version())


def compact(table: Place, most: int) -> bool:
    """Put small files of a table together where there are many; its rows, and what a follower is told, stay.

    Args:
        table: Where it lies.
        most: Files up to which nothing is done.

    Returns:
        Whether a version was made.
    """
    with tables.writing(table) as exists:
        held = tables.handle(table) if exists else None
        if held is None or len(held.file_uris()) <= most:
            return False
        properties = CommitProperties(custom_metadata={"batch": ""}, max_commit_retries=0)
        done = held.optimize.compact(
            target_size=_FILE_BYTES, max_concurrent_tasks=1, max_temp_directory_size=_SPILL, commit_properties=properties
        )
        return bool(done["numFilesAdded"])


def _properties(batch: str, said: Mapping[str, Any]) -> CommitProperties:
    """A commit that lost against another is not tried again: what it compared with is no longer what stands."""
    return CommitProperties(custom_metadata={"batch": batch, "collected": json.dumps(dict(said))}, max_commit_retries=0)
