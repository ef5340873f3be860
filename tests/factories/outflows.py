# SPDX-License-Identifier: Apache-2.0
"""Lake tables with whatever rows, and what may be seen of them; without Django, so that any process may use it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake

from datong.engine.base import Column, Schema
from datong.engine.plans.lookup import Access, RowRule
from datong.kernel.masks import Mask
from datong.kernel.sharing import ItemType

TYPES = {
    ItemType.C: pa.string(), ItemType.M: pa.string(), ItemType.N: pa.decimal128(38, 4), ItemType.D: pa.date32(),
    ItemType.T: pa.timestamp("us", "UTC"), ItemType.L: pa.bool_(), ItemType.I: pa.int64(), ItemType.F: pa.float64(),
    ItemType.Y: pa.decimal128(38, 0), ItemType.B: pa.float64(), ItemType.G: pa.string(),
}  # fmt: skip


def a_lake(folder: Path, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> Schema:
    """Write a lake table at a folder; gives its schema."""
    schema = pa.schema([(one.field, TYPES[one.type]) for one in columns])
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    arrays = [pa.array(cell, field.type) for cell, field in zip(cells, schema, strict=True)]
    write_deltalake(str(folder), pa.table(arrays, schema=schema), mode="overwrite", schema_mode="overwrite")
    return Schema(tuple(columns))


def an_access(schema: Schema, rows: Sequence[RowRule] = (), **masks: str) -> Access:
    """All items of a schema, some of them masked."""
    granted = {one.field: Mask.parse(masks.get(one.field, "none")) for one in schema.columns}
    return Access({one.field: one.type for one in schema.columns}, list(schema.keys), [], granted, rows)
