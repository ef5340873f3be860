# SPDX-License-Identifier: Apache-2.0
"""Reads of application systems, and who sees which."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.models import QuerySet

from datong.contexts.organisations.domain import ApplicationView
from datong.contexts.organisations.models import Application
from datong.contexts.organisations.permissions import sees_all_applications
from datong.kernel.actors import Officer
from datong.kernel.errors import Unknown


def visible_applications(by: Officer) -> QuerySet[Application]:
    """Applications an officer sees: all, or those of the own department."""
    rows = Application.objects.select_related("department").order_by("client_id")
    return rows if sees_all_applications(by) else rows.filter(department_id=by.department)


def application(client_id: str, *, by: Officer | None = None) -> ApplicationView:
    """Give one application.

    Args:
        client_id: Its key.
        by: Whose eyes; None for a use case that checks itself.

    Raises:
        Unknown: There is none, or none the officer may see.
    """
    rows = Application.objects.select_related("department") if by is None else visible_applications(by)
    row = rows.filter(pk=client_id).first() if client_id.isprintable() else None
    if row is None:
        raise Unknown("there is no such application")
    return application_view(row)


def applications(
    department: str | None = None, *, by: Officer | None = None, after: str = "", limit: int | None = None
) -> list[ApplicationView]:
    """Give the applications of a department, or all, in order of client id, those behind `after`."""
    rows = Application.objects.select_related("department") if by is None else visible_applications(by)
    rows = rows.filter(client_id__gt=after).order_by("client_id")
    if department:
        rows = rows.filter(department_id=department)
    return [application_view(row) for row in rows[:limit]]


def application_names(client_ids: list[str]) -> dict[str, str]:
    """Give the names of applications by client id."""
    return dict(Application.objects.filter(client_id__in=client_ids).values_list("client_id", "name"))


def application_view(row: Application) -> ApplicationView:
    """Give the view of an application whose department is at hand."""
    overlaps = row.former_ends is not None and row.former_ends > datetime.now(UTC)
    return ApplicationView(
        client_id=row.client_id,
        name=row.name,
        address=row.address,
        responsible=row.responsible,
        department=row.department_id,
        department_name=row.department.name,
        public_key=row.public_key,
        active=row.active,
        former_key=row.former_key if overlaps else "",
        former_ends=row.former_ends if overlaps else None,
        networks=tuple(row.networks),
        signed=row.signed,
        certificates=tuple(row.certificates),
    )
