# SPDX-License-Identifier: Apache-2.0
"""Who may do what to requests and grants."""

import pytest

from datong.contexts.sharing import permissions
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Refused

HOME, OTHER = "11330000000000001A", "11330000000000002B"
NOBODY: frozenset[str] = frozenset()


def officer(*roles, department=HOME, account="a"):
    return Officer(account, "甲", department, "厅", "330000", frozenset(roles))


@pytest.mark.parametrize("role", list(Role))
def test_each_verb_belongs_to_one_role_of_one_department(role):
    one = officer(role)
    assert permissions.check_may_edit.allowed(one, HOME) == (role is Role.APPLICANT)
    assert permissions.check_may_endorse.allowed(one, HOME, NOBODY) == (role is Role.CONSUMER_HEAD)
    assert permissions.check_may_decide.allowed(one, HOME, NOBODY) == (role is Role.PROVIDER_HEAD)
    assert permissions.check_may_withdraw.allowed(one, HOME) == (role in (Role.APPLICANT, Role.CONSUMER_HEAD))
    assert permissions.check_may_stop.allowed(one, HOME) == (role in (Role.PROVIDER_HEAD, Role.AUTHORITY, Role.SECURITY))


@pytest.mark.parametrize("role", list(Role))
def test_another_department_decides_nothing(role):
    one = officer(role, department=OTHER)
    assert not permissions.check_may_edit.allowed(one, HOME)
    assert not permissions.check_may_endorse.allowed(one, HOME, NOBODY)
    assert not permissions.check_may_decide.allowed(one, HOME, NOBODY)
    assert not permissions.check_may_withdraw.allowed(one, HOME)
    assert permissions.check_may_stop.allowed(one, HOME) == (role in (Role.AUTHORITY, Role.SECURITY))


@pytest.mark.parametrize("held", [frozenset({role}) for role in Role] + [frozenset(Role) - {Role.SECURITY, Role.AUDITOR}])
def test_whoever_had_a_hand_in_a_request_never_decides_it(held):
    one = officer(*held, account="me")
    assert not permissions.check_may_decide.allowed(one, HOME, frozenset({"me", "you"}))
    assert not permissions.check_may_endorse.allowed(one, HOME, frozenset({"me"}))


@pytest.mark.parametrize("kind", ["unconditional", "conditional"])
def test_what_is_shared_can_be_requested(kind):
    permissions.check_requestable(kind, "", "")


def test_809_14_what_is_withheld_names_its_basis_and_the_way_on():
    with pytest.raises(Refused, match="法律：《居民身份证法》") as refused:
        permissions.check_requestable("withheld", "law", "《居民身份证法》第十九条")
    assert "主管部门" in refused.value.remedy


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: permissions.check_may_apply(officer(Role.APPLICANT, department="")),
        lambda: permissions.check_may_edit(officer(Role.APPLICANT), OTHER),
        lambda: permissions.check_may_endorse(officer(), HOME, NOBODY),
        lambda: permissions.check_may_endorse(officer(Role.CONSUMER_HEAD), HOME, frozenset({"a"})),
        lambda: permissions.check_may_withdraw(officer(), HOME),
        lambda: permissions.check_may_decide(officer(), HOME, NOBODY),
        lambda: permissions.check_may_decide(officer(Role.PROVIDER_HEAD), HOME, frozenset({"a"})),
        lambda: permissions.check_may_stop(officer(), HOME),
        lambda: permissions.check_requestable("withheld", "", ""),
    ],
)
def test_every_refusal_names_rule_and_next_step(attempt):
    with pytest.raises(Refused) as refused:
        attempt()
    assert refused.value.rule
    assert refused.value.remedy
