# SPDX-License-Identifier: Apache-2.0
"""Whole workbooks: every sheet row by row, with the cells that hold no value they should.

Kept here: rows come with the number Excel shows; a formula nobody computed and a cell that shows an error (#N/A) are
named, since a reader would take both for empty; hidden sheets are told apart. The file is measured by `parcels` first.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import python_calamine as calamine

from datong.engine.backends.sources import parcels
from datong.engine.backends.sources.doubts import found_in
from datong.engine.backends.sources.workbook import cell_text
from datong.engine.base import Limits, Row, Sheet
from datong.engine.errors import SourceUnreadable


def sheets(path: Path, limits: Limits | None = None) -> tuple[Sheet, ...]:
    """Give the sheets of a workbook in order.

    Raises:
        SourceUnreadable: Not a sound XLSX workbook within bounds.
    """
    book = _open(path, limits or Limits())
    seen, grid = calamine.SheetVisibleEnum.Visible, calamine.SheetTypeEnum.WorkSheet
    return tuple(Sheet(one.name, one.visible == seen) for one in book.sheets_metadata if one.typ == grid)


def rows(path: Path, sheet: str, limits: Limits | None = None) -> Iterator[Row]:
    """Give the rows of a sheet that hold anything.

    Raises:
        SourceUnreadable: Not a sound workbook, or no such sheet.
    """
    book = _open(path, limits or Limits())
    if sheet not in book.sheet_names:
        raise SourceUnreadable("没有这张工作表 (there is no such sheet)", fields={"sheet": ", ".join(book.sheet_names)[:200]})
    doubts = found_in(path, sheet)
    try:
        page = book.get_sheet_by_name(sheet)
        yield from _rows(page, doubts)
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise SourceUnreadable("工作表已损坏 (the sheet is damaged)", fields={"sheet": sheet}) from error


def _rows(page: Any, doubts: dict[int, dict[int, str]]) -> Iterator[Row]:
    offset = page.start[1] if page.start else 0
    for line, values in enumerate(page.iter_rows(), 1):
        cells = (None,) * offset + tuple(cell_text(value) for value in values)
        if any(cells) or line in doubts:
            yield Row(line, cells, doubts.get(line, {}))


def _open(path: Path, limits: Limits) -> Any:
    parcels.check(Path(path), limits)
    try:
        return calamine.CalamineWorkbook.from_path(str(path))
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise SourceUnreadable("工作簿已损坏 (the workbook is damaged)", fields={"file": "读不出 (not readable)"}) from error
