# SPDX-License-Identifier: Apache-2.0
"""Files as providers hand them in, good and hostile, and the schemas they are landed by."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
from deltalake import DeltaTable

from datong.engine import face as engine
from datong.engine.base import Column, Schema
from datong.kernel.sharing import ItemType

WORKBOOK = "<workbook/>"


def a_schema(**types: str) -> Schema:
    """Columns by name; the first is the key unless its letter is lower case: `a_schema(code="C", name="C")`."""
    columns = [Column(name, ItemType(letter.upper()), key=not number and letter.isupper())
               for number, (name, letter) in enumerate(types.items())]  # fmt: skip
    return Schema(tuple(columns))


def a_csv(folder: Path, text: str | bytes, encoding: str = "utf-8") -> engine.CsvSource:
    """A text file of these characters."""
    path = folder / "数据.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return engine.CsvSource(path)


def a_workbook(folder: Path, rows: Iterable[Iterable[Any]], merged: str | None = None) -> Path:
    """An honest workbook of one sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    if merged:
        sheet.merge_cells(merged)
    path = folder / "数据.xlsx"
    book.save(path)
    return path


def a_parcel(folder: Path, parts: Mapping[str, bytes | str]) -> Path:
    """A ZIP of these parts that calls itself a workbook."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as parcel:
        for name, content in parts.items():
            parcel.writestr(name, content)
    path = folder / "数据.xlsx"
    path.write_bytes(held.getvalue())
    return path


def land(source: Any, schema: Schema, lake: Path, *, batch: str = "b1", columns: Mapping[str, str] | None = None) -> engine.Landing:
    """Land with each field read from the column of its own name."""
    return engine.land(source, schema, columns or {name: name for name in schema.fields}, lake, batch=batch)


def rows_of(lake: Path) -> list[dict[str, Any]]:
    """Rows of a lake table without their provenance."""
    table = DeltaTable(str(lake)).to_pyarrow_table()
    return [{name: value for name, value in row.items() if not name.startswith("_")} for row in table.to_pylist()]
