# SPDX-License-Identifier: Apache-2.0
"""Who attaches and who reads of use."""

import pytest

from datong.contexts.exchange import permissions
from datong.kernel.actors import SYSTEM, Officer, Role
from datong.kernel.errors import Refused

HOME, AWAY = "11330000002482053E", "11330000002482109N"


def an_officer(*roles, department=HOME):
    return Officer("zhang", "张", department, "厅", "330000", frozenset(roles))


def test_the_providers_compiler_attaches():
    permissions.check_may_attach(an_officer(Role.COMPILER), HOME)
    assert permissions.check_may_attach.allowed(an_officer(Role.COMPILER, Role.APPLICANT), HOME)


@pytest.mark.parametrize(
    "by", [SYSTEM, an_officer(Role.COMPILER, department=AWAY), an_officer(Role.COMPILER, department=""), *map(an_officer, set(Role) - {Role.COMPILER})]
)
def test_nobody_else_does(by):
    with pytest.raises(Refused) as caught:
        permissions.check_may_attach(by, HOME)
    assert caught.value.rule and caught.value.remedy and not permissions.check_may_attach.allowed(by, HOME)


@pytest.mark.parametrize("role", list(Role))
def test_use_is_read_by_the_two_sides_and_those_who_supervise(role):
    by, nowhere = an_officer(role), an_officer(role, department="")
    assert permissions.sees_all_use(by) == permissions.sees_all_use(nowhere) == (role in {Role.AUTHORITY, Role.AUDITOR, Role.SECURITY})
    assert permissions.sees_own_use(by) == (role in {Role.APPLICANT, Role.CONSUMER_HEAD})
    assert permissions.sees_provided(by) == (role in {Role.COMPILER, Role.PROVIDER_HEAD})
    assert not permissions.sees_own_use(nowhere) and not permissions.sees_provided(nowhere)
