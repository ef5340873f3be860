# SPDX-License-Identifier: Apache-2.0
"""Whole workbooks: every sheet row by row, with the cells that hold no value they should.

Kept here: rows come with the number Excel shows; a formula nobody computed and a cell that shows an error (#N/A) are
named, since a reader would take both for empty; hidden sheets are told apart. The file is measured by `parcels` first.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import python_calamine as calamine

from datong.engine.backends.sources import parcels
from datong.engine.backends.sources.workbook import cell_text
from datong.engine.base import Limits, Row, Sheet
from datong.engine.errors import SourceUnreadable

_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)
_CHUNK = 1 << 20
_SHORT = 4096
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


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
    page = book.get_sheet_by_name(sheet)
    offset = page.start[1] if page.start else 0
    doubts = _doubts(path, sheet)
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


def _doubts(path: Path, sheet: str) -> dict[int, dict[int, str]]:
    """Line to column (from 0) to "formula" or "error"."""
    found: dict[int, dict[int, str]] = {}
    with zipfile.ZipFile(path) as parcel:
        part = _part(parcel, sheet)
        if part is None:
            return found
        with parcel.open(part) as xml:
            rest = b""
            while piece := xml.read(_CHUNK):
                rest += piece
                for cell in _CELL.finditer(rest):
                    doubt = _doubt(cell[3], cell[4] or b"")
                    if doubt:
                        found.setdefault(int(cell[2]), {})[_column(cell[1])] = doubt
                cut = rest.rfind(b"</c>")
                rest = rest[cut + 4 :] if cut >= 0 else rest[-_SHORT:]
    return found


def _doubt(attributes: bytes, inner: bytes) -> str:
    if b't="e"' in attributes:
        return "error"
    computed = re.search(rb"<v[^>/]*>[^<]", inner) or b'xml:space="preserve"' in inner
    empty_text = b't="str"' in attributes and b"<v" in inner
    return "formula" if b"<f" in inner and not computed and not empty_text else ""


def _part(parcel: zipfile.ZipFile, sheet: str) -> str | None:
    """Name of the part a sheet lies in."""
    try:
        book = ET.fromstring(parcel.read("xl/workbook.xml"))  # noqa: S314  measured by parcels; expat bounds entities
        relations = ET.fromstring(parcel.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    except (KeyError, ET.ParseError):
        return None
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    for one in book.iter():
        if one.tag.endswith("}sheet") and one.get("name") == sheet:
            target = targets.get(one.get(_RELATION), "")
            name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            return name if name in parcel.namelist() else None
    return None


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
