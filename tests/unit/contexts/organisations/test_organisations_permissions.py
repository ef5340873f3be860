# SPDX-License-Identifier: Apache-2.0
"""Who may change what: every role against every right, denied unless listed."""

import pytest

from datong.contexts.organisations import permissions as may
from datong.kernel.actors import SYSTEM, Officer, Role
from datong.kernel.errors import Refused

HOME, ELSEWHERE = "11330000000000001L", "11420000000000001F"
RIGHTS = {
    "administer": (may.check_administers, (), {Role.SYSADMIN}),
    "appoint": (may.check_appoints, ("other",), {Role.SYSADMIN}),
    "suspend accounts": (may.check_suspends_accounts, ("other",), {Role.SYSADMIN, Role.SECURITY}),
    "keep own applications": (may.check_keeps_applications, (HOME,), {Role.APPLICANT, Role.CONSUMER_HEAD}),
    "keep others' applications": (may.check_keeps_applications, (ELSEWHERE,), set()),
    "suspend own applications": (may.check_suspends_application, (HOME,), {Role.APPLICANT, Role.CONSUMER_HEAD, Role.SECURITY}),
    "suspend others' applications": (may.check_suspends_application, (ELSEWHERE,), {Role.SECURITY}),
    "restore applications": (may.check_restores_application, (), {Role.SECURITY}),
    "keep the calendar": (may.check_keeps_calendar, (), {Role.AUTHORITY, Role.SYSADMIN}),
}


def officer(*roles, account="me"):
    return Officer(account, "甲", HOME, "测试厅", "330000", frozenset(roles))


def allowed(check, by, arguments):
    try:
        check(by, *arguments)
    except Refused:
        return False
    return True


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize("right", RIGHTS)
def test_rights_by_role(right, role):
    check, arguments, holders = RIGHTS[right]
    assert allowed(check, officer(*([role] if role else [])), arguments) is (role in holders)


def test_nobody_changes_the_own_account():
    for check, role in ((may.check_appoints, Role.SYSADMIN), (may.check_suspends_accounts, Role.SECURITY)):
        assert not allowed(check, officer(role, account="me"), ("me",))


def test_the_node_itself_administers_and_nothing_more():
    assert allowed(may.check_administers, SYSTEM, ())
    assert allowed(may.check_keeps_calendar, SYSTEM, ())
    assert not allowed(may.check_keeps_applications, SYSTEM, ("",))


@pytest.mark.parametrize("role", Role)
def test_who_sees_beyond_the_own_department(role):
    watches = role in {Role.SYSADMIN, Role.SECURITY, Role.AUDITOR}
    assert may.sees_all_accounts(officer(role)) is watches
    assert may.sees_all_applications(officer(role)) is (watches or role is Role.AUTHORITY)
