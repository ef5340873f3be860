# SPDX-License-Identifier: Apache-2.0
"""Staged rows for a cluster: text cells written as Parquet, a block at a time, where it can read them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from datong.engine.base import Block

FAULTS = pa.schema([("line", pa.int64()), ("code", pa.string()), ("raw", pa.string())])


def write(rows: Path, faults: Path, width: int, blocks: Iterable[Block]) -> int:
    """Write blocks; gives the rows read, faults included.

    Args:
        rows: File for `_line`, `c0` and so on.
        faults: File for the rows that the reader could not take apart.
        width: Columns.
        blocks: The rows, every cell a text.
    """
    schema = pa.schema([("_line", pa.int64()), *((f"c{place}", pa.string()) for place in range(width))])
    total = 0
    with pq.ParquetWriter(rows, schema) as sound, pq.ParquetWriter(faults, FAULTS) as unsound:
        for block in blocks:
            cells = [pa.array(block.lines, pa.int64()), *map(_texts, block.columns)]
            sound.write_table(pa.Table.from_arrays(cells, schema=schema))
            told = [{"line": fault.line, "code": fault.code, "raw": fault.raw} for fault in block.faults]
            unsound.write_table(pa.Table.from_pylist(told, FAULTS))
            total += len(block.lines) + len(block.faults)
    return total


def _texts(cells: Any) -> Any:
    return cells.cast(pa.string()) if isinstance(cells, pa.Array | pa.ChunkedArray) else pa.array(cells, pa.string())
