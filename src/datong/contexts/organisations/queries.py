# SPDX-License-Identifier: Apache-2.0
"""Reads of organisations; each model has one predicate of visibility, used by every list, page and API."""

from __future__ import annotations

from functools import lru_cache

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, Max, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from datong.contexts.organisations.domain import ApplicationView, DepartmentView, RegionView
from datong.contexts.organisations.models import Account, Application, Calendar, Department, Region
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Unknown
from datong.kernel.workdays import WorkCalendar


def accounts_with_roles() -> QuerySet[Account]:
    """Accounts with `held` (list of roles), department and division at hand: all that `officer` needs, in one query."""
    roles = ArrayAgg("appointments__role", filter=Q(appointments__role__isnull=False), order_by="appointments__role")
    return Account.objects.select_related("department").annotate(held=Coalesce(roles, Value([])))


def officer(account: Account) -> Officer:
    """Give the officer of an account read by `accounts_with_roles`."""
    home = account.department
    return Officer(
        account=account.username,
        name=account.name,
        department=home.uscc if home else "",
        department_name=home.name if home else "",
        region=home.region_id if home else "",
        roles=frozenset(Role(role) for role in account.held),
    )


def officer_of(account: AbstractBaseUser | int) -> Officer:
    """Give the officer of an account or of its primary key.

    Raises:
        Unknown: There is no such active account.
    """
    if isinstance(account, Account) and hasattr(account, "held"):
        return officer(account)
    key = account if isinstance(account, int) else account.pk
    found = accounts_with_roles().filter(pk=key, active=True).first()
    if found is None:
        raise Unknown("there is no such account")
    return officer(found)


def department_view(row: Department) -> DepartmentView:
    """Give the view of a department whose division is at hand."""
    return DepartmentView(
        uscc=row.uscc, name=row.name, short_name=row.short_name, region=row.region_id, region_name=row.region.name,
        parent=row.parent_id or "", kind=row.kind, active=row.active,
    )  # fmt: skip


def department(uscc: str) -> DepartmentView:
    """Give one department.

    Raises:
        Unknown: There is none.
    """
    row = Department.objects.select_related("region").filter(pk=uscc).first() if "\x00" not in uscc else None
    if row is None:
        raise Unknown("there is no such department")
    return department_view(row)


def departments(*, active: bool | None = True) -> list[DepartmentView]:
    """Give departments in order of division and name; every signed-in officer may know them."""
    rows = Department.objects.select_related("region").order_by("region_id", "name")
    return [department_view(row) for row in (rows if active is None else rows.filter(active=active))]


def application_view(row: Application) -> ApplicationView:
    """Give the view of an application whose department is at hand."""
    return ApplicationView(
        client_id=row.client_id, name=row.name, address=row.address, responsible=row.responsible,
        department=row.department_id, department_name=row.department.name, public_key=row.public_key, active=row.active,
    )  # fmt: skip


def application(client_id: str) -> ApplicationView:
    """Give one application.

    Raises:
        Unknown: There is none.
    """
    row = Application.objects.select_related("department").filter(pk=client_id).first() if "\x00" not in client_id else None
    if row is None:
        raise Unknown("there is no such application")
    return application_view(row)


def applications(department: str | None = None) -> list[ApplicationView]:
    """Give the applications of a department, or all."""
    rows = Application.objects.select_related("department").order_by("department_id", "name")
    return [application_view(row) for row in (rows.filter(department_id=department) if department else rows)]


def region_tree() -> list[RegionView]:
    """Give every division in order of code: each stands behind the one above it."""
    values = Region.objects.order_by("code").values_list("code", "name", Coalesce(F("parent_id"), Value("")), "level")
    return [RegionView(*row) for row in values]


def working_calendar() -> WorkCalendar:
    """Give the calendar of the newest version of each year; one small query when nothing changed."""
    newest = Calendar.objects.aggregate(newest=Max("pk"))["newest"]
    return _calendar(newest or 0)


@lru_cache(maxsize=8)
def _calendar(newest: int) -> WorkCalendar:
    rows = Calendar.objects.filter(pk__lte=newest).order_by("year", "-version").distinct("year")
    return WorkCalendar.from_holiday_cn({"year": row.year, "days": row.days} for row in rows)
