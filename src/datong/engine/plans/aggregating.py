# SPDX-License-Identifier: Apache-2.0
"""Aggregates: how many rows of a grant there are, and sums and ends of their items, by some of the items.

Kept here: only items granted unmasked are grouped by, measured or filtered by, and the row rules of the grant stand in the
statement. An item filtered by is grouped by as well and picked out after the small cells are hidden: what is told of a
cell is then the same whatever is picked. Decimals and whole numbers are added exactly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from datong.engine.errors import FilterNotAllowed, TooBroad
from datong.engine.plans.lookup import TABLE, Access, bound_rules, check_claim, column
from datong.engine.plans.suppressing import Cell, hidden
from datong.engine.plans.values import Stored, as_stored, decimal_text
from datong.kernel.errors import Malformed
from datong.kernel.sharing import DECIMAL_TYPES, MEASURE_TYPES, ItemType

EXACT = "exact_"
"""Functions of this name and `sum`, `min` or `max`, registered where a statement runs: SQLite knows no decimals."""
WHOLE = "i"
"""Marks a sum of whole numbers, which may be larger than SQLite knows."""
MOST_ITEMS = 3
MOST_CELLS = 5_000


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A statement ready to run. Its rows hold the items of `cells`, the count of rows, then count and value of each measure.

    Attributes:
        cells: Items that make up the table: those grouped by, then those only filtered by.
        by: How many of them are grouped by.
        picked: Place among them to the value picked out.
        measures: Function and item.
        flags: Places among the cells that hold truth values.
    """

    sql: str
    params: tuple[Stored, ...]
    cells: tuple[str, ...]
    by: int
    picked: Mapping[int, Stored]
    measures: tuple[tuple[str, str], ...]
    flags: frozenset[int]


@dataclass(frozen=True, slots=True)
class Groups:
    """What is told: the groups, and how many more there are that are hidden."""

    told: list[dict[str, Any]]
    suppressed: int


def compile_aggregate(
    access: Access,
    by: Sequence[str],
    measures: Sequence[tuple[str, str]],
    filters: Mapping[str, object],
    case: str = "",
) -> Aggregate:
    """Compile a question.

    Args:
        access: What may be seen.
        by: Items to group by, at most three.
        measures: Function (`sum`, `min`, `max`) and item.
        filters: Item to the text it must equal.
        case: Number of the case the question is asked for.

    Raises:
        ItemNotGranted: An item outside the grant, or granted only masked.
        FilterNotAllowed: An item that may not be searched by, or the whole key.
        Malformed: Too many items, a measure that does not go with its item, a value that does not fit.
    """
    rules = bound_rules(access, case)
    for name in (*by, *(item for _, item in measures)):
        check_claim(access, name)
    _check_measures(access, measures)
    picked = _picked(access, filters)
    cells = tuple(dict.fromkeys((*by, *picked)))
    if len(cells) > MOST_ITEMS:
        raise Malformed("too many items at once", fields={"by": f"at most {MOST_ITEMS} items, those filtered by among them"})
    return Aggregate(
        _sql(access, cells, measures),
        (*rules, MOST_CELLS + 1),
        cells,
        len(by),
        {cells.index(name): value for name, value in picked.items()},
        tuple(measures),
        frozenset(at for at, name in enumerate(cells) if access.columns[name] is ItemType.L),
    )


def told(plan: Aggregate, rows: Sequence[tuple[Any, ...]], least: int) -> Groups:
    """Hide small cells and pick out what was asked.

    Raises:
        TooBroad: There are more cells than may be.
    """
    if len(rows) > MOST_CELLS:
        raise TooBroad("this makes too many groups", fields={"by": f"at most {MOST_CELLS} groups"}, remedy="group by fewer items")
    width = len(plan.cells)
    table = {row[:width]: row[width:] for row in rows}
    away = hidden({cell: row[0] for cell, row in table.items()}, least)
    gone = {
        at: hidden({cell: row[1 + 2 * at] for cell, row in table.items()}, least, away) for at in range(len(plan.measures))
    }  # fmt: skip
    chosen = {cell: row for cell, row in table.items() if all(cell[at] == value for at, value in plan.picked.items())}
    shown = [_group(plan, cell, row, gone) for cell, row in chosen.items() if cell not in away]
    return Groups(shown, len(chosen) - len(shown))


def _group(plan: Aggregate, cell: Cell, row: tuple[Any, ...], gone: Mapping[int, set[Cell]]) -> dict[str, Any]:
    values = [bool(value) if at in plan.flags and value is not None else value for at, value in enumerate(cell)]
    group: dict[str, Any] = {"by": dict(zip(plan.cells[: plan.by], values, strict=False)), "count": row[0]}
    for at, (function, item) in enumerate(plan.measures):
        group.setdefault(function, {})[item] = None if cell in gone[at] else _number(row[2 + 2 * at])
    return group


def _number(value: Any) -> Any:
    """A value as it is told: a sum of whole numbers as one, where it is none of more than 64 bits."""
    if not (isinstance(value, str) and value.startswith(WHOLE)):
        return value
    number = int(value.removeprefix(WHOLE))
    return number if -(2**63) <= number < 2**63 else str(number)


def _picked(access: Access, filters: Mapping[str, object]) -> dict[str, Stored]:
    """Values to pick out: only of items that are granted open and may be searched by, and never one record by its key."""
    for name in filters:
        if name not in access.searchable:
            ours = ", ".join(access.searchable)
            raise FilterNotAllowed(
                "an item may not be searched by", fields={name[:64]: "not a granted query item"}, remedy=f"search by: {ours}"
            )
        check_claim(access, name)
    if access.keys and all(key in filters for key in access.keys):
        raise FilterNotAllowed(
            "an aggregate is of many records",
            fields=dict.fromkeys(access.keys, "the whole key"),
            remedy="ask for the record itself",
        )
    return {name: as_stored(access.columns[name], name, value) for name, value in filters.items()}


def _check_measures(access: Access, measures: Sequence[tuple[str, str]]) -> None:
    for function, item in measures:
        if access.columns[item] not in MEASURE_TYPES[function]:
            raise Malformed(f"{function} does not go with {item}", fields={"measures": f"{function}:{item}"})


def _sql(access: Access, cells: tuple[str, ...], measures: Sequence[tuple[str, str]]) -> str:
    names = [column(name) for name in cells]
    shown = [*names, "count(*)"]
    for function, item in measures:
        shown += [f"count({column(item)})", _measure(function, column(item), access.columns[item])]
    where = f" where {access.compiled_rules[0]}" if access.compiled_rules[0] else ""
    grouped = f" group by {', '.join(names)} order by {', '.join(names)}" if names else ""
    return f"select {', '.join(shown)} from {TABLE}{where}{grouped} limit ?"


def _measure(function: str, place: str, kind: ItemType) -> str:
    if kind in DECIMAL_TYPES or (kind is ItemType.I and function == "sum"):
        return f"{EXACT}{function}({place})"
    if kind is ItemType.T:
        return f"{function}(rtrim({place}, 'Z')) || 'Z'"
    return f"{function}({place})"


class ExactSum:
    """Adds decimals and whole numbers without losing a digit; nothing where there is nothing."""

    def __init__(self) -> None:
        self._sum: Decimal | int | None = None

    def step(self, value: str | int | None) -> None:
        """Take one more value."""
        if value is not None:
            number = Decimal(value) if isinstance(value, str) else value
            self._sum = number if self._sum is None else self._sum + number

    def finalize(self) -> str | None:
        """Give the sum: of whole numbers marked as such, for it may be larger than SQLite knows."""
        if self._sum is None:
            return None
        return decimal_text(self._sum) if isinstance(self._sum, Decimal) else f"{WHOLE}{self._sum}"


class ExactMin:
    """The least of some decimals."""

    def __init__(self) -> None:
        self._held: Decimal | None = None

    def step(self, value: str | None) -> None:
        """Take one more value."""
        if value is not None:
            number = Decimal(value)
            self._held = number if self._held is None or self.nearer(number, self._held) else self._held

    def nearer(self, number: Decimal, held: Decimal) -> bool:
        """Tell whether a number takes the place of the one held."""
        return number < held

    def finalize(self) -> str | None:
        """Give it."""
        return None if self._held is None else decimal_text(self._held)


class ExactMax(ExactMin):
    """The greatest of some decimals."""

    def nearer(self, number: Decimal, held: Decimal) -> bool:
        """Tell whether a number takes the place of the one held."""
        return number > held


FUNCTIONS: Mapping[str, type[ExactSum | ExactMin]] = {f"{EXACT}sum": ExactSum, f"{EXACT}min": ExactMin, f"{EXACT}max": ExactMax}
