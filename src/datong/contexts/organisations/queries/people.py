# SPDX-License-Identifier: Apache-2.0
"""Reads of accounts: officers, and who sees which account."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from datong.contexts.organisations import domain
from datong.contexts.organisations.domain import AccountView
from datong.contexts.organisations.models import Account
from datong.contexts.organisations.permissions import sees_all_accounts
from datong.contexts.organisations.queries.delegations import deputies_of, lent, today
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Unknown


def with_roles() -> QuerySet[Account]:
    """Accounts with `held` (list of roles) and department at hand."""
    roles = ArrayAgg("appointments__role", filter=Q(appointments__role__isnull=False), order_by="appointments__role")
    return Account.objects.select_related("department").annotate(held=Coalesce(roles, Value([])))


def as_officers() -> QuerySet[Account]:
    """Accounts with all that `officer` needs, what is lent to them today included, in one query."""
    return _as_officers(today()).all()


@lru_cache(maxsize=1)
def _as_officers(day: date) -> QuerySet[Account]:
    """The same on a day: every request asks it, and to put it together costs more than to answer it."""
    return with_roles().annotate(lent=lent(day))


def officer(account: Account) -> Officer:
    """Give the officer of an account read by `as_officers`."""
    home = account.department
    lent_to_him = [(one["principal"], set(one["roles"]) & set(one["held"])) for one in account.lent]
    borrowed = {role for _principal, roles in lent_to_him for role in roles}
    return Officer(
        account=account.username,
        name=account.name,
        department=home.uscc if home else "",
        department_name=home.name if home else "",
        region=home.region_id if home else "",
        roles=frozenset(Role(role) for role in {*account.held, *borrowed}),
        acting_for=frozenset(principal for principal, roles in lent_to_him if roles),
    )


def officer_of(account: AbstractBaseUser | int) -> Officer:
    """Give the officer of an account or of its primary key.

    Raises:
        Unknown: There is no such active account.
    """
    if hasattr(account, "lent"):
        return officer(account)
    key = account if isinstance(account, int) else account.pk
    found = as_officers().filter(pk=key, active=True).first()
    if found is None:
        raise Unknown("there is no such account")
    return officer(found)


def officer_named(username: str) -> Officer:
    """Give the officer of an active account by its sign-in name, for those who were found to be allowed to know.

    Raises:
        Unknown: There is none.
    """
    found = as_officers().filter(username=username, active=True).first() if username.isprintable() else None
    if found is None:
        raise Unknown("there is no such account")
    return officer(found)


def account_names(usernames: list[str]) -> dict[str, str]:
    """Give the names of people by sign-in name, of those who left too."""
    return dict(Account.objects.filter(username__in=usernames).values_list("username", "name"))


def holders(role: Role, *, department: str = "", region: str = "") -> list[str]:
    """Give the sign-in names of the active accounts that hold a role, in order.

    Args:
        role: The role.
        department: Only those of this department.
        region: Only those of a department of this division.
    """
    rows = Account.objects.filter(active=True, appointments__role=role)
    if department:
        rows = rows.filter(department=department)
    if region:
        rows = rows.filter(department__region=region)
    return list(rows.order_by("username").values_list("username", flat=True))


def people_at(role: Role, *, department: str = "", region: str = "") -> list[str]:
    """Give the sign-in names of those who do the work of a post today: its holders and their deputies, in order."""
    own = holders(role, department=department, region=region)
    return sorted({*own, *deputies_of(role, own)})


def visible_accounts(by: Officer) -> QuerySet[Account]:
    """Accounts an officer sees: all, or those of the own department and the own one."""
    rows = with_roles().order_by("username")
    if sees_all_accounts(by):
        return rows
    own = Q(username=by.account)
    return rows.filter(own | Q(department_id=by.department) if by.department else own)


def accounts(*, by: Officer, q: str = "", after: str = "", limit: int = 50) -> list[AccountView]:
    """Give accounts in order of sign-in name, those behind `after`."""
    devices = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
    rows = visible_accounts(by).filter(username__gt=after).annotate(two_factor=Exists(devices))
    if q:
        rows = rows.filter(Q(username__icontains=q) | Q(name__icontains=q) | Q(department__name__icontains=q))
    return [_view(row) for row in rows[:limit]]


def account(username: str, *, by: Officer) -> AccountView:
    """Give one account.

    Raises:
        Unknown: There is none, or none the officer may see.
    """
    devices = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
    row = visible_accounts(by).filter(username=username).annotate(two_factor=Exists(devices)).first()
    if row is None:
        raise Unknown("there is no such account")
    return _view(row)


def _view(row: Account) -> AccountView:
    return AccountView(
        username=row.username,
        name=row.name,
        department=row.department_id or "",
        department_name=row.department.name if row.department else "",
        active=row.active,
        locked=domain.is_locked(row.locked_until, timezone.now()),
        must_change_password=row.must_change_password,
        two_factor=row.two_factor,
        roles=tuple(row.held),
    )
