# SPDX-License-Identifier: Apache-2.0
"""Workflows are tables, and every stage stands in every table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import ModuleType

import pytest

from datong.kernel.actors import Role
from factories.house import modules

TABLES = ("MOVES", "LABELS", "HOLDER", "TAG")
CONTEXTS = ("catalog", "sharing", "exchange", "demands", "corrections", "disputes", "deliveries", "subscriptions", "notifications")


def rooms() -> Iterator[ModuleType]:
    """Modules of rules that define workflows."""
    for context in CONTEXTS:
        yield from modules(f"datong.contexts.{context}.domain")


def workflows() -> Iterator[tuple[str, type[StrEnum], dict[str, Mapping]]]:
    """Each workflow once: its name, its stages, its tables by kind, as its own module defines them."""
    for room in rooms():
        for name, table in vars(room).items():
            if not name.endswith("MOVES") or not isinstance(table, Mapping):
                continue
            stages = type(next(iter(table)))
            if stages.__module__ != room.__name__:
                continue
            prefix = name.removesuffix("MOVES")
            tables = {kind: vars(room).get(prefix + kind) for kind in TABLES}
            yield f"{room.__name__}.{name}", stages, tables


FOUND = list(workflows())


def test_every_workflow_is_found():
    names = {name.split(".")[2] for name, _, _ in FOUND}
    assert names == set(CONTEXTS) and len(FOUND) >= 4


@pytest.mark.parametrize(("name", "stages", "tables"), FOUND, ids=[name for name, _, _ in FOUND])
def test_every_stage_has_a_row_in_every_table(name, stages, tables):
    for kind, table in tables.items():
        assert table is not None, f"{name}: no table {kind}"
        assert set(table) == set(stages), kind


@pytest.mark.parametrize(("name", "stages", "tables"), FOUND, ids=[name for name, _, _ in FOUND])
def test_rows_hold_what_they_should(name, stages, tables):
    assert all(isinstance(label, str) and label for label in tables["LABELS"].values()), name
    assert all(holder is None or isinstance(holder, Role) for holder in tables["HOLDER"].values())
    assert all(set(followers) <= set(stages) for followers in tables["MOVES"].values())


@pytest.mark.parametrize(("name", "stages", "tables"), FOUND, ids=[name for name, _, _ in FOUND])
def test_every_stage_can_be_reached_and_every_way_ends(name, stages, tables):
    moves = tables["MOVES"]
    reached, edge = set(), {next(iter(moves))}
    while edge:
        reached |= edge
        edge = {then for now in edge for then in moves[now]} - reached
    assert reached == set(stages), name
    assert any(not followers for followers in moves.values()), "no end"
