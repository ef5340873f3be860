# SPDX-License-Identifier: Apache-2.0
"""What a list shows, as a file: the same rows in the same order; words for people, stable values for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.translation import get_language, override

from datong.wire import lists
from datong.wire.lists import Column

MOST_EXPORTED = 10_000

__all__ = ["MOST_EXPORTED", "Column", "answer"]


def answer(kind: str, name: str, columns: Sequence[Column], rows: Iterable[Any], *, sheet: str) -> StreamingHttpResponse:
    """Give rows as a file, in the language of the one who asks; see `lists.sent`."""
    return StreamingHttpResponse(**lists.sent(kind, name, columns, rows, sheet=sheet, around=partial(override, get_language())))
