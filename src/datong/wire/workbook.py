# SPDX-License-Identifier: Apache-2.0
"""Lists as XLSX (ECMA-376, transitional), written while the rows come.

Kept here: every text is an inline string, so that no cell is ever a formula, a date or a number it only looks like;
leading zeros stay. Memory holds some hundred rows, however long the list is. What exceeds one sheet goes on in the next.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final

_KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
TYPE: Final = f"{_KIND}.sheet"
LONGEST_CELL: Final = 32_767
"""Characters; Excel cuts nothing and opens nothing longer."""
ROWS_PER_SHEET: Final = 1_048_575
"""Below the header."""
_ROWS: Final = 500
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_UNWRITABLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STYLES: Final = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="宋体"/></font>'
    '<font><b/><sz val="11"/><name val="宋体"/></font></fonts><fills count="1"><fill><patternFill patternType="none"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2">'
    '<xf numFmtId="49" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" applyFont="1" applyNumberFormat="1"/>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
"""Two kinds of cells: text, and text in bold for the header."""


class _Pipe:
    """What the archive writes into: keeps bytes until they are taken."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        """Keep some bytes."""
        self.parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """There is nothing to close."""

    def take(self) -> bytes:
        """Give what was written since last time."""
        held, self.parts = b"".join(self.parts), []
        return held


def stream_xlsx(
    header: Sequence[str], rows: Iterable[Sequence[object]], *, sheet: str, per_sheet: int = ROWS_PER_SHEET
) -> Iterator[bytes]:
    """Write a list as a workbook, piece by piece.

    Args:
        header: Words of the columns, repeated on each sheet.
        rows: Cells in the order of the header: texts, whole numbers, None for empty; anything else as its text.
        sheet: Name of the sheet; the second is called "name 2".
        per_sheet: Rows of one sheet, the header aside.
    """
    pipe = _Pipe()
    coming = iter(rows)
    count = 0
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        while (first := next(coming, None)) is not None or count == 0:
            count += 1
            batch = islice(chain([first] if first is not None else [], coming), per_sheet)
            yield from _sheet(archive, pipe, count, header, batch)
        for name, text in _frame(sheet, count).items():
            archive.writestr(_entry(name), text)
    yield pipe.take()


def _sheet(
    archive: zipfile.ZipFile, pipe: _Pipe, number: int, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> Iterator[bytes]:
    frozen = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    with archive.open(_entry(f"xl/worksheets/sheet{number}.xml"), "w", force_zip64=True) as file:
        file.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">{frozen}'.encode())
        file.write(b"</sheetView></sheetViews><sheetData>")
        file.write(f"<row>{''.join(_cell(word, 1) for word in header)}</row>".encode())
        kept: list[str] = []
        for row in rows:
            kept.append(f"<row>{''.join(map(_cell, row))}</row>")
            if len(kept) == _ROWS:
                file.write("".join(kept).encode())
                kept.clear()
                yield pipe.take()
        file.write("".join(kept).encode())
        file.write(b"</sheetData></worksheet>")


def _cell(value: object, style: int = 0) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"<c><v>{value}</v></c>" if abs(value) < 10**15 else _text(str(value), style)
    return _text(str(value), style)


def _text(value: str, style: int) -> str:
    said = _UNWRITABLE.sub("", value)[:LONGEST_CELL]
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{_escaped(said)}</t></is></c>'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").replace("\r", "&#13;")


def _entry(name: str) -> zipfile.ZipInfo:
    """An entry of the archive at a fixed time: the same list gives the same file."""
    made = zipfile.ZipInfo(name)
    made.compress_type = zipfile.ZIP_DEFLATED
    return made


def _frame(name: str, count: int) -> dict[str, str]:
    """The parts that make sheets a workbook."""
    numbers = range(1, count + 1)
    plain = re.sub(r"[\[\]:*?/\\]", " ", _UNWRITABLE.sub("", name))[:25] or "Sheet"
    sheets = "".join(
        f'<sheet name="{_escaped(plain)}{"" if n == 1 else f" {n}"}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers
    )
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_KIND}.worksheet+xml"/>'
        for n in numbers
    )
    links = "".join(f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers)
    styles = f'<Relationship Id="rId{count + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    return {
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{links}{styles}</Relationships>',
        "xl/styles.xml": _STYLES,
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{TYPE}.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>{parts}</Types>',
    }
