# SPDX-License-Identifier: Apache-2.0
"""Accounts: created with a password that is shown once, suspended, never deleted."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from datong.contexts.audit import face as audit
from datong.contexts.organisations import domain
from datong.contexts.organisations.models import Account, Appointment, Department
from datong.contexts.organisations.permissions import check_administers, check_suspends_accounts
from datong.contexts.organisations.usecases.passwords import check_password, first_password
from datong.kernel import texts
from datong.kernel.actors import SYSTEM, Officer, Role
from datong.kernel.errors import Conflict, Malformed, Unknown


@dataclass(frozen=True, slots=True)
class Created:
    """A new account and the password to hand over; it is nowhere else and must be changed at the first sign-in."""

    account: Account
    password: str


@transaction.atomic
def create_account(username: str, name: str, *, by: Officer, department: str = "", password: str = "") -> Created:
    """Create an account.

    Args:
        username: Sign-in name; folded to small letters.
        name: The person's name (姓名).
        by: A system administrator.
        department: USCC, "" for a system account.
        password: First password; made when empty.

    Raises:
        Malformed: A field out of shape, or an unknown department.
        Conflict: The sign-in name is taken.
        Refused: Not the system administrator.
    """
    check_administers(by)
    account = Account(username=domain.check_username(username), name=texts.line("name", name, longest=100))
    if department:
        account.department = _home(department.strip())
    secret = check_password(password, account) if password else first_password()
    account.set_password(secret)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:
        raise Conflict("the sign-in name is taken", fields={"username": "taken"}) from None
    facts = {"name": account.name, "department": account.department_id or ""}
    audit.record("organisations.account.created", by=by, subject=account.username, facts=facts)
    return Created(account, secret)


@transaction.atomic
def reset_password(username: str, *, by: Officer) -> Created:
    """Give an account a new first password, and unlock it; its sessions end.

    Raises:
        Unknown: There is no such account.
        Refused: Not the system administrator.
    """
    check_administers(by)
    account = locked(username)
    secret = first_password()
    account.set_password(secret)
    account.must_change_password, account.failures, account.locked_until = True, 0, None
    account.save(update_fields=["password", "must_change_password", "failures", "locked_until"])
    audit.record("organisations.password.reset", by=by, subject=account.username)
    return Created(account, secret)


@transaction.atomic
def suspend_account(username: str, *, by: Officer) -> None:
    """Stop an account: its sessions end and nobody signs in by it.

    Raises:
        Unknown: There is no such account.
        Refused: Neither system administrator nor security officer, the own account, or the last administrator's.
    """
    check_suspends_accounts(by, username)
    account = locked(username)
    if account.active:
        check_not_last_administrator(account)
        account.active = False
        account.save(update_fields=["active"])
        audit.record("organisations.account.suspended", by=by, subject=account.username)


@transaction.atomic
def restore_account(username: str, *, by: Officer) -> None:
    """Let a suspended account sign in again.

    Raises:
        Unknown: There is no such account.
        Refused: Neither system administrator nor security officer, or the own account.
    """
    check_suspends_accounts(by, username)
    account = locked(username)
    if not account.active:
        account.active = True
        account.save(update_fields=["active"])
        audit.record("organisations.account.restored", by=by, subject=account.username)


@transaction.atomic
def bootstrap(username: str = "admin", name: str = "系统管理员", *, by: Officer = SYSTEM) -> Created:
    """Make the first system administrator of a node.

    Returns:
        The account and its one-time password.

    Raises:
        Conflict: There is a system administrator already.
    """
    if Appointment.objects.filter(role=Role.SYSADMIN).exists():
        raise Conflict("this node has a system administrator already", remedy="sign in as that one")
    made = create_account(username, name, by=by)
    Appointment.objects.create(account=made.account, role=Role.SYSADMIN, appointed_by=by.account)
    facts = {"role": Role.SYSADMIN.value}
    audit.record("organisations.role.appointed", by=by, subject=made.account.username, facts=facts)
    return made


def first_administrator() -> tuple[str, str] | None:
    """Make the first system administrator where there is none.

    Returns:
        Sign-in name and one-time password, or None when the node has an administrator already.
    """
    try:
        made = bootstrap()
    except Conflict:
        return None
    return made.account.username, made.password


def locked(username: str) -> Account:
    """Read an account for change.

    Raises:
        Unknown: There is none.
    """
    account = Account.objects.select_for_update().filter(username=username).first() if username.isprintable() else None
    if account is None:
        raise Unknown("there is no such account")
    return account


def _home(uscc: str) -> Department:
    home = Department.objects.filter(pk=uscc, active=True).first() if uscc.isprintable() else None
    if home is None:
        raise Malformed("there is no such department", fields={"department": "unknown"})
    return home


def check_not_last_administrator(account: Account) -> None:
    """Check that somebody else still administers the node.

    Raises:
        Conflict: This account is the last active system administrator.
    """
    holders = Appointment.objects.select_for_update().filter(role=Role.SYSADMIN, account__active=True)
    if {holder.account_id for holder in holders} == {account.pk}:
        raise Conflict("this is the last system administrator", remedy="appoint another one first")
