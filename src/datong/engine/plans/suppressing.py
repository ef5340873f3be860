# SPDX-License-Identifier: Apache-2.0
"""Small cells: which figures of a table are not told, so that nobody stands out in it.

Kept here: a cell of fewer than `least` rows is hidden. In every line of the table whose total anybody may ask for (all
cells that agree in some of the items) the hidden cells are at least two and together have at least `least` rows, so that
none is had by taking the others from the total. A cell that is a whole line by itself can be had as that line's total, so
it hides no other. Where this cannot be reached, nothing is told. What is hidden follows from the table alone and never
from what was picked out of it, so that two questions cannot be played against each other.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations

Cell = tuple[object, ...]
Line = list[Cell]


def hidden(weights: Mapping[Cell, int], least: int, before: Iterable[Cell] = ()) -> set[Cell]:
    """Give the cells that are not told.

    Args:
        weights: Cell to its rows; the values of a cell are those of the items that make up the table, in one order.
        least: Fewest rows of a cell that is told.
        before: Cells hidden already for another reason.
    """
    told = {cell: rows for cell, rows in weights.items() if rows > 0}
    away = {cell for cell, rows in told.items() if rows < least} | (set(before) & told.keys())
    if not away:
        return away
    lines = _lines(told)
    alone = {line[0] for line in lines if len(line) == 1}
    order = {cell: (rows, repr(cell)) for cell, rows in told.items()}
    grew = True
    while grew:
        grew = False
        for line in lines:
            while (unsafe := _unsafe(line, away, alone, told, least)) and len(line) > 1:
                choice = [cell for cell in line if cell not in away and cell not in alone]
                if not choice:
                    return set(told)
                away.add(min(choice, key=order.__getitem__))
                grew = unsafe
    return away


def _unsafe(line: Line, away: set[Cell], alone: set[Cell], told: Mapping[Cell, int], least: int) -> bool:
    """Tell whether a hidden cell of a line could be had from its total."""
    gone = [cell for cell in line if cell in away]
    cover = [cell for cell in gone if cell not in alone or told[cell] < least]
    return bool(gone) and (len(cover) < 2 or sum(told[cell] for cell in cover) < least)


def _lines(told: Mapping[Cell, int]) -> list[Line]:
    """Every line: the cells that agree in some of the items, from none of them to all but one."""
    width = len(next(iter(told)))
    found: list[Line] = []
    for size in range(width):
        for some in combinations(range(width), size):
            lines: dict[Cell, Line] = {}
            for cell in told:
                lines.setdefault(tuple(cell[at] for at in some), []).append(cell)
            found += lines.values()
    return found
