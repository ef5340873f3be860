# SPDX-License-Identifier: Apache-2.0
"""Lists for spreadsheets: CSV with a byte order mark, as Excel on a government desktop opens it.

Kept here: no cell starts a formula. A text that begins like one, half-width or full-width, gets an apostrophe in front
(CWE-1236); numbers stay.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

BOM: Final = "\ufeff"
TYPE: Final = "text/csv; charset=utf-8"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_ROWS: Final = 500


def encode_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Encode a list.

    Args:
        header: Words of the columns.
        rows: Cells in the order of the header; None becomes empty.

    Returns:
        UTF-8 with byte order mark, lines ending in CR LF (RFC 4180).
    """
    return b"".join(stream_csv(header, rows))


def stream_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Encode a list as `encode_csv` does, piece by piece: a piece holds some hundred rows."""
    text = io.StringIO(BOM, newline="")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text)
    writer.writerow(_cell(word) for word in header)
    for number, row in enumerate(rows, 1):
        writer.writerow([_cell(value) for value in row])
        if number % _ROWS == 0:
            yield text.getvalue().encode("utf-8", "replace")
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode("utf-8", "replace")


def _cell(value: object) -> object:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return "" if value is None else value
