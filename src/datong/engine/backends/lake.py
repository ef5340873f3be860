# SPDX-License-Identifier: Apache-2.0
"""Delta tables on disk: written in one atomic commit with the change data feed on, read as Parquet files.

Kept here: a table changes by a commit or not at all; two writers at once: the second is told so.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from datong.engine.errors import BackendFailed
from datong.kernel.errors import Conflict, Unknown

CONFIGURATION = {"delta.enableChangeDataFeed": "true"}


def overwrite(table: Path, rows: Any, *, batch: str) -> int:
    """Replace the content of a table.

    Args:
        table: Its folder; made when absent.
        rows: Arrow stream (anything with the Arrow PyCapsule interface).
        batch: Identifier of the batch, kept with the commit.

    Returns:
        The new version.

    Raises:
        Conflict: Another landing committed meanwhile.
        BackendFailed: The table could not be written.
    """
    with writing(table) as exists:
        write_deltalake(
            str(table),
            rows,
            mode="overwrite",
            schema_mode="overwrite" if exists else None,
            configuration=None if exists else CONFIGURATION,
            commit_properties=CommitProperties(custom_metadata={"batch": batch}),
        )
    return int(open_table(table).version())


def replace_batch(table: Path, rows: Any, *, batch: str) -> None:
    """Put the rows of one batch into a table that keeps all batches; a repeated batch replaces itself.

    Raises:
        Conflict: Another landing committed meanwhile.
        BackendFailed: The table could not be written.
    """
    quoted = batch.replace("'", "''")
    with writing(table) as exists:
        if exists:
            write_deltalake(str(table), rows, mode="overwrite", predicate=f"_batch = '{quoted}'")
        else:
            write_deltalake(str(table), rows, mode="append")


def put_back(table: Path, version: int, *, batch: str) -> bool:
    """Restore a version, if the newest commit is a batch's; returns whether it was.

    Raises:
        Conflict: Another landing committed meanwhile.
        BackendFailed: The table could not be written.
    """
    with writing(table) as exists:
        if not exists:
            return False
        held = DeltaTable(str(table))
        if held.history(1)[0].get("batch") != batch:
            return False
        held.restore(version)
    return True


@contextmanager
def writing(table: Path) -> Iterator[bool]:
    """Give whether the table exists, and turn what goes wrong into errors of ours."""
    try:
        table.parent.mkdir(parents=True, exist_ok=True)
        yield DeltaTable.is_deltatable(str(table))
    except CommitFailedError as error:
        raise Conflict(f"another landing into {table.name} was first", remedy="land again") from error
    except (DeltaError, OSError) as error:
        raise BackendFailed(f"table {table.name} could not be written", remedy="check space and rights") from error


def open_table(table: Path, version: int | None = None) -> DeltaTable:
    """Open a table.

    Raises:
        Unknown: Nothing was landed there yet.
    """
    try:
        return DeltaTable(str(table), version=version)
    except TableNotFoundError:
        raise Unknown(f"nothing has landed in {table.name} yet", remedy="attach data first") from None


def files(table: DeltaTable, folder: Path) -> list[str]:
    """Give the Parquet files of one version, in the order they were written.

    Args:
        table: The table opened at that version.
        folder: Where it lies. Its own word for that is an address with blanks and Chinese encoded, which no file has;
            our tables have no partitions, so the last part names the file.
    """
    return sorted(str(folder / uri.rsplit("/", 1)[-1]) for uri in table.file_uris())


def committed_at(folder: Path, version: int) -> int:
    """Tell when a version was committed, in milliseconds since 1970; now, where its log is no longer kept.

    Args:
        folder: Of the table.
        version: One that there is.
    """
    try:
        lines = (folder / "_delta_log" / f"{version:020}.json").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return int(time.time() * 1_000)
    said = (json.loads(line).get("commitInfo") for line in lines if '"commitInfo"' in line)
    return next((int(one["timestamp"]) for one in said if one and "timestamp" in one), int(time.time() * 1_000))
