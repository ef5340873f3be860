# SPDX-License-Identifier: Apache-2.0
"""Hits: rows read again through the one predicate before anybody sees them, each with why it was found."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from datong.contexts.catalog.domain import Hit, Reason
from datong.contexts.catalog.models import Item, Resource
from datong.contexts.catalog.queries.entries import visible
from datong.kernel.actors import Officer
from datong.kernel.workdays import received_on

NEEDED = ("provider", "current", "class_node")


def read(pks: Sequence[int], *, by: Officer | None) -> list[Resource]:
    """Give the resources of these numbers that someone may see, in this order."""
    rows = Resource.objects.filter(visible(by)).select_related(*NEEDED).in_bulk(list(pks))
    return [rows[pk] for pk in pks if pk in rows]


def items_of(rows: Sequence[Resource], *, by: Officer | None) -> dict[int, list[tuple[str, str]]]:
    """Give each row's items as (name, field), to those who may know them."""
    if by is None or not rows:
        return {}
    found: dict[int, list[tuple[str, str]]] = {}
    held = Item.objects.filter(version__in=[row.current_id for row in rows]).order_by("version", "position")
    for version, name, field in held.values_list("version_id", "name", "field"):
        found.setdefault(version, []).append((name, field))
    return found


def hit(row: Resource, reasons: tuple[Reason, ...] = ()) -> Hit:
    """Give one row as a hit."""
    now = row.current
    return Hit(
        code=row.code, name=row.name, abstract=now.abstract, provider=row.provider_id, provider_name=row.provider.name,
        sharing_type=now.sharing_type, opening_type=now.opening_type, update_cycle=now.update_cycle, level=now.level,
        format_class=now.format_class, published_on=received_on(now.published_at) if now.published_at else None,
        class_code=row.class_node.code, class_name=row.class_node.name, region=row.provider.region_id, reasons=reasons,
    )  # fmt: skip


def page_of(rows: QuerySet[Resource], start: int, size: int) -> list[Resource]:
    """Give a page of a query."""
    return list(rows.select_related(*NEEDED)[start : start + size])
