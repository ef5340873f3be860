# SPDX-License-Identifier: Apache-2.0
"""Passwords: made for handing over once, checked by the node's rules."""

from __future__ import annotations

import secrets

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from datong.contexts.organisations.models import Account
from datong.kernel.errors import Malformed

LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that read alike: i, l, o, I, O, 0, 1."""
LONGEST = 200


def first_password() -> str:
    """Make a password of four groups of five characters (115 bits)."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(4))


def check_password(password: str, account: Account, *, field: str = "password") -> str:
    """Check a password by the node's rules.

    Raises:
        Malformed: Too short, too common, too much like the name; every reason at once.
    """
    if len(password) > LONGEST:
        raise Malformed("the password is too long", fields={field: f"at most {LONGEST} characters"})
    try:
        password_validation.validate_password(password, account)
    except ValidationError as error:
        raise Malformed("the password cannot be used", fields={field: " ".join(error.messages)}) from None
    return password
