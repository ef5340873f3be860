# SPDX-License-Identifier: Apache-2.0
"""Roles of an account: the three administrators never meet in one (GB/T 39477-2020, rule 59)."""

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.kernel.actors import EXCLUSIVE, SYSTEM, Officer, Role, check_exclusive
from datong.kernel.errors import Refused

THREE = {Role.SYSADMIN, Role.SECURITY, Role.AUDITOR}


def test_the_three_administrators_exclude_one_another_in_pairs():
    assert len(EXCLUSIVE) == 3
    assert frozenset().union(*EXCLUSIVE) == THREE


@given(st.sets(st.sampled_from(Role)))
def test_an_account_holds_one_of_the_three_at_most(roles):
    if len(roles & THREE) > 1:
        with pytest.raises(Refused) as caught:
            check_exclusive(roles)
        assert caught.value.rule == "GB/T 39477-2020"
    else:
        check_exclusive(roles)


def test_a_refusal_names_both_roles_in_both_languages():
    with pytest.raises(Refused, match=r"auditor and system_administrator \(安全审计员、系统管理员\)"):
        check_exclusive([Role.SYSADMIN, Role.AUDITOR])


def test_an_officer_tells_its_roles():
    officer = Officer("li", "李雷", "11330000002482023J", "公安厅", "330000", frozenset({Role.COMPILER}))
    assert officer.holds(Role.COMPILER)
    assert officer.holds(Role.AUDITOR, Role.COMPILER)
    assert not officer.holds(Role.AUDITOR)
    assert not officer.holds()


def test_an_officer_never_changes():
    with pytest.raises(FrozenInstanceError):
        SYSTEM.account = "root"


def test_the_system_holds_no_role():
    assert SYSTEM.account == "system"
    assert not SYSTEM.holds(*Role)


def test_a_deputy_acts_with_the_hands_of_whom_he_stands_for():
    deputy = Officer("b", "乙", "", "", "", acting_for=frozenset({"a"}))
    assert deputy.hands == {"a", "b"} and deputy.had_a_hand(["a"]) and deputy.had_a_hand({"b"})
    assert not deputy.had_a_hand({"c"}) and not Officer("a", "甲", "", "", "").had_a_hand({"b"})
