# SPDX-License-Identifier: Apache-2.0
"""Workbooks for people: sheets with heads, hints, drop-down lists and frozen panes, written row by row.

Kept here: no cell becomes a formula whatever it begins with (CWE-1236); characters Excel refuses are left out; rows go
straight to the file, so that many of them cost no memory.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTS: Final = "选项"
LONGEST_CELL: Final = 32_000
LAST_ROW: Final = 20_000
STYLES: Final[Mapping[str, dict[str, Any]]] = {
    "head": {"font": Font(bold=True, color="FFFFFF"), "fill": PatternFill("solid", start_color="1677FF")},
    "needed": {"font": Font(bold=True, color="FFFFFF"), "fill": PatternFill("solid", start_color="1A5FB4")},
    "hint": {"font": Font(italic=True, color="6B7280"), "alignment": Alignment(wrap_text=True, vertical="top")},
    "fault": {
        "font": Font(color="C00010"),
        "fill": PatternFill("solid", start_color="FDECEC"),
        "alignment": Alignment(wrap_text=True, vertical="top"),
    },
    "text": {"alignment": Alignment(wrap_text=True, vertical="top")},
}
_REFUSED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell in a style of `STYLES`."""

    value: object
    style: str


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet.

    Attributes:
        name: Its name.
        rows: Cells or plain values, row by row; read once.
        lists: Column from 0 to the words to choose from.
        first: Row from 1 that the lists begin at; rows above stay in sight.
        widths: Column from 0 to its width in characters.
    """

    name: str
    rows: Iterable[Sequence[object]]
    lists: Mapping[int, Sequence[str]] = field(default_factory=dict)
    first: int = 1
    widths: Mapping[int, int] = field(default_factory=dict)


def write(target: Path | IO[bytes], pages: Sequence[Page]) -> None:
    """Write a workbook.

    Args:
        target: A path, or an open file.
        pages: Its sheets in order; their lists stand in a hidden sheet behind them.
    """
    book = Workbook(write_only=True)
    columns: list[Sequence[str]] = []
    for page in pages:
        sheet = book.create_sheet(page.name)
        for place, width in page.widths.items():
            sheet.column_dimensions[get_column_letter(place + 1)].width = width
        if page.first > 1:
            sheet.freeze_panes = f"A{page.first}"
        for place, words in page.lists.items():
            if words not in columns:
                columns.append(words)
            sheet.data_validations.append(_choice(place, page.first, columns.index(words), len(words)))
        for row in page.rows:
            sheet.append([_cell(sheet, one) for one in row])
    if columns:
        _lists(book, columns)
    book.save(target)


def _choice(place: int, first: int, column: int, count: int) -> DataValidation:
    letter, source = get_column_letter(place + 1), get_column_letter(column + 1)
    made = DataValidation("list", formula1=f"'{LISTS}'!${source}$1:${source}${count}", allow_blank=True, showErrorMessage=False)
    made.add(f"{letter}{first}:{letter}{LAST_ROW}")
    return made


def _lists(book: Workbook, columns: Sequence[Sequence[str]]) -> None:
    sheet = book.create_sheet(LISTS)
    sheet.sheet_state = "hidden"
    for number in range(max(map(len, columns))):
        sheet.append([words[number] if number < len(words) else None for words in columns])


def _cell(sheet: Any, one: object) -> Any:
    value, style = (one.value, one.style) if isinstance(one, Cell) else (one, "")
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = _REFUSED.sub("", value)[:LONGEST_CELL]
    made = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        made.data_type = "s"  # never a formula
    for name, what in STYLES.get(style, {}).items():
        setattr(made, name, what)
    return made
