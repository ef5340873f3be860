# SPDX-License-Identifier: Apache-2.0
"""The second factor: one-time codes by time (TOTP, RFC 6238), enrolled by the person, confirmed by a first code."""

from __future__ import annotations

from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from datong.contexts.audit import face as audit
from datong.contexts.organisations.models import Account
from datong.kernel.actors import Officer
from datong.kernel.errors import Conflict, Malformed, Unknown

NAME = "totp"


@transaction.atomic
def enrol_totp(*, by: Officer) -> str:
    """Begin: make a secret for the own account; an unconfirmed earlier one is replaced.

    Returns:
        The otpauth:// address, to be shown as a QR code once.

    Raises:
        Conflict: A confirmed second factor is there already.
    """
    account = Account.objects.select_for_update().get(username=by.account)
    devices = TOTPDevice.objects.filter(user=account)
    if devices.filter(confirmed=True).exists():
        raise Conflict("this account has a second factor already")
    devices.delete()
    device = TOTPDevice.objects.create(user=account, name=NAME, confirmed=False)
    audit.record("organisations.totp.enrolled", by=by, subject=by.account)
    return str(device.config_url)


@transaction.atomic
def confirm_totp(code: str, *, by: Officer) -> None:
    """Finish: show a first code; from now on each sign-in asks for one.

    Raises:
        Unknown: Nothing was begun.
        Malformed: The code is wrong.
    """
    device = TOTPDevice.objects.select_for_update().filter(user__username=by.account, confirmed=False).first()
    if device is None:
        raise Unknown("no second factor was begun", remedy="begin it first")
    if not (code.isascii() and code.isdigit() and len(code) == 6 and device.verify_token(code)):
        raise Malformed("the code is wrong", fields={"code": "six digits shown now"})
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    audit.record("organisations.totp.confirmed", by=by, subject=by.account)
