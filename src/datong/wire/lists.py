# SPDX-License-Identifier: Apache-2.0
"""Lists as they leave: CSV and XLSX for people, JSON lines for programs; every list the same three ways.

Kept here: all three are written while the rows come, so that the length of a list costs no memory.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
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


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list.

    Attributes:
        key: Its name for programs.
        word: Its head for people.
        value: Gives the stable value of a row.
        shown: Gives what people read; None for the value itself.
    """

    key: str
    word: object
    value: Callable[[Any], Any]
    shown: Callable[[Any], Any] | None = None


def sent(
    kind: str, name: str, columns: Sequence[Column], rows: Iterable[Any], *, sheet: str,
    around: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> dict[str, Any]:  # fmt: skip
    """Give a list as the arguments of a streamed answer: `streaming_content`, `content_type`, `headers`.

    Args:
        kind: A key of `FORMS`.
        name: Of the file, without suffix.
        columns: What to give of each row: stable values in JSON lines, what people read otherwise.
        rows: Read as they are written.
        sheet: Name of the sheet.
        around: In what each row is read, such as the reader's language: the request is long answered then.
    """
    if kind == "jsonl":
        pieces = lines({one.key: one.value(row) for one in columns} for row in rows)
    else:
        pieces = table(kind, [str(one.word) for one in columns], _shown(columns, rows, around), sheet=sheet)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"', "Cache-Control": "private, no-store"}
    return {"streaming_content": pieces, "content_type": FORMS[kind].media_type, "headers": headers}


def whole(kind: str, name: str, columns: Sequence[Column], rows: Iterable[Any], *, sheet: str) -> dict[str, Any]:
    """Give a list of bounded length as the arguments of an answer: `content`, `content_type`, `headers`; see `sent`."""
    made = sent(kind, name, columns, rows, sheet=sheet)
    return {"content": b"".join(made.pop("streaming_content")), **made}


def _shown(
    columns: Sequence[Column], rows: Iterable[Any], around: Callable[[], AbstractContextManager[object]]
) -> Iterator[list[object]]:
    for row in rows:
        with around():
            line = [(one.shown or one.value)(row) for one in columns]
        yield line
