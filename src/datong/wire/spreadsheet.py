# SPDX-License-Identifier: Apache-2.0
"""Lists for spreadsheets: CSV with a byte order mark, as Excel on a government desktop opens it.

Kept here: no cell starts a formula. A text that begins like one gets an apostrophe in front (CWE-1236); numbers stay.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

BOM: Final = "\ufeff"
TYPE: Final = "text/csv; charset=utf-8"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def encode_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Encode a list.

    Args:
        header: Words of the columns.
        rows: Cells in the order of the header; None becomes empty.

    Returns:
        UTF-8 with byte order mark, lines ending in CR LF (RFC 4180).
    """
    text = io.StringIO(BOM, newline="")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text)
    writer.writerow(_cell(word) for word in header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")


def _cell(value: object) -> object:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return "" if value is None else value
