# SPDX-License-Identifier: Apache-2.0
"""The page of lineage: a drawing of columns, items, grants and uses from left to right, and the same as a table.

Kept here: the drawing is made here as SVG, so that it prints, scales and needs no script; what it shows stands below it
in words for whoever does not see it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from datong.contexts.exchange.queries.lineage import Lineage
from datong.contexts.exchange.queries.lineage import lineage as traced

ROW, WIDTH, GAP, TOP = 44, 210, 90, 34
MOST_SHOWN = 60
"""Items drawn; the table lists all."""


@dataclass(frozen=True, slots=True)
class Box:
    """Something drawn: where, and what it says."""

    x: int
    y: int
    title: str
    below: str = ""
    href: str = ""

    @property
    def right(self) -> tuple[int, int]:
        """Where a line leaves it."""
        return self.x + WIDTH, self.y + (ROW - 8) // 2

    @property
    def left(self) -> tuple[int, int]:
        """Where a line reaches it."""
        return self.x, self.y + (ROW - 8) // 2


@require_GET
def lineage(request: HttpRequest, head: int, sequence: int) -> HttpResponse:
    """Show where the rows of a resource come from and where they went."""
    told = traced(f"{head}/{sequence}", by=request.officer)
    return render(request, "exchange/lineage.html", {"told": told, "drawn": _drawn(told)})


def _drawn(told: Lineage) -> dict[str, Any]:
    """Lay out four columns of boxes and the lines between them."""
    items = told.items[:MOST_SHOWN]
    columns = {one.field: _box(0, place, one.column) for place, one in enumerate(items) if one.column}
    fields = {one.field: _box(1, place, one.name, one.field) for place, one in enumerate(items)}
    grants = {
        one.number: _box(2, place, one.consumer, one.number, f"/grants/{one.number}") for place, one in enumerate(told.grants)
    }
    uses = [(one.number, used) for one in told.grants for used in one.uses]
    ends = [
        (number, _box(3, place, gettext(used.label), f"{used.times} × · {used.rows}"))
        for place, (number, used) in enumerate(uses)
    ]
    lines = [_line(columns[name], fields[name]) for name in columns]
    lines += [_line(fields[one.field], grants[number]) for one in items for number in one.grants]
    lines += [_line(grants[number], box) for number, box in ends]
    rows = max(len(items), len(told.grants), len(uses), 1)
    heads = (gettext("来源列"), gettext("信息项"), gettext("授权"), gettext("使用"))
    return {
        "boxes": [*columns.values(), *fields.values(), *grants.values(), *(box for _, box in ends)],
        "lines": lines,
        "heads": list(zip(_places(), heads, strict=True)),
        "width": 4 * WIDTH + 3 * GAP,
        "height": TOP + rows * ROW,
        "left_out": len(told.items) - len(items),
    }


def _places() -> Iterator[int]:
    yield from (place * (WIDTH + GAP) for place in range(4))


def _box(column: int, place: int, title: str, below: str = "", href: str = "") -> Box:
    return Box(column * (WIDTH + GAP), TOP + place * ROW, title, below, href)


def _line(one: Box, other: Box) -> str:
    (x, y), (to_x, to_y) = one.right, other.left
    half = (x + to_x) // 2
    return f"M{x} {y} C{half} {y} {half} {to_y} {to_x} {to_y}"
