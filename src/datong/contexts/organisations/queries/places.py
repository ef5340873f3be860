# SPDX-License-Identifier: Apache-2.0
"""Reads of divisions and departments; everyone signed in may know them."""

from __future__ import annotations

from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from datong.contexts.organisations.domain import DepartmentView, RegionView
from datong.contexts.organisations.models import Department, Region
from datong.kernel.errors import Unknown


def department(uscc: str) -> DepartmentView:
    """Give one department.

    Raises:
        Unknown: There is none.
    """
    row = Department.objects.select_related("region").filter(pk=uscc).first() if uscc.isprintable() else None
    if row is None:
        raise Unknown("there is no such department")
    return department_view(row)


def departments(
    *, active: bool | None = True, q: str = "", region: str = "", after: str = "", limit: int | None = None
) -> list[DepartmentView]:
    """Give departments in order of USCC.

    Args:
        active: Only those in work (True), only others (False), all (None).
        q: Part of the name or short name, or the USCC.
        region: Beginning of a division code: "33" is all of Zhejiang.
        after: Only those behind this USCC (the cursor).
        limit: Most departments, None for all.
    """
    rows = Department.objects.select_related("region").filter(uscc__gt=after).order_by("uscc")
    if active is not None:
        rows = rows.filter(active=active)
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(short_name__icontains=q) | Q(uscc=q.upper()))
    if region:
        rows = rows.filter(region__code__startswith=region)
    return [department_view(row) for row in rows[:limit]]


def department_view(row: Department) -> DepartmentView:
    """Give the view of a department whose division is at hand."""
    return DepartmentView(
        uscc=row.uscc,
        name=row.name,
        short_name=row.short_name,
        region=row.region_id,
        region_name=row.region.name,
        parent=row.parent_id or "",
        kind=row.kind,
        active=row.active,
    )


def region_tree() -> list[RegionView]:
    """Give every division in order of code: each stands behind the one above it."""
    return _regions(Q())


def regions_below(parent: str) -> list[RegionView]:
    """Give the divisions directly below one, "" for the top."""
    return _regions(Q(parent=parent) if parent else Q(parent=None))


def region(code: str) -> RegionView:
    """Give one division.

    Raises:
        Unknown: There is none.
    """
    found = _regions(Q(code=code)) if code.isprintable() else []
    if not found:
        raise Unknown("there is no such division")
    return found[0]


def _regions(wanted: Q) -> list[RegionView]:
    above = Coalesce(F("parent_id"), Value(""))
    rows = Region.objects.filter(wanted).order_by("code").values_list("code", "name", above, "level")
    return [RegionView(*row) for row in rows]


def department_names(codes: list[str]) -> dict[str, str]:
    """Give the names of departments by USCC."""
    return dict(Department.objects.filter(pk__in=codes).values_list("pk", "name"))


def region_names(codes: list[str]) -> dict[str, str]:
    """Give the names of divisions by code."""
    return dict(Region.objects.filter(pk__in=codes).values_list("pk", "name"))
