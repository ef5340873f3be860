# SPDX-License-Identifier: Apache-2.0
"""Signing in and out, and changing the password.

Kept here: five failures in a row lock an account for 15 minutes; an unknown name, a wrong password, a missing code, a
suspended and a locked account get the same answer after the same work; the act of a failure is committed before the
refusal is raised. What was typed as an unknown name is not kept: it may be a password.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django_otp.models import Device
from django_otp.plugins.otp_totp.models import TOTPDevice

from datong.contexts.audit import face as audit
from datong.contexts.organisations import domain, queries
from datong.contexts.organisations.models import Account
from datong.contexts.organisations.usecases.passwords import check_password
from datong.kernel.actors import SYSTEM, Officer
from datong.kernel.errors import Malformed, Unauthenticated

REFUSAL = "name, password or one-time code are wrong, or the account is locked"
REMEDY = "after five failures an account is locked for 15 minutes; the system administrator can reset the password"


def sign_in(username: str, password: str, *, code: str = "", address: str = "") -> Account:
    """Check who is there.

    Args:
        username: Sign-in name as typed.
        password: Password as typed.
        code: One-time code, for an account that has a second factor.
        address: Network address of the asker, for the record.

    Returns:
        The account; `otp_device` is set on it when a second factor was shown. The session is the caller's to open.

    Raises:
        Unauthenticated: Anything is wrong; never says what.
    """
    account = _attempt(username, password, code, address)
    if account is None:
        raise Unauthenticated(REFUSAL, remedy=REMEDY)
    return account


@transaction.atomic
def sign_out(*, by: Officer) -> None:
    """Record that a session ended."""
    audit.record("organisations.session.closed", by=by, subject=by.account)


def change_password(old: str, new: str, *, by: Officer) -> Account:
    """Change the own password; a wrong old one counts as a failed sign-in.

    Returns:
        The account, for keeping the present session alive.

    Raises:
        Unauthenticated: The old password is wrong, or the account is locked.
        Malformed: The new one is against the rules, or the old one again.
    """
    if old == new:
        raise Malformed("the new password is the old one", fields={"new": "choose another one"})
    account = _changed(old, new, by)
    if account is None:
        raise Unauthenticated("the old password is wrong, or the account is locked", fields={"old": "wrong"})
    return account


@transaction.atomic
def _changed(old: str, new: str, by: Officer) -> Account | None:
    account = Account.objects.select_for_update().get(username=by.account)
    check_password(new, account, field="new")
    right = account.check_password(old)
    if not right or domain.is_locked(account.locked_until, timezone.now()):
        _fail(account, by, "old password")
        return None
    account.set_password(new)
    account.must_change_password, account.failures = False, 0
    account.save(update_fields=["password", "must_change_password", "failures"])
    audit.record("organisations.password.changed", by=by, subject=account.username)
    return account


@transaction.atomic
def _attempt(username: str, password: str, code: str, address: str) -> Account | None:
    account = _find(username)
    if account is None:
        _do_as_for_a_known_name(password)
        facts = {"why": "no such account", "address": address[:64]}
        audit.record("organisations.session.refused", by=SYSTEM, subject="unknown", facts=facts)
        return None
    who = queries.officer(queries.as_officers().get(pk=account.pk))
    right = account.check_password(password)
    if not account.active or domain.is_locked(account.locked_until, timezone.now()):
        account.save(update_fields=["failures"])  # as a wrong password does
        facts = {"why": "locked" if account.active else "suspended", "address": address[:64]}
        audit.record("organisations.session.refused", by=who, subject=who.account, facts=facts)
        return None
    shown, device = _second_factor(account, code) if right else (False, None)
    if not shown:
        _fail(account, who, "code" if right else "password", address)
        return None
    if device is not None:
        account.otp_device = device
    _succeed(account, who, address)
    return account


def _do_as_for_a_known_name(password: str) -> None:
    """Read, reckon and write as much as a wrong password makes us do, so that time does not tell who is there."""
    stand_in = queries.as_officers().first()
    if stand_in is not None:
        queries.officer(stand_in)
    Account().set_password(password)
    Account.objects.filter(pk=0).update(failures=0)


def _find(username: str) -> Account | None:
    try:
        name = domain.check_username(username)
    except Malformed:
        name = ""
    return Account.objects.select_for_update().filter(username=name).first()


def _second_factor(account: Account, code: str) -> tuple[bool, Device | None]:
    """Tell whether the second factor is shown, or not needed because there is none."""
    devices = list(TOTPDevice.objects.select_for_update().filter(user=account, confirmed=True))
    if not devices:
        return True, None
    if not (code.isascii() and code.isdigit() and len(code) == 6):
        return False, None
    good = next((device for device in devices if device.verify_token(code)), None)
    return good is not None, good


def _fail(account: Account, who: Officer, why: str, address: str = "") -> None:
    account.failures += 1
    locks = account.failures >= domain.MOST_FAILURES
    if locks:
        account.failures, account.locked_until = 0, timezone.now() + domain.LOCKED_FOR
    account.save(update_fields=["failures", "locked_until"])
    facts = {"why": why, "address": address[:64]}
    audit.record("organisations.session.refused", by=who, subject=who.account, facts=facts)
    if locks:
        minutes = int(domain.LOCKED_FOR.total_seconds()) // 60
        audit.record("organisations.account.locked", by=SYSTEM, subject=who.account, facts={"minutes": minutes})


def _succeed(account: Account, who: Officer, address: str) -> None:
    account.failures, account.locked_until = 0, None
    account.save(update_fields=["failures", "locked_until"])
    facts = {"address": address[:64], "two_factor": hasattr(account, "otp_device")}
    audit.record("organisations.session.opened", by=who, subject=who.account, facts=facts)
