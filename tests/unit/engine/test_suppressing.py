# SPDX-License-Identifier: Apache-2.0
"""Small cells: no hidden one is had by taking what is told from a total, whatever the table."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.engine.plans.suppressing import hidden

LEAST = 10
VALUES = st.sampled_from(["甲", "乙", "丙", None])


def tables(width: int) -> st.SearchStrategy:
    return st.dictionaries(st.tuples(*[VALUES] * width), st.integers(0, 30), max_size=12)


def lines(cells, width):
    for size in range(width):
        for some in combinations(range(width), size):
            found = {}
            for cell in cells:
                found.setdefault(tuple(cell[at] for at in some), set()).add(cell)
            yield from found.values()


@given(st.one_of(tables(1), tables(2), tables(3)))
def test_no_small_cell_is_told_and_none_is_had_from_a_total(weights: dict):
    width = len(next(iter(weights), ()))
    away = hidden(weights, LEAST)
    there = {cell for cell, rows in weights.items() if rows}
    assert away <= there
    assert {cell for cell in there if weights[cell] < LEAST} <= away
    if not away:
        return
    for line in lines(there, width):
        unknown = line & away
        if unknown and line - away:
            assert len(unknown) > 1, "one hidden cell beside told ones is the total less the others"
            assert sum(weights[cell] for cell in unknown) >= LEAST, "their sum itself would be a small group"


@given(tables(2), st.integers(0, 2))
def test_a_total_told_elsewhere_undoes_nothing(weights: dict, at: int):
    """A cell that is a whole line by itself is told as that line's total, so it protects nobody else."""
    away = hidden(weights, LEAST)
    there = {cell for cell, rows in weights.items() if rows}
    every = list(lines(there, 2))
    alone = {cell for line in every if len(line) == 1 for cell in line if weights[cell] >= LEAST}
    for line in every:
        unknown = (line & away) - alone
        if any(weights[cell] < LEAST for cell in line) and len(line) > 1:
            assert len(unknown) > 1 or away == there


@pytest.mark.parametrize(
    ("weights", "away"),
    [
        ({}, set()),
        ({("a",): 10, ("b",): 50}, set()),
        ({("a",): 9, ("b",): 50, ("c",): 20}, {("a",), ("c",)}),
        ({("a",): 1, ("b",): 2, ("c",): 20, ("d",): 30}, {("a",), ("b",), ("c",)}),
        ({("a",): 9, ("b",): 8, ("c",): 20}, {("a",), ("b",)}),
        ({("a",): 3}, {("a",)}),
        ({("a",): 3, ("b",): 20}, {("a",), ("b",)}),
        ({(): 3}, {()}),
        ({(): 0}, set()),
    ],
)
def test_known_tables(weights: dict, away: set):
    assert hidden(weights, LEAST) == away


def test_what_is_hidden_for_another_reason_is_covered_too():
    assert hidden({("a",): 50, ("b",): 20, ("c",): 30}, LEAST, [("a",), ("x",)]) == {("a",), ("b",)}
