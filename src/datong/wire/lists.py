# SPDX-License-Identifier: Apache-2.0
"""Lists as they leave: CSV and XLSX for people, JSON lines for programs; every list the same three ways.

Kept here: all three are written while the rows come, so that the length of a list costs no memory.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from datong.wire import spreadsheet, workbook

_LINES: Final = 500


@dataclass(frozen=True, slots=True)
class Form:
    """One way: its media type and the word people know it by."""

    media_type: str
    word: str


FORMS: Final[Mapping[str, Form]] = {
    "csv": Form(spreadsheet.TYPE, "CSV"),
    "xlsx": Form(workbook.TYPE, "XLSX"),
    "jsonl": Form("application/jsonl", "JSON"),
}
"""Suffix of the file to its form."""
WORDS: Final = tuple((kind, form.word) for kind, form in FORMS.items())


def table(kind: str, header: Sequence[str], rows: Iterable[Sequence[object]], *, sheet: str) -> Iterator[bytes]:
    """Write a list for people.

    Args:
        kind: "xlsx"; anything else is CSV.
        header: Words of the columns.
        rows: Cells in the order of the header.
        sheet: Name of the sheet.
    """
    return workbook.stream_xlsx(header, rows, sheet=sheet) if kind == "xlsx" else spreadsheet.stream_csv(header, rows)


def lines(records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Write a list for programs: one JSON object a line."""
    encoder = msgspec.json.Encoder()
    kept: list[bytes] = []
    for one in records:
        kept.append(encoder.encode(one))
        if len(kept) == _LINES:
            yield b"\n".join(kept) + b"\n"
            kept.clear()
    if kept:
        yield b"\n".join(kept) + b"\n"
