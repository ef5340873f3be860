# SPDX-License-Identifier: Apache-2.0
"""Appointments: giving and taking roles; the three administrators (三员) never meet in one account."""

from __future__ import annotations

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.organisations import domain, queries
from datong.contexts.organisations.models import Appointment
from datong.contexts.organisations.permissions import check_appoints
from datong.contexts.organisations.usecases.accounts import check_not_last_administrator, locked
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Malformed


@transaction.atomic
def appoint(username: str, role: str, *, by: Officer) -> Officer:
    """Give an account a role; one it holds already changes nothing.

    Returns:
        The officer with all roles held now.

    Raises:
        Malformed: There is no such role.
        Unknown: There is no such active account.
        Refused: Not the system administrator, the own account, exclusive roles, or a role that needs a department.
    """
    check_appoints(by, username)
    wanted = _role(role)
    account = locked(username)
    held = queries.officer_of(account).roles
    if wanted not in held:
        domain.check_roles(held | {wanted}, department=account.department_id or "")
        Appointment.objects.create(account=account, role=wanted, appointed_by=by.account)
        audit.record("organisations.role.appointed", by=by, subject=account.username, facts={"role": wanted.value})
    return queries.officer_of(account)


@transaction.atomic
def dismiss(username: str, role: str, *, by: Officer) -> Officer:
    """Take a role from an account; one it does not hold changes nothing.

    Raises:
        Malformed: There is no such role.
        Unknown: There is no such active account.
        Refused: Not the system administrator, or the own account.
        Conflict: The last system administrator.
    """
    check_appoints(by, username)
    wanted = _role(role)
    account = locked(username)
    if wanted is Role.SYSADMIN:
        check_not_last_administrator(account)
    taken, _ = Appointment.objects.filter(account=account, role=wanted).delete()
    if taken:
        audit.record("organisations.role.dismissed", by=by, subject=account.username, facts={"role": wanted.value})
    return queries.officer_of(account)


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise Malformed("there is no such role", fields={"role": f"one of {', '.join(Role)}"}) from None
