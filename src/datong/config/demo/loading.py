# SPDX-License-Identifier: Apache-2.0
"""The made-up catalogue copied into a database at once, as published entries; only for trying things out.

Kept here: this is the one way past the use cases, so it leaves no act; an index is rebuilt after it, never followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.apps import apps

from datong.config.demo.catalogue import Body, Made

COMPILER = "demo"
CHUNK = 20_000


class Table:
    """Copies rows of a model; what a row does not say has the model's default."""

    def __init__(self, label: str, *, numbered: bool = False) -> None:
        model = apps.get_model(label)
        fields = [one for one in model._meta.concrete_fields if numbered or not one.primary_key or one.name != "id"]  # noqa: SLF001
        self.defaults = {one.column: None if one.null and not one.has_default() else one.get_default() for one in fields}
        self.command = f"copy {model._meta.db_table} ({', '.join(self.defaults)}) from stdin"  # noqa: SLF001

    def copy(self, cursor: Any, rows: Iterable[Mapping[str, Any]]) -> None:
        """Copy rows, each column to value."""
        defaults = self.defaults
        with cursor.copy(self.command) as copy:
            for row in rows:
                copy.write_row(tuple((defaults | row).values()))


def load_bodies(cursor: Any, homes: Sequence[Body]) -> None:
    """Copy departments that are not there yet."""
    cursor.execute("select uscc from organisations_department")
    there = {uscc for (uscc,) in cursor.fetchall()}
    rows = (
        {"uscc": body.uscc, "name": body.name, "short_name": body.short, "region_id": body.region, "parent_id": None,
         "kind": "department", "active": True, "created_at": "now"}
        for body in homes if body.uscc not in there
    )  # fmt: skip
    Table("organisations.Department", numbered=True).copy(cursor, rows)


def load_entries(cursor: Any, entries: Iterable[Made], *, first: int = 1) -> int:
    """Copy entries with their versions and items; numbers of rows begin at `first`.

    Returns:
        How many there are.
    """
    cursor.execute("select code, id from catalog_classnode")
    classes = dict(cursor.fetchall())
    resources, versions = Table("catalog.Resource", numbered=True), Table("catalog.Version", numbered=True)
    items = Table("catalog.Item")
    cursor.execute("set constraints all deferred")
    held, number = iter(entries), first
    while chunk := list(islice(held, CHUNK)):
        numbered = list(enumerate(chunk, start=number))
        resources.copy(cursor, (_resource(place, one, classes[one.head]) for place, one in numbered))
        versions.copy(cursor, (_version(place, one) for place, one in numbered))
        items.copy(cursor, (row for place, one in numbered for row in _items(place, one)))
        number += len(chunk)
    return number - first


def _resource(place: int, one: Made, node: int) -> dict[str, Any]:
    return {
        "id": place, "code": one.code, "class_node_id": node, "sequence": one.sequence, "provider_id": one.body.uscc,
        "name": one.name, "current_id": place, "created_at": one.published_at,
    }  # fmt: skip


def _version(place: int, one: Made) -> dict[str, Any]:
    same = ("name", "abstract", "system", "sharing_type", "opening_type", "update_cycle", "level", "format_class", "published_at")
    at = one.published_at
    withheld = {"withheld_basis_rank": "law", "withheld_basis": "《中华人民共和国个人信息保护法》第三十四条"}
    people = {f"{verb}_by": COMPILER for verb in ("created", "filed", "consented", "reviewed")}
    moments = dict.fromkeys(("created_at", "changed_at", "filed_at", "consented_at", "reviewed_at"), at)
    return {
        "id": place, "resource_id": place, "number": 1, "stage": "published", **{name: getattr(one, name) for name in same},
        **people, **moments, **(withheld if one.sharing_type == "withheld" else {}),
    }  # fmt: skip


def _items(place: int, one: Made) -> Iterator[dict[str, Any]]:
    for position, (name, field) in enumerate(one.items, start=1):
        yield {"version_id": place, "position": position, "field": field, "name": name, "type": "C"}
