# SPDX-License-Identifier: Apache-2.0
"""Workbooks for people: sheets with heads, hints, drop-down lists and frozen panes, written row by row.

What writes them is loaded when one is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTS: Final = "选项"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell in a style: head, needed, hint, fault, text, or none."""

    value: object
    style: str


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet.

    Attributes:
        name: Its name.
        rows: Cells or plain values, row by row; read once.
        lists: Column from 0 to the words to choose from.
        first: Row from 1 that the lists begin at; rows above stay in sight.
        widths: Column from 0 to its width in characters.
    """

    name: str
    rows: Iterable[Sequence[object]]
    lists: Mapping[int, Sequence[str]] = field(default_factory=dict)
    first: int = 1
    widths: Mapping[int, int] = field(default_factory=dict)


def write(target: Path | IO[bytes], pages: Sequence[Page]) -> None:
    """Write a workbook.

    Args:
        target: A path, or an open file.
        pages: Its sheets in order; their lists stand in a hidden sheet behind them.
    """
    from datong.wire.filling import fill  # noqa: PLC0415  a server that writes no workbook needs no memory for it

    fill(target, pages, LISTS)
