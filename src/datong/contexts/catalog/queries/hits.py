# SPDX-License-Identifier: Apache-2.0
"""Hits: rows read again through the one predicate before anybody sees them, each with why it was found.

Kept here: a page reads only the columns it shows, and items only where nothing else tells why a hit was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet

from datong.contexts.catalog.domain import Hit, Reason
from datong.contexts.catalog.models import Resource
from datong.contexts.catalog.queries.entries import visible
from datong.kernel.actors import Officer
from datong.kernel.workdays import received_on

COLUMNS = (
    "pk", "current_id", "code", "name", "current__abstract", "provider_id", "provider__name", "current__sharing_type",
    "current__opening_type", "current__update_cycle", "current__level", "current__format_class", "class_node__code",
    "class_node__name", "provider__region_id", "current__published_at",
)  # fmt: skip
"""What a hit shows, in the order of `Seen`."""
ITEMS = "select version_id, name, field from catalog_item where version_id = any(%s) order by version_id, position"


class Seen(NamedTuple):
    """One resource as the database gives it for a list."""

    pk: int
    version: int
    code: str
    name: str
    abstract: str
    provider: str
    provider_name: str
    sharing_type: str
    opening_type: str
    update_cycle: str
    level: str
    format_class: str
    class_code: str
    class_name: str
    region: str
    published_at: datetime | None


def read(pks: Sequence[int], *, by: Officer | None) -> list[Seen]:
    """Give the resources of these numbers that someone may see, in this order."""
    if not pks:
        return []
    sql, params = _written(visible(by))
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, list(pks)])
        found = {row[0]: Seen._make(row) for row in cursor.fetchall()}
    return [found[pk] for pk in pks if pk in found]


@lru_cache(maxsize=8)
def _written(condition: Q) -> tuple[str, tuple[object, ...]]:
    """The question for some resources under a condition, written down once: writing it takes longer than answering it."""
    sql, params = Resource.objects.filter(condition).order_by().values_list(*COLUMNS).query.sql_with_params()
    return f"select * from ({sql}) seen where pk = any(%s)", params  # noqa: S608  written by the ORM


def page_of(rows: QuerySet[Resource], start: int, size: int) -> list[Seen]:
    """Give a page of a query."""
    return [Seen._make(row) for row in rows.values_list(*COLUMNS)[start : start + size]]


def hit(row: Seen, reasons: tuple[Reason, ...] = ()) -> Hit:
    """Give one row as a hit."""
    published = received_on(row.published_at) if row.published_at else None
    return Hit(*row[2:12], published, *row[12:15], reasons)


class Items:
    """The items of one page, for those who may know them; read when first looked at.

    Args:
        rows: The page.
        by: Who looks; the public knows no items.
    """

    def __init__(self, rows: Sequence[Seen], *, by: Officer | None) -> None:
        self._versions = [row.version for row in rows] if by is not None else []

    def of(self, row: Seen) -> ItemsOf:
        """Give a row's items as (name, field)."""
        return ItemsOf(self, row.version)

    @cached_property
    def held(self) -> dict[int, list[tuple[str, str]]]:
        """Each version's items."""
        found: dict[int, list[tuple[str, str]]] = {}
        if self._versions:
            with connection.cursor() as cursor:
                cursor.execute(ITEMS, [self._versions])
                for version, name, field in cursor.fetchall():
                    found.setdefault(version, []).append((name, field))
        return found


@dataclass(frozen=True, slots=True)
class ItemsOf:
    """The items of one version, read with those of its page."""

    page: Items
    version: int

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Give name and field of each."""
        return iter(self.page.held.get(self.version, ()))
