# SPDX-License-Identifier: Apache-2.0
"""Staged text cells where any engine can read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake

from datong.engine.base import Block, Engine


def stage(engine: Engine, folder: Path, width: int, blocks: list[Block]) -> None:
    """Put blocks where any engine can read them: two Delta tables."""
    cells: dict[str, list[Any]] = {"_line": [], **{f"c{number}": [] for number in range(width)}}
    faults: list[dict[str, Any]] = []
    for block in blocks:
        cells["_line"] += block.lines
        for number in range(width):
            cells[f"c{number}"] += block.columns[number]
        faults += [{"line": fault.line, "code": fault.code, "raw": fault.raw} for fault in block.faults]
    rows = pa.schema([("_line", pa.int64()), *((f"c{number}", pa.string()) for number in range(width))])
    bad = pa.schema([("line", pa.int64()), ("code", pa.string()), ("raw", pa.string())])
    write_deltalake(str(folder / "staged"), pa.table(cells, rows))
    write_deltalake(str(folder / "faults"), pa.Table.from_pylist(faults, bad))
    engine.open_table("staged", folder / "staged")
    engine.open_table("staged_faults", folder / "faults")
