# SPDX-License-Identifier: Apache-2.0
"""What a version changed in a derived table, written beside it: a Parquet file for each commit.

Kept here: it comes from the one function that tells changes through a policy, so it holds nothing the table does not let
out; where changes cannot be told any more there are none, and the history of the table begins anew.
"""

import uuid
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datong.engine.backends.changes import changes
from datong.engine.backends.manifests import DerivedChange, file_id
from datong.engine.base import Schema
from datong.engine.errors import ChangesGone
from datong.engine.places import Place
from datong.engine.plans import changing, deriving
from datong.engine.plans.lookup import Access

FOLDER = "_change_data"
_MILLISECOND = pa.timestamp("ms", "UTC")


def tell(
    lake_table: Place, schema: Schema, access: Access, span: tuple[int, int], table: Path
) -> tuple[DerivedChange, ...] | None:
    """Write what changed between two versions.

    Args:
        lake_table: Where the Delta table lies.
        schema: Its items.
        access: What the policy lets out.
        span: Version before, itself not told, and version of the table.
        table: Folder of the derived table.

    Returns:
        The files, one for each commit that changed something; None where it cannot be told any more.
    """
    writing = _Writing(table, deriving.policy_digest(access, schema))
    try:
        for batch in changes(lake_table, schema, access, *span):
            for version in pc.unique(batch.column(changing.VERSION)).to_pylist():
                writing.write(version, batch.filter(pc.equal(batch.column(changing.VERSION), version)))
    except ChangesGone:
        writing.close()
        for one in writing.made:
            (table / one.path).unlink()
        return None
    writing.close()
    return tuple(writing.made)


class _Writing:
    """Files being written, one for each commit; commits come in order."""

    def __init__(self, table: Path, digest: str) -> None:
        self.made: list[DerivedChange] = []
        self._table, self._digest = table, digest
        self._open: tuple[int, int, str, Any] | None = None
        self._rows = 0

    def write(self, version: int, batch: Any) -> None:
        """Add rows of a commit."""
        if self._open is None or self._open[0] != version:
            self.close()
            self._open = self._begun(version, batch)
        self._rows += batch.num_rows
        self._open[3].write_batch(batch.drop_columns([changing.VERSION, changing.INSTANT]))

    def close(self) -> None:
        """End the file of the commit before."""
        if self._open is None:
            return
        version, at, name, writer = self._open
        writer.close()
        size = (self._table / name).stat().st_size
        self.made.append(DerivedChange(file_id(self._digest, name), name, size, self._rows, version, at))
        self._open, self._rows = None, 0

    def _begun(self, version: int, batch: Any) -> tuple[int, int, str, Any]:
        (self._table / FOLDER).mkdir(exist_ok=True)
        name = f"{FOLDER}/cdc-{uuid.uuid4().hex}.parquet"
        at = batch.column(changing.INSTANT)[0].cast(_MILLISECOND, safe=False).value
        shown = batch.schema.remove_metadata()
        for hidden in (changing.VERSION, changing.INSTANT):
            shown = shown.remove(shown.get_field_index(hidden))
        return version, at, name, pq.ParquetWriter(self._table / name, shown, write_statistics=False)
