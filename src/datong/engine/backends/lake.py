# SPDX-License-Identifier: Apache-2.0
"""Delta tables, on disk or in an object store: written in one atomic commit with the change data feed on, read as Parquet files.

Kept here: a table changes by a commit or not at all; two writers at once: the second is told so.
"""

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from datong.engine.backends import keeping
from datong.engine.errors import BackendFailed
from datong.engine.places import Place, Remote
from datong.kernel.errors import Conflict, Unknown

CONFIGURATION = {"delta.enableChangeDataFeed": "true"}


def overwrite(table: Place, rows: Any, *, batch: str) -> int:
    """Replace the content of a table.

    Args:
        table: Where it lies; made when absent.
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
            address(table),
            rows,
            mode="overwrite",
            storage_options=options(table),
            schema_mode="overwrite" if exists else None,
            configuration=None if exists else CONFIGURATION,
            commit_properties=CommitProperties(custom_metadata={"batch": batch}),
        )
    return int(open_table(table).version())


def replace_batch(table: Place, rows: Any, *, batch: str) -> None:
    """Put the rows of one batch into a table that keeps all batches; a repeated batch replaces itself.

    Raises:
        Conflict: Another landing committed meanwhile.
        BackendFailed: The table could not be written.
    """
    quoted = batch.replace("'", "''")
    with writing(table) as exists:
        told: dict[str, Any] = {"mode": "overwrite", "predicate": f"_batch = '{quoted}'"} if exists else {"mode": "append"}
        write_deltalake(address(table), rows, storage_options=options(table), **told)


def put_back(table: Place, version: int, *, batch: str) -> bool:
    """Restore a version, if the newest commit is a batch's; returns whether it was.

    Raises:
        Conflict: Another landing committed meanwhile.
        BackendFailed: The table could not be written.
    """
    with writing(table) as exists:
        if not exists:
            return False
        held = handle(table)
        if held.history(1)[0].get("batch") != batch:
            return False
        held.restore(version)
    return True


@contextmanager
def writing(table: Place) -> Iterator[bool]:
    """Give whether the table exists, and turn what goes wrong into errors of ours."""
    try:
        table.parent.mkdir(parents=True, exist_ok=True)
        yield _stands(table)
    except CommitFailedError as error:
        raise Conflict(f"another landing into {table.name} was first", remedy="land again") from error
    except (DeltaError, OSError) as error:
        raise BackendFailed(f"table {table.name} could not be written", remedy="check space and rights") from error


def _stands(table: Place) -> bool:
    if not isinstance(table, Remote):
        return bool(DeltaTable.is_deltatable(str(table)))
    try:  # to ask whether it is a table would hold up every thread of the process until the store answers
        handle(table)
    except TableNotFoundError:
        return False
    return True


def open_table(table: Place, version: int | None = None) -> DeltaTable:
    """Open a table.

    Raises:
        Unknown: Nothing was landed there yet.
        BackendFailed: Its store is not reached or refuses.
    """
    try:
        return handle(table, version)
    except TableNotFoundError:
        raise Unknown(f"nothing has landed in {table.name} yet", remedy="attach data first") from None
    except OSError as error:
        raise BackendFailed(f"table {table.name} could not be opened", remedy="check the store of the lake") from error


def handle(table: Place, version: int | None = None) -> DeltaTable:
    """Open a table, with the errors of its library."""
    return DeltaTable(address(table), version=version, storage_options=options(table))


def address(table: Place) -> str:
    """Say where a table lies as its library wants it told."""
    return table.url if isinstance(table, Remote) else str(table)


def options(table: Place) -> dict[str, str] | None:
    """Say how its store is reached; None for a folder of this machine."""
    return dict(table.bucket.options) if isinstance(table, Remote) else None


def exists(table: Place) -> bool:
    """Tell whether something was ever landed there.

    Raises:
        BackendFailed: Its store is not reached or refuses.
    """
    with writing(table) as there:
        return there


def names(table: DeltaTable) -> list[str]:
    """Give the Parquet files of one version by their names, in the order they were written.

    The table's own word for them are addresses with blanks and Chinese encoded, which no file has; our tables have no
    partitions, so the last part names the file.
    """
    return sorted(uri.rsplit("/", 1)[-1] for uri in table.file_uris())


def sizes(table: DeltaTable) -> dict[str, int]:
    """Give the Parquet files of one version by their names, in order, and their bytes."""
    said = pa.table(table.get_add_actions(flatten=True)).select(["path", "size_bytes"]).to_pydict()
    return dict(sorted(zip(said["path"], said["size_bytes"], strict=True)))


def here(place: Place, some: Iterable[str]) -> list[str]:
    """Give files of a table as paths of this machine; those of a store are brought here and kept.

    Args:
        place: Of the table.
        some: Paths inside it, as its log names them.

    Raises:
        FileNotFoundError: One is not there any more.
        BackendFailed: The store is not reached or refuses.
    """
    if isinstance(place, Remote):
        return [str(one) for one in keeping.brought(place, some)]
    found = [place / one for one in some]
    for one in found:
        one.stat()
    return [str(one) for one in found]


def files(table: DeltaTable, place: Place) -> list[str]:
    """Give the Parquet files of one version as paths of this machine, in the order they were written.

    Args:
        table: The table opened at that version.
        place: Where it lies.

    Raises:
        BackendFailed: One is not there any more, or its store is not reached.
    """
    try:
        return here(place, names(table))
    except FileNotFoundError as error:
        raise BackendFailed(f"a file of table {place.name} is not there any more", remedy="land the resource again") from error


def log(place: Place, version: int) -> list[str]:
    """Give the lines of the log of one version.

    Raises:
        FileNotFoundError: It is no longer kept.
    """
    name = f"_delta_log/{version:020}.json"
    said = keeping.text(place, name) if isinstance(place, Remote) else (place / name).read_text("utf-8")
    return said.splitlines()


def committed_at(place: Place, version: int) -> int:
    """Tell when a version was committed, in milliseconds since 1970; now, where its log is no longer kept.

    Args:
        place: Of the table.
        version: One that there is.
    """
    try:
        lines = log(place, version)
    except FileNotFoundError:
        return int(time.time() * 1_000)
    said = (json.loads(line).get("commitInfo") for line in lines if '"commitInfo"' in line)
    return next((int(one["timestamp"]) for one in said if one and "timestamp" in one), int(time.time() * 1_000))
