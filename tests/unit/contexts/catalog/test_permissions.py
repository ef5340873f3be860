# SPDX-License-Identifier: Apache-2.0
"""Who may do what to an entry."""

import pytest

from datong.contexts.catalog import permissions
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Refused

HOME, OTHER, REGION = "11330000000000001A", "11330000000000002B", "330000"


def officer(*roles, department=HOME, region=REGION, account="a"):
    return Officer(account, "甲", department, "厅", region, frozenset(roles))


@pytest.mark.parametrize("role", list(Role))
def test_only_compilers_of_the_department_edit(role):
    assert permissions.check_may_edit.allowed(officer(role), HOME) == (role is Role.COMPILER)
    assert not permissions.check_may_edit.allowed(officer(role), OTHER)
    assert permissions.check_may_compile.allowed(officer(role)) == (role is Role.COMPILER)


def test_a_compiler_without_department_compiles_nothing():
    assert not permissions.check_may_compile.allowed(officer(Role.COMPILER, department=""))


@pytest.mark.parametrize("role", list(Role))
def test_809_13_only_the_departments_head_consents_and_not_to_an_own_entry(role):
    allowed = permissions.check_may_consent.allowed
    assert allowed(officer(role), HOME, frozenset({"b"})) == (role is Role.PROVIDER_HEAD)
    assert not allowed(officer(role), HOME, frozenset({"a"}))
    assert not allowed(officer(role), OTHER, frozenset())


@pytest.mark.parametrize("role", list(Role))
def test_809_16_only_the_authority_of_the_region_reviews(role):
    allowed = permissions.check_may_review.allowed
    assert allowed(officer(role), REGION, frozenset()) == (role is Role.AUTHORITY)
    assert not allowed(officer(role, region="330100"), REGION, frozenset())
    assert not allowed(officer(role), REGION, frozenset({"a"}))
    assert permissions.check_may_withdraw_published.allowed(officer(role), REGION) == (role is Role.AUTHORITY)
    assert permissions.check_may_extend_classes.allowed(officer(role)) == (role is Role.AUTHORITY)


@pytest.mark.parametrize(("secrecy", "allowed"), [("none", True), ("", True), ("state_secret", False), ("work_secret", False)])
def test_809_3_secrets_stay_out(secrecy, allowed):
    assert permissions.check_not_secret.allowed(secrecy) is allowed


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: permissions.check_may_edit(officer(), HOME),
        lambda: permissions.check_may_edit(officer(Role.COMPILER), OTHER),
        lambda: permissions.check_may_consent(officer(), HOME, frozenset()),
        lambda: permissions.check_may_consent(officer(Role.PROVIDER_HEAD), HOME, frozenset({"a"})),
        lambda: permissions.check_may_review(officer(), REGION, frozenset()),
        lambda: permissions.check_may_review(officer(Role.AUTHORITY), REGION, frozenset({"a"})),
        lambda: permissions.check_may_withdraw_published(officer(), REGION),
        lambda: permissions.check_may_extend_classes(officer()),
        lambda: permissions.check_not_secret("state_secret"),
    ],
)
def test_every_refusal_names_rule_and_next_step(attempt):
    with pytest.raises(Refused) as refused:
        attempt()
    assert refused.value.rule
    assert refused.value.remedy
