# SPDX-License-Identifier: Apache-2.0
"""Interfaces that answer in JSON, read as a table: a row is an object, a column is a name.

Kept here: columns are those named when the data were attached and those of the first rows; what later rows have besides no
item is read from. A row that is no object is set aside with its reason.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any
from urllib.parse import urlsplit

from datong.engine.backends.remote import calls
from datong.engine.backends.remote.calls import Caller, Paging
from datong.engine.backends.sources.headers import addressable
from datong.engine.base import Block, Fault, Inspection, Limits
from datong.engine.errors import SourceUnreadable

PREVIEW = 20
LOOKED_AT = 1_000
LONGEST_RAW = 10_000


@dataclass(frozen=True, slots=True)
class InterfaceSource:
    """Rows of an interface; the line of a row is its number from 1.

    Attributes:
        caller: Who calls, and where.
        path: What follows the base.
        how: Where the rows are, and how to get all of them.
        columns: Names known before, in order.
        limits: Bounds.
    """

    caller: Caller
    path: str = ""
    how: Paging = field(default_factory=Paging)
    columns: Sequence[str] = ()
    limits: Limits = field(default_factory=Limits)

    @property
    def label(self) -> str:
        """The path without its parameters."""
        return urlsplit(self.path).path or "/"

    def inspect(self) -> Inspection:
        """Look at the first rows.

        Raises:
            SourceUnreadable: Not reached, or without rows.
        """
        first = [row for row in islice(self._rows(), LOOKED_AT) if isinstance(row, Mapping)]
        names = list(dict.fromkeys(chain(self.columns, *first)))
        if not names:
            raise SourceUnreadable("接口没有返回行 (the interface gave no rows)", fields={"rows": "没有行 (no rows)"})
        addressed, _ = addressable(names, self.limits)
        if list(addressed) != names:
            raise SourceUnreadable("列名为空或者只差空白 (names are empty or differ in blanks)", fields={"rows": "列名 (names)"})
        shown = tuple(tuple(calls.text(row.get(name)) for name in names) for row in first[:PREVIEW])
        return Inspection(addressed, shown)

    def blocks(self, seen: Inspection) -> Iterator[Block]:
        """Give all rows."""
        rows = enumerate(self._rows(), 1)
        while batch := list(islice(rows, self.limits.block_rows)):
            lines, taken, faults = [], [], []
            for line, row in batch:
                cells, code = self._cells(row, seen.columns)
                if code:
                    faults.append(Fault(line, code, calls.written(row)[:LONGEST_RAW]))
                else:
                    lines.append(line)
                    taken.append(cells)
            yield Block(lines, [[cells[place] for cells in taken] for place in range(len(seen.columns))], faults)

    def _cells(self, row: Any, names: Sequence[str]) -> tuple[list[str | None], str]:
        """The texts of a row, and why they cannot be taken."""
        if not isinstance(row, Mapping):
            return [], "not_object"
        cells = [calls.text(row.get(name)) for name in names]
        if any("\0" in cell for cell in cells if cell):
            return [], "nul"
        return cells, "cell_too_long" if any(len(cell) > self.limits.cell_chars for cell in cells if cell) else ""

    def _rows(self) -> Iterator[Any]:
        return chain.from_iterable(calls.pages(self.caller, self.path, self.how))
