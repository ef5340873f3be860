# SPDX-License-Identifier: Apache-2.0
"""Writes of organisations: one function for each verb, each recording its act."""

from datong.contexts.organisations.usecases.accounts import (
    Created,
    bootstrap,
    create_account,
    first_administrator,
    reset_password,
    restore_account,
    suspend_account,
)
from datong.contexts.organisations.usecases.answers import answer_once, forget_answers
from datong.contexts.organisations.usecases.applications import (
    LONGEST_OVERLAP,
    Registered,
    end_former_key,
    guard_application,
    register_application,
    restore_application,
    rotate_application_key,
    suspend_application,
)
from datong.contexts.organisations.usecases.calendars import import_calendar, seed_calendar
from datong.contexts.organisations.usecases.delegations import delegate, end_delegation
from datong.contexts.organisations.usecases.departments import create_department, seed_regions
from datong.contexts.organisations.usecases.roles import appoint, dismiss
from datong.contexts.organisations.usecases.second_factor import confirm_totp, enrol_totp
from datong.contexts.organisations.usecases.signing_in import change_password, sign_in, sign_out
from datong.kernel.actors import SYSTEM, Officer

__all__ = [
    "LONGEST_OVERLAP",
    "Created",
    "Registered",
    "answer_once",
    "appoint",
    "bootstrap",
    "change_password",
    "confirm_totp",
    "create_account",
    "create_department",
    "delegate",
    "dismiss",
    "end_delegation",
    "end_former_key",
    "enrol_totp",
    "first_administrator",
    "forget_answers",
    "guard_application",
    "import_calendar",
    "register_application",
    "reset_password",
    "restore_account",
    "restore_application",
    "rotate_application_key",
    "seed",
    "seed_calendar",
    "seed_regions",
    "sign_in",
    "sign_out",
    "suspend_account",
    "suspend_application",
]


def seed(*, by: Officer = SYSTEM) -> None:
    """Fill a new database: divisions and announced years. Again, it changes nothing."""
    seed_regions(by=by)
    seed_calendar(by=by)
