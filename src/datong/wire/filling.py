# SPDX-License-Identifier: Apache-2.0
"""Writing workbooks row by row.

Kept here: no cell becomes a formula whatever it begins with (CWE-1236); characters Excel refuses are left out; rows go
straight to the file, so that many of them cost no memory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

if TYPE_CHECKING:
    from pathlib import Path

    from datong.wire.workbooks import Page

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


def fill(target: Path | IO[bytes], pages: Sequence[Page], hidden: str) -> None:
    """Write the sheets of a workbook; the words to choose from stand in a hidden sheet of the name given."""
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
            sheet.data_validations.append(_choice(hidden, page.first, (place, columns.index(words)), len(words)))
        for row in page.rows:
            sheet.append([_cell(sheet, one) for one in row])
    if columns:
        _lists(book, hidden, columns)
    book.save(target)


def _choice(hidden: str, first: int, columns: tuple[int, int], count: int) -> DataValidation:
    letter, source = (get_column_letter(column + 1) for column in columns)
    made = DataValidation("list", formula1=f"'{hidden}'!${source}$1:${source}${count}", allow_blank=True, showErrorMessage=False)
    made.add(f"{letter}{first}:{letter}{LAST_ROW}")
    return made


def _lists(book: Workbook, hidden: str, columns: Sequence[Sequence[str]]) -> None:
    sheet = book.create_sheet(hidden)
    sheet.sheet_state = "hidden"
    for number in range(max(map(len, columns))):
        sheet.append([words[number] if number < len(words) else None for words in columns])


def _cell(sheet: Any, one: object) -> Any:
    value, style = (getattr(one, "value", one), getattr(one, "style", ""))
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
