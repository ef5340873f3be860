# SPDX-License-Identifier: Apache-2.0
"""Workbooks: one sheet of an XLSX file as text cells.

Kept here: formulas come as the values Excel last computed, and where there is none the cell is told as doubtful, as is
an error such as #N/A; a number reads as Excel shows it at 15 digits, whole
numbers without a point; dates and times read as ISO text; the gaps of merged cells stay empty. The file is measured
by `parcels` before the reader sees it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import python_calamine as calamine

from datong.engine.backends.sources import doubts, parcels
from datong.engine.backends.sources.headers import addressable
from datong.engine.base import Block, Fault, Inspection, Limits
from datong.engine.errors import SourceUnreadable

PREVIEW = 20


@dataclass(frozen=True, slots=True)
class XlsxSource:
    """One sheet of a workbook.

    Attributes:
        path: The file.
        sheet: Sheet name; None takes the first.
        header_row: 1-based row of the header; rows above it are skipped.
        name: Name to show; the file's own name when empty.
        limits: Bounds.
    """

    path: Path
    sheet: str | None = None
    header_row: int = 1
    name: str = ""
    limits: Limits = field(default_factory=Limits)

    @property
    def label(self) -> str:
        """File name and sheet."""
        return (self.name or Path(self.path).name) + (f"#{self.sheet}" if self.sheet else "")

    def inspect(self) -> Inspection:
        """Find the sheets and the header, and read the first rows.

        Raises:
            SourceUnreadable: Not an XLSX file, encrypted, damaged, too large, or without that sheet or header.
        """
        book = _open(self)
        rows = _rows(_page(book, self), self)
        header = next(rows, None)
        if header is None:
            raise SourceUnreadable("the sheet has no such header row", fields={"header_row": str(self.header_row)})
        names, repeated = addressable([cell_text(value) or "" for value in header], self.limits)
        head = tuple(tuple(cell_text(value) for value in row) for row in islice(rows, PREVIEW))
        return Inspection(names, head, sheets=tuple(book.sheet_names), duplicates=repeated)

    def blocks(self, seen: Inspection) -> Iterator[Block]:
        """Give all rows below the header; rows without any value are passed over."""
        page = _page(_open(self), self)
        rows = enumerate(_rows(page, self), self.header_row)
        next(rows, None)
        width = len(seen.columns)
        found = _doubts(page, self)
        while batch := list(islice(rows, self.limits.block_rows)):
            block = _block(batch, width)
            yield replace(block, doubts={line: found[line] for line, _ in batch if line in found}) if found else block


def _doubts(page: Any, source: XlsxSource) -> dict[int, dict[int, str]]:
    """Doubtful cells by line, columns counted as the reader does: from the first one that holds anything."""
    first = page.start[1] if page.start else 0
    found = doubts.found_in(Path(source.path), page.name)
    return {line: {column - first: doubt for column, doubt in told.items()} for line, told in found.items()}


def _block(batch: list[tuple[int, list[Any]]], width: int) -> Block:
    lines: list[int] = []
    sound: list[list[str | None]] = []
    faults: list[Fault] = []
    for line, row in batch:
        cells = [cell_text(value) for value in row[:width]]
        cells += [None] * (width - len(cells))
        if any(cell and "\0" in cell for cell in cells):
            faults.append(Fault(line, "nul", "\t".join(cell or "" for cell in cells).replace("\0", "\\0")))
        elif any(cells):
            lines.append(line)
            sound.append(cells)
    return Block(lines, list(zip(*sound, strict=True)) if sound else [()] * width, faults)


def _open(source: XlsxSource) -> Any:
    parcels.check(Path(source.path), source.limits)
    try:
        return calamine.CalamineWorkbook.from_path(str(source.path))
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise SourceUnreadable(
            "the workbook is damaged", fields={"file": "not readable as XLSX"}, remedy="save it again as .xlsx"
        ) from error


def _page(book: Any, source: XlsxSource) -> Any:
    names = book.sheet_names
    wanted = source.sheet if source.sheet is not None else (names[0] if names else "")
    if wanted not in names:
        raise SourceUnreadable("there is no such sheet", fields={"sheet": ", ".join(names)[:200]}, remedy="name one of them")
    if source.header_row < 1:
        raise SourceUnreadable("rows are counted from 1", fields={"header_row": "1 or more"})
    try:
        return book.get_sheet_by_name(wanted)
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise _damaged(wanted) from error


def _rows(page: Any, source: XlsxSource) -> Iterator[list[Any]]:
    try:
        yield from islice(page.iter_rows(), source.header_row - 1, None)
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise _damaged(page.name) from error


def _damaged(sheet: str) -> SourceUnreadable:
    return SourceUnreadable("the sheet is damaged", fields={"sheet": sheet}, remedy="save the workbook again as .xlsx")


def cell_text(value: object) -> str | None:
    """Give a cell as text; empty is None."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    return _duration(value) if isinstance(value, timedelta) else None


def _number(value: float) -> str:
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = format(Decimal(format(value, ".15g")), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _duration(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
