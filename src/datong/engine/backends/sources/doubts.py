# SPDX-License-Identifier: Apache-2.0
"""Cells of a sheet that hold no value though they show one or should: formulas nobody computed, errors such as #N/A.

Kept here: a reader takes both for empty, so they are found in the sheet's own XML, read once in pieces; a sheet with
neither costs little more than unpacking it. Who calls has measured the file by `parcels`.
"""

import re
import zipfile
import zlib
from pathlib import Path
from xml.etree import ElementTree as ET

from datong.engine.errors import SourceUnreadable

_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)
_DAMAGE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError)
_CHUNK = 1 << 20
_SHORT = 4096
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def found_in(path: Path, sheet: str) -> dict[int, dict[int, str]]:
    """Give line to column (from 0) to "formula" (never computed) or "error" (such as #N/A).

    Raises:
        SourceUnreadable: The file is damaged where its reader did not look.
    """
    try:
        return _found(path, sheet)
    except _DAMAGE as error:
        said = "工作簿已损坏 (the workbook is damaged)"
        raise SourceUnreadable(said, fields={"file": "读不出 (not readable)"}, remedy="另存为 .xlsx (save it again)") from error


def _found(path: Path, sheet: str) -> dict[int, dict[int, str]]:
    found: dict[int, dict[int, str]] = {}
    with zipfile.ZipFile(path) as parcel:
        part = _part(parcel, sheet)
        if part is None:
            return found
        with parcel.open(part) as xml:
            rest = b""
            while piece := xml.read(_CHUNK):
                rest += piece
                for cell in _CELL.finditer(rest) if b"<f" in rest or b't="e"' in rest else ():
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
