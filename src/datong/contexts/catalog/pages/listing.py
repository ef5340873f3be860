# SPDX-License-Identifier: Apache-2.0
"""What a list shows, as a file: the same rows in the same order; words for people, stable values for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.translation import get_language, override

from datong.wire import lists

MOST_EXPORTED = 10_000


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        key: Its name for programs.
        word: Its head for people.
        value: Gives the stable value of a row.
        shown: Gives what people read; None for the value itself.
    """

    key: str
    word: Any
    value: Callable[[Any], Any]
    shown: Callable[[Any], Any] | None = None


def answer(kind: str, name: str, columns: Sequence[Column], rows: Iterable[Any], *, sheet: str) -> StreamingHttpResponse:
    """Give rows as a file.

    Args:
        kind: A key of `lists.FORMS`.
        name: Of the file, without suffix.
        columns: What to give of each row.
        rows: Read as they are written.
        sheet: Name of the sheet, in the reader's language.
    """
    if kind == "jsonl":
        pieces = lists.lines({one.key: one.value(row) for one in columns} for row in rows)
    else:
        pieces = lists.table(kind, [str(one.word) for one in columns], _shown(columns, rows), sheet=sheet)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"', "Cache-Control": "private, no-store"}
    return StreamingHttpResponse(pieces, content_type=lists.FORMS[kind].media_type, headers=headers)


def _shown(columns: Sequence[Column], rows: Iterable[Any]) -> Iterator[list[object]]:
    """Rows in the language of the one who asked: they are written when the request is long answered."""
    language = get_language() or "zh-hans"
    for row in rows:
        with override(language):
            yield [(one.shown or one.value)(row) for one in columns]
